#include "ops/random.h"

#include <gtest/gtest.h>

#include "base/philox.h"
#include "support/interpret.h"
#include "support/op_case.h"

namespace keratin {
namespace {

Array state(std::int64_t seed, std::int64_t counter) { return Array::of<std::int64_t>({seed, counter}); }

Array drawn(Distribution distribution, DType dtype, const Shape& shape, const Array& from) {
  return testing::run_op(Random(distribution, {dtype, shape}), {from})[0];
}

TEST(Random, DrawsTheElementsOfThePhiloxStreamThatTheStateNames) {
  constexpr std::int64_t largest = (std::int64_t{1} << 32) - 1;
  for (const Shape& shape : std::vector<Shape>{{}, {1}, {7}, {3, 5}, {2, 3, 17}, {0}})
    for (const auto& [seed, counter] :
         std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 0}, {7, 3}, {largest, largest}}) {
      const auto s = static_cast<std::uint64_t>(seed), c = static_cast<std::uint64_t>(counter);
      const Array from = state(seed, counter);
      const Array uniform = drawn(Distribution::uniform, float32, shape, from),
                  normal = drawn(Distribution::normal, float32, shape, from);
      const Array wide_uniform = drawn(Distribution::uniform, float64, shape, from),
                  wide_normal = drawn(Distribution::normal, float64, shape, from);
      for (std::size_t i = 0; i < uniform.values().size(); ++i) {
        EXPECT_EQ(uniform.values()[i], uniform_float(s, c, i));
        EXPECT_EQ(normal.values()[i], normal_float(s, c, i));
        EXPECT_EQ(wide_uniform.values<double>()[i], uniform_double(s, c, i));
        EXPECT_EQ(wide_normal.values<double>()[i], normal_double(s, c, i));
      }
    }
}

TEST(Random, DrawsUniformAndNormalNumbers) {
  constexpr std::int64_t n = 100'000;
  double sum = 0, squares = 0, normal_sum = 0, normal_squares = 0;
  const Array uniform = drawn(Distribution::uniform, float32, {n}, state(1, 0)),
              normal = drawn(Distribution::normal, float32, {n}, state(1, 0));
  for (const float x : uniform.values()) {
    ASSERT_TRUE(x >= 0.0f && x < 1.0f);
    sum += x, squares += double{x} * x;
  }
  for (const float x : normal.values()) normal_sum += x, normal_squares += double{x} * x;
  EXPECT_NEAR(sum / n, 0.5, 0.005);  // five standard errors and more
  EXPECT_NEAR(squares / n, 1.0 / 3.0, 0.005);
  EXPECT_NEAR(normal_sum / n, 0.0, 0.016);
  EXPECT_NEAR(normal_squares / n, 1.0, 0.023);
}

TEST(Random, RefusesAnotherState) {
  testing::OpCases table;
  const auto op = std::make_shared<Random>(Distribution::uniform, Spec{float32, {3}});
  table.errors = {{"shape", op, {{int64, {3}}}, "expected a seed generator's state of two int64"},
                  {"dtype", op, {{float32, {2}}}, "expected a seed generator's state of two int64"},
                  {"integers",
                   std::make_shared<Random>(Distribution::normal, Spec{int32, {3}}),
                   {{int64, {2}}},
                   "expected a floating-point dtype"}};
  testing::check_errors(table);
}

}  // namespace
}  // namespace keratin
