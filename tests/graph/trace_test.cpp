#include "graph/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "graph/leaves.h"
#include "keratin/array.h"
#include "keratin/variable.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/interpret.h"
#include "support/throws.h"

namespace keratin {
namespace {

Variable variable(const std::string& name, double value) {
  auto state = std::make_shared<VariableState>();
  state->name = state->path = name;
  state->spec = {float32, {}};
  state->initial = [value](std::uint64_t) { return Array::full({}, value); };
  return VariableAccess::make(std::move(state));
}

std::int64_t count(const Graph& graph, std::string_view name) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [&](const Node& node) { return node.op->name() == name; });
}

TEST(Trace, IsCurrentWhileItLivesAndNests) {
  EXPECT_EQ(Trace::current(), nullptr);
  {
    Trace outer(true);
    EXPECT_EQ(Trace::current(), &outer);
    {
      Trace inner(false);
      EXPECT_EQ(Trace::current(), &inner);
      std::thread([] { EXPECT_EQ(Trace::current(), nullptr); }).join();
    }
    EXPECT_EQ(Trace::current(), &outer);
    EXPECT_TRUE(outer.training());
    const TraceSuspension suspension;
    EXPECT_EQ(Trace::current(), nullptr);
  }
  EXPECT_EQ(Trace::current(), nullptr);
}

TEST(Trace, MakesOneNodeOfEqualExpressions) {
  Trace trace(false);
  const Tensor x = make_op<Input>({}, "x", Spec{float32, {-1}});
  const Tensor a = ops::exp(x) * 2.0, b = ops::exp(x) * 2.0;
  EXPECT_EQ(TensorAccess::value(a), TensorAccess::value(b));
  EXPECT_EQ(trace.graph().size(), 4);
}

TEST(Trace, ReplaysALongChainMadeOutside) {
  constexpr int length =
      100'000;  // recursion over as many calls, in replaying or letting go of them, has no stack left
  Tensor chain = Tensor(Array::full({}, 1.0));
  for (int i = 0; i < length; ++i) chain = i % 2 == 0 ? ops::exp(chain) : ops::log(chain);
  Trace trace(false);
  trace.import(chain);
  EXPECT_EQ(trace.graph().size(), length + 1);
}

TEST(Trace, ReplaysTheFirstInputFirst) {
  const Tensor x(Array::full({}, 3.0));
  const Tensor difference = ops::exp(x) - ops::log(x);
  Trace trace(false);
  trace.import(difference);
  std::vector<std::string_view> names;
  for (const Node& node : trace.graph().nodes()) names.push_back(node.op->name());
  EXPECT_EQ(names, (std::vector<std::string_view>{"Constant", "Exp", "Log", "Sub"}));
}

TEST(Trace, ReplaysAComputationMadeOutsideOnce) {
  const Tensor table = ops::exp(Tensor(Array::of<float>({1, 2, 3})));
  Trace trace(false);
  const Tensor y = table + table;
  EXPECT_EQ(count(trace.graph(), "Exp"), 1);
  EXPECT_EQ(y.shape(), Shape({3}));
  trace.graph().add_output("y", TensorAccess::value(y));
  const Array got = testing::interpret(trace.finish()).outputs.at("y");
  EXPECT_NEAR(got.at(2), 2.0 * std::exp(3.0), 1e-5);
}

TEST(Trace, RefusesTensorsOfAnotherTraceAndUnsetOnes) {
  Tensor kept;
  {
    Trace first(false);
    kept = make_op<Input>({}, "x", Spec{float32, {}});
    Trace second(false);
    const TraceScope scope(second, "dense");
    EXPECT_THROWS(ValueError, kept + 1.0, "dense: expected a tensor of this trace, got one of another");
  }
  Trace trace(false);
  EXPECT_THROWS(ValueError, trace.import(Tensor()), "expected a tensor, got an unset Tensor");
}

TEST(Trace, ReadsWhatWasAssigned) {
  const Variable counter = variable("counter", 5.0), other = variable("other", 1.0);
  Trace trace(true);
  const Tensor before = counter;
  counter.assign(before + 1.0);
  const Tensor after = counter;
  counter.assign(after * 10.0);
  trace.graph().add_output("before", TensorAccess::value(before));
  trace.graph().add_output("after", TensorAccess::value(after));
  trace.graph().add_output("last", TensorAccess::value(counter));
  trace.graph().add_output("other", TensorAccess::value(other));
  ASSERT_EQ(trace.assigned().size(), 1u);
  const Graph graph = trace.finish();
  EXPECT_EQ(count(graph, "Assign"), 1);
  const testing::Interpreted result = testing::interpret(graph);
  EXPECT_EQ(result.outputs.at("before").item(), 5.0);
  EXPECT_EQ(result.outputs.at("after").item(), 6.0);
  EXPECT_EQ(result.outputs.at("last").item(), 60.0);
  ASSERT_EQ(result.assigned.size(), 1u);
  EXPECT_EQ(result.assigned[0].first, VariableAccess::state(counter));
  EXPECT_EQ(result.assigned[0].second.item(), 60.0);
  EXPECT_EQ(counter.value().item(), 5.0);  // tracing changes nothing
}

