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

}  // namespace

void BatchFeeder::gather(Executable& program, std::span<const std::int64_t> order) const {
  for_each_array(data_, [&](std::size_t input, const Array& array) {
    const std::span<std::byte> to = program.input(input);
    const std::span<const std::byte> from = array.bytes();
    const std::size_t row = from.size() / static_cast<std::size_t>(data_.samples);
    KERATIN_ASSERT(to.size() == row * order.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      std::memcpy(to.data() + i * row, from.data() + static_cast<std::size_t>(order[i]) * row, row);
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
