// Layers on numbers, and the conformance routine that every layer passes (docs/architecture.md, section 8.3).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "keratin/array.h"
#include "keratin/custom_objects.h"
#include "keratin/layer.h"

namespace keratin::testing {

/// The dtype of layers made in its lifetime.
class FloatX {
 public:
  explicit FloatX(DType dtype) : before_(floatx()) { set_floatx(dtype); }
  FloatX(const FloatX&) = delete;
  FloatX& operator=(const FloatX&) = delete;
  ~FloatX() { set_floatx(before_); }

 private:
  DType before_;
};

/// The policy of layers made in its lifetime.
class Policy {
 public:
  explicit Policy(const DTypePolicy& policy) : before_(dtype_policy()) { set_dtype_policy(policy); }
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  ~Policy() { set_dtype_policy(before_); }

 private:
  DTypePolicy before_;
};

struct LayerRun {
  Array output;
  std::vector<Array> input_gradients;   // of Σ output · cotangent, for each floating-point input …
  std::vector<Array> weight_gradients;  // … and each trainable weight, in the order of trainable_weights()
  std::vector<Array> losses;            // what add_loss() was given
  std::vector<std::pair<std::string, Array>> assigned;  // weights that call() moved, by name
};
struct LayerRunOptions {
  bool training = false;
  std::optional<Array> cotangent = std::nullopt;  // none: no gradients
  std::optional<Array> mask = std::nullopt;       // of the first input
};
/// Runs a layer with one output by the reference evaluator. The inputs' leading extent is the batch; weights: none, or
/// one array for each of trainable_weights(), used instead of its own. Builds the layer if it is not.
LayerRun run_layer(const Ref<Layer>& layer, const std::vector<Array>& inputs, const std::vector<Array>& weights = {},
                   const LayerRunOptions& options = {});

/// One number per element, different in every tensor, at least 0.01 from 0: float64, in about ±1.
Array sample_values(const Shape& shape, const std::string& stream);

struct LayerExpectations {
  Shape output = {};                      // of one sample, without the batch
  std::vector<std::string> weights = {};  // the names of trainable_weights()
  bool random = false;                    // draws numbers while training: owns a seed generator
  bool trains_otherwise = false;          // computes something else while training, without drawing numbers
  CustomObjects custom_objects = {};      // what its configuration is read with
  std::string refused = {};               // where no file can hold it: part of the error
};
/// make: a fresh layer each time, equal to the others. input_shapes: of one sample.
/// Checks shapes, names of weights, both dtypes, two batch sizes, gradients, training against inference, the
/// configuration's round trip, the compiled program against the reference evaluator, the mixed policies.
void check_layer(const std::function<Ref<Layer>()>& make, const std::vector<Shape>& input_shapes,
                 const LayerExpectations& expected);

}  // namespace keratin::testing
