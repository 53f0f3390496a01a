#include <algorithm>

#include "keratin/layers/reshaping.h"
#include "keratin/ops.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class ReshapeLayer final : public BuiltInLayer {
 public:
  ReshapeLayer() = default;
  ReshapeLayer(const Shape& target_shape, const layers::ReshapeOptions& options)
      : BuiltInLayer(options), target_shape_(target_shape) {}
  std::string class_name() const override { return "Reshape"; }
  void validate() const override {
    const Shape& target = target_shape_;
    check_argument(std::all_of(target.begin(), target.end(),
                               [](std::int64_t extent) { return extent >= 0 || extent == unknown; }) &&
                       std::count(target.begin(), target.end(), unknown) <= 1,
                   "Reshape: expected target_shape of extents of 0 or more and at most one -1, got (",
                   join(target, ", "), ")");
  }
  void describe(Fields& fields) override {
    std::vector<std::int64_t> extents(target_shape_.begin(),
                                      target_shape_.end());  // not a Shape: Keras writes -1 here, not null
    fields("target_shape", extents);
    target_shape_ = Shape(std::move(extents));
  }

  Tensor call(const Tensor& x, const CallContext&) override {
    check_shape(x.shape().rank() >= 1, who(), ": expected an input with a batch, got ", x.shape());
    return ops::reshape(x, x.shape().until(1) + resolved(x.shape().from(1)));
  }

 private:
  /// The target with its -1, if it has one, replaced by what is left of a sample.
  Shape resolved(const Shape& sample) const {
    std::vector<std::int64_t> extents(target_shape_.begin(), target_shape_.end());
    const auto open = std::find(extents.begin(), extents.end(), unknown);
    if (open != extents.end()) {
      *open = 1;
      const std::int64_t rest = Shape(extents).size();
      *open = rest == 0 ? 0 : sample.size() / rest;
    }
    Shape shape(std::move(extents));
    check_shape(shape.size() == sample.size(), who(),
                ": expected a target_shape of as many elements as a sample of shape ", sample, ", got (",
                join(target_shape_, ", "), ")");
    return shape;
  }

  Shape target_shape_;
};

}  // namespace

Ref<Layer> layers::Reshape(const Shape& target_shape, ReshapeOptions options) {
  return make_valid<ReshapeLayer>(target_shape, options);
}
std::shared_ptr<Layer> blank_reshape() { return std::make_shared<ReshapeLayer>(); }

}  // namespace keratin
