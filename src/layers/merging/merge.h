// Merge: what the layers that combine tensors element by element share: broadcasting beside the batch, and masks.
#pragma once

#include "layers/built_in_layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class Merge : public BuiltInLayer {
 public:
  bool supports_masking() const override { return true; }
  Tensors call_many(const Tensors& xs, const CallContext& context) final;
  /// Keras's: what any of the inputs' masks shows; none unless all have one.
  std::optional<Tensor> compute_mask(const Tensors& inputs, const CallContext& context) override;

 protected:
  Merge() = default;
  template <class Options> explicit Merge(const Options& options) : BuiltInLayer(options) {}
  /// xs: at least one, of equal rank.
  virtual Tensor merge(const Tensors& xs) const = 0;
};

}  // namespace keratin
