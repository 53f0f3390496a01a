// A · Bᵀ becomes A · C with C = Bᵀ, which is computed once for all that read it, when there is time for it.
#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "ops/matmul.h"
#include "ops/transpose.h"

namespace keratin {

Graph turn_factors(const Graph& graph, const KernelPlanner& planner) {
  if (planner.reads_transposed_factors()) return graph;
  return rewrite(graph, [](Graph& made, const Node& node, const std::vector<Value>& inputs) -> Replacement {
    if (node.op->name() != "MatMul" || node.outputs[0].dtype != float32 || node.outputs[0].shape.rank() != 2) return {};
    const auto& product = static_cast<const MatMul&>(*node.op);
    if (!product.transpose_b()) return {};
    const Value turned{made.add(std::make_shared<Transpose>(std::vector<int>{1, 0}), {inputs[1]}, node.scope), 0};
    return outputs_of(
        made, made.add(std::make_shared<MatMul>(product.transpose_a(), false), {inputs[0], turned}, node.scope));
  });
}

}  // namespace keratin
