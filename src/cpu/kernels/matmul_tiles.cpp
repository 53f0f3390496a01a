// MatMul of float32 by register tiles.
#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "cpu/tiled_product.h"
#include "ops/matmul.h"

namespace keratin::cpu {

KernelPlan plan_matmul_tiles(const KernelRequest& request) {
  const auto& op = static_cast<const MatMul&>(request.op);
  const Shape &a = request.inputs[0].shape, &b = request.inputs[1].shape, &c = request.outputs[0].shape;
  if (request.inputs[0].dtype != float32 || a.size() == 0 || b.size() == 0) return {};
  const std::int64_t m = c[-2], n = c[-1], k = a[op.transpose_a() ? -2 : -1], products = c.until(-2).size();
  Division division = product_division(m, n, k, op.transpose_a(), op.transpose_b());
  if (products > 1) division = {.rows = m, .columns = n, .flops = static_cast<double>(products) * division.flops};
  const TiledProduct product(
      {m, n, k, op.transpose_a(), op.transpose_b(), request.input_pitch(0), request.input_pitch(1)});
  return make_kernel(
      [product, m, n, k, products, pitch = request.output_pitch(0)](const KernelArguments& arguments) {
        const float* a_at = arguments.input<float>(0);  // (products, m, k), or (…, k, m)
        const float* b_at = arguments.input<float>(1);  // (products, k, n), or (…, n, k)
        float* to = arguments.output<float>(0);         // (products, m, n)
        for (std::int64_t i = 0; i < products; ++i, a_at += m * k, b_at += k * n, to += m * n) {
          const float* const turned = product.turned(b_at, arguments.workspace);
          product.for_each_area(arguments.part, [&](const Region& area) {
            product.compute(area, a_at, turned, to + area.row * pitch + area.column, pitch, pitch - area.column);
          });
        }
      },
      product.workspace_bytes(), std::move(division));
}

}  // namespace keratin::cpu
