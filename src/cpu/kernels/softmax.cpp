// Softmax along one axis.
#include "ops/softmax.h"

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "simd/softmax_rows.h"

namespace keratin::cpu {

KernelPlan plan_softmax(const KernelRequest& request) {
  const Shape& shape = request.inputs[0].shape;
  if (shape.size() == 0) return make_kernel([](const KernelArguments&) {});
  const int axis = static_cast<const Softmax&>(request.op).axis();
  const std::int64_t outer = shape.until(axis).size(), classes = shape[axis], inner = shape.from(axis + 1).size();
  const LogitRows columns{inner, classes, 1, inner}, rows{outer, classes, classes, 1};
  return with_floating(request.inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    const auto bytes = [](const LogitRows& of) { return static_cast<std::size_t>(of.workspace()) * sizeof(T); };
    if (axis == shape.rank() - 1)
      return make_kernel(
          [rows, softmax = softmax_rows<T>()](const KernelArguments& arguments) {
            const std::int64_t first = arguments.part.row * rows.classes;
            softmax({arguments.part.rows(), rows.classes, rows.row_step, 1}, arguments.input<T>(0) + first,
                    arguments.output<T>(0) + first, nullptr, nullptr, static_cast<T*>(arguments.workspace));
          },
          bytes(rows), row_division(request, flops_of_exponential * static_cast<double>(shape.size())));
    return make_kernel(
        [outer, columns, softmax = softmax_rows<T>()](const KernelArguments& arguments) {
          for (std::int64_t first = 0; first < outer * columns.classes * columns.rows;
               first += columns.classes * columns.rows)
            softmax(columns, arguments.input<T>(0) + first, arguments.output<T>(0) + first, nullptr, nullptr,
                    static_cast<T*>(arguments.workspace));
        },
        bytes(columns));
  });
}

}  // namespace keratin::cpu
