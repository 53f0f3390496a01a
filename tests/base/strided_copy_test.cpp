// Copies between layouts, each against the definition.
#include "base/strided_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace keratin {
namespace {

/// Bytes that differ from their neighbours.
std::vector<std::byte> numbered(std::size_t bytes) {
  std::vector<std::byte> out(bytes);
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<std::byte>(i * 37 + i / 251);
  return out;
}

/// A tensor of this shape with its axes reversed.
void expect_reversal(const Shape& shape, DType dtype) {
  const std::size_t width = size_in_bytes(dtype);
  std::vector<std::int64_t> made(shape.begin(), shape.end()), from = row_major_strides(shape);
  std::reverse(made.begin(), made.end());
  std::reverse(from.begin(), from.end());
  const Shape reversed(made);
  const Strides to = row_major_strides(reversed);
  const auto count = static_cast<std::size_t>(shape.size());
  const std::vector<std::byte> read = numbered(count * width);
  std::vector<std::byte> written(read.size()), expected(read.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i), at = 0;
    for (std::size_t axis = made.size(); axis-- > 0; rest /= made[axis]) at += rest % made[axis] * from[axis];
    std::memcpy(&expected[i * width], &read[static_cast<std::size_t>(at) * width], width);
  }
  StridedCopy(reversed, {dtype, to}, {dtype, from}).run(written.data(), read.data());
  EXPECT_EQ(written, expected) << reversed << " of " << dtype;
}

TEST(StridedCopy, ReversesAxesOfNumbersOfAnyWidth) {
  for (const DType dtype : {uint8, float16, float32, float64})
    for (const Shape& shape : {Shape{1, 1}, Shape{5, 17}, Shape{64, 33}, Shape{3, 7, 19}, Shape{2, 1, 5, 4}})
      expect_reversal(shape, dtype);
}

TEST(StridedCopy, StepsOverNumbersAndConvertsThem) {
  const std::vector<float> read{-1.5f, 0.0f, 2.75f, 3.0f, 1e30f, 5.0f};
  std::vector<std::int32_t> written(6, 7);
  const Strides to{3, 2}, from{1, 2};  // (2, 3) without its middle column, of (3, 2) turned over
  StridedCopy({2, 2}, {int32, to}, {float32, from}).run(written.data(), read.data());
  EXPECT_EQ(written, (std::vector<std::int32_t>{-1, 7, 2, 0, 7, 3}));
}

TEST(StridedCopy, CopiesNothingOfAnEmptyShape) {
  const Strides strides{0, 0};
  StridedCopy({0, 3}, {float32, strides}, {float32, strides}).run(nullptr, nullptr);
}

}  // namespace
}  // namespace keratin
