// A reference evaluator of ONNX models: slow, in float64 but for the rounding of every value to its dtype, and apart
// from all that Keratin computes with, so that exports are checked without another library. Knows the operators that
// Keratin writes.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "keratin/array.h"
#include "keratin_onnx.pb.h"

namespace keratin::testing {

using OnnxValues = std::map<std::string, Array>;  // by name

/// Throws DataError if the bytes are no model.
onnx_ir::ModelProto parse_onnx(std::string_view bytes);
/// The numbers of an initializer.
Array array_of(const onnx_ir::TensorProto& tensor);
/// Runs the nodes in order and returns the model's outputs. Throws DataError, naming the node, where a model is not
/// legal: values that nobody made or that are made twice, dtypes an operator does not take, shapes other than the
/// declared ones.
OnnxValues evaluate_onnx(const onnx_ir::ModelProto& model, const OnnxValues& inputs);

}  // namespace keratin::testing
