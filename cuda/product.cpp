#include "cuda/product.h"

namespace keratin::cuda {

MatrixProduct product_of(const MatMul& op, const KernelRequest& request) {
  const Shape &a = request.inputs[0].shape, &c = request.outputs[0].shape;
  return {.dtype = request.inputs[0].dtype,
          .m = c[-2],
          .n = c[-1],
          .k = a[op.transpose_a() ? -2 : -1],
          .products = c.until(-2).size(),
          .transpose_a = op.transpose_a(),
          .transpose_b = op.transpose_b(),
          .pitch_a = request.input_pitch(0),
          .pitch_b = request.input_pitch(1),
          .pitch_c = request.output_pitch(0)};
}

}  // namespace keratin::cuda
