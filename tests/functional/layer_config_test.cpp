// Layers and models as JSON: what was written comes back, and what cannot be is refused with its place.
#include "functional/layer_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keratin/layers.h"
#include "keratin/ops.h"
#include "keratin/saving.h"
#include "layers/registry.h"
#include "support/throws.h"

namespace keratin {
namespace {

std::shared_ptr<Layer> read_layer(const Json& json, const CustomObjects& custom_objects = {}) {
  return LayerReader(custom_objects).layer(ConfigPlace(json, ""));
}

Model again(const Model& model, const CustomObjects& custom_objects = {}) {
  return model_from_json(model.to_json(), {.custom_objects = custom_objects});
}

TEST(LayerConfig, EveryLayerComesBack) {
  EXPECT_GE(layer_class_names().size(), 12U);
  for (const std::string_view name : layer_class_names()) {
    SCOPED_TRACE(name);
    const Json written = layer_config(*layer_from_class_name(name));
    EXPECT_EQ(written["module"], "keras.layers");
    EXPECT_EQ(written["class_name"], name);
    EXPECT_TRUE(written["registered_name"].is_null());
    EXPECT_EQ(to_text(layer_config(*read_layer(written))), to_text(written));
  }
}

TEST(LayerConfig, BeginsWithWhatAllLayersHave) {
  const Ref<Layer> dense = layers::Dense(3, {.name = "mine", .dtype = float64, .trainable = false});
  EXPECT_THAT(
      dense->to_json(),
      ::testing::StartsWith(
          R"({"module":"keras.layers","class_name":"Dense","config":{"name":"mine","trainable":false,"dtype":{"module":"keras",)"
          R"("class_name":"DTypePolicy","config":{"name":"float64"},"registered_name":null},"units":3,"activation":"linear","use_bias":true,)"));
  const std::shared_ptr<Layer> read = read_layer(parse_json(dense->to_json()));
  EXPECT_EQ(read->name(), "mine");
  EXPECT_EQ(read->dtype(), float64);
  EXPECT_FALSE(read->trainable());
}

TEST(LayerConfig, ReadsADTypeThatIsJustAName) {
  const Json json = parse_json(R"({"class_name": "Dense", "config": {"units": 2, "dtype": "float64"}})");
  EXPECT_EQ(read_layer(json)->dtype(), float64);
  const Json mixed = parse_json(R"({"class_name": "Dense", "config": {"units": 2, "dtype": "mixed_bfloat16"}})");
  EXPECT_EQ(read_layer(mixed)->dtype_policy().name(), "mixed_bfloat16");
}

TEST(LayerConfig, RefusesWithThePlaceInTheConfiguration) {
  const auto model = [](const std::string& layer) {
    return R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
      {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "i"}}, )" +
           layer + "]}}";
  };
  const auto dense = [&](const std::string& members) {
    return model(R"({"class_name": "Dense", "config": {)" + members + "}}");
  };
  EXPECT_NO_THROW(model_from_json(dense(R"("units": 3)")));
  EXPECT_THROWS(ValueError, model_from_json(dense(R"("units": "x")")),
                R"(config.layers[1].config.units: expected an integer, got "x")");
  EXPECT_THROWS(ValueError, model_from_json(dense(R"("units": 0)")),
                "config.layers[1].config: Dense: expected units > 0, got 0");
  EXPECT_THROWS(ValueError, model_from_json(dense(R"("units": 1, "dtype": {"config": {"name": "mixed_int8"}})")),
                "config.layers[1].config.dtype: dtype: expected mixed_float16, mixed_bfloat16 or the name of a dtype");
  EXPECT_THROWS(UnsupportedError,
                model_from_json(dense(R"("units": 1, "kernel_constraint": {"class_name": "MaxNorm", "config": {}})")),
                "config.layers[1].config.kernel_constraint");
  EXPECT_THROWS(ValueError, model_from_json(model(R"({"class_name": "Conv9D", "config": {}})")),
                R"(config.layers[1]: expected a known layer, got "Conv9D"; if the class is your own, hand it over)");
  EXPECT_THROWS(ShapeError,
                model_from_json(model(R"({"class_name": "Reshape", "config": {"name": "r", "target_shape": [3]}})")),
                "config.layers[1]: r (Reshape): expected a target_shape");
  EXPECT_THROWS(ValueError, model_from_json("{"), "expected JSON, got");
  EXPECT_THROWS(ValueError, model_from_json("[]"), R"(expected an object with "class_name", got [])");
  EXPECT_THROWS(ValueError, model_from_json(layers::Dense(1)->to_json()), "class_name: expected a model");
}

TEST(LayerConfig, RefusesModelsWithoutEndInOneAnother) {
  std::string text = R"({"class_name": "Flatten", "config": {"name": "f"}})";
  for (int i = 0; i < 200; ++i)
    text = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)" + text + "]}}";
  EXPECT_THROWS(ValueError, model_from_json(text), "expected models at most 100 deep in one another");
}

// ---- models
// ---------------------------------------------------------------------------------------------------------------

