// Every instruction set gives the same bits for every number of rows and classes, and a row its own whatever is beside
// it.
#include "simd/softmax_rows.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <vector>

#include "support/integer_generator.h"

namespace keratin::cpu {
namespace {

template <class T> void run(InstructionSet set, const LogitRows& shape, const T* z, T* p, T* top, T* log_sum) {
  std::vector<T> workspace(static_cast<std::size_t>(shape.workspace()), std::numeric_limits<T>::quiet_NaN());
  softmax_rows<T>(set)(shape, z, p, top, log_sum, workspace.data());
}

/// p, top and log_sum one after the other.
template <class T> std::vector<T> results(InstructionSet set, const T* z, std::int64_t rows, std::int64_t classes) {
  std::vector<T> out(static_cast<std::size_t>(rows * (classes + 2)));
  T* const top = out.data() + rows * classes;
  run(set, {rows, classes, classes, 1}, z, out.data(), top, top + rows);
  return out;
}

template <class T> void expect_equal_bits() {
  constexpr std::int64_t most_rows = 37, most_classes = 103;
  std::vector<T> z;
  for (const double value : testing::IntegerGenerator("softmax").uniform_values<double>(most_rows * most_classes, 20.0))
    z.push_back(static_cast<T>(value));
  z[40] = -std::numeric_limits<T>::infinity();
  for (const std::int64_t classes : {1, 2, 7, 15, 16, 17, 31, 32, 33, 48, 103})
    for (const std::int64_t rows : {1, 15, 16, 17, 37}) {
      const std::vector<T> expected = results(InstructionSet::baseline, z.data(), rows, classes);
      for (const InstructionSet set : instruction_sets())
        EXPECT_EQ(
            std::memcmp(results(set, z.data(), rows, classes).data(), expected.data(), expected.size() * sizeof(T)), 0)
            << rows << " rows of " << classes << ", set " << static_cast<int>(set);
      const std::vector<T> last = results(InstructionSet::baseline, z.data() + (rows - 1) * classes, 1, classes);
      for (std::int64_t j = 0; j < classes; ++j)
        EXPECT_EQ(last[static_cast<std::size_t>(j)], expected[static_cast<std::size_t>((rows - 1) * classes + j)]);
    }
}

TEST(SoftmaxRows, HaveTheSameBitsInEverySet) {
  expect_equal_bits<float>();
  expect_equal_bits<double>();
}

TEST(SoftmaxRows, MayLieBesideEachOther) {
  constexpr std::int64_t rows = 37, classes = 3;
  const std::vector<double> z = testing::IntegerGenerator("beside").uniform_values<double>(rows * classes, 20.0);
  std::vector<double> turned(z.size()), p(z.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t c = 0; c < classes; ++c) turned[c * rows + i] = z[i * classes + c];
  run<double>(chosen_instruction_set(), {rows, classes, 1, rows}, turned.data(), p.data(), nullptr, nullptr);
  const std::vector<double> expected = results(chosen_instruction_set(), z.data(), rows, classes);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t c = 0; c < classes; ++c) EXPECT_EQ(p[c * rows + i], expected[i * classes + c]);
}

TEST(SoftmaxRows, GiveTheSameLogarithmsWithoutTheProbabilities) {
  for (const std::int64_t classes : {10, 70}) {
    std::vector<float> z(static_cast<std::size_t>(3 * classes), 0.5f);
    z[4] = 3.0f;
    const std::vector<float> expected = results(chosen_instruction_set(), z.data(), 3, classes);
    float top[3], log_sum[3];
    run<float>(chosen_instruction_set(), {3, classes, classes, 1}, z.data(), nullptr, top, log_sum);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(top[i], expected[static_cast<std::size_t>(3 * classes) + i]);
      EXPECT_EQ(log_sum[i], expected[static_cast<std::size_t>(3 * classes + 3) + i]);
    }
  }
}

}  // namespace
}  // namespace keratin::cpu
