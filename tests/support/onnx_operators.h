// The operators of ONNX that onnx_evaluator runs, as https://onnx.ai/onnx/operators says of opset 17.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "keratin/array.h"
#include "keratin_onnx.pb.h"

namespace keratin::testing {

/// One node with the numbers it reads.
struct OnnxCall {
  const onnx_ir::NodeProto& node;
  std::vector<Array> inputs;

  const onnx_ir::AttributeProto* find(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  /// Throws DataError if there is no such attribute.
  std::vector<std::int64_t> integers(std::string_view name) const;
};

using OnnxOperator = Array (*)(const OnnxCall& call);
struct OnnxRow {
  std::string_view type;
  OnnxOperator run;
};
std::span<const OnnxRow> onnx_elementwise_operators();
std::span<const OnnxRow> onnx_axis_operators();
std::span<const OnnxRow> onnx_image_operators();
std::span<const OnnxRow> onnx_shape_operators();

/// Null for an operator that is not there.
OnnxOperator onnx_operator(std::string_view type);
/// The dtype of a TensorProto.DataType.
DType dtype_of_onnx(std::int64_t code);

}  // namespace keratin::testing
