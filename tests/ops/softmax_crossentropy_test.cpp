#include "ops/softmax_crossentropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "graph/trace.h"
#include "support/approx.h"
#include "support/check_gradient.h"
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

const std::vector<Shape> shapes{{1},      {10},     {50, 10}, {3, 131}, {2, 3, 4}, {2, 3, 4, 5}, {0, 3},
                                {15, 17}, {17, 15}, {31, 33}, {33, 31}, {67, 2},   {1, 1000}};

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

std::vector<CrossentropyResults> all_results() {
  std::vector<CrossentropyResults> out;
  for (int asked = 1; asked < 8; ++asked) out.push_back({(asked & 1) != 0, (asked & 2) != 0, (asked & 4) != 0});
  return out;
}

/// Shapes on both sides of what is taken several rows at a time, and of whole vectors.
const std::vector<Shape> shapes_of_results{{1, 1}, {3, 16}, {17, 10}, {65, 7}, {5, 33}, {2, 3, 47}, {0, 4}};

TEST(CrossentropyResults, AreTheirDefinitions) {
  for (const Shape& shape : shapes_of_results)
    for (const CrossentropyResults& results : all_results())
      for (const DType dtype : {float32, float64}) {
        const Array z = testing::draw({shape, -9, 9}, dtype, 0), t = testing::draw({shape, 0, 1}, dtype, 1);
        const Array classes =
            testing::draw({shape.until(-1), -1, static_cast<double>(shape.back() + 1), 0, int32}, dtype, 2);
        const double tolerance = testing::tolerance_of(dtype, shape.back());
        const SoftmaxCrossentropy dense(results);
        const SparseSoftmaxCrossentropy sparse(results);
        for (const auto& [op, inputs] :
             std::vector<std::pair<const Op*, std::vector<Array>>>{{&dense, {z, t}}, {&sparse, {z, classes}}}) {
          SCOPED_TRACE(concat(to_string(*op), " of ", shape, ", ", dtype));
          const std::vector<Array> got = testing::run_op(*op, inputs), expected = testing::run_expansion(*op, inputs);
          ASSERT_EQ(got.size(), expected.size());
          for (std::size_t i = 0; i < got.size(); ++i) EXPECT_CLOSE(got[i], expected[i], tolerance);
        }
      }
}

TEST(CrossentropyResults, HaveGradients) {
  for (const CrossentropyResults& results : all_results()) {
    const Array z = testing::draw({{5, 7}, -3, 3}, float64, 0), t = testing::draw({{5, 7}, 0, 1}, float64, 1);
    const Array classes = testing::draw({{5}, 0, 7, 0, int32}, float64, 2);
    const auto of = [](std::shared_ptr<const Op> op) { return [op](const Tensors& x) { return apply(op, x); }; };
    testing::check_gradient(of(std::make_shared<SoftmaxCrossentropy>(results)), {z, t});
    testing::check_gradient(of(std::make_shared<SparseSoftmaxCrossentropy>(results)), {z, classes});
  }
}

TEST(CrossentropyResults, KeepNotANumberInItsRow) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const std::int64_t columns : {3, 70}) {
    Array z = Array::zeros({4, columns});
    const Array classes = Array::of<std::int32_t>({0, 1, 2, 2});
    z.at(0, 1) = nan;
    z.at(1, 2) = infinity;
    z.at(2, 1) = -infinity;
    for (const Array& result : testing::run_op(SparseSoftmaxCrossentropy({true, true, true}), {z, classes}))
      for (std::int64_t row = 0; row < 4; ++row)
        EXPECT_EQ(std::isnan(result.shape().rank() == 1 ? result.at(row) : result.at(row, 2)), row < 2) << row;
  }
}

}  // namespace
}  // namespace keratin
