#include "support/check_layer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/check.h"
#include "functional/layer_config.h"
#include "graph/differentiate.h"
#include "graph/trace.h"
#include "keratin/layers/core.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "layers/layer_state.h"
#include "support/approx.h"
#include "support/check_gradient.h"
#include "support/integer_generator.h"
#include "support/interpret.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

const Shape batch({unknown});

Spec spec_of(const Array& array, bool batched) {
  return {array.dtype(), batched ? batch + array.shape().from(1) : array.shape()};
}

/// Puts tensors in the place of a layer's trainable weights for the rest of the trace.
void replace_weights(Layer& layer, const Tensor* values) {
  for (const Variable& weight : layer.trainable_weights()) weight.assign(*values++);
}

void build(const Ref<Layer>& layer, const std::vector<Array>& inputs) {
  if (layer->built()) return;
  Tensors symbolic;
  for (const Array& input : inputs) symbolic.push_back(Input(input.shape().from(1), {.dtype = input.dtype()}));
  layer->outputs(symbolic);
}

/// Tensors of a trace by what they are for.
struct Arguments {
  Tensors inputs;
  std::vector<Tensor> weights;
  Tensor cotangent;
  Tensor mask;
};

std::vector<Tensor> sources_of(const Arguments& arguments) {
  std::vector<Tensor> sources;
  for (const Tensor& input : arguments.inputs)
    if (is_floating(input.dtype())) sources.push_back(input);
  sources.insert(sources.end(), arguments.weights.begin(), arguments.weights.end());
  return sources;
}

}  // namespace

LayerRun run_layer(const Ref<Layer>& layer, const std::vector<Array>& inputs, const std::vector<Array>& weights,
                   const LayerRunOptions& options) {
  build(layer, inputs);
  Specs specs;
  Feeds feeds;
  const auto feed = [&](const Array& array, bool batched) {
    feeds.emplace(concat("x", specs.size()), array);
    specs.push_back(spec_of(array, batched));
  };
  for (const Array& input : inputs) feed(input, true);
  for (const Array& weight : weights) feed(weight, false);
  if (options.cotangent) feed(*options.cotangent, true);
  if (options.mask) feed(*options.mask, true);
  std::size_t loss_count = 0, input_sources = 0;
  const Graph graph = graph_of(
      specs,
      [&](const Tensors& all_tensors) {
        Arguments arguments;
        const Tensor* next = all_tensors.begin();
        for (std::size_t i = 0; i < inputs.size(); ++i) arguments.inputs.push_back(*next++);
        for (std::size_t i = 0; i < weights.size(); ++i) arguments.weights.push_back(*next++);
        if (options.cotangent) arguments.cotangent = *next++;
        if (options.mask) Trace::current()->set_mask(arguments.inputs[0], *next++);
        if (!weights.empty()) replace_weights(*layer, arguments.weights.data());
        Tensors made(layer(arguments.inputs, {.training = options.training}));
        if (options.cotangent) {
          const std::vector<Tensor> sources = sources_of(arguments);
          const Tensors found = differentiate(*Trace::current(), ops::sum(made[0] * arguments.cotangent), sources);
          for (std::size_t i = 0; i < sources.size(); ++i)
            made.push_back(found[i] ? found[i] : ops::zeros_like(sources[i]));
          input_sources = sources.size() - weights.size();
        }
        for (const Tensor& loss : Trace::current()->losses()) made.push_back(loss);
        loss_count = Trace::current()->losses().size();
        return made;
      },
      options.cotangent.has_value());
  const Interpreted result = interpret(graph, feeds, inputs[0].shape()[0]);
  LayerRun run;
  std::size_t index = 0;
  const auto take = [&] { return result.outputs.at(concat(index++)); };
  run.output = take();
  if (options.cotangent) {
    for (std::size_t i = 0; i < input_sources; ++i) run.input_gradients.push_back(take());
    for (std::size_t i = 0; i < weights.size(); ++i) run.weight_gradients.push_back(take());
  }
  for (std::size_t i = 0; i < loss_count; ++i) run.losses.push_back(take());
  const Variables others = layer->non_trainable_weights();
  for (const auto& [variable, value] : result.assigned)
    if (std::any_of(others.begin(), others.end(),
                    [state = variable](const Variable& own) { return VariableAccess::state(own) == state; }))
      run.assigned.emplace_back(variable->name, value);
  return run;
}

Array sample_values(const Shape& shape, const std::string& stream) {
  std::vector<double> values = IntegerGenerator(stream).uniform_values<double>(static_cast<std::size_t>(shape.size()));
  for (double& value : values) value += value < 0.0 ? -0.01 : 0.01;  // away from the kinks at 0
  return Array(std::move(values), shape);
}

