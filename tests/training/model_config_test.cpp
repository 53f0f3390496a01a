// Compiled models as JSON, and Keras's own documents.
#include "training/model_config.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "keratin/layers.h"
#include "keratin/ops.h"
#include "support/npz.h"
#include "support/throws.h"
#include "training/model_state.h"

namespace keratin {
namespace {

const CompileOptions& options_of(const Model& model) { return ModelAccess::state(model).compiled->options; }

Model again(const Model& model, const CustomObjects& custom_objects = {}) {
  return model_from_json(model.to_json(), {.custom_objects = custom_objects});
}

Model two_outputs() {
  const Tensor x = Input({4}, {.name = "x"});
  return Model(x, {layers::Dense(3, {.name = "y"})(x), layers::Dense(1, {.name = "z"})(x)}, {.name = "two_outputs"});
}

Sequential one_output() { return Sequential({Input({4}), layers::Dense(3)}); }

TEST(CompileConfig, ComesBack) {
  Sequential model = one_output();
  model.compile({.optimizer = optimizers::Adam(0.25, {.amsgrad = true, .clipnorm = 1.5}),
                 .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy", "acc", metrics::SparseTopKCategoricalAccuracy(2, {.name = "top2"})},
                 .weighted_metrics = {"sparse_categorical_crossentropy"}});
  const Model read = again(model);
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(read.optimizer().learning_rate(), 0.25);
  EXPECT_EQ(options_of(read).metrics.size(), 3U);
  EXPECT_EQ(options_of(read).metrics[1]->name(), "acc");
}

TEST(CompileConfig, ComesBackInTheOutputsOrder) {
  Model model = two_outputs();
  model.compile({.loss = {Ref<Loss>("mse"), Ref<Loss>("mae")}, .loss_weights = {0.5, 2.0}});
  const Model read = again(model);
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(options_of(read).loss.values()[1]->name(), "mae");
}

TEST(CompileConfig, ComesBackByName) {
  Model model = two_outputs();
  model.compile({.loss = {{"z", "mse"}, {"y", "mae"}},
                 .loss_weights = {{"y", 0.5}},
                 .metrics_by_output = {{"y", {"mse", "mae"}}, {"z", {}}}});
  const Model read = again(model);
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(options_of(read).loss.names(), (std::vector<std::string>{"z", "y"}));
  EXPECT_EQ(options_of(read).metrics_by_output.at("y").size(), 2U);
}

TEST(CompileConfig, HoldsNeitherDeviceNorSeed) {
  Sequential model = one_output(), other = one_output();
  model.compile({.loss = "mse", .device = "cpu", .threads = 1, .seed = 7});
  other.compile({.loss = "mse", .seed = 8});
  EXPECT_EQ(model.to_json(), other.to_json());
}

TEST(CompileConfig, IsLeftOutOnDemand) {
  Sequential model = one_output();
  model.compile({.loss = "mse"});
  EXPECT_THROWS(ValueError, model_from_json(model.to_json(), {.compile = false}).optimizer(),
                "expected a compiled model");
  EXPECT_EQ(model_from_json(one_output().to_json()).to_json().find("compile_config"), std::string::npos);
}

Tensor squared(Tensor y_true, Tensor y_pred) { return ops::mean(ops::square(y_true - y_pred), {.axis = -1}); }

TEST(CompileConfig, KeepsNamedFunctionsByName) {
  Sequential model = one_output();
  model.compile(
      {.loss = Loss::from_function(squared, "squared"), .metrics = {Metric::from_function(squared, "squared")}});
  const Model read = again(model, CustomObjects().add_loss("squared", squared).add_metric("squared", squared));
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(options_of(read).metrics[0]->name(), "squared");
  EXPECT_THROWS(ValueError, again(model), "compile_config.loss: loss: expected one of");
}

TEST(CompileConfig, LeavesAModelUncompiledThatHadAFunctionWithoutAName) {
  Sequential model = one_output();
  model.compile({.loss = squared});
  Model read = again(model);
  const Array x = Array::zeros({2, 4}), y = Array::zeros({2, 3});
  EXPECT_EQ(read.predict(x, {.verbose = 0}).shape(), Shape({2, 3}));
  EXPECT_THROWS(ValueError, read.evaluate(x, y),
                "expected a compiled model; call compile() first: its loss was a function without a name");
  model.compile({.loss = "mse", .metrics = {Ref<Metric>(squared)}});
  EXPECT_THROWS(ValueError, again(model).evaluate(x, y), "its metrics was");
  model.compile({.optimizer = optimizers::SGD(Ref<Schedule>([](Tensor step) { return step * 0.5; })), .loss = "mse"});
  EXPECT_THROWS(ValueError, again(model).evaluate(x, y), "its schedule was");
}

TEST(CompileConfig, NamesThePlaceOfWhatIsWrong) {
  Sequential model = one_output();
  model.compile({.loss = "mse"});
  const auto broken = [&](const char* pointer, const Json& value) {
    Json json = parse_json(model.to_json());
    json[Json::json_pointer(pointer)] = value;
    return to_text(json);
  };
  EXPECT_THROWS(ValueError, model_from_json(broken("/compile_config/optimizer/config/rho", "x")),
                "compile_config.optimizer.config.rho: expected a number");
  EXPECT_THROWS(ValueError, model_from_json(broken("/compile_config/optimizer/config/rho", 2)),
                "compile_config.optimizer.config: ");
  EXPECT_THROWS(ValueError, model_from_json(broken("/compile_config/loss", "nonsense")),
                "compile_config.loss: loss: expected one of");
  EXPECT_THROWS(ValueError, model_from_json(broken("/compile_config/metrics", parse_json("[3]"))),
                "compile_config.metrics[0]: expected");
}

// ---- Keras's documents
// ----------------------------------------------------------------------------------------------------

Json document(const std::string& name) {
  const Array bytes = testing::golden("configs")[name + "/document"];
  const auto values = bytes.values<std::uint8_t>();
  return parse_json(std::string(values.begin(), values.end()));
}

/// Without what means nothing: Keras's members that are "none" and ours lacks; the shape that a layer without weights
/// was built for, which Keras leaves out; the order of a functional model's layers.
void drop_differences_without_meaning(Json& theirs, Json& ours) {
  if (theirs.is_array() && ours.is_array() && theirs.size() == ours.size()) {
    const auto by_name = [](const Json& a, const Json& b) { return a["name"] < b["name"]; };
    if (!theirs.empty() && theirs[0].is_object() && theirs[0].contains("inbound_nodes")) {
      std::sort(theirs.begin(), theirs.end(), by_name);
      std::sort(ours.begin(), ours.end(), by_name);
    }
    for (std::size_t i = 0; i < theirs.size(); ++i) drop_differences_without_meaning(theirs[i], ours[i]);
  }
  if (!theirs.is_object() || !ours.is_object()) return;
  for (const char* key : {"kernel_constraint", "bias_constraint", "depthwise_constraint", "beta_constraint",
                          "gamma_constraint", "renorm_clipping", "quantization_config", "mask"})
    if (theirs.contains(key) && theirs[key].is_null() && !ours.contains(key)) theirs.erase(key);
  for (const char* key : {"renorm", "synchronized"})
    if (theirs.contains(key) && theirs[key] == false && !ours.contains(key)) theirs.erase(key);
  if (theirs.contains("renorm_momentum") && !ours.contains("renorm")) theirs.erase("renorm_momentum");
  if (!theirs.contains("build_config")) ours.erase("build_config");
  for (const auto& item : theirs.items())
    if (ours.contains(item.key())) drop_differences_without_meaning(item.value(), ours[item.key()]);
}

nlohmann::json unordered(const Json& json) { return nlohmann::json::parse(to_text(json)); }

TEST(KerasConfig, IsReadAndWrittenAgain) {
  for (const char* name : {"sequential", "convolutional", "unbuilt", "nested_sequential", "functional"}) {
    SCOPED_TRACE(name);
    Json theirs = document(name);
    theirs.erase("compile_config");  // {}: not compiled
    for (Json& layer : theirs["config"]["layers"]) layer.erase("compile_config");
    Json ours = parse_json(model_from_json(to_text(theirs)).to_json());
    drop_differences_without_meaning(theirs, ours);
    EXPECT_EQ(nlohmann::json::diff(unordered(theirs), unordered(ours)).dump(1), "[]");
  }
}

/// Members of Keras's that none of ours has, at the values that mean nothing.
void drop_members_that_ours_lack(Json& theirs, const Json& ours) {
  std::vector<std::string> dropped;
  for (const auto& item : theirs["config"].items())
    if (!ours["config"].contains(item.key())) dropped.push_back(item.key());
  for (const std::string& key : dropped) theirs["config"].erase(key);
}

class PlainWriter final : public ObjectWriter {
  Json layer(Layer& layer) override { return layer_config(layer); }
};

/// Every object that Keras wrote is read, and is written with members that Keras has, at the values that Keras wrote:
/// so Keras reads what we write.
template <class T, class Write> void expect_written_as_keras_does(const std::string& module, const Write& write) {
  LayerReader reader{CustomObjects()};
  for (Json theirs : document(module)) {
    SCOPED_TRACE(theirs["class_name"]);
    Json ours = write(reader, ConfigPlace(theirs, "object"));
    drop_members_that_ours_lack(theirs, ours);
    theirs.erase("build_config");
    EXPECT_EQ(nlohmann::json::diff(unordered(theirs), unordered(ours)).dump(1), "[]");
  }
}
template <class T> void expect_written_as_keras_does(const std::string& module) {
  expect_written_as_keras_does<T>(module, [&](LayerReader& reader, const ConfigPlace& place) {
    return PlainWriter().object(*reader.object<T>(place, "object"), ("keras." + module).c_str(), "object");
  });
}

TEST(KerasConfig, HasEveryMemberThatWeWrite) {
  expect_written_as_keras_does<Initializer>("initializers");
  expect_written_as_keras_does<Regularizer>("regularizers");
  expect_written_as_keras_does<Loss>("losses");
  expect_written_as_keras_does<Metric>("metrics");
  expect_written_as_keras_does<Optimizer>("optimizers");
  expect_written_as_keras_does<Layer>(
      "layers", [](LayerReader& reader, const ConfigPlace& place) { return layer_config(*reader.layer(place)); });
}

TEST(KerasConfig, CompilesAsKerasDid) {
  const Json theirs = document("compiled")["compile_config"];
  const Json ours = parse_json(model_from_json(to_text(document("compiled"))).to_json())["compile_config"];
  const auto compare = [](Json expected, const Json& got) {
    drop_members_that_ours_lack(expected, got);
    EXPECT_EQ(unordered(expected), unordered(got));
  };
  compare(theirs["optimizer"], ours["optimizer"]);
  EXPECT_GE(ours["optimizer"]["config"].size(), 10U);
  EXPECT_EQ(ours["loss"]["config"]["reduction"], "sum");
  EXPECT_EQ(ours["loss"]["config"]["from_logits"], true);
  EXPECT_EQ(ours["metrics"][0], "accuracy");
  compare(theirs["metrics"][1], ours["metrics"][1]);
  EXPECT_EQ(ours["weighted_metrics"][0]["class_name"], "SparseCategoricalCrossentropy");
  EXPECT_EQ(ours["weighted_metrics"][0]["config"]["from_logits"], true);
}

TEST(KerasConfig, CompilesByOutputAsKerasDid) {
  const Model model = model_from_json(to_text(document("compiled_by_output")));
  const CompileOptions& options = options_of(model);
  EXPECT_EQ(options.loss.names(), (std::vector<std::string>{"y", "z"}));
  EXPECT_EQ(options.loss.values()[0]->name(), "mse");
  EXPECT_EQ(options.loss.values()[1]->class_name(), "BinaryCrossentropy");
  EXPECT_EQ(options.loss_weights.values(), (std::vector<double>{0.5, 2.0}));
  EXPECT_EQ(options.metrics_by_output.at("y")[0]->name(), "mae");
  EXPECT_EQ(options.metrics_by_output.at("z")[0]->class_name(), "BinaryAccuracy");
  EXPECT_EQ(model.optimizer().class_name(), "AdamW");
  EXPECT_EQ(model.optimizer().learning_rate(), 0.0010000000474974513);
}

}  // namespace
}  // namespace keratin
