// Conv2DInputGradient: gathered, a product as Conv2D's (conv2d.cu), for each class of pixels that see alike.
#include "cuda/image_product.h"
#include "cuda/kernels/kernels.h"

namespace keratin::cuda {

KernelPlan plan_conv2d_input_gradient(const KernelRequest& request, const Planning& planning) {
  const auto& op = static_cast<const Conv2DInputGradient&>(request.op);
  const Shape &y = request.inputs[0].shape, &kernel = request.inputs[1].shape, &x = request.outputs[0].shape;
  if (!is_countable(op, x, kernel)) return {};
  return plan_image_product(turned_image_product(op, x, kernel, y), request.inputs[0].dtype, planning);
}

}  // namespace keratin::cuda