namespace {

struct Samples {
  std::vector<Array> inputs;
  std::vector<Array> weights;
};

Samples samples_for(const Ref<Layer>& layer, const std::vector<Shape>& input_shapes, std::int64_t count, DType dtype) {
  Samples samples;
  for (const Shape& shape : input_shapes)
    samples.inputs.push_back(
        sample_values(Shape({count}) + shape, concat("input ", samples.inputs.size())).astype(dtype));
  build(layer, samples.inputs);
  for (const Variable& weight : layer->trainable_weights()) {
    samples.weights.push_back(sample_values(weight.shape(), concat("weight ", weight.name())).astype(dtype));
  }
  return samples;
}

void check_shape_and_weights(const Ref<Layer>& layer, const std::vector<Shape>& input_shapes,
                             const LayerExpectations& expected) {
  Tensors inputs;
  for (const Shape& shape : input_shapes) inputs.push_back(Input(shape));
  const Tensor output = layer(inputs);
  EXPECT_EQ(output.shape(), batch + expected.output);
  EXPECT_EQ(output.dtype(), layer->compute_dtype());
  std::vector<std::string> names;
  for (const Variable& weight : layer->trainable_weights()) names.push_back(weight.name());
  EXPECT_EQ(names, expected.weights);
  EXPECT_EQ(LayerAccess::seed_generators(*layer).size(), expected.random ? 1u : 0u);
  layer->set_trainable(false);
  EXPECT_TRUE(layer->trainable_weights().empty());
}

void check_dtypes_and_batches(const std::function<Ref<Layer>()>& make, const std::vector<Shape>& input_shapes) {
  const auto run = [&](DType dtype, std::int64_t count) {
    const FloatX scope(dtype);
    const Ref<Layer> layer = make();
    const Samples samples = samples_for(layer, input_shapes, count, dtype);
    return run_layer(layer, samples.inputs, samples.weights).output;
  };
  const Array wide = run(float64, 3), narrow = run(float32, 3);
  EXPECT_EQ(narrow.dtype(), float32);
  EXPECT_CLOSE(narrow.astype(float64), wide, tolerance::float32);
  EXPECT_CLOSE(run(float64, 2), wide.slice(0, 2).copy(), tolerance::float64);
}

void check_gradients(const std::function<Ref<Layer>()>& make, const std::vector<Shape>& input_shapes) {
  const FloatX scope(float64);
  const Ref<Layer> layer = make();
  const Samples samples = samples_for(layer, input_shapes, 3, float64);
  std::vector<Array> arguments = samples.inputs;
  arguments.insert(arguments.end(), samples.weights.begin(), samples.weights.end());
  std::vector<Shape> shapes;
  for (const Array& input : samples.inputs) shapes.push_back(batch + input.shape().from(1));
  for (const Array& weight : samples.weights) shapes.push_back(weight.shape());
  for (const bool training : {false, true})  // a random layer draws the same numbers each time it runs here
    check_gradient(
        [&](const Tensors& xs) {
          replace_weights(*layer, xs.begin() + samples.inputs.size());
          const std::vector<Tensor> inputs(xs.begin(), xs.begin() + samples.inputs.size());
          return Tensors(layer(Tensors(inputs), {.training = training}));
        },
        arguments, {.batch = 3, .shapes = shapes});
}

void check_training(const std::function<Ref<Layer>()>& make, const std::vector<Shape>& input_shapes, bool otherwise) {
  const Ref<Layer> layer = make();
  const Samples samples = samples_for(layer, input_shapes, 3, float32);
  const Array inference = run_layer(layer, samples.inputs, samples.weights).output;
  const Array training = run_layer(layer, samples.inputs, samples.weights, {.training = true}).output;
  EXPECT_EQ(inference.shape(), training.shape());
  EXPECT_EQ(close(training, inference, 0.0) == true, !otherwise)
      << "in training " << training << "\notherwise " << inference;
}

void check_compiled(const std::function<Ref<Layer>()>& make, const std::vector<Shape>& input_shapes) {
  const Ref<Layer> layer = make();
  const Samples samples = samples_for(layer, input_shapes, 3, float32);
  const Array expected = run_layer(layer, samples.inputs, samples.weights).output;
  const Variables weights = layer->trainable_weights();
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i].assign(Tensor(samples.weights[i]));
  Tensors inputs;
  std::vector<std::pair<std::string, Array>> named;
  std::map<std::string, Array, std::less<>> data;
  for (std::size_t i = 0; i < input_shapes.size(); ++i) {
    inputs.push_back(Input(input_shapes[i], {.name = concat("input_", i)}));
    data.emplace(concat("input_", i), samples.inputs[i]);
  }
  Model model(inputs, layer(inputs));
  EXPECT_CLOSE(model.predict(data, {.batch_size = 2, .verbose = 0}), expected, tolerance::float32);
}

