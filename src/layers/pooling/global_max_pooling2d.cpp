#include "layers/pooling/pooling2d.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class GlobalMaxPooling2DLayer final : public GlobalPooling2DLayer {
 public:
  using GlobalPooling2DLayer::GlobalPooling2DLayer;
  std::string class_name() const override { return "GlobalMaxPooling2D"; }
  Tensor call(const Tensor& x, const CallContext&) override { return ops::max(as_images(x), over_pixels()); }
};

}  // namespace

Ref<Layer> layers::GlobalMaxPooling2D(GlobalPooling2DOptions options) {
  return make_valid<GlobalMaxPooling2DLayer>(options);
}
std::shared_ptr<Layer> blank_global_max_pooling2d() { return std::make_shared<GlobalMaxPooling2DLayer>(); }

}  // namespace keratin
