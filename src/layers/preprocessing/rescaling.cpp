#include "keratin/layers/preprocessing.h"
#include "keratin/ops.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class RescalingLayer final : public BuiltInLayer {
 public:
  RescalingLayer() = default;
  RescalingLayer(double scale, const layers::RescalingOptions& options)
      : BuiltInLayer(options), scale_(scale), offset_(options.offset) {}
  std::string class_name() const override { return "Rescaling"; }
  bool supports_masking() const override { return true; }
  void describe(Fields& fields) override {
    fields("scale", scale_);
    fields("offset", offset_);
  }
  Tensor call(const Tensor& x, const CallContext&) override { return ops::cast(x, compute_dtype()) * scale_ + offset_; }

 private:
  double scale_ = 1.0;
  double offset_ = 0.0;
};

}  // namespace

Ref<Layer> layers::Rescaling(double scale, RescalingOptions options) {
  return make_valid<RescalingLayer>(scale, options);
}
std::shared_ptr<Layer> blank_rescaling() { return std::make_shared<RescalingLayer>(); }

}  // namespace keratin
