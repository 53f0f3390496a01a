// Every layer's export, run by the reference evaluator, against predict.
#include <gtest/gtest.h>

#include "support/approx.h"
#include "support/onnx_cases.h"
#include "support/onnx_evaluator.h"

namespace keratin {
namespace {

void expect_same_predictions(testing::OnnxLayerCase& made) {
  const onnx_ir::ModelProto model = testing::parse_onnx(testing::export_model(made.model));
  const onnx_ir::GraphProto& graph = model.graph();
  testing::OnnxValues inputs;
  for (int i = 0; i < graph.input_size(); ++i)
    inputs.emplace(graph.input(i).name(), made.inputs[static_cast<std::size_t>(i)]);
  const std::vector<Array> expected = made.model.predict_all(Data(made.inputs), {.verbose = 0});
  const testing::OnnxValues actual = testing::evaluate_onnx(model, inputs);
  ASSERT_EQ(graph.output_size(), static_cast<int>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Array& output = actual.at(graph.output(static_cast<int>(i)).name());
    EXPECT_EQ(output.dtype(), expected[i].dtype());
    EXPECT_CLOSE(output, expected[i],
                 output.dtype() == float64 ? testing::tolerance::float64 : testing::tolerance::float32);
  }
}

TEST(OnnxExport, PredictsWhatTheModelPredictsForEveryLayer) {
  for (testing::OnnxLayerCase& made : testing::onnx_layer_cases()) {
    SCOPED_TRACE(made.name);
    EXPECT_NO_THROW(expect_same_predictions(made));
  }
}

}  // namespace
}  // namespace keratin
