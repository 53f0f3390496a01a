#include "ops/reshape.h"

#include <gtest/gtest.h>

#include "support/op_case.h"

namespace keratin {
namespace {

testing::OpCases reshape_cases() {
  testing::OpCases table;
  const std::vector<std::pair<Shape, Shape>> from_to{{{}, {1, 1}},      {{6}, {2, 3}}, {{2, 3, 4}, {4, 6}},
                                                     {{2, 3, 4}, {24}}, {{1}, {}},     {{0, 3}, {7, 0}}};
  for (const auto& [from, to] : from_to)
    table.cases.push_back({concat(from, to), std::make_shared<Reshape>(to), {{from}}});
  table.reference = [](const Op& op, const std::vector<Array>& inputs) {
    return inputs[0].reshape(op.infer(Specs{{float64, inputs[0].shape()}})[0].shape);
  };
  table.errors = {{"size",
                   std::make_shared<Reshape>(Shape{2, 4}),
                   {{float32, {2, 3}}},
                   "expected a shape of as many elements as (2, 3), got (2, 4)"},
                  {"batches", std::make_shared<Reshape>(Shape{-1, 6}), {{float32, {-2, 2}}}, "got (batch, 6)"}};
  return table;
}

TEST(Reshape, KeepsTheElementsInOrder) { testing::check_forward(reshape_cases()); }
TEST(Reshape, HasAGradient) { testing::check_gradients(reshape_cases()); }
TEST(Reshape, RefusesAnotherSize) { testing::check_errors(reshape_cases()); }

}  // namespace
}  // namespace keratin
