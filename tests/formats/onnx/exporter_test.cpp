// What an exported file looks like, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "graph/trace.h"
#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/ops.h"
#include "keratin/version.h"
#include "support/interpret.h"
#include "support/onnx_cases.h"
#include "support/onnx_evaluator.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

onnx_ir::ModelProto exported(const Model& model, const OnnxOptions& options = {}) {
  return testing::parse_onnx(testing::export_model(model, options));
}

/// The nodes of a function of one (batch, 4) tensor.
onnx_ir::ModelProto exported(const std::function<Tensors(const Tensor&)>& function) {
  const Graph graph = testing::graph_of({{float32, {unknown, 4}}}, [&](const Tensors& xs) { return function(xs[0]); });
  return testing::parse_onnx(testing::export_graph(graph));
}

std::vector<std::string> types(const onnx_ir::ModelProto& model) {
  std::vector<std::string> out;
  for (const auto& node : model.graph().node()) out.push_back(node.op_type());
  return out;
}

std::vector<std::string> initializers(const onnx_ir::ModelProto& model) {
  std::vector<std::string> out;
  for (const auto& tensor : model.graph().initializer()) out.push_back(tensor.name());
  return out;
}

Array initializer(const onnx_ir::ModelProto& model, const std::string& name) {
  for (const auto& tensor : model.graph().initializer())
    if (tensor.name() == name) return testing::array_of(tensor);
  throw DataError("expected an initializer " + name);
}

/// "uint8 (batch, 28)" of an input or output.
std::string type_of(const onnx_ir::ValueInfoProto& value) {
  std::string out = std::to_string(value.type().tensor_type().elem_type());
  for (const auto& extent : value.type().tensor_type().shape().dim())
    out += " " + (extent.has_dim_value() ? std::to_string(extent.dim_value()) : extent.dim_param());
  return out;
}

Sequential small_network(std::uint64_t seed = 3) {
  Sequential model({Input({4}, {.name = "flower"}), layers::Dense(3, {.activation = "relu"}), layers::Dropout(0.5),
                    layers::Dense(2, {.activation = "softmax", .name = "species"})},
                   {.name = "iris"});
  model.compile({.seed = seed});
  return model;
}

TEST(OnnxFile, SaysWhatItIs) {
  const onnx_ir::ModelProto model = exported(small_network(), {.metadata = {{"class_names", "setosa,other"}}});
  EXPECT_EQ(model.ir_version(), 8);
  ASSERT_EQ(model.opset_import_size(), 1);
  EXPECT_EQ(model.opset_import(0).domain(), "");
  EXPECT_EQ(model.opset_import(0).version(), 17);
  EXPECT_EQ(model.producer_name(), "Keratin");
  EXPECT_EQ(model.producer_version(), version);
  EXPECT_EQ(model.graph().name(), "iris");
  EXPECT_EQ(model.doc_string(), "iris: 3 layers, 23 parameters");
  std::vector<std::pair<std::string, std::string>> metadata;
  for (const auto& entry : model.metadata_props()) metadata.emplace_back(entry.key(), entry.value());
  EXPECT_THAT(metadata,
              ElementsAre(std::pair("keratin_version", std::string(version)), std::pair("model_class", "Sequential"),
                          std::pair("layer_classes", "Dense,Dropout,Dense"), std::pair("class_names", "setosa,other")));
}

TEST(OnnxFile, NamesWhatItHoldsAfterLayers) {
  const onnx_ir::ModelProto model = exported(small_network());
  EXPECT_THAT(types(model), ElementsAre("Gemm", "Relu", "Gemm", "Softmax"));
  std::vector<std::string> outputs, descriptions;
  for (const auto& node : model.graph().node()) {
    outputs.push_back(node.output(0));
    descriptions.push_back(node.doc_string());
  }
  EXPECT_THAT(outputs, ElementsAre("dense/gemm", "dense/relu", "species/gemm", "species"));
  EXPECT_THAT(descriptions, ElementsAre("dense (Dense)", "dense (Dense)", "species (Dense)", "species (Dense)"));
  EXPECT_EQ(model.graph().node(3).name(), "species/softmax");
  EXPECT_THAT(initializers(model), ElementsAre("dense/kernel", "dense/bias", "species/kernel", "species/bias"));
  ASSERT_EQ(model.graph().input_size(), 1);
  EXPECT_EQ(model.graph().input(0).name(), "flower");
  ASSERT_EQ(model.graph().output_size(), 1);
  EXPECT_EQ(model.graph().output(0).name(), "species");
}

