// What this machine can do at most: the rate of its float32 multiply-adds, and how far its cores are from each other.
#pragma once

#include <string_view>
#include <vector>

namespace machine {

/// The instruction sets whose vectors this machine has, of "baseline", "avx2" and "avx512"; the widest comes last.
std::vector<std::string_view> vector_sets();

/// Cores that this process may use.
int cores();

/// Ties the calling thread, and threads it makes from now on, to the index-th of these cores.
void pin_to_core(int index);

/// GFLOP/s of `threads` threads together, a multiply-add counting two, each tied to a core of its own and busy for
/// `seconds`, with the vectors of `set`; empty: the widest. Throws std::invalid_argument unless threads is in
/// [1, cores()] and the set one of vector_sets().
double peak_gflops(int threads, double seconds = 0.02, std::string_view set = {});

/// What one thread reads and writes together as it copies 64 MB, more than the caches hold, the best of some copies.
double copy_gigabytes_per_second();

/// Nanoseconds that a cache line takes from the first core to the second and back, over some milliseconds: about 110
/// where the two share an L3, 300 and more where they do not. 0 with one core. It can change while a program runs: a
/// virtual machine's cores are moved about.
double round_trip_ns();

}  // namespace machine
