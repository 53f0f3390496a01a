#include <algorithm>

#include "keratin/layers/merging.h"
#include "keratin/ops.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class ConcatenateLayer final : public BuiltInLayer {
 public:
  ConcatenateLayer() = default;
  explicit ConcatenateLayer(const layers::ConcatenateOptions& options) : BuiltInLayer(options), axis_(options.axis) {}
  std::string class_name() const override { return "Concatenate"; }
  bool supports_masking() const override { return true; }
  void describe(Fields& fields) override { fields("axis", axis_); }

  Tensors call_many(const Tensors& xs, const CallContext&) override {
    check_argument(!xs.empty(), who(), ": expected at least one input, got none");
    const int rank = xs[0].shape().rank();
    check_shape(axis_ >= -rank && axis_ < rank, who(), ": expected inputs with an axis ", axis_, ", got ",
                xs[0].shape());
    return ops::concatenate(xs, {.axis = axis_});
  }

  /// Keras's: a step shows if any input shows it; an input without a mask shows all.
  std::optional<Tensor> compute_mask(const Tensors& inputs, const CallContext& context) override {
    const auto& masks = context.masks;
    if (std::none_of(masks.begin(), masks.end(), [](const auto& mask) { return mask.has_value(); }))
      return std::nullopt;
    Tensors wide;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Tensor mask = masks[i].value_or(ops::ones({}, boolean));
      while (masks[i] && mask.shape().rank() < inputs[i].shape().rank()) mask = ops::expand_dims(mask, -1);
      wide.push_back(ops::broadcast_to(mask, inputs[i].shape()));
    }
    const Tensor joined = ops::concatenate(wide, {.axis = axis_});
    return ops::cast(ops::max(joined, {.axis = -1}), boolean);  // any along the last axis
  }

 private:
  int axis_ = -1;
};

}  // namespace

Ref<Layer> layers::Concatenate(ConcatenateOptions options) { return make_valid<ConcatenateLayer>(options); }
Tensor layers::concatenate(const Tensors& inputs, ConcatenateOptions options) {
  return Concatenate(std::move(options))(inputs);
}
std::shared_ptr<Layer> blank_concatenate() { return std::make_shared<ConcatenateLayer>(); }

}  // namespace keratin
