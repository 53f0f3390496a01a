// InputLayer: where data enters a functional model. It computes nothing: the model puts a value in the place of its
// tensor.
#pragma once

#include "keratin/layers/core.h"
#include "layers/built_in_layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class InputLayer final : public Layer {
 public:
  InputLayer() = default;
  InputLayer(const Shape& shape, const layers::InputOptions& options);
  std::string class_name() const override { return "InputLayer"; }
  /// Keras's own form: batch_shape and a plain dtype, name among the fields.
  void describe(Fields& fields) override;
  void validate() const override;
  Tensors call_many(const Tensors& xs, const CallContext& context) override;

  /// Of one sample, without the batch.
  const Shape& shape() const { return shape_; }
  /// Of the data; what Layer::dtype() says is the policy, which an input does not use.
  DType data_dtype() const { return data_dtype_; }

 private:
  Shape shape_;
  DType data_dtype_ = floatx();
  bool sparse_ = false;
  bool ragged_ = false;
  bool optional_ = false;
};

/// A tensor that the layer stands behind: what Input() returns.
Tensor input_tensor(const std::shared_ptr<InputLayer>& layer);

}  // namespace keratin
