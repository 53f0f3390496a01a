#include "keratin/layers/activation.h"
#include "keratin/ops.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

bool broadcasts_to(const Shape& from, const Shape& to) {
  for (int back = 1; back <= from.rank(); ++back)
    if (back > to.rank() || (from[-back] != 1 && from[-back] != to[-back])) return false;
  return true;
}

class SoftmaxLayer final : public BuiltInLayer {
 public:
  SoftmaxLayer() = default;
  explicit SoftmaxLayer(const layers::SoftmaxOptions& options) : BuiltInLayer(options), axis_(options.axis) {}
  std::string class_name() const override { return "Softmax"; }
  bool supports_masking() const override { return true; }
  void describe(Fields& fields) override { fields("axis", axis_); }

  Tensor call(const Tensor& x, const CallContext& context) override {
    const int rank = x.shape().rank();
    check_shape(axis_ >= -rank && axis_ < rank, who(), ": expected an input with an axis ", axis_, ", got ", x.shape());
    if (!context.mask) return activations::softmax(x, {.axis = axis_});
    const Tensor& mask = *context.mask;
    check_shape(broadcasts_to(mask.shape(), x.shape()), who(), ": expected a mask that broadcasts to ", x.shape(),
                ", got ", mask.shape());
    const Tensor masked = ops::where(mask, x, -1e9);  // Keras's large negative number
    return ops::where(mask, activations::softmax(masked, {.axis = axis_}), 0.0);
  }

 private:
  int axis_ = -1;
};

}  // namespace

Ref<Layer> layers::Softmax(SoftmaxOptions options) { return make_valid<SoftmaxLayer>(options); }
std::shared_ptr<Layer> blank_softmax() { return std::make_shared<SoftmaxLayer>(); }

}  // namespace keratin