/// x · scale, of a sample's shape: what is before the layer in a model, so that there is a gradient to its input.
class Scale final : public Layer {
 public:
  void build(const Shape& x) override { scale_ = add_weight("scale", x.from(1), {.initializer = "ones"}); }
  Tensor call(const Tensor& x, const CallContext&) override { return x * scale_; }

 private:
  Variable scale_;
};

struct MixedRun {
  Array output;
  std::vector<double> gradients;  // of the mean of output · cotangent, by all weights: those of a Scale before each
                                  // input, and the layer's
};

/// A model of the layer and what a training step of rate 1 takes from its weights.
MixedRun run_under(const DTypePolicy& policy, const std::function<Ref<Layer>()>& make,
                   const std::vector<Shape>& input_shapes) {
  const Policy scope(policy);
  const Ref<Layer> layer = make();
  const Samples samples = samples_for(layer, input_shapes, 3, float32);
  Tensors inputs, scaled;
  std::map<std::string, Array, std::less<>> data;
  for (std::size_t i = 0; i < input_shapes.size(); ++i) {
    inputs.push_back(Input(input_shapes[i], {.name = concat("input_", i)}));
    scaled.push_back(keratin::make<Scale>()(inputs[i]));
    data.emplace(concat("input_", i), samples.inputs[i]);
  }
  const Variables own = layer->trainable_weights();
  for (std::size_t i = 0; i < own.size(); ++i) own[i].assign(Tensor(samples.weights[i]));
  Model model(inputs, layer(scaled));
  model.compile({.optimizer = optimizers::SGD(1.0),
                 .loss = [](Tensor cotangent, Tensor y) { return y * cotangent; },
                 .auto_scale_loss = false,
                 .seed = 1});
  MixedRun run;
  run.output = model.predict(data, {.verbose = 0});
  const std::vector<Array> before = model.get_weights();
  model.train_on_batch(data, sample_values(run.output.shape(), "cotangent"));
  const std::vector<Array> after = model.get_weights();
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Array taken = (Tensor(before[i]) - Tensor(after[i])).evaluate().astype(float64);
    const auto numbers = taken.values<double>();
    run.gradients.insert(run.gradients.end(), numbers.begin(), numbers.end());
  }
  for (const Variable& weight : model.weights()) EXPECT_EQ(weight.dtype(), policy.variable_dtype()) << weight.path();
  return run;
}

Array as_array(const std::vector<double>& values) { return Array(values, {values.size()}); }

/// Output and gradients are those of float32 but for two dozen roundings to 16 bits, each by no more than 2^-9 or 2^-12
/// of a number. Gradients are one vector: of a normalization's to its input, say, a part is what large ones leave.
void check_mixed(const std::function<Ref<Layer>()>& make, const std::vector<Shape>& input_shapes) {
  const MixedRun expected = run_under(float32, make, input_shapes);
  for (const auto& [policy, tolerance] :
       {std::pair("mixed_bfloat16", 24 * 0x1p-9), std::pair("mixed_float16", 24 * 0x1p-12)}) {
    SCOPED_TRACE(policy);
    const MixedRun run = run_under(policy, make, input_shapes);
    EXPECT_EQ(run.output.dtype(), DTypePolicy(policy).compute_dtype());
    EXPECT_CLOSE(run.output.astype(float32), expected.output, tolerance);
    EXPECT_CLOSE(as_array(run.gradients), as_array(expected.gradients), tolerance);
  }
}

void check_round_trip(const std::function<Ref<Layer>()>& make, const std::vector<Shape>& input_shapes,
                      const LayerExpectations& expected) {
  const Ref<Layer> layer = make();
  if (!expected.refused.empty()) {
    EXPECT_THROWS(UnsupportedError, layer_config(*layer), expected.refused);
    return;
  }
  const Json written = layer_config(*layer);
  const Ref<Layer> read = LayerReader(expected.custom_objects).layer(ConfigPlace(written, ""));
  EXPECT_EQ(to_text(layer_config(*read)), to_text(written));
  EXPECT_EQ(read->class_name(), layer->class_name());
  const Samples samples = samples_for(layer, input_shapes, 3, float32);
  for (const bool training : {false, true})
    EXPECT_CLOSE(run_layer(read, samples.inputs, samples.weights, {.training = training}).output,
                 run_layer(layer, samples.inputs, samples.weights, {.training = training}).output, 0.0);
}

}  // namespace

void check_layer(const std::function<Ref<Layer>()>& make, const std::vector<Shape>& input_shapes,
                 const LayerExpectations& expected) {
  SCOPED_TRACE(make()->class_name());
  check_shape_and_weights(make(), input_shapes, expected);
  check_dtypes_and_batches(make, input_shapes);
  check_gradients(make, input_shapes);
  check_training(make, input_shapes, expected.random || expected.trains_otherwise);
  check_compiled(make, input_shapes);
  check_mixed(make, input_shapes);
  check_round_trip(make, input_shapes, expected);
}

}  // namespace keratin::testing
