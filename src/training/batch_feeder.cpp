#include "training/batch_feeder.h"

#include <cstring>

#include "base/check.h"

namespace keratin {
namespace {

/// The arrays in the order of the program's inputs: Feeds traces x, y and the weights in that order, and dead inputs
/// stay.
template <class Visit> void for_each_array(const BoundData& data, const Visit& visit) {
  std::size_t input = 0;
  for (const Array& array : data.x) visit(input++, array);
  for (const Array& array : data.y) visit(input++, array);
  if (data.sample_weight) visit(input, *data.sample_weight);
}

/// to: order.size() rows, of which those from `begin` to `end` are written.
void gather_rows(std::span<std::byte> to, const Array& array, std::span<const std::int64_t> order, std::size_t begin,
                 std::size_t end) {
  const std::span<const std::byte> from = array.bytes();
  const std::size_t row = from.size() / static_cast<std::size_t>(array.length());
  KERATIN_ASSERT(to.size() == row * order.size());
  for (std::size_t i = begin; i < end; ++i)
    std::memcpy(to.data() + i * row, from.data() + static_cast<std::size_t>(order[i]) * row, row);
}

}  // namespace

void BatchFeeder::gather(Executable& program, std::span<const std::int64_t> order) const {
  for_each_array(data_, [&](std::size_t input, const Array& array) {
    gather_rows(program.input(input), array, order, 0, order.size());
  });
}

void BatchFeeder::gather_ahead(Executable& program, std::span<const std::int64_t> order, std::int64_t begin,
                               std::int64_t end) const {
  for_each_array(data_, [&](std::size_t input, const Array& array) {
    gather_rows(program.later_input(input), array, order, static_cast<std::size_t>(begin),
                static_cast<std::size_t>(end));
  });
}

void BatchFeeder::copy(Executable& program, std::int64_t first) const {
  for_each_array(data_, [&](std::size_t input, const Array& array) {
    const std::span<std::byte> to = program.input(input);
    const std::span<const std::byte> from = array.bytes();
    const std::size_t row = from.size() / static_cast<std::size_t>(data_.samples);
    KERATIN_ASSERT(static_cast<std::size_t>(first) * row + to.size() <= from.size());
    if (!to.empty()) std::memcpy(to.data(), from.data() + static_cast<std::size_t>(first) * row, to.size());
  });
}

}  // namespace keratin
