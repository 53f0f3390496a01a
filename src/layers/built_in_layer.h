// BuiltInLayer: what the library's own layers share: the options that all of them have, and who speaks in an error.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "keratin/layer.h"
#include "ops/functions.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class BuiltInLayer : public Layer {
 protected:
  BuiltInLayer() = default;
  /// Options: any struct with name, dtype and trainable.
  template <class Options> explicit BuiltInLayer(const Options& options) : Layer(options.name.value_or("")) {
    if (options.dtype) set_dtype(*options.dtype);
    set_trainable(options.trainable);
  }
  /// "dense_1 (Dense)"
  std::string who() const { return concat(name(), " (", class_name(), ")"); }
  /// Adds the penalty of an output, divided by the batch's size, to the loss; nothing without a regularizer.
  void add_activity_loss(const std::optional<Ref<Regularizer>>& regularizer, const Tensor& y) {
    if (!regularizer) return;
    const Tensor penalty = (**regularizer)(at_least_float32(y));  // a sum may not fit 16 bits
    add_loss(penalty / element_count(Shape({y.shape()[0]}), penalty.dtype()));
  }
};

/// What every factory does: the layer, its options checked.
template <std::derived_from<Layer> L, class... Args> Ref<Layer> make_valid(Args&&... args) {
  auto layer = std::make_shared<L>(std::forward<Args>(args)...);
  layer->validate();
  return layer;
}

}  // namespace keratin
