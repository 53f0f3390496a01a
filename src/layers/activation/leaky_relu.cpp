#include "keratin/layers/activation.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class LeakyReLULayer final : public BuiltInLayer {
 public:
  LeakyReLULayer() = default;
  explicit LeakyReLULayer(const layers::LeakyReLUOptions& options)
      : BuiltInLayer(options), negative_slope_(options.negative_slope) {}
  std::string class_name() const override { return "LeakyReLU"; }
  bool supports_masking() const override { return true; }
  void validate() const override {
    check_argument(negative_slope_ >= 0.0, "LeakyReLU: expected negative_slope >= 0, got ", negative_slope_);
  }
  void describe(Fields& fields) override { fields("negative_slope", negative_slope_); }
  Tensor call(const Tensor& x, const CallContext&) override {
    return activations::leaky_relu(x, {.negative_slope = negative_slope_});
  }

 private:
  double negative_slope_ = layers::LeakyReLUOptions().negative_slope;
};

}  // namespace

Ref<Layer> layers::LeakyReLU(LeakyReLUOptions options) { return make_valid<LeakyReLULayer>(options); }
std::shared_ptr<Layer> blank_leaky_relu() { return std::make_shared<LeakyReLULayer>(); }

}  // namespace keratin
