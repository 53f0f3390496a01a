// A matrix product goes into the elementwise program that alone reads it: bias and activation, or a weight's whole
// update, are computed on rows of the product while these are in the first-level cache. A gradient that only feeds its
// update is never stored.
#include <algorithm>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "ops/product_program.h"

namespace keratin {
namespace {

/// How often each node is read, by nodes and as an output.
std::vector<int> readers_of(const Graph& graph) {
  std::vector<int> readers(static_cast<std::size_t>(graph.size()), 0);
  for (const Node& node : graph.nodes())
    for (const Value& input : node.inputs) ++readers[static_cast<std::size_t>(input.node)];
  for (const NamedValue& output : graph.outputs()) ++readers[static_cast<std::size_t>(output.value.node)];
  return readers;
}

/// The node as a program; null if it is none, or computes in another dtype than the products that are fused.
std::shared_ptr<const ElementwiseProgram> program_of(const Graph& graph, const Node& node) {
  Specs inputs;
  for (const Value& input : node.inputs) inputs.push_back(graph.spec(input));
  const auto is_float32 = [](const Spec& spec) { return spec.dtype == float32; };
  if (!std::all_of(inputs.begin(), inputs.end(), is_float32)) return nullptr;
  if (!std::all_of(node.outputs.begin(), node.outputs.end(), is_float32)) return nullptr;
  if (node.op->name() == "ElementwiseProgram") return std::static_pointer_cast<const ElementwiseProgram>(node.op);
  return node.op->traits().function ? as_program(*node.op, inputs, node.outputs) : nullptr;
}

/// Which input is a product that nobody else reads; -1 if none is.
int product_among(const Graph& graph, const Node& node, const std::vector<int>& readers) {
  for (std::size_t k = 0; k < node.inputs.size(); ++k) {
    const Value& input = node.inputs[k];
    const Shape& shape = graph.spec(input).shape;
    if (graph.node(input).op->name() == "MatMul" && readers[static_cast<std::size_t>(input.node)] == 1 &&
        shape.rank() == 2 && shape == node.outputs[0].shape)
      return static_cast<int>(k);
  }
  return -1;
}

}  // namespace

Graph fuse_products(const Graph& graph) {
  const std::vector<int> readers = readers_of(graph);
  const Graph fused =
      rewrite(graph, [&](Graph& made, const Node& node, const std::vector<Value>& inputs) -> Replacement {
        const int place = product_among(graph, node, readers);
        if (place < 0) return {};
        const auto program = program_of(graph, node);
        if (program == nullptr || node.inputs.size() > ElementwiseProgram::most_inputs) return {};
        const Node& product = made.node(inputs[static_cast<std::size_t>(place)]);
        const auto& matmul = static_cast<const MatMul&>(*product.op);
        std::vector<Value> sources = product.inputs;
        for (std::size_t k = 0; k < inputs.size(); ++k)
          if (static_cast<int>(k) != place) sources.push_back(inputs[k]);
        return outputs_of(
            made, made.add(std::make_shared<ProductProgram>(matmul.transpose_a(), matmul.transpose_b(), program, place),
                           std::move(sources), node.scope));
      });
  return without_dead_nodes(fused);
}

}  // namespace keratin
