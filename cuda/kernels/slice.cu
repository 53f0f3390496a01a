// Slice: a copy of every step-th element of a box.
#include "cuda/device_code.cuh"

#include "ops/slice.h"

#include "cuda/kernels/kernels.h"
#include "cuda/kernels/movement.h"

namespace keratin::cuda {

KernelPlan plan_slice(const KernelRequest& request, const Planning&) {
  const auto& op = static_cast<const StridedSlice&>(request.op);
  const Spec& made = request.outputs[0];
  const std::vector<std::int64_t> starts = bind_offsets(op.starts(), op.extents(), made.shape);
  DeviceCopy::Layout from{row_major_strides(request.inputs[0].shape)};
  for (std::size_t i = 0; i < starts.size(); ++i) {
    from.offset += starts[i] * from.strides[i];
    from.strides[i] *= op.steps()[i];
  }
  const DeviceCopy copy(made.shape, size_in_bytes(made.dtype), {row_major_strides(made.shape)}, from);
  if (!copy.possible()) return {};
  return make_kernel([copy](const KernelArguments& arguments, cudaStream_t stream) {
    copy.enqueue(arguments.outputs[0], arguments.inputs[0], stream);
  });
}

}  // namespace keratin::cuda
