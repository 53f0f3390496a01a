#include "ops/softmax_crossentropy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"

namespace keratin {
namespace {

using testing::OpCases;

/// log Σ e^z of the row that an index names.
double log_sum(const Array& z, const testing::Index& row) {
  double sum = 0.0;
  testing::Index index = row;
  index.push_back(0);
  for (index.back() = 0; index.back() < z.shape().back(); ++index.back()) sum += std::exp(testing::element(z, index));
  return std::log(sum);
}

const std::vector<Shape> shapes{{1}, {10}, {50, 10}, {3, 131}, {2, 3, 4}, {2, 3, 4, 5}, {0, 3}};

OpCases dense_cases() {
  OpCases table;
  for (const Shape& shape : shapes)
    table.cases.push_back(
        {concat(shape), std::make_shared<SoftmaxCrossentropy>(), {{shape, -9, 9}, {shape, 0, 1}}, shape.back()});
  table.reference = [](const Op&, const std::vector<Array>& inputs) {
    return testing::filled(inputs[0].shape().until(-1), [&](const testing::Index& row) {
      testing::Index index = row;
      index.push_back(0);
      double loss = 0.0;
      for (; index.back() < inputs[0].shape().back(); ++index.back())
        loss += testing::element(inputs[1], index) * (log_sum(inputs[0], row) - testing::element(inputs[0], index));
      return loss;
    });
  };
  const auto op = std::make_shared<SoftmaxCrossentropy>();
  table.errors = {{"shapes", op, {{float32, {2, 3}}, {float32, {2, 4}}}, "of one floating-point dtype and shape"},
                  {"dtypes", op, {{float32, {2, 3}}, {float64, {2, 3}}}, "of one floating-point dtype and shape"},
                  {"scalars", op, {{float32, {}}, {float32, {}}}, "expected logits and targets"}};
  return table;
}

OpCases sparse_cases(DType classes) {
  OpCases table;
  for (const Shape& shape : shapes)
    table.cases.push_back({concat(shape, classes),
                           std::make_shared<SparseSoftmaxCrossentropy>(),
                           {{shape, -9, 9}, {shape.until(-1), 0, static_cast<double>(shape.back()), 0, classes}},
                           shape.back()});
  table.reference = [](const Op&, const std::vector<Array>& inputs) {
    return testing::filled(inputs[1].shape(), [&](const testing::Index& row) {
      testing::Index index = row;
      index.push_back(static_cast<std::int64_t>(testing::element(inputs[1], row)));
      return log_sum(inputs[0], row) - testing::element(inputs[0], index);
    });
  };
  const auto op = std::make_shared<SparseSoftmaxCrossentropy>();
  table.errors = {{"classes", op, {{float32, {2, 3}}, {float32, {2}}}, "expected integer classes of shape (2,)"},
                  {"shapes", op, {{float32, {2, 3}}, {int32, {3}}}, "expected integer classes of shape (2,)"},
                  {"logits", op, {{int32, {2, 3}}, {int32, {2}}}, "expected floating-point logits"}};
  return table;
}

TEST(SoftmaxCrossentropy, IsItsDefinition) { testing::check_forward(dense_cases()); }
TEST(SoftmaxCrossentropy, HasAGradient) { testing::check_gradients(dense_cases()); }
TEST(SoftmaxCrossentropy, RefusesWhatDoesNotFit) { testing::check_errors(dense_cases()); }

TEST(SoftmaxCrossentropy, DoesNotOverflow) {
  const Array z = Array::of<float>({{1e4f, -1e4f}}), y = Array::of<float>({{0.0f, 1.0f}});
  EXPECT_EQ(testing::run_op(SoftmaxCrossentropy(), {z, y})[0].item(), 2e4);
}

TEST(SparseSoftmaxCrossentropy, IsItsDefinitionForClassesOfAnyIntegerDtype) {
  for (const DType classes : {int8, uint8, int32, int64}) testing::check_forward(sparse_cases(classes));
}
TEST(SparseSoftmaxCrossentropy, HasAGradient) { testing::check_gradients(sparse_cases(int32)); }
TEST(SparseSoftmaxCrossentropy, RefusesWhatDoesNotFit) { testing::check_errors(sparse_cases(int32)); }

TEST(SparseSoftmaxCrossentropy, IsNaNForAClassThatDoesNotExist) {
  const Array z = Array::zeros({4, 3}), classes = Array::of<std::int32_t>({0, -1, 3, 2});
  const Array loss = testing::run_op(SparseSoftmaxCrossentropy(), {z, classes})[0];
  for (std::int64_t i = 0; i < 4; ++i) EXPECT_EQ(std::isnan(loss.at(i)), i == 1 || i == 2);
  const Graph expanded = testing::graph_of({{float32, {4, 3}}, {int32, {4}}}, [](const Tensors& x) {
    return SparseSoftmaxCrossentropy().expand({x.begin(), x.size()});
  });
  EXPECT_CLOSE(loss, testing::interpret(expanded, {{"x0", z}, {"x1", classes}}).outputs.at("0"), 1e-6);
}

}  // namespace
}  // namespace keratin
