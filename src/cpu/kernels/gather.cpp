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
  std::int64_t table_pitch;   // elements from row to row of the table
  std::int64_t chosen_pitch;  // of what is chosen
};

/// Rows lie apart only in matrices.
Rows rows_of(const Spec& table, std::int64_t table_pitch, const Spec& indices, const Spec& chosen,
             std::int64_t chosen_pitch, int axis) {
  const Shape& shape = table.shape;
  const std::int64_t inner = shape.from(axis + 1).size();
  const auto pitch_of = [inner](const Spec& spec, std::int64_t pitch) {
    return pitch == Matrix(spec.shape).columns ? inner : pitch;
  };
  return {shape.until(axis).size(),      shape[axis], inner, indices.shape.size(), pitch_of(table, table_pitch),
          pitch_of(chosen, chosen_pitch)};
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
  y += begin * rows.chosen_pitch;
  for (std::int64_t o = 0; o < rows.outer; ++o, x += rows.extent * rows.table_pitch)
    for (std::int64_t i = begin; i < end; ++i, y += rows.chosen_pitch) {
      const std::int64_t position = position_of(indices[i], rows.extent);
      if (position < 0) {
        std::fill_n(y, rows.inner, outside);
      } else {
        std::copy_n(x + position * rows.table_pitch, rows.inner, y);
      }
    }
}

template <class T, class I> void scatter_add(const T* updates, const I* indices, T* y, const Rows& rows) {
  for (std::int64_t row = 0; row < rows.outer * rows.extent; ++row)
    std::fill_n(y + row * rows.table_pitch, rows.inner, T(0));
  for (std::int64_t o = 0; o < rows.outer; ++o, y += rows.extent * rows.table_pitch)
    for (std::int64_t i = 0; i < rows.chosen; ++i, updates += rows.chosen_pitch) {
      const std::int64_t position = position_of(indices[i], rows.extent);
      if (position < 0) continue;
      T* const row = y + position * rows.table_pitch;
      for (std::int64_t j = 0; j < rows.inner; ++j) row[j] += updates[j];
    }
}

/// Rows that lie apart are those of the table, or of what is chosen.
bool takes(const KernelRequest& request, const Rows& rows, const Spec& table, const Spec& chosen) {
  return request.pitches.empty() ||
         (rows.outer == 1 && Matrix(table.shape).columns == rows.inner && Matrix(chosen.shape).columns == rows.inner);
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
  const int axis = static_cast<const Gather&>(request.op).axis();
  const Rows rows = rows_of(request.inputs[0], request.input_pitch(0), request.inputs[1], request.outputs[0],
                            request.output_pitch(0), axis);
  if (!takes(request, rows, request.inputs[0], request.outputs[0])) return {};
  return with_number(stored, [&](auto number) {
    return with_index(request.inputs[1].dtype, [&](auto index) {
      using T = decltype(number);
      using I = decltype(index);
      return make_kernel(
          [rows](const KernelArguments& arguments) {
            gather(arguments.input<T>(0), arguments.input<I>(1), arguments.output<T>(0), rows, arguments.part.row,
                   arguments.part.row_end);
          },
          0, gather_division(rows, request));
    });
  });
}

KernelPlan plan_scatter_add(const KernelRequest& request) {
  const int axis = static_cast<const ScatterAdd&>(request.op).axis();
  const Rows rows = rows_of(request.outputs[0], request.output_pitch(0), request.inputs[1], request.inputs[0],
                            request.input_pitch(0), axis);
  if (!takes(request, rows, request.outputs[0], request.inputs[0])) return {};
  return with_floating(request.inputs[0].dtype, [&](auto number) {
    return with_index(request.inputs[1].dtype, [&](auto index) {
      using T = decltype(number);
      using I = decltype(index);
      return make_kernel([rows](const KernelArguments& arguments) {
        scatter_add(arguments.input<T>(0), arguments.input<I>(1), arguments.output<T>(0), rows);
      });
    });
  });
}

}  // namespace keratin::cpu
