#include "graph/verify.h"

#include <gtest/gtest.h>

#include "graph/leaves.h"
#include "graph/trace.h"
#include "ops/functions.h"
#include "support/interpret.h"
#include "support/throws.h"

namespace keratin {
namespace {

std::shared_ptr<VariableState> number(const char* name) {
  auto state = std::make_shared<VariableState>();
  state->name = state->path = name;
  state->spec = {float32, {}};
  return state;
}

TEST(Verify, AcceptsWhatATraceMakes) {
  const Graph graph = testing::graph_of({{float32, {-1, 4}}, {float32, {4, 3}}}, [](const Tensors& x) {
    return Tensors{ops::softmax(ops::matmul(x[0], x[1])), ops::mean(x[0])};
  });
  EXPECT_NO_THROW(verify(graph, "tracing"));
}

/// An op that changes its mind about its shape, as a graph does whose pass forgot to infer anew.
class Fickle final : public Op {
 public:
  std::string_view name() const override { return "Fickle"; }
  Specs infer(std::span<const Spec>) const override { return {{float32, {extent}}}; }
  mutable std::int64_t extent = 1;
};

TEST(Verify, CatchesASpecThatTheOpDoesNotInfer) {
  Graph graph;
  const auto op = std::make_shared<Fickle>();
  graph.add(op, {});
  EXPECT_NO_THROW(verify(graph, "simplify"));
  op->extent = 2;
  EXPECT_THROWS(InternalError, verify(graph, "simplify"),
                "the graph after simplify is not legal: node 0 (Fickle) has other specs than it infers");
}

TEST(Verify, CatchesTwoAssignmentsToOneVariable) {
  const auto a = number("a"), b = number("b");
  Graph graph;
  const std::int32_t read = graph.add(std::make_shared<ReadVariable>(a), {});
  const std::int32_t other = graph.add(std::make_shared<ReadVariable>(b), {});
  graph.add(std::make_shared<Assign>(a), {{other}});
  graph.add(std::make_shared<Assign>(b), {{read}});
  EXPECT_NO_THROW(verify(graph, "merge"));
  graph.add(std::make_shared<Assign>(a), {{read}});
  EXPECT_THROWS(InternalError, verify(graph, "merge"), "two assignments to Assign(variable=a)");
}

TEST(Verify, CatchesAnOutputThatDoesNotExist) {
  for (const Value value : {Value{1, 0}, Value{0, 1}, Value{-1, 0}}) {
    Graph graph;
    graph.add(std::make_shared<Input>("x", Spec{float32, {3}}), {});
    graph.add_output("y", value);
    EXPECT_THROWS(InternalError, verify(graph, "tracing"), "output y does not exist");
  }
}

}  // namespace
}  // namespace keratin
