// A fused product gives the bits of the product and the program one after the other.
#include "ops/product_program.h"

#include <gtest/gtest.h>

#include <cstring>

#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::run_op;

struct Case {
  const char* name;
  std::vector<Instruction> code;
  std::vector<int> outputs;
  std::vector<Shape> others;  // the program's inputs after the product, which is its input 0; {m, n} is written as {}
};

std::shared_ptr<const ElementwiseProgram> program_of(const Case& c, const Shape& product) {
  std::vector<ElementwiseProgram::Output> outputs;
  for (const int source : c.outputs) outputs.push_back({source, {float32, product}});
  return std::make_shared<ElementwiseProgram>(float32, 1 + static_cast<int>(c.others.size()), c.code, outputs);
}

void expect_same_bits(const Case& c, std::int64_t m, std::int64_t n, std::int64_t k, bool transpose_a,
                      bool transpose_b) {
  const Shape product{m, n};
  const auto program = program_of(c, product);
  std::vector<Array> factors{testing::draw({transpose_a ? Shape{k, m} : Shape{m, k}}, float32, 1),
                             testing::draw({transpose_b ? Shape{n, k} : Shape{k, n}}, float32, 2)};
  std::vector<Array> all = factors, read = run_op(MatMul(transpose_a, transpose_b), factors);
  for (std::size_t i = 0; i < c.others.size(); ++i) {
    std::vector<std::int64_t> extents;  // 2: rows, 3: columns, else itself
    for (const std::int64_t extent : c.others[i]) extents.push_back(extent == 2 ? m : extent == 3 ? n : extent);
    all.push_back(testing::draw({Shape(extents), 0.5, 2.0}, float32, 3 + i));
    read.push_back(all.back());
  }
  const std::vector<Array> want = run_op(*program, read);
  const std::vector<Array> got = run_op(ProductProgram(transpose_a, transpose_b, program, 0), all);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i)
    ASSERT_EQ(std::memcmp(got[i].bytes().data(), want[i].bytes().data(), want[i].bytes().size()), 0) << "output " << i;
}

using enum Function;
const Case cases[] = {
    {"bias and relu, compiled", {{add, {0, 1}}, {relu, {2}}}, {3}, {Shape{3}}},
    {"SGD's update, compiled", {{mul, {0, 1}}, {sub, {2, 3}}}, {4}, {Shape{}, Shape{2, 3}}},
    {"a factor for each row, and the product itself", {{mul, {0, 1}}, {max, {2, 0}}}, {3, 0}, {Shape{2, 1}}},
    {"one row as a matrix", {{add, {0, 1}}, {relu, {2}}}, {3}, {Shape{1, 3}}},
};

TEST(ProductProgram, HasTheBitsOfItsParts) {
  for (const Case& c : cases)
    for (const auto& [m, n, k] : std::vector<std::array<std::int64_t, 3>>{
             {1, 1, 1}, {1, 40, 7}, {40, 1, 7}, {50, 300, 20}, {13, 33, 64}, {29, 16, 5}, {3, 700, 500}, {100, 10, 50}})
      for (const bool transpose_a : {false, true})
        for (const bool transpose_b : {false, true}) {
          SCOPED_TRACE(concat(c.name, ": ", m, ", ", n, ", ", k, transpose_a ? " a" : "", transpose_b ? " b" : ""));
          expect_same_bits(c, m, n, k, transpose_a, transpose_b);
          if (::testing::Test::HasFatalFailure()) return;
        }
}

TEST(ProductProgram, ReadsTheProductAtAnyPlace) {
  const auto program =
      std::make_shared<ElementwiseProgram>(float32, 2, std::vector<Instruction>{{sub, {0, 1}}},
                                           std::vector<ElementwiseProgram::Output>{{2, {float32, {5, 6}}}});
  const std::vector<Array> factors{testing::draw({Shape{5, 4}}, float32, 1), testing::draw({Shape{4, 6}}, float32, 2)};
  const Array minuend = testing::draw({Shape{5, 6}}, float32, 3);
  const Array product = run_op(MatMul(), factors)[0];
  EXPECT_CLOSE(run_op(ProductProgram(false, false, program, 1), {factors[0], factors[1], minuend})[0],
               run_op(*program, {minuend, product})[0], 0.0);
}

TEST(ProductProgram, RefusesResultsOfAnotherShape) {
  const auto program =
      std::make_shared<ElementwiseProgram>(float32, 2, std::vector<Instruction>{{add, {0, 1}}},
                                           std::vector<ElementwiseProgram::Output>{{2, {float32, {5, 6}}}});
  const Specs inputs{{float32, {1, 4}}, {float32, {4, 6}}, {float32, {5, 6}}};
  EXPECT_THROWS(ShapeError, ProductProgram(false, false, program, 0).infer(inputs),
                "expected results of the product's shape");
}

}  // namespace
}  // namespace keratin
