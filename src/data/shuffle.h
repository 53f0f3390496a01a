// The order in which an epoch sees its samples.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A permutation of 0 … order.size() − 1, every one as likely: a pure function of (size, seed, epoch), the same on
/// every machine and for good. A resumed run depends on it, so it never changes; another method would be another
/// function.
///
/// Version 1: Fisher and Yates from the back. For i = n − 1 … 1 swap order[i] with order[j], j uniform in [0, i]: the
/// lowest bit_width(i) bits of the next 32-bit word (of the next two, low word first, for i ≥ 2^32), drawn again while
/// above i. The words are those of philox(key = seed, counter = {low word of block, high word of block, epoch,
/// 0x66756873}) for block = 0, 1, 2, …, four to a block in order.
void fill_permutation(std::span<std::int64_t> order, std::uint64_t seed, std::uint32_t epoch);
std::vector<std::int64_t> permutation(std::int64_t count, std::uint64_t seed, std::uint32_t epoch);

}  // namespace keratin
