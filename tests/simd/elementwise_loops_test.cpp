// Every instruction set gives the same bits for every function.
#include "simd/elementwise_loops.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <vector>

#include "simd/elementwise_functions.h"
#include "support/integer_generator.h"

namespace keratin::cpu {
namespace {

template <class T> std::vector<T> operands(const char* stream) {
  std::vector<T> values;
  for (const double value : testing::IntegerGenerator(stream).uniform_values<double>(1037, 20.0))
    values.push_back(static_cast<T>(value));
  if constexpr (std::is_floating_point_v<T>) {
    using L = std::numeric_limits<T>;
    for (const T special : {L::quiet_NaN(), L::infinity(), -L::infinity(), T(0), -T(0), L::denorm_min(), L::max(),
                            L::lowest(), T(1), T(-1)})
      values.push_back(special);
  }
  return values;
}

template <class T> void expect_equal_bits() {
  const std::vector<T> a = operands<T>("loops/a"), b = operands<T>("loops/b"), c = operands<T>("loops/c");
  for (int f = 0; f < function_count; ++f)
    for (const unsigned fixed : {0u, 1u, 2u, 4u}) {
      const auto function = static_cast<Function>(f);
      if (fixed >> row(function).arity != 0 || (row(function).arity == 1 && fixed != 0)) continue;
      const Loop<T> baseline = loop_of<T>(function, fixed, InstructionSet::baseline);
      std::vector<T> expected(a.size()), got(a.size());
      if (baseline != nullptr)
        baseline(static_cast<std::int64_t>(a.size()), expected.data(), a.data(), b.data(), c.data());
      for (const InstructionSet set : instruction_sets()) {
        const Loop<T> loop = loop_of<T>(function, fixed, set);
        ASSERT_EQ(loop == nullptr, baseline == nullptr) << row(function).name;
        if (loop == nullptr) continue;
        loop(static_cast<std::int64_t>(a.size()), got.data(), a.data(), b.data(), c.data());
        for (std::size_t i = 0; i < a.size(); ++i)
          ASSERT_TRUE(std::memcmp(&got[i], &expected[i], sizeof(T)) == 0 ||
                      (got[i] != got[i] && expected[i] != expected[i]))
              << row(function).name << " of set " << static_cast<int>(set) << ", operands fixed " << fixed << ": "
              << +got[i] << " instead of " << +expected[i] << " for " << +a[i] << ", " << +b[i] << ", " << +c[i];
      }
    }
}

template <std::size_t... I> std::vector<int> arities(std::index_sequence<I...>) {
  return {baseline::arity<static_cast<Function>(I)>...};
}

TEST(ElementwiseLoops, ReadAsManyOperandsAsTheTableSays) {
  const std::vector<int> of_loops = arities(std::make_index_sequence<function_count>{});
  for (int f = 0; f < function_count; ++f) {
    const FunctionRow& said = row(static_cast<Function>(f));
    EXPECT_EQ(of_loops[static_cast<std::size_t>(f)], said.arity) << said.name;
    const bool has_integers = loop_of<std::int64_t>(said.function, 0) != nullptr;
    EXPECT_EQ(has_integers, said.result != ResultKind::floating) << said.name;
  }
}

TEST(ElementwiseLoops, GiveTheSameBitsOnEveryInstructionSet) {
  expect_equal_bits<float>();
  expect_equal_bits<double>();
  expect_equal_bits<std::int64_t>();
}

}  // namespace
}  // namespace keratin::cpu
