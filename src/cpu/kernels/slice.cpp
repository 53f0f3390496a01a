// Slice, Pad and Concat: copies of boxes.
#include "ops/slice.h"

#include <cstring>

#include "base/check.h"
#include "cpu/kernels/block_copy.h"
#include "cpu/kernels/kernels.h"
#include "keratin/array.h"
#include "ops/concat.h"
#include "ops/pad.h"

namespace keratin::cpu {
namespace {

/// Multiples of the batch as numbers; `symbolic` is what became `bound`.
std::vector<std::int64_t> bind_offsets(std::vector<std::int64_t> offsets, const Shape& symbolic, const Shape& bound) {
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] >= 0) continue;
    KERATIN_ASSERT(symbolic.extents()[i] < 0);
    offsets[i] = -offsets[i] * (bound.extents()[i] / -symbolic.extents()[i]);
  }
  return offsets;
}

/// Fills n elements with the bytes of one.
void fill(void* to, std::size_t n, const std::byte* element, std::size_t element_bytes) {
  auto* target = static_cast<std::byte*>(to);
  for (std::size_t i = 0; i < n; ++i, target += element_bytes) std::memcpy(target, element, element_bytes);
}

}  // namespace

KernelPlan plan_slice(const KernelRequest& request) {
  const auto& op = static_cast<const StridedSlice&>(request.op);
  const Spec &from = request.inputs[0], &to = request.outputs[0];
  const BlockCopy copy(to.shape, size_in_bytes(from.dtype),
                       {from.shape, bind_offsets(op.starts(), op.extents(), to.shape), op.steps()}, {to.shape});
  return make_kernel([copy](const KernelArguments& arguments) { copy.run(arguments.inputs[0], arguments.outputs[0]); });
}

KernelPlan plan_pad(const KernelRequest& request) {
  const auto& op = static_cast<const Pad&>(request.op);
  const Spec &from = request.inputs[0], &to = request.outputs[0];
  const std::size_t bytes = size_in_bytes(to.dtype), count = static_cast<std::size_t>(to.shape.size());
  const BlockCopy copy(from.shape, bytes, {from.shape}, {to.shape, bind_offsets(op.before(), op.to(), to.shape)});
  const Array value = Array::full({}, op.value(), to.dtype);
  const bool covered = from.shape == to.shape;
  return make_kernel([copy, value, bytes, count, covered](const KernelArguments& arguments) {
    if (!covered) fill(arguments.outputs[0], count, value.bytes().data(), bytes);
    copy.run(arguments.inputs[0], arguments.outputs[0]);
  });
}

KernelPlan plan_concat(const KernelRequest& request) {
  const Spec& to = request.outputs[0];
  const auto axis = static_cast<std::size_t>(static_cast<const Concat&>(request.op).axis());
  std::vector<std::int64_t> corner(static_cast<std::size_t>(to.shape.rank()), 0);
  std::vector<BlockCopy> copies;
  for (const Spec& from : request.inputs) {
    copies.emplace_back(from.shape, size_in_bytes(from.dtype), BoxIn{from.shape}, BoxIn{to.shape, corner});
    corner[axis] += from.shape.extents()[axis];
  }
  return make_kernel([copies](const KernelArguments& arguments) {
    for (std::size_t i = 0; i < copies.size(); ++i) copies[i].run(arguments.inputs[i], arguments.outputs[0]);
  });
}

}  // namespace keratin::cpu
