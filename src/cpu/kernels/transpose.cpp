// Transpose: any permutation of axes, of numbers of any dtype, which are copied as bytes.
#include "ops/transpose.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "cpu/kernels/transpose_matrix.h"

namespace keratin::cpu {
namespace {

struct Axis {
  std::int64_t extent = 1;
  std::int64_t from_stride = 0;  // in elements
  std::int64_t to_stride = 0;
};

struct Plan {
  std::vector<Axis> outer;  // slowest of the output first
  Axis read;                // neighbours in the input
  Axis write;               // neighbours in the output; the same axis if both are
  bool rows = false;        // they are: whole rows are copied
};

/// The output's axes; extents of 1 dropped, those that stay neighbours merged.
std::vector<Axis> merged_axes(const Shape& input, const std::vector<int>& order) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(input.rank()));
  std::int64_t stride = 1;
  for (int axis = input.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<std::size_t>(axis)] = stride;
    stride *= input[axis];
  }
  std::vector<Axis> axes;
  for (const int from : order) {
    const Axis axis{input[from], strides[static_cast<std::size_t>(from)], 0};
    if (axis.extent == 1) continue;
    if (!axes.empty() && axes.back().from_stride == axis.extent * axis.from_stride) {
      axes.back() = {axes.back().extent * axis.extent, axis.from_stride, 0};
    } else {
      axes.push_back(axis);
    }
  }
  if (axes.empty()) axes.push_back({1, 1, 0});
  stride = 1;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    axis->to_stride = stride;
    stride *= axis->extent;
  }
  return axes;
}

Plan plan_axes(const Shape& input, const std::vector<int>& order) {
  Plan plan;
  plan.outer = merged_axes(input, order);
  plan.write = plan.outer.back();
  plan.outer.pop_back();
  plan.rows = plan.write.from_stride == 1;
  if (plan.rows) {
    plan.read = plan.write;
  } else {
    const auto read =
        std::find_if(plan.outer.begin(), plan.outer.end(), [](const Axis& axis) { return axis.from_stride == 1; });
    plan.read = *read;
    plan.outer.erase(read);
  }
  return plan;
}

/// All indices of the axes from `axis` on.
template <class U> void transpose_from(const Plan& plan, std::size_t axis, U* to, const U* from) {
  if (axis < plan.outer.size()) {
    const Axis& outer = plan.outer[axis];
    for (std::int64_t i = 0; i < outer.extent; ++i)
      transpose_from(plan, axis + 1, to + i * outer.to_stride, from + i * outer.from_stride);
  } else if (plan.rows) {
    std::memcpy(to, from, static_cast<std::size_t>(plan.write.extent) * sizeof(U));
  } else {
    transpose_matrix(to, plan.read.to_stride, from, plan.write.from_stride, plan.read.extent, plan.write.extent);
  }
}

/// A matrix, by rows or by columns of the result. By columns a thread turns over the rows of the weights that are its
/// own, for the columns of the product that are.
template <class U> KernelPlan plan_matrix(const KernelRequest& request) {
  const Matrix made(request.outputs[0].shape);
  constexpr Follows rows = Follows::rows, columns = Follows::columns;
  return make_kernel(
      [from = request.input_pitch(0), to = request.output_pitch(0)](const KernelArguments& arguments) {
        const Region& part = arguments.part;
        transpose_matrix(static_cast<U*>(arguments.outputs[0]) + part.row * to + part.column, to,
                         static_cast<const U*>(arguments.inputs[0]) + part.column * from + part.row, from, part.rows(),
                         part.columns());
      },
      0, Division{made.rows, made.columns, column_step, column_step, {{columns, rows}}, {{rows, columns}}, 0, 0});
}

template <class U> KernelPlan plan_of(Plan plan) {
  return make_kernel([plan = std::move(plan)](const KernelArguments& arguments) {
    transpose_from(plan, 0, static_cast<U*>(arguments.outputs[0]), static_cast<const U*>(arguments.inputs[0]));
  });
}

}  // namespace

KernelPlan plan_transpose(const KernelRequest& request) {
  const Spec& input = request.inputs[0];
  if (input.shape.size() == 0) return make_kernel([](const KernelArguments&) {});
  const std::vector<int>& order = static_cast<const Transpose&>(request.op).order();
  if (input.dtype == float32 && order == std::vector<int>{1, 0}) return plan_matrix<std::uint32_t>(request);
  if (!request.pitches.empty()) return {};
  Plan plan = plan_axes(input.shape, order);
  switch (size_in_bytes(input.dtype)) {
    case 1: return plan_of<std::uint8_t>(std::move(plan));
    case 2: return plan_of<std::uint16_t>(std::move(plan));
    case 4: return plan_of<std::uint32_t>(std::move(plan));
    case 8: return plan_of<std::uint64_t>(std::move(plan));
    default: return {};
  }
}

}  // namespace keratin::cpu
