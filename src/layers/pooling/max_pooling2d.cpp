#include "layers/pooling/pooling2d.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class MaxPooling2DLayer final : public Pooling2DLayer {
 public:
  using Pooling2DLayer::Pooling2DLayer;
  std::string class_name() const override { return "MaxPooling2D"; }
  Tensor call(const Tensor& x, const CallContext&) override {
    return ops::max_pool(as_windowed(x), pool_size(), options());
  }
};

}  // namespace

Ref<Layer> layers::MaxPooling2D(Size2D pool_size, Pooling2DOptions options) {
  return make_valid<MaxPooling2DLayer>(pool_size, options);
}
std::shared_ptr<Layer> blank_max_pooling2d() { return std::make_shared<MaxPooling2DLayer>(); }

}  // namespace keratin
