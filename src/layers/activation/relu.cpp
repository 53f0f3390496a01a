#include "keratin/layers/activation.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class ReLULayer final : public BuiltInLayer {
 public:
  ReLULayer() = default;
  explicit ReLULayer(const layers::ReLUOptions& options) : BuiltInLayer(options), options_(options) {}
  std::string class_name() const override { return "ReLU"; }
  bool supports_masking() const override { return true; }
  void validate() const override {
    check_argument(options_.max_value.value_or(0.0) >= 0.0, "ReLU: expected max_value >= 0, got ",
                   options_.max_value.value_or(0.0));
    check_argument(options_.negative_slope >= 0.0, "ReLU: expected negative_slope >= 0, got ", options_.negative_slope);
    check_argument(options_.threshold >= 0.0, "ReLU: expected threshold >= 0, got ", options_.threshold);
  }
  void describe(Fields& fields) override {
    fields("max_value", options_.max_value);
    fields("negative_slope", options_.negative_slope);
    fields("threshold", options_.threshold);
  }
  Tensor call(const Tensor& x, const CallContext&) override {
    return activations::relu(
        x,
        {.negative_slope = options_.negative_slope, .max_value = options_.max_value, .threshold = options_.threshold});
  }

 private:
  layers::ReLUOptions options_;
};

}  // namespace

Ref<Layer> layers::ReLU(ReLUOptions options) { return make_valid<ReLULayer>(options); }
std::shared_ptr<Layer> blank_relu() { return std::make_shared<ReLULayer>(); }

}  // namespace keratin
