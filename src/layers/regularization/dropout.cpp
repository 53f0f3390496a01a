#include <algorithm>

#include "keratin/layers/regularization.h"
#include "keratin/ops.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"
#include "ops/functions.h"
#include "ops/random.h"

namespace keratin {
namespace {

class DropoutLayer final : public BuiltInLayer {
 public:
  DropoutLayer() = default;
  DropoutLayer(double rate, const layers::DropoutOptions& options)
      : BuiltInLayer(options), rate_(rate), options_(options) {}
  std::string class_name() const override { return "Dropout"; }
  bool supports_masking() const override { return true; }
  void validate() const override {
    check_argument(rate_ >= 0.0 && rate_ <= 1.0, "Dropout: expected rate in [0, 1], got ", rate_);
    const Shape shape = options_.noise_shape.value_or(Shape());
    check_argument(
        std::all_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent > 0 || extent == unknown; }),
        "Dropout: expected noise_shape of extents of 1 or more, or unknown for the input's, got (", join(shape, ", "),
        ")");
  }
  void describe(Fields& fields) override {
    fields("rate", rate_);
    fields("seed", options_.seed);
    fields("noise_shape", options_.noise_shape);
  }

  void build(const Shape&) override {
    if (rate_ > 0.0) generator_ = add_seed_generator(options_.seed);
  }

  Tensor call(const Tensor& x, const CallContext& context) override {
    if (!context.training || rate_ == 0.0) return x;
    if (rate_ == 1.0) return ops::zeros_like(x);
    const Tensor state = generator_;
    // float32 whatever x is: so models of either precision drop the same elements
    const Tensor noise = make_op<Random>(state, Distribution::uniform, Spec{float32, noise_shape(x.shape())});
    generator_.assign(state + Tensor(Array::of<std::int64_t>({0, 1})));
    const Tensor kept = ops::greater_equal(noise, rate_);
    return ops::where(kept, x * (1.0 / (1.0 - rate_)), 0.0);
  }

 private:
  Shape noise_shape(const Shape& input) const {
    if (!options_.noise_shape) return input;
    const Shape& own = *options_.noise_shape;
    bool fits = own.rank() == input.rank();
    std::vector<std::int64_t> extents;
    for (int axis = 0; fits && axis < own.rank(); ++axis) {
      extents.push_back(own[axis] == unknown ? input[axis] : own[axis]);
      fits = extents.back() == 1 || extents.back() == input[axis];
    }
    check_shape(fits, who(), ": expected a noise_shape that broadcasts to ", input, ", got (", join(own, ", "), ")");
    return Shape(std::move(extents));
  }

  double rate_ = 0.0;
  layers::DropoutOptions options_;
  Variable generator_;  // (2): seed and counter; unset if nothing is dropped
};

}  // namespace

Ref<Layer> layers::Dropout(double rate, DropoutOptions options) { return make_valid<DropoutLayer>(rate, options); }
std::shared_ptr<Layer> blank_dropout() { return std::make_shared<DropoutLayer>(); }

}  // namespace keratin