TEST(ModelConfig, KeepsASequential) {
  Sequential model({Input({28, 28, 1}, {.dtype = uint8}), layers::Rescaling(1.0 / 255), layers::Flatten(),
                    layers::Dense(5), layers::Dense(2)},
                   {.name = "mlp"});
  const Model read = again(model);
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(read.name(), "mlp");
  EXPECT_EQ(read.inputs()[0].dtype(), uint8);
  EXPECT_EQ(read.outputs()[0].shape(), Shape({unknown, 2}));
  EXPECT_EQ(read.layers().back()->name(), "dense_1");
  EXPECT_EQ(read.count_params(), 784 * 5 + 5 + 5 * 2 + 2);
}

TEST(ModelConfig, KeepsASequentialThatIsNotBuilt) {
  Sequential model({layers::Dense(5), layers::Dense(2)});
  const Model read = again(model);
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_TRUE(read.weights().empty());
}

TEST(ModelConfig, BuildsASequentialFromItsShape) {
  const Model read = model_from_json(
      R"({"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Dense", "config": {"units": 3, "name": "d"}}],
          "build_input_shape": [null, 4]}})");
  EXPECT_EQ(read.outputs()[0].shape(), Shape({unknown, 3}));
}

Model branching() {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Ref<Layer> shared = layers::Dense(4, {.activation = "tanh", .name = "shared"});
  const Tensor x = Input({8});
  const Model inner(x, {layers::Dense(8)(x), layers::Dense(1)(x)}, {.name = "inner"});
  const Tensor added = layers::add({shared(a), shared(shared(b)), a});
  const Tensor y = inner.outputs(layers::concatenate({added, b}))[0];
  return Model({b, a}, {inner.outputs(y)[1], layers::Dropout(0.25)(y, {.training = true}), added},
               {.name = "branching"});
}

TEST(ModelConfig, KeepsSharedLayersAndModelsInsideModels) {
  const Model model = branching();
  const Model read = again(model);
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(read.weights().size(), model.weights().size());
  for (std::size_t i = 0; i < read.weights().size(); ++i) {
    EXPECT_EQ(read.weights()[i].path(), model.weights()[i].path());
    EXPECT_EQ(read.weights()[i].shape(), model.weights()[i].shape());
  }
  EXPECT_EQ(read.inputs().size(), 2U);
  EXPECT_EQ(read.outputs().size(), 3U);
}

TEST(ModelConfig, ComputesTheSameWithTheSameWeights) {
  Model model = branching(), read = again(model);
  read.set_weights(model.get_weights());
  const Array b = Array::of<float>({{1, 2, 3, 4}, {-1, 0.5, 0, 2}}),
              a = Array::of<float>({{0.25, -1, 1, 0}, {3, 1, 4, 1}});
  const std::vector<Array> expected = model.predict_all(Data({b, a}), {.verbose = 0}),
                           got = read.predict_all(Data({b, a}), {.verbose = 0});
  for (const std::size_t output : {0U, 2U})  // the other one is dropped out
    for (std::int64_t i = 0; i < expected[output].size(); ++i)
      EXPECT_EQ(got[output].values()[static_cast<std::size_t>(i)],
                expected[output].values()[static_cast<std::size_t>(i)]);
}

TEST(ModelConfig, KeepsALayerSharedAcrossModelsAsOne) {
  const Ref<Layer> shared = layers::Dense(4, {.name = "shared"});
  const Tensor x = Input({4}), y = Input({4});
  const Model inner(x, shared(x), {.name = "inner"});
  const Model model(y, inner(shared(y)));
  const Model read = again(model);
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(read.weights().size(), 2U);
  EXPECT_EQ(read.get_layer("inner")->layers()[1].shared(), read.get_layer("shared").shared());
}

TEST(ModelConfig, DoesNotLoseDoublesBehindAnInputOfDoubles) {
  const Tensor x = Input({2}, {.dtype = float64});
  const Model inner(x, layers::Dense(2, {.name = "d", .dtype = float64})(x), {.name = "inner"});
  const Tensor y = Input({2}, {.dtype = float64});
  Model model(y, inner(y));
  Model read = again(model);
  read.set_weights(model.get_weights());
  const double third = 1.0 / 3.0;
  const Array data = Array::of<double>({{third, -third}});
  EXPECT_EQ(read.predict(data, {.verbose = 0}).at<double>(0, 0), model.predict(data, {.verbose = 0}).at<double>(0, 0));
  read.set_weights({Array::of<double>({{1, 0}, {0, 1}}), Array::of<double>({0, 0})});
  EXPECT_EQ(read.predict(data, {.verbose = 0}).at<double>(0, 0), third);
}

TEST(ModelConfig, KeepsWhatIsFrozen) {
  Sequential model({Input({4}), layers::Dense(3, {.trainable = false}), layers::Dense(2)});
  EXPECT_EQ(again(model).trainable_weights().size(), 2U);
  model.set_trainable(false);
  EXPECT_TRUE(again(model).trainable_weights().empty());
}

