// What ONNX exports are tested on: functions of tensors that together use every op, and a model for every layer.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graph/spec.h"
#include "keratin/array.h"
#include "keratin/model.h"
#include "keratin/tensor.h"

namespace keratin::testing {

struct OnnxOpCase {
  std::string name;
  Specs specs;  // of the arguments
  std::function<Tensors(const Tensors&)> function;
  std::vector<Array> arguments;
  std::int64_t batch = 1;  // what negative extents count
};
/// In float32 and float64 where the dtype is free.
std::vector<OnnxOpCase> onnx_op_cases();

struct OnnxLayerCase {
  std::string name;
  Model model;
  std::vector<Array> inputs;  // three samples, or several batches of odd sizes
};
std::vector<OnnxLayerCase> onnx_layer_cases();

/// The model as a file's bytes, by the component. `graph`'s inputs and outputs keep their names.
std::string export_graph(const Graph& graph);
std::string export_model(const Model& model, const OnnxOptions& options = {});

}  // namespace keratin::testing
