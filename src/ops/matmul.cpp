#include "ops/matmul.h"

#include <numeric>

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"

namespace keratin {
namespace {

Tensor product(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  return make_op<MatMul>({a, b}, transpose_a, transpose_b);
}

/// (…, m, n) → (…, n, m), by ONNX's Transpose.
std::string transposed(OnnxNode& node, int index) {
  const int rank = node.input_spec(index).shape.rank();
  std::vector<std::int64_t> order(static_cast<std::size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<std::size_t>(rank - 1)], order[static_cast<std::size_t>(rank - 2)]);
  std::string out = node.temporary();
  node.emit("Transpose", {node.input(index)}, {out}, {{"perm", order}});
  return out;
}

}  // namespace

void MatMul::fields(FieldWriter& write) const {
  write("transpose_a", transpose_a_);
  write("transpose_b", transpose_b_);
}

Specs MatMul::infer(std::span<const Spec> inputs) const {
  const Shape &a = inputs[0].shape, &b = inputs[1].shape;
  check_shape(a.rank() >= 2 && b.rank() == a.rank() && a.until(-2) == b.until(-2),
              "expected matrices with the same leading axes, got ", a, " and ", b);
  check_shape(inputs[0].dtype == inputs[1].dtype && is_floating(inputs[0].dtype),
              "expected floating-point matrices of one dtype, got ", inputs[0], " and ", inputs[1]);
  const std::int64_t m = a[transpose_a_ ? -1 : -2], k = a[transpose_a_ ? -2 : -1];
  const std::int64_t k_b = b[transpose_b_ ? -1 : -2], n = b[transpose_b_ ? -2 : -1];
  check_shape(k == k_b, "expected the inner extents to agree, got ", a, transpose_a_ ? " transposed" : "", " and ", b,
              transpose_b_ ? " transposed" : "");
  return {{inputs[0].dtype, a.until(-2) + Shape({m, n})}};
}

// With Y = A·B: dA = G·Bᵀ and dB = Aᵀ·G; each transposition of an operand moves to where its gradient is formed.
Tensors MatMul::gradient(const GradientRequest& r) const {
  const Tensor &a = r.inputs[0], &b = r.inputs[1], &g = r.output_gradients[0];
  Tensor da, db;
  if (r.wanted[0]) da = transpose_a_ ? product(b, g, transpose_b_, true) : product(g, b, false, !transpose_b_);
  if (r.wanted[1]) db = transpose_b_ ? product(g, a, true, transpose_a_) : product(a, g, !transpose_a_, false);
  return {da, db};
}

void MatMul::to_onnx(OnnxNode& node) const {
  const std::string a = transpose_a_ ? transposed(node, 0) : node.input(0);
  const std::string b = transpose_b_ ? transposed(node, 1) : node.input(1);
  node.emit("MatMul", {a, b}, {node.output()});
}

}  // namespace keratin
