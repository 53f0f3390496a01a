// LayerState: what a Layer keeps, and LayerAccess, by which the rest of the library reaches it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/symbolic.h"
#include "graph/trace.h"
#include "keratin/layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct RegularizedWeight {
  Variable weight;
  Ref<Regularizer> regularizer;
};

struct LayerState {
  std::string name;                  // "" until given or settled by a model
  bool named_by_author = false;      // else a model may give it another name
  mutable std::string default_name;  // "dense": what name() gives meanwhile
  bool trainable = true;
  bool built = false;
  bool building = false;         // the library is calling build()
  bool built_by_author = false;  // somebody else called it, and it made weights
  bool of_calls = false;         // a model made of calls: inputs keep their dtypes, paths begin with its layers' names
  DTypePolicy dtype = dtype_policy();
  Variables weights;  // own ones, in the order of add_weight
  Variables seed_generators;
  std::vector<RegularizedWeight> regularized;
  std::vector<std::shared_ptr<Layer>> inside;  // tracked layers
  std::vector<std::weak_ptr<const SymbolicCall>> calls;
};

/// A call of a layer on tensors outside a trace, or the Input that an InputLayer stands for: that has no inputs.
struct LayerCall final : SymbolicCall {
  Tensors replay(Trace& trace, const Tensors& own_inputs, const std::optional<Tensor>& own_mask) const override;
};

/// In its lifetime the layer is the one that calls on this thread: others that it calls become part of it. Null:
/// nobody.
class CallingLayer {
 public:
  explicit CallingLayer(Layer* layer);
  CallingLayer(const CallingLayer&) = delete;
  CallingLayer& operator=(const CallingLayer&) = delete;
  ~CallingLayer();
};

struct LayerAccess {
  static LayerState& state(Layer& layer) { return *layer.state_; }
  static const LayerState& state(const Layer& layer) { return *layer.state_; }
  /// Throws ValueError if `inside` is the layer or has it among its parts.
  static void refuse_cycle(const Layer& layer, const Layer& inside);
  /// Makes `inside` a part of the layer, under a name that no other part has.
  static void adopt(Layer& layer, std::shared_ptr<Layer> inside);
  /// Sets the paths of the weights below `prefix`: "dense_1/kernel". A longer one that ends so, of a larger model,
  /// stays.
  static void settle_paths(const Layer& layer, const std::string& prefix);
  /// Below the layer's own name, or below nothing if it is a model made of calls.
  static void settle_paths(const Layer& layer) { settle_paths(layer, layer.state_->of_calls ? "" : layer.name()); }
  /// The state of every random stream in the layer and the layers inside.
  static Variables seed_generators(const Layer& layer);
  /// Trainable weights with a regularizer, in the layer and the layers inside: Keras does not penalise the others.
  static std::vector<RegularizedWeight> regularized(const Layer& layer);
  static void set_dtype(Layer& layer, const DTypePolicy& policy) { layer.set_dtype(policy); }
};

/// "MaxPooling2D" → "max_pooling2d", "ReLU" → "re_lu": Keras's to_snake_case.
std::string snake_case(const std::string& class_name);

}  // namespace keratin
