// Gather and ScatterAdd: rows by their indices, from a table and into it.
#include "ops/gather.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"

namespace keratin::cpu {
namespace {

/// x (outer, extent, inner), of which `chosen` rows along the middle are meant.
struct Rows {
  std::int64_t outer;
  std::int64_t extent;
  std::int64_t inner;
  std::int64_t chosen;
};

Rows rows_of(const Shape& table, const Shape& indices, int axis) {
  return {table.until(axis).size(), table[axis], table.from(axis + 1).size(), indices.size()};
}

/// The index counted from the front; -1 for one outside.
template <class I> std::int64_t position_of(I index, std::int64_t extent) {
  const auto wide = static_cast<std::int64_t>(index);
  const std::int64_t position = wide < 0 ? wide + extent : wide;
  return position >= 0 && position < extent ? position : -1;
}

/// Of each outer index, the chosen from `begin` to `end`.
template <class T, class I>
void gather(const T* x, const I* indices, T* y, const Rows& rows, std::int64_t begin, std::int64_t end) {
  constexpr T outside = std::numeric_limits<T>::has_quiet_NaN ? std::numeric_limits<T>::quiet_NaN() : T(0);
  y += begin * rows.inner;
  for (std::int64_t o = 0; o < rows.outer; ++o, x += rows.extent * rows.inner)
    for (std::int64_t i = begin; i < end; ++i, y += rows.inner) {
      const std::int64_t position = position_of(indices[i], rows.extent);
      if (position < 0) {
        std::fill_n(y, rows.inner, outside);
      } else {
        std::copy_n(x + position * rows.inner, rows.inner, y);
      }
    }
}

template <class T, class I> void scatter_add(const T* updates, const I* indices, T* y, const Rows& rows) {
  std::fill_n(y, rows.outer * rows.extent * rows.inner, T(0));
  for (std::int64_t o = 0; o < rows.outer; ++o, y += rows.extent * rows.inner)
    for (std::int64_t i = 0; i < rows.chosen; ++i, updates += rows.inner) {
      const std::int64_t position = position_of(indices[i], rows.extent);
      if (position < 0) continue;
      T* const row = y + position * rows.inner;
      for (std::int64_t j = 0; j < rows.inner; ++j) row[j] += updates[j];
    }
}

/// By the chosen, where each is a row of the output.
Division gather_division(const Rows& rows, const KernelRequest& request) {
  Division division{.rows = rows.chosen, .flops = static_cast<double>(request.outputs[0].shape.size())};
  if (rows.outer != 1 || Matrix(request.outputs[0].shape).rows != rows.chosen) return division;
  division.row_step = 1;
  division.inputs = {{}, {}};
  division.outputs = {{Follows::rows, Follows::nothing}};
  return division;
}

/// make(I{}) for an index's C++ type.
template <class Make> KernelPlan with_index(DType dtype, const Make& make) {
  return dtype == int64 ? make(std::int64_t{}) : make(std::int32_t{});
}

}  // namespace

KernelPlan plan_gather(const KernelRequest& request) {
  const DType stored = request.inputs[0].dtype == boolean ? uint8 : request.inputs[0].dtype;
  const Rows rows =
      rows_of(request.inputs[0].shape, request.inputs[1].shape, static_cast<const Gather&>(request.op).axis());
  return with_number(stored, [&](auto number) {
    return with_index(request.inputs[1].dtype, [&](auto index) {
      using T = decltype(number);
      using I = decltype(index);
      return make_kernel(
          [rows](const KernelArguments& arguments) {
            gather(static_cast<const T*>(arguments.inputs[0]), static_cast<const I*>(arguments.inputs[1]),
                   static_cast<T*>(arguments.outputs[0]), rows, arguments.part.row, arguments.part.row_end);
          },
          0, gather_division(rows, request));
    });
  });
}

KernelPlan plan_scatter_add(const KernelRequest& request) {
  const Rows rows =
      rows_of(request.outputs[0].shape, request.inputs[1].shape, static_cast<const ScatterAdd&>(request.op).axis());
  return with_floating(request.inputs[0].dtype, [&](auto number) {
    return with_index(request.inputs[1].dtype, [&](auto index) {
      using T = decltype(number);
      using I = decltype(index);
      return make_kernel([rows](const KernelArguments& arguments) {
        scatter_add(static_cast<const T*>(arguments.inputs[0]), static_cast<const I*>(arguments.inputs[1]),
                    static_cast<T*>(arguments.outputs[0]), rows);
      });
    });
  });
}

}  // namespace keratin::cpu
