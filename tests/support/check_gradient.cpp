#include "support/check_gradient.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/philox.h"
#include "graph/differentiate.h"
#include "graph/trace.h"
#include "keratin/ops.h"
#include "support/interpret.h"

namespace keratin::testing {
namespace {

/// Uniform in [-1, 1); a stream of its own for each tensor.
Array drawn(const Shape& shape, std::uint64_t seed, std::uint64_t stream) {
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 2.0 * uniform_double(seed, stream, i) - 1.0;
  return Array(std::move(values), shape);
}

Array moved(const Array& x, double step, const Array& direction) {
  Array out = x.copy();
  const auto values = out.values<double>();
  const auto along = direction.values<double>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += step * along[i];
  return out;
}

bool moves(const Array& input) { return is_floating(input.dtype()); }

Specs specs_of(const std::vector<Array>& inputs, const GradientOptions& options) {
  Specs specs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_argument(!moves(inputs[i]) || inputs[i].dtype() == float64, "check_gradient: expected float64, got ",
                   inputs[i].dtype());
    specs.push_back({inputs[i].dtype(), options.shapes.empty() ? inputs[i].shape() : options.shapes[i]});
  }
  return specs;
}

/// Outputs "0": the weighted sum of the function's outputs; "1", …: its gradients with respect to the inputs that move.
/// The cotangents are further inputs.
Graph graph_with_gradients(const std::function<Tensors(const Tensors&)>& function, const Specs& specs, Specs& outputs) {
  const Graph forward = graph_of(specs, function);
  for (const NamedValue& output : forward.outputs()) outputs.push_back(forward.spec(output.value));
  Specs all = specs;
  all.insert(all.end(), outputs.begin(), outputs.end());
  return graph_of(
      all,
      [&](const Tensors& arguments) {
        const Tensors own(std::vector<Tensor>(arguments.begin(), arguments.begin() + specs.size()));
        const Tensors results = function(own);
        Tensor loss;
        for (std::size_t i = 0; i < results.size(); ++i) {
          const Tensor weighted = ops::sum(results[i] * arguments[specs.size() + i]);
          loss = loss ? loss + weighted : weighted;
        }
        std::vector<Tensor> sources;
        for (std::size_t i = 0; i < specs.size(); ++i)
          if (is_floating(specs[i].dtype)) sources.push_back(own[i]);
        Tensors made(loss);
        std::size_t source = 0;
        for (const Tensor& gradient : differentiate(*Trace::current(), loss, sources)) {
          made.push_back(gradient ? gradient : ops::zeros_like(sources[source]));
          ++source;
        }
        return made;
      },
      true);
}

}  // namespace

double GradientComparison::error() const { return std::abs(by_differences - by_gradient) / std::max(magnitude, 1e-2); }

GradientComparison compare_gradient(const std::function<Tensors(const Tensors&)>& function,
                                    const std::vector<Array>& inputs, const GradientOptions& options) {
  Specs outputs;
  const Graph graph = graph_with_gradients(function, specs_of(inputs, options), outputs);
  std::vector<Array> directions;
  for (std::size_t i = 0; i < inputs.size(); ++i) directions.push_back(drawn(inputs[i].shape(), options.seed, i));
  const auto run = [&](double step) {
    Feeds feeds;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      feeds.emplace(concat("x", i), moves(inputs[i]) ? moved(inputs[i], step, directions[i]) : inputs[i]);
    for (std::size_t i = 0; i < outputs.size(); ++i)
      feeds.emplace(concat("x", inputs.size() + i),
                    drawn(bind(outputs[i].shape, options.batch), options.seed, 100 + i));
    return interpret(graph, feeds, options.batch).outputs;
  };
  GradientComparison result;
  const double ahead = run(options.epsilon).at("0").item(), behind = run(-options.epsilon).at("0").item();
  result.by_differences = (ahead - behind) / (2.0 * options.epsilon);
  const auto here = run(0.0);
  std::size_t gradient = 1;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!moves(inputs[i])) continue;
    const Array& found = here.at(concat(gradient++));
    for (std::size_t k = 0; k < found.values<double>().size(); ++k) {
      const double share = found.values<double>()[k] * directions[i].values<double>()[k];
      result.by_gradient += share;
      result.magnitude += std::abs(share);
    }
  }
  return result;
}

void check_gradient(const std::function<Tensors(const Tensors&)>& function, const std::vector<Array>& inputs,
                    const GradientOptions& options) {
  const GradientComparison found = compare_gradient(function, inputs, options);
  EXPECT_LE(found.error(), 1e-7) << "central differences " << found.by_differences << ", gradient "
                                 << found.by_gradient;
}

}  // namespace keratin::testing
