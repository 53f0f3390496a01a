// Times the widest loop that this machine can run, a copy, and a cache line on its way between two cores.
#include "machine_peak.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "peak_loop.h"

namespace machine {
namespace baseline {
extern const PeakLoop loop;
}
#if defined(__x86_64__)
namespace avx2 {
extern const PeakLoop loop;
}
namespace avx512 {
extern const PeakLoop loop;
}
#endif
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Set {
  std::string_view name;
  const PeakLoop* loop;
};
std::vector<Set> sets() {
  std::vector<Set> out{{"baseline", &baseline::loop}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) out.push_back({"avx2", &avx2::loop});
  if (__builtin_cpu_supports("avx512f")) out.push_back({"avx512", &avx512::loop});
#endif
  return out;
}

const PeakLoop& loop_of(std::string_view name) {
  for (const Set& set : sets())
    if (set.name == name) return *set.loop;
  throw std::invalid_argument("peak_gflops: this machine has no vectors called " + std::string(name));
}

cpu_set_t allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof(set), &set);
  return set;
}

/// Runs the loop for about `seconds` and returns its GFLOP/s. The clock is read every 50 µs or so.
double rate(const PeakLoop& loop, double seconds) {
  constexpr std::int64_t rounds = 8'000;
  const volatile float scale = 0.999f, offset = 0.001f;
  volatile float sink = 0.0f;
  const auto start = Clock::now();
  std::int64_t done = 0;
  double elapsed = 0.0;
  while (elapsed < seconds) {
    sink = loop.run(rounds, scale, offset);
    done += rounds;
    elapsed = seconds_since(start);
  }
  static_cast<void>(sink);
  return static_cast<double>(done) * loop.flops / elapsed * 1e-9;
}

}  // namespace

std::vector<std::string_view> vector_sets() {
  std::vector<std::string_view> out;
  for (const Set& set : sets()) out.push_back(set.name);
  return out;
}

int cores() {
  const cpu_set_t set = allowed_cores();
  return CPU_COUNT(&set);
}

void pin_to_core(int index) {
  const cpu_set_t allowed = allowed_cores();
  for (std::size_t core = 0, seen = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &allowed) || seen++ != static_cast<std::size_t>(index)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
  }
}

double peak_gflops(int threads, double seconds, std::string_view set) {
  if (threads < 1 || threads > cores())
    throw std::invalid_argument("peak_gflops: expected 1 to " + std::to_string(cores()) + " threads, got " +
                                std::to_string(threads));
  const PeakLoop& loop = set.empty() ? *sets().back().loop : loop_of(set);
  std::vector<double> rates(static_cast<std::size_t>(threads));
  std::atomic<int> waiting{threads};
  std::vector<std::thread> team;
  team.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i)
    team.emplace_back([&, i] {
      pin_to_core(i);
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      rates[static_cast<std::size_t>(i)] = rate(loop, seconds);
    });
  for (std::thread& thread : team) thread.join();
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

double copy_gigabytes_per_second() {
  std::vector<float> from(16 << 20, 1.0f), to(from.size());
  double best = 0.0;
  for (int i = 0; i < 7; ++i) {
    const auto start = Clock::now();
    std::copy(from.begin(), from.end(), to.begin());
    best = std::max(best, 2.0 * static_cast<double>(from.size() * sizeof(float)) / seconds_since(start) * 1e-9);
  }
  return best;
}

double round_trip_ns() {
  if (cores() < 2) return 0.0;
  constexpr int trips = 10'000;
  alignas(64) std::atomic<int> ping{0};
  alignas(64) std::atomic<int> pong{0};
  std::atomic<bool> ready{false};
  std::thread other([&] {
    pin_to_core(1);
    ready = true;
    for (int i = 1; i <= trips; ++i) {
      while (ping.load(std::memory_order_acquire) != i) {
      }
      pong.store(i, std::memory_order_release);
    }
  });
  double seconds = 0.0;
  std::thread self([&] {
    pin_to_core(0);
    while (!ready) std::this_thread::yield();
    const auto start = Clock::now();
    for (int i = 1; i <= trips; ++i) {
      ping.store(i, std::memory_order_release);
      while (pong.load(std::memory_order_acquire) != i) {
      }
    }
    seconds = seconds_since(start);
  });
  self.join();
  other.join();
  return seconds / trips * 1e9;
}

}  // namespace machine