TEST(ModelConfig, RefusesOperationsBetweenLayers) {
  const Tensor x = Input({4});
  const Model model(x, layers::Dense(2)(x) * 2.0, {.name = "doubled"});
  EXPECT_THROWS(UnsupportedError, model.to_json(), "doubled: expected layers alone to save, got the operation");
}

TEST(ModelConfig, RefusesAFunctionWithoutANameByItsLayer) {
  const Sequential model({Input({4}), layers::Dense(2, {.activation = [](Tensor x) { return x; }, .name = "odd"})});
  EXPECT_THROWS(UnsupportedError, model.to_json(), "odd (Dense): activation: expected a function with a name to save");
}

TEST(ModelConfig, RefusesAGraphThatCannotBe) {
  const auto model = [](const std::string& nodes, const std::string& output) {
    return R"({"class_name": "Functional", "config": {"name": "f", "layers": [
      {"class_name": "InputLayer", "name": "i", "config": {"batch_shape": [null, 4], "name": "i"}, "inbound_nodes": []},
      {"class_name": "Dense", "name": "d", "config": {"units": 4, "name": "d"}, "inbound_nodes": )" +
           nodes + R"(}],
      "input_layers": ["i", 0, 0], "output_layers": )" +
           output + "}}";
  };
  const auto tensor = [](const std::string& history) {
    return R"({"class_name": "__keras_tensor__", "config": {"keras_history": )" + history + "}}";
  };
  const auto node = [&](const std::string& history) {
    return R"([{"args": [)" + tensor(history) + R"(], "kwargs": {}}])";
  };
  EXPECT_NO_THROW(model_from_json(model(node(R"(["i", 0, 0])"), R"(["d", 0, 0])")));
  EXPECT_THROWS(
      ValueError, model_from_json(model(node(R"(["x", 0, 0])"), R"(["d", 0, 0])")),
      "config.layers[1].inbound_nodes[0].args[0].config.keras_history: expected a tensor of a layer of this model");
  EXPECT_THROWS(ValueError, model_from_json(model(node(R"(["i", 1, 0])"), R"(["d", 0, 0])")),
                "expected a tensor that a call of this model makes");
  EXPECT_THROWS(ValueError, model_from_json(model(node(R"(["i", 0, 1])"), R"(["d", 0, 0])")),
                "expected one of the layer's outputs");
  EXPECT_THROWS(ValueError, model_from_json(model(node(R"(["i", -1, 0])"), R"(["d", 0, 0])")),
                "expected a call of 0 or more");
  EXPECT_THROWS(ValueError, model_from_json(model(node(R"(["d", 0, 0])"), R"(["d", 0, 0])")),
                "expected a call that does not wait for itself");
  EXPECT_THROWS(ValueError, model_from_json(model(node(R"(["i", 0, 0])"), R"(["d", 2, 0])")),
                "config.output_layers: expected a tensor");
  EXPECT_THROWS(UnsupportedError, model_from_json(model(R"([{"args": [7], "kwargs": {}}])", R"(["d", 0, 0])")),
                "config.layers[1].inbound_nodes[0].args[0]: expected tensors alone");
}

// ---- layers of the user's
// -------------------------------------------------------------------------------------------------

class ScaleShift final : public Layer {
 public:
  explicit ScaleShift(double initial_scale = 1.0) : initial_scale_(initial_scale) {}
  void validate() const override {
    if (initial_scale_ == 0.0) throw ValueError("ScaleShift: expected another scale than 0");
  }
  void describe(Fields& fields) override { fields("initial_scale", initial_scale_); }
  void build(const Shape& input) override { scale_ = add_weight("scale", {input.back()}, {.initializer = "ones"}); }
  Tensor call(const Tensor& x, const CallContext&) override { return x * scale_ * initial_scale_; }

 private:
  double initial_scale_;
  Variable scale_;
};

/// A layer that holds another.
class Twice final : public Layer {
 public:
  Twice() = default;
  explicit Twice(Ref<Layer> inner) : inner_(std::move(inner)) {}
  void describe(Fields& fields) override { fields("inner", inner_); }
  Tensor call(const Tensor& x, const CallContext&) override { return inner_(inner_(x)); }

 private:
  Ref<Layer> inner_;
};

TEST(ModelConfig, KeepsLayersOfTheUsers) {
  Sequential model({Input({4}), make<ScaleShift>(0.5), make<Twice>(layers::Dense(4))});
  const auto custom = CustomObjects().add<ScaleShift>("ScaleShift").add<Twice>("Twice");
  const Model read = again(model, custom);
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(read.weights().size(), 3U);
  EXPECT_THROWS(ValueError, again(model),
                R"(config.layers[1]: expected a known layer, got "ScaleShift"; if the class is your own)");
  EXPECT_EQ(clone_model(model, custom).to_json(), model.to_json());
}

TEST(ModelConfig, ValidatesLayersOfTheUsers) {
  const Sequential model({Input({4}), make<ScaleShift>(0.0)});
  EXPECT_THROWS(ValueError, again(model, CustomObjects().add<ScaleShift>("ScaleShift")),
                "config.layers[1].config: ScaleShift: expected another scale");
}

}  // namespace
}  // namespace keratin
