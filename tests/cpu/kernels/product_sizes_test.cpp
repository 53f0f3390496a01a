// Products of every size around a tile's, between guard bands (support/interpret.h): of one row and column, of primes,
// of one more and one less than tiles are high and wide. tests/CMakeLists.txt runs it in each instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "ops/product_program.h"
#include "simd/product_tiles.h"
#include "support/interpret.h"
#include "support/op_case.h"

namespace keratin::cpu {
namespace {

using testing::run_op;

struct Size {
  std::int64_t m, n, k;
  bool transpose_a, transpose_b;
  std::string text() const {
    return concat(m, " x ", n, " x ", k, transpose_a ? ", a transposed" : "", transpose_b ? ", b transposed" : "");
  }
};

/// use(Size) for all of them; stops at the first failure.
template <class Use> void for_each_size(const std::vector<std::int64_t>& depths, const Use& use) {
  const ProductTiles& tiles = product_tiles();
  std::vector<std::int64_t> heights{1, 2, 3, 5, 7, 11, 13, 31};
  for (const int width : {1, 2})
    for (const int more : {-1, 0, 1}) heights.push_back(tiles.tallest[width] + more);
  for (const std::int64_t m : heights)
    for (std::int64_t n = 1; n <= 3 * tiles.lanes + 1; ++n)
      for (const std::int64_t k : depths)
        for (const bool transpose_a : {false, true})
          for (const bool transpose_b : {false, true}) {
            const Size size{m, n, k, transpose_a, transpose_b};
            SCOPED_TRACE(size.text());
            use(size);
            if (::testing::Test::HasFatalFailure()) return;
          }
}

std::vector<Array> factors(const Size& size) {
  return {testing::draw({size.transpose_a ? Shape{size.k, size.m} : Shape{size.m, size.k}}, float32, 1),
          testing::draw({size.transpose_b ? Shape{size.n, size.k} : Shape{size.k, size.n}}, float32, 2)};
}

TEST(ProductSizes, AreAllMultiplied) {
  for_each_size({1, 2, 3, 17}, [](const Size& size) {
    const std::vector<Array> inputs = factors(size);
    const Array product = run_op(MatMul(size.transpose_a, size.transpose_b), inputs)[0];
    const float *const a = inputs[0].values().data(), *const b = inputs[1].values().data();
    const float* const c = product.values().data();
    for (std::int64_t i = 0; i < size.m; ++i)
      for (std::int64_t j = 0; j < size.n; ++j) {
        double sum = 0.0, magnitude = 0.0;
        for (std::int64_t l = 0; l < size.k; ++l) {
          const double term = double{a[size.transpose_a ? l * size.m + i : i * size.k + l]} *
                              double{b[size.transpose_b ? j * size.k + l : l * size.n + j]};
          sum += term;
          magnitude += std::fabs(term);
        }
        ASSERT_NEAR(double{c[i * size.n + j]}, sum, magnitude * static_cast<double>(size.k) * 6e-8)
            << "row " << i << ", column " << j;
      }
  });
}

TEST(ProductSizes, AreAllReadByPrograms) {
  for_each_size({1, 5}, [](const Size& size) {
    const Shape shape{size.m, size.n};
    const auto bias_and_relu = std::make_shared<ElementwiseProgram>(
        float32, 2, std::vector<Instruction>{{Function::add, {0, 1}}, {Function::relu, {2}}},
        std::vector<ElementwiseProgram::Output>{{3, {float32, shape}}});
    std::vector<Array> inputs = factors(size);
    inputs[0].values().front() = std::numeric_limits<float>::quiet_NaN();
    inputs[1].values().back() = std::numeric_limits<float>::infinity();
    const Array product = run_op(MatMul(size.transpose_a, size.transpose_b), inputs)[0];
    inputs.push_back(testing::draw({Shape{size.n}}, float32, 3));
    const Array want = run_op(*bias_and_relu, {product, inputs[2]})[0];
    const Array got = run_op(ProductProgram(size.transpose_a, size.transpose_b, bias_and_relu, 0), inputs)[0];
    ASSERT_EQ(std::memcmp(got.bytes().data(), want.bytes().data(), want.bytes().size()), 0);
  });
}

}  // namespace
}  // namespace keratin::cpu
