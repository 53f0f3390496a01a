#include "graph/graph.h"

#include <gtest/gtest.h>

#include <limits>

#include "graph/leaves.h"
#include "graph/trace.h"
#include "keratin/array.h"
#include "ops/elementwise.h"
#include "ops/functions.h"
#include "ops/matmul.h"
#include "support/throws.h"

namespace keratin {
namespace {

std::int32_t input(Graph& graph, const std::string& slot, const Spec& spec) {
  return graph.add(std::make_shared<Input>(slot, spec), {});
}

std::int32_t constant(Graph& graph, const Array& value) { return graph.add(std::make_shared<Constant>(value), {}); }

TEST(Graph, SharesNodesThatComputeTheSame) {
  Graph graph;
  const std::int32_t x = input(graph, "x", {float32, {3}}), y = input(graph, "y", {float32, {3}});
  EXPECT_EQ(input(graph, "x", {float32, {3}}), x);
  const std::int32_t sum = graph.add(std::make_shared<Elementwise>(Function::add), {{x}, {y}});
  EXPECT_EQ(graph.add(std::make_shared<Elementwise>(Function::add), {{x}, {y}}), sum);
  EXPECT_NE(graph.add(std::make_shared<Elementwise>(Function::add), {{y}, {x}}), sum);
  EXPECT_NE(graph.add(std::make_shared<Elementwise>(Function::sub), {{x}, {y}}), sum);
  EXPECT_NE(graph.add(std::make_shared<Cast>(float64), {{x}}), graph.add(std::make_shared<Cast>(float16), {{x}}));
  EXPECT_EQ(graph.size(), 7);
}

/// Counts how often it is asked for its attributes.
class Asked final : public Op {
 public:
  std::string_view name() const override { return "Asked"; }
  void fields(FieldWriter& write) const override { write("times", ++times == 0 ? "none" : "some"); }
  Specs infer(std::span<const Spec>) const override { return {{float32, {}}}; }
  mutable int times = 0;
};

TEST(Graph, WritesAnOpsKeyOnce) {
  const auto op = std::make_shared<Asked>();
  Graph graph, copy;
  const std::int32_t node = graph.add(op, {});
  EXPECT_EQ(graph.add(op, {}), node);
  EXPECT_EQ(graph.add(std::make_shared<Asked>(), {}), node);
  copy.add(graph.node(node).op, {});
  EXPECT_EQ(op->times, 1);
}

TEST(Graph, TellsConstantsApartByTheirBits) {
  Graph graph;
  const std::int32_t half = constant(graph, Array::full({}, 0.5));
  EXPECT_EQ(constant(graph, Array::full({}, 0.5)), half);
  EXPECT_NE(constant(graph, Array::full({}, 0.5, float64)), half);
  EXPECT_NE(constant(graph, Array::full({1}, 0.5)), half);
  EXPECT_NE(constant(graph, Array::full({}, 0.1, float64)), constant(graph, Array::full({}, 0.1 + 0x1p-56, float64)));
  EXPECT_NE(constant(graph, Array::full({}, 0.0)), constant(graph, Array::full({}, -0.0)));
  constexpr std::int64_t large = std::numeric_limits<std::int64_t>::max();  // no double tells it from its neighbour
  EXPECT_NE(constant(graph, Array::of<std::int64_t>({large})), constant(graph, Array::of<std::int64_t>({large - 1})));
  const Array several = Array::of<float>({1, 2});
  EXPECT_EQ(constant(graph, several), constant(graph, several));
  EXPECT_NE(constant(graph, several), constant(graph, several.copy()));  // not compared, only recognised
}

TEST(Graph, TellsVariablesOfTheSameNameApart) {
  Graph graph;
  const auto one = std::make_shared<VariableState>(), other = std::make_shared<VariableState>();
  one->name = other->name = "kernel";
  one->spec = other->spec = {float32, {2}};
  const std::int32_t read = graph.add(std::make_shared<ReadVariable>(one), {});
  EXPECT_EQ(graph.add(std::make_shared<ReadVariable>(one), {}), read);
  EXPECT_NE(graph.add(std::make_shared<ReadVariable>(other), {}), read);
}

TEST(Graph, InfersSpecsAndKeepsTheFirstScope) {
  Graph graph;
  const std::int32_t x = input(graph, "x", {float32, {-1, 4}}), w = input(graph, "w", {float32, {4, 3}});
  const std::int32_t y = graph.add(std::make_shared<MatMul>(), {{x}, {w}}, "encoder/dense");
  EXPECT_EQ(graph.spec({y}), (Spec{float32, {-1, 3}}));
  EXPECT_EQ(graph.add(std::make_shared<MatMul>(), {{x}, {w}}, "decoder"), y);
  EXPECT_EQ(graph.node(y).scope, "encoder/dense");
}

TEST(Graph, SaysWhoseInputsDoNotFit) {
  Graph graph;
  const std::int32_t x = input(graph, "x", {float32, {-1, 4}}), w = input(graph, "w", {float32, {5, 3}});
  EXPECT_THROWS(ShapeError, graph.add(std::make_shared<MatMul>(), {{x}, {w}}, "encoder/dense"),
                "encoder/dense: MatMul: expected the inner extents to agree, got (batch, 4) and (5, 3)");
  EXPECT_THROWS(ShapeError, graph.add(std::make_shared<MatMul>(), {{x}, {w}}), "MatMul: expected the inner extents");
  EXPECT_EQ(graph.size(), 2);
}

TEST(Graph, RefusesInputsThatDoNotExist) {
  Graph graph;
  const std::int32_t x = input(graph, "x", {float32, {3}});
  EXPECT_THROW(graph.add(std::make_shared<Elementwise>(Function::neg), {{x + 1, 0}}), InternalError);
  EXPECT_THROW(graph.add(std::make_shared<Elementwise>(Function::neg), {{-1, 0}}), InternalError);
  EXPECT_THROW(graph.add(std::make_shared<Elementwise>(Function::neg), {{x, 1}}), InternalError);
  EXPECT_THROW(graph.add(std::make_shared<Elementwise>(Function::neg), {{x, -1}}), InternalError);
}

}  // namespace
}  // namespace keratin
