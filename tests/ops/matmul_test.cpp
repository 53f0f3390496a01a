#include "ops/matmul.h"

#include <gtest/gtest.h>

#include "support/op_case.h"
#include "support/reference.h"

namespace keratin {
namespace {

using testing::OpCases;

Array product(const Op& op, const std::vector<Array>& inputs) {
  const auto& matmul = static_cast<const MatMul&>(op);
  const Shape shape = op.infer(Specs{{float64, inputs[0].shape()}, {float64, inputs[1].shape()}})[0].shape;
  const std::int64_t depth = inputs[0].shape()[matmul.transpose_a() ? -2 : -1];
  return testing::filled(shape, [&](const testing::Index& index) {
    testing::Index a = index, b = index;
    const std::size_t row = index.size() - 2, column = index.size() - 1;
    double sum = 0.0;
    for (std::int64_t k = 0; k < depth; ++k) {
      a[row] = matmul.transpose_a() ? k : index[row];
      a[column] = matmul.transpose_a() ? index[row] : k;
      b[row] = matmul.transpose_b() ? index[column] : k;
      b[column] = matmul.transpose_b() ? k : index[column];
      sum += testing::element(inputs[0], a) * testing::element(inputs[1], b);
    }
    return sum;
  });
}

struct Extents {
  Shape leading;
  std::int64_t m, k, n;
};

OpCases cases_of(const std::vector<Extents>& all) {
  OpCases table;
  for (const auto& [leading, m, k, n] : all)
    for (const bool transpose_a : {false, true})
      for (const bool transpose_b : {false, true})
        table.cases.push_back({concat(leading, " ", m, " ", k, " ", n),
                               std::make_shared<MatMul>(transpose_a, transpose_b),
                               {{leading + (transpose_a ? Shape{k, m} : Shape{m, k})},
                                {leading + (transpose_b ? Shape{n, k} : Shape{k, n})}},
                               k});
  table.reference = product;
  return table;
}

const std::vector<Extents> small{{{}, 1, 1, 1},  {{}, 2, 3, 5},     {{}, 7, 1, 11},  {{}, 1, 13, 1}, {{}, 17, 19, 23},
                                 {{3}, 2, 5, 4}, {{2, 3}, 4, 5, 1}, {{}, 3, 0, 4},   {{}, 0, 3, 4},  {{0}, 2, 3, 4},
                                 {{2}, 2, 3, 0}, {{1}, 16, 8, 32},  {{}, 33, 65, 31}};

TEST(MatMul, MultipliesMatricesTransposedOrNot) { testing::check_forward(cases_of(small)); }

TEST(MatMul, MultipliesMatricesThatAreBlocked) {
  testing::check_forward(cases_of({{{}, 61, 1031, 17}, {{}, 3, 2053, 2}, {{}, 100, 50, 131}}));
}

TEST(MatMul, HasTheGradientOfBothOperands) { testing::check_gradients(cases_of(small)); }

TEST(MatMul, RefusesWhatDoesNotFit) {
  const auto plain = std::make_shared<MatMul>();
  OpCases table;
  table.errors = {
      {"inner",
       plain,
       {{float32, {2, 3}}, {float32, {4, 5}}},
       "expected the inner extents to agree, got (2, 3) and (4, 5)"},
      {"inner, transposed",
       std::make_shared<MatMul>(true, false),
       {{float32, {2, 3}}, {float32, {3, 5}}},
       "got (2, 3) transposed and (3, 5)"},
      {"vector", plain, {{float32, {3}}, {float32, {3, 5}}}, "expected matrices"},
      {"leading", plain, {{float32, {2, 2, 3}}, {float32, {4, 3, 5}}}, "same leading axes"},
      {"dtypes", plain, {{float32, {2, 3}}, {float64, {3, 5}}}, "matrices of one dtype"},
      {"integers", plain, {{int32, {2, 3}}, {int32, {3, 5}}}, "expected floating-point matrices"},
  };
  testing::check_errors(table);
}

}  // namespace
}  // namespace keratin
