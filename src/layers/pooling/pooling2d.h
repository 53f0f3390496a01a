// What the poolings share: options and checks. What they compute is in their files.
#pragma once

#include "keratin/layers/pooling.h"
#include "keratin/ops.h"
#include "layers/image_layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class Pooling2DLayer : public ImageLayer {
 public:
  Pooling2DLayer() = default;
  Pooling2DLayer(Size2D pool_size, const layers::Pooling2DOptions& options)
      : ImageLayer(options),
        pool_size_(pool_size),
        strides_(options.strides.value_or(pool_size)),
        padding_(options.padding),
        data_format_(options.data_format) {}
  void validate() const override {
    check_positive("pool_size", pool_size_);
    if (strides_) check_positive("strides", *strides_);
    check_padding(padding_);
    check_data_format(data_format_);
  }
  void describe(Fields& fields) override {
    fields("pool_size", pool_size_);
    fields("padding", padding_);
    fields("strides", strides_);
    fields("data_format", data_format_);
  }

 protected:
  /// As as_images; ShapeError if the window has no place on them.
  Tensor as_windowed(const Tensor& x) const {
    const Tensor images = as_images(x);
    check_window(x.shape(), padding_, pool_size_, strides_.value_or(pool_size_));
    return images;
  }
  Size2D pool_size() const { return pool_size_; }
  ops::PoolOptions options() const { return {.strides = strides_, .padding = padding_}; }

 private:
  Size2D pool_size_ = 2;
  std::optional<Size2D> strides_ = 2;  // unset only where a file says so: pool_size
  std::string padding_ = "valid";
  std::string data_format_ = "channels_last";
};

class GlobalPooling2DLayer : public ImageLayer {
 public:
  GlobalPooling2DLayer() = default;
  explicit GlobalPooling2DLayer(const layers::GlobalPooling2DOptions& options)
      : ImageLayer(options), data_format_(options.data_format), keepdims_(options.keepdims) {}
  void validate() const override { check_data_format(data_format_); }
  void describe(Fields& fields) override {
    fields("data_format", data_format_);
    fields("keepdims", keepdims_);
  }

 protected:
  ops::AxisOptions over_pixels() const { return {.axis = {1, 2}, .keepdims = keepdims_}; }

 private:
  std::string data_format_ = "channels_last";
  bool keepdims_ = false;
};

}  // namespace keratin
