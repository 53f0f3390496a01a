#include "ops/transpose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "support/op_case.h"
#include "support/reference.h"

namespace keratin {
namespace {

using testing::OpCases;

OpCases cases_of(const std::vector<Shape>& shapes) {
  OpCases table;
  for (const Shape& shape : shapes) {
    std::vector<int> order(static_cast<std::size_t>(shape.rank()));
    std::iota(order.begin(), order.end(), 0);
    do {
      table.cases.push_back({concat(shape), std::make_shared<Transpose>(order), {{shape}}});
    } while (std::next_permutation(order.begin(), order.end()));
  }
  table.reference = [](const Op& op, const std::vector<Array>& inputs) {
    const std::vector<int>& order = static_cast<const Transpose&>(op).order();
    return testing::filled(op.infer(Specs{{float64, inputs[0].shape()}})[0].shape, [&](const testing::Index& index) {
      testing::Index from(index.size());
      for (std::size_t i = 0; i < order.size(); ++i) from[static_cast<std::size_t>(order[i])] = index[i];
      return testing::element(inputs[0], from);
    });
  };
  table.errors = {{"rank",
                   std::make_shared<Transpose>(std::vector<int>{1, 0}),
                   {{float32, {2, 3, 4}}},
                   "expected 2 axes, got (2, 3, 4)"}};
  return table;
}

const std::vector<Shape> small{{}, {5}, {3, 5}, {1, 7}, {2, 3, 4}, {2, 1, 3}, {2, 3, 4, 5}, {0, 3}, {2, 0, 3}};

TEST(Transpose, PermutesTheAxesOfAnyDtype) {
  OpCases table = cases_of(small);
  table.dtypes = {float32, float64, float16, bfloat16, int8, uint8, int32, int64, boolean};
  testing::check_forward(table);
}
TEST(Transpose, PermutesInTiles) { testing::check_forward(cases_of({{67, 131}, {3, 17, 35}, {17, 3, 35}})); }
TEST(Transpose, HasAGradient) { testing::check_gradients(cases_of(small)); }
TEST(Transpose, RefusesAnotherRank) { testing::check_errors(cases_of({})); }

}  // namespace
}  // namespace keratin
