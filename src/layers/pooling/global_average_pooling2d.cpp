#include "layers/pooling/pooling2d.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class GlobalAveragePooling2DLayer final : public GlobalPooling2DLayer {
 public:
  using GlobalPooling2DLayer::GlobalPooling2DLayer;
  std::string class_name() const override { return "GlobalAveragePooling2D"; }
  Tensor call(const Tensor& x, const CallContext&) override { return ops::mean(as_images(x), over_pixels()); }
};

}  // namespace

Ref<Layer> layers::GlobalAveragePooling2D(GlobalPooling2DOptions options) {
  return make_valid<GlobalAveragePooling2DLayer>(options);
}
std::shared_ptr<Layer> blank_global_average_pooling2d() { return std::make_shared<GlobalAveragePooling2DLayer>(); }

}  // namespace keratin
