// Assign: copies a value to where the variable lives, which the compiler plans as output 0.
#include <cstddef>
#include <cstring>

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"

namespace keratin::cpu {

KernelPlan plan_assign(const KernelRequest& request) {
  const std::size_t size = size_in_bytes(request.inputs[0].dtype);
  const std::int64_t columns = Matrix(request.inputs[0].shape).columns;
  return make_kernel(
      [size, columns](const KernelArguments& arguments) {
        const Region& part = arguments.part;
        const bool whole = part.columns() == columns;  // rows follow each other
        const std::int64_t runs = whole ? 1 : part.rows(), length = whole ? part.rows() * columns : part.columns();
        for (std::int64_t run = 0; run < runs; ++run) {
          const std::size_t at = static_cast<std::size_t>((part.row + run) * columns + part.column) * size;
          std::memmove(static_cast<std::byte*>(arguments.outputs[0]) + at,  // it may be there already
                       static_cast<const std::byte*>(arguments.inputs[0]) + at,
                       static_cast<std::size_t>(length) * size);
        }
      },
      0, elementwise_division(request, 1));
}

}  // namespace keratin::cpu