TEST(OnnxFile, NamesTheLayersOfAModelInside) {
  const Sequential encoder({Input({4}), layers::Dense(3)}, {.name = "encoder"});
  const Sequential decoder({Input({3}), layers::Dense(4)}, {.name = "decoder"});
  const Tensor x = Input({4}, {.name = "x"});
  const onnx_ir::ModelProto model = exported(Model(x, decoder(encoder(x))));
  EXPECT_THAT(initializers(model),
              ElementsAre("encoder/dense/kernel", "encoder/dense/bias", "decoder/dense/kernel", "decoder/dense/bias"));
  EXPECT_EQ(model.graph().node(0).output(0), "encoder/dense/gemm");
  EXPECT_EQ(model.graph().node(0).doc_string(), "encoder/dense (Dense)");
}

TEST(OnnxFile, HasTheBatchAsASymbolAndTheInputsDeclaredDtype) {
  const Tensor x = Input({28, 28}, {.dtype = uint8, .name = "image"});
  const onnx_ir::ModelProto model = exported(Model(x, layers::Rescaling(1.0 / 255, {.name = "pixels"})(x)));
  EXPECT_EQ(type_of(model.graph().input(0)), "2 batch 28 28");
  EXPECT_EQ(type_of(model.graph().output(0)), "1 batch 28 28");
}

TEST(OnnxFile, HasADenseLayerAsAGemmOfTheTransposedKernel) {
  const Sequential network = small_network();
  const onnx_ir::ModelProto model = exported(network);
  const onnx_ir::NodeProto& gemm = model.graph().node(0);
  EXPECT_THAT(std::vector<std::string>(gemm.input().begin(), gemm.input().end()),
              ElementsAre("flower", "dense/kernel", "dense/bias"));
  ASSERT_EQ(gemm.attribute_size(), 1);
  EXPECT_EQ(gemm.attribute(0).name(), "transB");
  EXPECT_EQ(gemm.attribute(0).i(), 1);
  const Array kernel = network.get_weights()[0], written = initializer(model, "dense/kernel");
  ASSERT_EQ(written.shape(), (Shape{3, 4}));
  for (int i = 0; i < 4; ++i)
    for (int k = 0; k < 3; ++k) EXPECT_EQ(written.at(k, i), kernel.at(i, k));
  EXPECT_EQ(model.graph().initializer(0).doc_string(), "transposed, as Gemm reads it: (3, 4)");
}

TEST(OnnxFile, HasADenseLayerOfASequenceAsOneProduct) {
  const Tensor x = Input({5, 4});
  EXPECT_THAT(types(exported(Model(x, layers::Dense(3)(x)))), ElementsAre("MatMul", "Add"));
}

TEST(OnnxFile, HasASharedLayersWeightsOnce) {
  const Tensor x = Input({4});
  const Ref<Layer> shared = layers::Dense(4, {.name = "shared"});
  const onnx_ir::ModelProto model = exported(Model(x, shared(shared(x))));
  EXPECT_THAT(types(model), ElementsAre("Gemm", "Gemm"));
  EXPECT_THAT(initializers(model), ElementsAre("shared/kernel", "shared/bias"));
}

TEST(OnnxFile, LeavesOutWhatChangesNothing) {
  const onnx_ir::ModelProto model = exported([](const Tensor& x) {
    ops::exp(x);  // for nobody
    return Tensors(ops::stop_gradient(ops::sin(ops::stop_gradient(x))));
  });
  EXPECT_THAT(types(model), ElementsAre("Sin"));
  const Tensor x = Input({4});
  EXPECT_THAT(types(exported(Model(x, layers::Dropout(0.5)(x)))), ElementsAre("Identity"));
}

