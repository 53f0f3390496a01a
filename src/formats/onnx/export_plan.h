// ExportPlan: what of a graph is written to ONNX, found out before anything is.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// x · weight, or x · weightᵀ, plus a bias vector if there is one: a Dense layer.
struct Product {
  Value x;
  Value weight;  // a variable or a constant with two axes
  std::optional<Value> bias;
  bool transposed = false;  // weight is (n, k)
};

struct ExportPlan {
  /// Behind what ONNX needs no node for: StopGradient, casts to the same dtype.
  Value source(Value value) const;

  std::vector<std::optional<Value>> sources;  // per node: whose value its output is, if it needs no node
  std::vector<bool> needed;                   // per node: the outputs depend on it
  std::map<std::int32_t, Product> products;   // nodes that are written as one product, with what they took in
};

/// Throws UnsupportedError if the graph assigns variables: an ONNX model has no state.
ExportPlan plan_export(const Graph& graph);

}  // namespace keratin
