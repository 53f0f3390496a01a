#include "layers/pooling/pooling2d.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class AveragePooling2DLayer final : public Pooling2DLayer {
 public:
  using Pooling2DLayer::Pooling2DLayer;
  std::string class_name() const override { return "AveragePooling2D"; }
  Tensor call(const Tensor& x, const CallContext&) override {
    return ops::average_pool(as_windowed(x), pool_size(), options());
  }
};

}  // namespace

Ref<Layer> layers::AveragePooling2D(Size2D pool_size, Pooling2DOptions options) {
  return make_valid<AveragePooling2DLayer>(pool_size, options);
}
std::shared_ptr<Layer> blank_average_pooling2d() { return std::make_shared<AveragePooling2DLayer>(); }

}  // namespace keratin
