#include "keratin/layers/reshaping.h"
#include "layers/image_layer.h"
#include "layers/registry.h"
#include "ops/pad.h"

namespace keratin {
namespace {

class ZeroPadding2DLayer final : public ImageLayer {
 public:
  ZeroPadding2DLayer() = default;
  ZeroPadding2DLayer(const layers::Padding2D& padding, const layers::ZeroPadding2DOptions& options)
      : ImageLayer(options), padding_(padding), data_format_(options.data_format) {}
  std::string class_name() const override { return "ZeroPadding2D"; }
  void validate() const override {
    const auto& [top, bottom, left, right] = padding_;
    check_argument(top >= 0 && bottom >= 0 && left >= 0 && right >= 0,
                   "ZeroPadding2D: expected padding of 0 or more, got ((", top, ", ", bottom, "), (", left, ", ", right,
                   "))");
    check_data_format(data_format_);
  }
  void describe(Fields& fields) override {
    std::vector<std::vector<std::int64_t>> sides{{padding_.top, padding_.bottom}, {padding_.left, padding_.right}};
    fields("padding", sides);
    if (sides.size() != 2 || sides[0].size() != 2 || sides[1].size() != 2) {
      std::vector<std::string> got;
      for (const auto& side : sides) got.push_back(concat("(", join(side, ", "), ")"));
      throw ValueError(
          concat("ZeroPadding2D: expected padding ((top, bottom), (left, right)), got (", join(got, ", "), ")"));
    }
    padding_ = layers::Padding2D({sides[0][0], sides[0][1]}, {sides[1][0], sides[1][1]});
    fields("data_format", data_format_);
  }

  Tensor call(const Tensor& x, const CallContext&) override {  // (batch, h, w, c) → (batch, h', w', c)
    check_images(x.shape());                                   // whose dtype stays, of integers, too
    const auto& [top, bottom, left, right] = padding_;
    if (top + bottom + left + right == 0) return x;
    const Shape& shape = x.shape();
    return make_op<Pad>(x, std::vector<std::int64_t>{0, top, left, 0},
                        Shape({shape[0], top + shape[1] + bottom, left + shape[2] + right, shape[3]}), 0.0);
  }

 private:
  layers::Padding2D padding_ = 1;
  std::string data_format_ = "channels_last";
};

}  // namespace

Ref<Layer> layers::ZeroPadding2D(Padding2D padding, ZeroPadding2DOptions options) {
  return make_valid<ZeroPadding2DLayer>(padding, options);
}
std::shared_ptr<Layer> blank_zero_padding2d() { return std::make_shared<ZeroPadding2DLayer>(); }

}  // namespace keratin
