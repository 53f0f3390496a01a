// Every op's ONNX nodes, run by the reference evaluator, against the op.
#include <gtest/gtest.h>

#include "support/approx.h"
#include "support/interpret.h"
#include "support/onnx_cases.h"
#include "support/onnx_evaluator.h"

namespace keratin {
namespace {

void expect_same_results(const testing::OnnxOpCase& made) {
  const Graph graph = testing::graph_of(made.specs, made.function);
  testing::Feeds feeds;
  for (const Array& argument : made.arguments) feeds.emplace("x" + std::to_string(feeds.size()), argument);
  const auto expected = testing::interpret(graph, feeds, made.batch).outputs;
  const auto actual = testing::evaluate_onnx(testing::parse_onnx(testing::export_graph(graph)), feeds);
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, array] : expected) {
    EXPECT_EQ(actual.at(name).dtype(), array.dtype());
    EXPECT_CLOSE(actual.at(name), array,
                 array.dtype() == float64 ? testing::tolerance::float64 : testing::tolerance::float32)
        << name;
  }
}

TEST(OnnxExport, ComputesWhatEveryOpComputes) {
  for (const testing::OnnxOpCase& made : testing::onnx_op_cases()) {
    SCOPED_TRACE(made.name);
    EXPECT_NO_THROW(expect_same_results(made));
  }
}

}  // namespace
}  // namespace keratin
