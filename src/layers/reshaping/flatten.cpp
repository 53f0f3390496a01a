#include <numeric>

#include "keratin/layers/reshaping.h"
#include "keratin/ops.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class FlattenLayer final : public BuiltInLayer {
 public:
  FlattenLayer() = default;
  explicit FlattenLayer(const layers::FlattenOptions& options)
      : BuiltInLayer(options), data_format_(options.data_format) {}
  std::string class_name() const override { return "Flatten"; }
  void validate() const override {
    check_argument(data_format_ == "channels_last" || data_format_ == "channels_first",
                   "Flatten: expected data_format channels_last or channels_first, got \"", data_format_, "\"");
  }
  void describe(Fields& fields) override { fields("data_format", data_format_); }

  Tensor call(const Tensor& x, const CallContext&) override {  // (batch, a, b, …) → (batch, a·b·…)
    const Shape& shape = x.shape();
    check_shape(shape.rank() >= 1, who(), ": expected an input with a batch, got ", shape);
    return ops::reshape(channels_last(x), {shape[0], shape.from(1).size()});
  }

 private:
  Tensor channels_last(const Tensor& x) const {
    const int rank = x.shape().rank();
    if (data_format_ == "channels_last" || rank < 3) return x;
    std::vector<int> order(static_cast<std::size_t>(rank));
    std::iota(order.begin() + 1, order.end() - 1, 2);
    order.back() = 1;
    return ops::transpose(x, std::move(order));
  }

  std::string data_format_ = "channels_last";
};

}  // namespace

Ref<Layer> layers::Flatten(FlattenOptions options) { return make_valid<FlattenLayer>(options); }
std::shared_ptr<Layer> blank_flatten() { return std::make_shared<FlattenLayer>(); }

}  // namespace keratin
