// Assign: copies a value to where the variable lives, which the compiler plans as output 0.
#include <cstddef>
#include <cstring>

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"

namespace keratin::cpu {

KernelPlan plan_assign(const KernelRequest& request) {
  const std::size_t size = size_in_bytes(request.inputs[0].dtype);
  const std::int64_t columns = Matrix(request.inputs[0].shape).columns;
  const std::int64_t from_pitch = request.input_pitch(0), to_pitch = request.output_pitch(0);
  const bool dense = from_pitch == columns && to_pitch == columns;
  return make_kernel(
      [=](const KernelArguments& arguments) {
        const Region& part = arguments.part;
        const bool together = dense && part.columns() == columns;  // rows follow each other
        const std::int64_t runs = together ? 1 : part.rows();
        const std::int64_t length = together ? part.rows() * columns : part.columns();
        const auto bytes = [size](std::int64_t elements) { return static_cast<std::size_t>(elements) * size; };
        const auto* const from = arguments.input<std::byte>(0) + bytes(part.column);
        auto* const to = arguments.output<std::byte>(0) + bytes(part.column);
        for (std::int64_t row = part.row; row < part.row + runs; ++row)  // it may be there already
          std::memmove(to + bytes(row * to_pitch), from + bytes(row * from_pitch), bytes(length));
      },
      0, elementwise_division(request, 1));
}

}  // namespace keratin::cpu