TEST(OnnxFile, HasEqualConstantsOnce) {
  const onnx_ir::ModelProto model = exported([](const Tensor& x) {
    const auto ones = [] { return Tensor(Array::ones({4})); };
    return Tensors(ops::sin(x + ones()) * ones() + Tensor(Array::ones({4}, float64)));
  });
  EXPECT_EQ(model.graph().initializer_size(), 2);
}

TEST(OnnxFile, CopiesWhatIsAnOutputTwiceOrMadeByNoNode) {
  const onnx_ir::ModelProto model = exported([](const Tensor& x) {
    const Tensor y = ops::sin(x);
    return Tensors{y, y, x};
  });
  EXPECT_THAT(types(model), ElementsAre("Sin", "Identity", "Identity"));
  EXPECT_EQ(model.graph().node(0).output(0), "0");
}

TEST(OnnxFile, ReadsTheBatchsSizeFromAnInput) {
  const onnx_ir::ModelProto model = exported([](const Tensor& x) { return Tensors(ops::mean(x)); });
  EXPECT_THAT(types(model), UnorderedElementsAre("ReduceSum", "Shape", "Gather", "Cast", "Mul", "Div"));
}

/// An op that ONNX has no word for, but whose definition it can say.
class Cube final : public Op {
 public:
  std::string_view name() const override { return "Cube"; }
  Specs infer(std::span<const Spec> inputs) const override { return {inputs[0]}; }
  Tensors expand(std::span<const Tensor> x) const override { return {ops::square(x[0]) * x[0]}; }
  Traits traits() const override { return {.expansion = true}; }
};

TEST(OnnxFile, HasAnOpWithoutARuleAsItsExpansion) {
  const onnx_ir::ModelProto model = exported([](const Tensor& x) {
    return Tensors{make_op<Cube>(ops::sin(x)), make_op<Cube>(x)};
  });
  EXPECT_THAT(types(model), UnorderedElementsAre("Sin", "Mul", "Mul", "Mul", "Mul"));
  EXPECT_EQ(testing::evaluate_onnx(model, {{"x0", Array::full({1, 4}, 2.0)}}).at("1").at(0, 3), 8.0f);
}

TEST(OnnxFile, IsTheSameToTheByteForTheSameModel) {
  const std::string first = testing::export_model(small_network());
  EXPECT_TRUE(first == testing::export_model(small_network()));
  EXPECT_TRUE(first != testing::export_model(small_network(4)));
}

// ---- what is refused ------------------------------------------------------------------------------------------------

TEST(OnnxExport, RefusesAnotherOpset) {
  EXPECT_THROWS(UnsupportedError, exported(small_network(), {.opset = 18}),
                "export_onnx: expected opset 17, the only one there is, got 18");
}

TEST(OnnxExport, RefusesMetadataThatIsKeratinsOwn) {
  EXPECT_THROWS(ValueError, exported(small_network(), {.metadata = {{"keratin_version", "9"}}}),
                "export_onnx: expected metadata other than keratin_version");
}

class Counter final : public Layer {
 public:
  void build(const Shape&) override { count_ = add_weight("count", {}, {.initializer = "zeros", .trainable = false}); }
  Tensor call(const Tensor& x, const CallContext&) override {
    count_.assign_add(Tensor(Array::ones({})));
    return x;
  }

 private:
  Variable count_;
};

TEST(OnnxExport, RefusesAModelThatKeepsState) {
  const Tensor x = Input({4});
  EXPECT_THROWS(
      UnsupportedError, exported(Model(x, make<Counter>()(x))),
      "cannot be exported to ONNX, which keeps no state between calls; expected call() to leave counter/count alone");
}