TEST(Trace, RefusesToAssignAnotherSpec) {
  const Variable counter = variable("model/counter", 5.0);
  Trace trace(true);
  EXPECT_THROWS(ShapeError, trace.assign(counter, Tensor(Array::zeros({2}))),
                "model/counter: expected to be assigned float32(), got float32(2,)");
  EXPECT_THROWS(ShapeError, trace.assign(counter, Tensor(Array::zeros({}, float64))), "got float64()");
}

TEST(Trace, NamesTheScopeOfEveryNode) {
  Trace trace(false);
  const Tensor x = make_op<Input>({}, "x", Spec{float32, {3}});
  {
    const TraceScope outer(trace, "encoder");
    const TraceScope inner(trace, "dense_1");
    EXPECT_EQ(trace.graph().node(TensorAccess::value(ops::exp(x))).scope, "encoder/dense_1");
  }
  EXPECT_EQ(trace.scope(), "");
  EXPECT_EQ(trace.graph().node(TensorAccess::value(ops::log(x))).scope, "");
}

TEST(Trace, PutsTheScopeIntoTheErrors) {
  Trace trace(false);
  const Tensor x = make_op<Input>({}, "x", Spec{float32, {-1, 3}}), y = make_op<Input>({}, "y", Spec{float32, {-1, 4}});
  const TraceScope scope(trace, "merge");
  EXPECT_THROWS(ShapeError, x + y, "merge: Add: expected shapes that broadcast, got (batch, 3) and (batch, 4)");
}

TEST(Trace, KeepsMasksLossesAndMetrics) {
  Trace trace(true);
  const Tensor x = make_op<Input>({}, "x", Spec{float32, {-1, 3}});
  EXPECT_FALSE(trace.mask(x));
  trace.set_mask(x, ops::greater(x, 0.0));
  EXPECT_EQ(trace.mask(x).dtype(), boolean);
  trace.add_loss(ops::sum(x));
  trace.add_metric(ops::mean(x), "mean");
  EXPECT_EQ(trace.losses().size(), 1u);
  EXPECT_EQ(trace.metrics()[0].name, "mean");
}

/// Twice its input, known by its expansion alone.
class Twice final : public Op {
 public:
  std::string_view name() const override { return "Twice"; }
  Specs infer(std::span<const Spec> inputs) const override { return {inputs[0]}; }
  Tensors expand(std::span<const Tensor> in) const override { return {in[0] + in[0]}; }
  Traits traits() const override { return {.expansion = true}; }
};

TEST(Trace, ExpandsOpsWithoutAGradientWhereOneIsNeeded) {
  for (const bool differentiable : {false, true}) {
    const Graph graph = testing::graph_of(
        {{float32, {3}}}, [](const Tensors& x) { return Tensors(make_op<Twice>(x[0])); }, differentiable);
    EXPECT_EQ(count(graph, "Twice"), differentiable ? 0 : 1);
    EXPECT_CLOSE(testing::interpret(graph, {{"x0", Array::of<float>({1, 2, 3})}}).outputs.at("0"),
                 Array::of<float>({2, 4, 6}), 0.0);
  }
}

TEST(SymbolicCall, InfersSpecsOutsideATrace) {
  const Tensor table(Array::zeros({2, 3}));
  EXPECT_EQ(ops::sum(table, {.axis = 0}).shape(), Shape({3}));
  EXPECT_EQ(ops::greater(table, 0.0).dtype(), boolean);
  EXPECT_THROWS(ShapeError, table + Tensor(Array::zeros({2})),
                "Add: expected shapes that broadcast, got (2, 3) and (2,)");
}

TEST(Trace, RefusesATensorOfATraceThatHasEnded) {
  Tensor kept;
  const auto begin_and_end = [&] {  // both traces may lie at one address
    Trace trace(false);
    if (!kept) {
      kept = ops::zeros(Shape({2}));
      return;
    }
    EXPECT_THROWS(ValueError, kept.shape(), "got one of a trace that has ended");
    EXPECT_THROWS(ValueError, kept + kept, "got one of a trace that has ended");
  };
  begin_and_end();
  begin_and_end();
}

}  // namespace
}  // namespace keratin
