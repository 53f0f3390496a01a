// Gradients against central differences in one random direction, in float64: docs/architecture.md, section 8.2.
#include "keratin/testing.h"

#include <algorithm>
#include <cmath>

#include "api/evaluate.h"
#include "base/check.h"
#include "base/philox.h"
#include "graph/differentiate.h"
#include "graph/trace.h"
#include "keratin/ops.h"
#include "layers/layer_state.h"

namespace keratin {
namespace testing {
namespace {

using Function = std::function<Tensors(const Tensors&)>;

/// Uniform in [-1, 1); a stream of its own for each tensor.
Array drawn(const Shape& shape, std::uint64_t seed, std::uint64_t stream) {
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 2.0 * uniform_double(seed, stream, i) - 1.0;
  return Array(std::move(values), shape);
}

Array moved(const Array& x, const Array& direction, double step) {
  Array out = x.copy();
  const auto values = out.values<double>();
  const auto along = direction.values<double>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += step * along[i];
  return out;
}

/// A layer's weights and random streams as they were: training assigns to them. Puts them back at the end, too.
class KeptState {
 public:
  explicit KeptState(const Layer& layer) : variables_(layer.weights()) {
    for (const Variable& generator : LayerAccess::seed_generators(layer)) variables_.push_back(generator);
    for (const Variable& variable : variables_) values_.push_back(variable.value());
  }
  KeptState(const KeptState&) = delete;
  KeptState& operator=(const KeptState&) = delete;
  ~KeptState() { restore(); }
  void restore() const {
    for (std::size_t i = 0; i < variables_.size(); ++i) VariableAccess::state(variables_[i])->assign(values_[i]);
  }

 private:
  Variables variables_;
  std::vector<Array> values_;
};

/// The inputs and the variables that move, where they are, and which way.
class Experiment {
 public:
  Experiment(const Function& function, const std::vector<Array>& inputs, const GradientCheckOptions& options,
             Variables variables = {}, const KeptState* kept = nullptr)
      : function_(function), inputs_(inputs), options_(options), variables_(std::move(variables)), kept_(kept) {
    for (const Variable& variable : variables_) at_.push_back(variable.value());
    for (const Array& input : inputs_) directions_.push_back(drawn(input.shape(), options.seed, directions_.size()));
    for (const Array& value : at_) directions_.push_back(drawn(value.shape(), options.seed, directions_.size()));
  }

  /// The weighted sum of the outputs, `step` along the direction.
  double value(double step) {
    return run(step, [&](const Tensors&, const Tensor& sum) { return Tensors(sum); })[0].item();
  }
  /// Σ gradient · direction and Σ |gradient · direction|.
  std::vector<Array> derivatives() {
    return run(0.0, [&](const Tensors& xs, const Tensor& sum) { return shares(xs, sum); });
  }

 private:
  static bool moves(const Array& input) { return is_floating(input.dtype()); }

  void move_variables(double step) const {
    for (std::size_t i = 0; i < variables_.size(); ++i)
      VariableAccess::state(variables_[i])->assign(moved(at_[i], directions_[inputs_.size() + i], step));
  }

  template <class Results> std::vector<Array> run(double step, const Results& results) {
    if (kept_ != nullptr) kept_->restore();
    move_variables(step);
    const TraceSuspension outside;
    Trace trace(options_.training, true);
    Tensors xs;
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      xs.push_back(trace.import(Tensor(moves(inputs_[i]) ? moved(inputs_[i], directions_[i], step) : inputs_[i])));
    Tensor sum;
    std::uint64_t output = 0;
    for (const Tensor& y : function_(xs)) {
      const Tensor weighted = ops::sum(y * Tensor(drawn(y.shape(), options_.seed, 1000 + output++)));
      sum = sum ? sum + weighted : weighted;
    }
    check_argument(static_cast<bool>(sum), "check_gradient: expected a function with outputs, got none");
    for (const Tensor& result : results(xs, sum))
      trace.graph().add_output("result", TensorAccess::value(trace.import(result)));
    return run_once(trace.finish());
  }

  Tensors shares(const Tensors& xs, const Tensor& sum) const {
    std::vector<Tensor> sources;
    std::vector<Array> directions;
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (moves(inputs_[i])) {
        sources.push_back(xs[i]);
        directions.push_back(directions_[i]);
      }
    const Tensors found = differentiate(*Trace::current(), sum, sources);
    const Tensors by_variable = gradients(sum, variables_);
    Tensor total = Tensor(Array::zeros({}, float64)), magnitude = total;
    const auto add = [&](const Tensor& gradient, const Array& direction) {
      if (!gradient) return;
      const Tensor share = gradient * Tensor(direction);
      total += ops::sum(share);
      magnitude += ops::sum(ops::abs(share));
    };
    for (std::size_t i = 0; i < found.size(); ++i) add(found[i], directions[i]);
    for (std::size_t i = 0; i < by_variable.size(); ++i) add(by_variable[i], directions_[inputs_.size() + i]);
    return {total, magnitude};
  }

  const Function& function_;
  const std::vector<Array>& inputs_;
  const GradientCheckOptions& options_;
  Variables variables_;
  const KeptState* kept_;          // null if there is no layer
  std::vector<Array> at_;          // the variables' values
  std::vector<Array> directions_;  // of the inputs, then of the variables
};

void check_inputs(const std::vector<Array>& inputs) {
  for (const Array& input : inputs)
    check_argument(!is_floating(input.dtype()) || input.dtype() == float64,
                   "check_gradient: expected inputs of float64, got ", input.dtype(),
                   "; differences of narrower numbers tell nothing");
}

GradientCheck compare(Experiment&& experiment, const GradientCheckOptions& options) {
  GradientCheck check;
  check.by_differences =
      (experiment.value(options.epsilon) - experiment.value(-options.epsilon)) / (2.0 * options.epsilon);
  const std::vector<Array> derivatives = experiment.derivatives();
  check.by_gradient = derivatives[0].item();
  check.error = std::abs(check.by_gradient - check.by_differences) / std::max(derivatives[1].item(), 1e-2);
  if (!(check.error <= options.tolerance))
    throw Error(concat("check_gradient: expected the derivative along a random direction to be ", check.by_differences,
                       ", as central differences say, got ", check.by_gradient, ": a relative error of ", check.error));
  return check;
}

}  // namespace

GradientCheck check_gradient(const Function& function, const std::vector<Array>& inputs, GradientCheckOptions options) {
  check_inputs(inputs);
  return compare(Experiment(function, inputs, options), options);
}

GradientCheck check_layer_gradient(const Ref<Layer>& layer, const std::vector<Array>& inputs,
                                   GradientCheckOptions options) {
  check_inputs(inputs);
  check_argument(layer->dtype() == float64, "check_gradient: expected a layer of dtype float64, got ", layer->dtype(),
                 "; make it under set_floatx(float64)");
  if (!layer->built()) {
    Tensors constants;
    for (const Array& input : inputs) constants.push_back(Tensor(input));
    layer->outputs(constants);
  }
  const KeptState kept(*layer);
  const Function function = [&](const Tensors& xs) { return layer->outputs(xs, {.training = options.training}); };
  return compare(Experiment(function, inputs, options, layer->trainable_weights(), &kept), options);
}

}  // namespace testing
}  // namespace keratin
