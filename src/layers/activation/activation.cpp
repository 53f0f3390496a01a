#include "keratin/layers/activation.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class ActivationLayer final : public BuiltInLayer {
 public:
  ActivationLayer() = default;
  ActivationLayer(Ref<ActivationFunction> activation, const layers::ActivationOptions& options)
      : BuiltInLayer(options), activation_(std::move(activation)) {}
  std::string class_name() const override { return "Activation"; }
  bool supports_masking() const override { return true; }
  void describe(Fields& fields) override { fields("activation", activation_); }
  Tensor call(const Tensor& x, const CallContext&) override { return (*activation_)(x); }

 private:
  Ref<ActivationFunction> activation_ = "linear";
};

}  // namespace

Ref<Layer> layers::Activation(Ref<ActivationFunction> activation, ActivationOptions options) {
  return make_valid<ActivationLayer>(std::move(activation), options);
}
std::shared_ptr<Layer> blank_activation() { return std::make_shared<ActivationLayer>(); }

}  // namespace keratin