/// Needs an op that ONNX cannot say.
class Unknown final : public Op {
 public:
  std::string_view name() const override { return "Unknown"; }
  Specs infer(std::span<const Spec> inputs) const override { return {inputs[0]}; }
};
class Odd final : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext&) override { return make_op<Unknown>(x); }
};

TEST(OnnxExport, NamesTheLayerOfAnOpThatOnnxHasNot) {
  const Tensor x = Input({4});
  EXPECT_THROWS(UnsupportedError, exported(Model(x, make<Odd>()(x))), "odd: Unknown: cannot be exported to ONNX");
}

TEST(OnnxExport, NeedsAModelWithKnownInputs) {
  EXPECT_THROWS(ValueError, exported(Sequential({layers::Dense(3)}, {.name = "blank"})),
                "blank: expected a model with known inputs; add Input() or call it first");
}

TEST(OnnxExport, LeavesTheOldFileWhereItFails) {
  const testing::TemporaryFolder folder;
  const auto path = folder.write("model.onnx", "old");
  EXPECT_THROW(small_network().export_onnx(path, {.opset = 11}), UnsupportedError);
  EXPECT_EQ(folder.read("model.onnx"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  EXPECT_THROWS(DataError, small_network().export_onnx(folder / "absent" / "model.onnx"), "model.onnx");
  small_network().export_onnx(path);
  EXPECT_TRUE(folder.read("model.onnx") == testing::export_model(small_network()));
}

// ---- images: ONNX has channels first
// --------------------------------------------------------------------------------

int count(const onnx_ir::ModelProto& model, const std::string& type) {
  const std::vector<std::string> all = types(model);
  return static_cast<int>(std::count(all.begin(), all.end(), type));
}

TEST(OnnxImages, AreTurnedOnceBeforeAndOnceAfterConvolutions) {
  Sequential model({Input({12, 12, 1}, {.name = "image"}),
                    layers::Conv2D(3, 5, {.padding = "same", .activation = "relu", .name = "first"}),
                    layers::MaxPooling2D(2), layers::Conv2D(4, 3, {.activation = "relu", .name = "second"}),
                    layers::MaxPooling2D(2), layers::Flatten(), layers::Dense(3, {.name = "logits"})},
                   {.name = "lenet"});
  model.compile({.seed = 3});
  const onnx_ir::ModelProto made = exported(model);
  EXPECT_THAT(types(made), ElementsAre("Transpose", "Conv", "Relu", "MaxPool", "Conv", "Relu", "MaxPool", "Transpose",
                                       "Reshape", "Gemm"));
  EXPECT_THAT(initializers(made),
              ::testing::IsSupersetOf({"first/kernel", "first/bias", "second/kernel", "second/bias"}));
  EXPECT_EQ(initializer(made, "second/kernel").shape(), Shape({4, 3, 3, 3}));
  EXPECT_EQ(initializer(made, "second/bias").shape(), Shape({4}));
  std::vector<std::string> known;
  for (const auto& value : made.graph().value_info()) known.push_back(value.name() + ": " + type_of(value));
  EXPECT_THAT(known, ::testing::Contains("first/relu: 1 batch 3 12 12"));
}

TEST(OnnxImages, HaveNormalizationsInTheConvolutionsBefore) {
  Sequential model({Input({8, 8, 2}), layers::Conv2D(3, 3, {.bias_initializer = "ones"}), layers::BatchNormalization(),
                    layers::Activation("relu"), layers::Conv2D(4, 3, {.use_bias = false}),
                    layers::BatchNormalization({.scale = false}), layers::GlobalAveragePooling2D()});
  model.compile({.seed = 3});
  EXPECT_THAT(types(exported(model)), ElementsAre("Transpose", "Conv", "Relu", "Conv", "ReduceSum", "Div"));
}

TEST(OnnxImages, AreTurnedBehindWhatConcatenatesThem) {
  const Tensor x = Input({8, 8, 2}, {.name = "x"});
  const layers::Conv2DOptions same{.padding = "same"};
  const Tensor a = layers::Conv2D(3, 3, same)(x), b = layers::Conv2D(2, 1, same)(x);
  const onnx_ir::ModelProto made = exported(Model(x, layers::Conv2D(2, 3)(layers::concatenate({a, b}))));
  EXPECT_THAT(types(made), ElementsAre("Transpose", "Conv", "Conv", "Concat", "Conv", "Transpose"));
  const onnx_ir::ModelProto rows = exported(Model(x, layers::Concatenate({.axis = 1})({a, a})));
  EXPECT_THAT(types(rows), ElementsAre("Transpose", "Conv", "Concat", "Transpose"));
  const Tensor c = layers::Conv2D(2, 1, same)(x);
  EXPECT_EQ(count(exported(Model(x, layers::concatenate({c, x}))), "Transpose"), 2);  // x is not turned
}

TEST(OnnxImages, AreTurnedBehindAPaddingThatIsTheOutput) {
  const Tensor x = Input({8, 8, 2}, {.name = "x"});
  const onnx_ir::ModelProto made =
      exported(Model(x, layers::ZeroPadding2D({{1, 0}, {2, 3}}, {.name = "y"})(layers::Conv2D(3, 3)(x))));
  EXPECT_THAT(types(made), ElementsAre("Transpose", "Conv", "Pad", "Transpose"));
  EXPECT_EQ(made.graph().output(0).name(), "y");
  EXPECT_EQ(type_of(made.graph().output(0)), "1 batch 7 11 3");
}

TEST(OnnxImages, AreTurnedAsFarAsAReductionLeavesThem) {
  const Tensor x = Input({8, 8, 2}, {.name = "x"});
  const Tensor y = layers::Conv2D(3, 3, {.name = "y"})(x);
  const auto types_of = [&](const Tensor& reduced) { return types(exported(Model(x, reduced))); };
  EXPECT_THAT(types_of(ops::max(y, {.axis = {1}})), ElementsAre("Transpose", "Conv", "ReduceMax", "Transpose"));
  EXPECT_THAT(types_of(ops::max(y, {.axis = {2}, .keepdims = true})),
              ElementsAre("Transpose", "Conv", "ReduceMax", "Transpose"));
  EXPECT_THAT(types_of(ops::max(y, {.axis = {3}})), ElementsAre("Transpose", "Conv", "ReduceMax"));
}

TEST(OnnxImages, HaveNormalizationsInDepthwiseConvolutions) {
  Sequential model({Input({8, 8, 2}), layers::DepthwiseConv2D(3, {.depth_multiplier = 2, .bias_initializer = "ones"}),
                    layers::BatchNormalization()});
  model.compile({.seed = 3});
  const onnx_ir::ModelProto made = exported(model);
  EXPECT_THAT(types(made), ElementsAre("Transpose", "Conv", "Transpose"));
  EXPECT_EQ(made.graph().node(1).input_size(), 3);
}

TEST(OnnxImages, KeepTheirOrderAtTheModelsBoundary) {
  const Tensor x = Input({8, 8, 2}, {.name = "x"});
  const Tensor y = layers::Conv2D(2, 3, {.padding = "same", .name = "y"})(x);
  const onnx_ir::ModelProto made = exported(Model(x, {layers::Conv2D(3, 3, {.name = "z"})(y), y}));
  EXPECT_EQ(type_of(made.graph().output(0)), "1 batch 6 6 3");
  EXPECT_EQ(type_of(made.graph().output(1)), "1 batch 8 8 2");
  EXPECT_EQ(count(made, "Transpose"), 3);  // one for the input, one for each output
}

TEST(OnnxImages, LeaveAloneWhatIsReadInBothOrders) {
  const Tensor x = Input({4, 4, 2}, {.name = "x"});
  const Tensor y = layers::Conv2D(2, 3, {.padding = "same", .name = "y"})(x);
  const onnx_ir::ModelProto made = exported(Model(x, y + x));
  EXPECT_EQ(count(made, "Transpose"), 2);
  EXPECT_EQ(count(made, "Conv"), 1);
}

}  // namespace
}  // namespace keratin
