#include "support/onnx_operators.h"

#include "base/check.h"
#include "graph/onnx_node.h"

namespace keratin::testing {

const onnx_ir::AttributeProto* OnnxCall::find(std::string_view name) const {
  for (const onnx_ir::AttributeProto& attribute : node.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

std::int64_t OnnxCall::integer(std::string_view name, std::int64_t otherwise) const {
  const auto* attribute = find(name);
  return attribute != nullptr ? attribute->i() : otherwise;
}

std::vector<std::int64_t> OnnxCall::integers(std::string_view name) const {
  const auto* attribute = find(name);
  check_data(attribute != nullptr, "expected the attribute ", name);
  return {attribute->ints().begin(), attribute->ints().end()};
}

DType dtype_of_onnx(std::int64_t code) {
  for (const DType dtype : {float32, float64, float16, bfloat16, int8, uint8, int32, int64, boolean})
    if (onnx_dtype(dtype) == code) return dtype;
  throw DataError(concat("expected a dtype that Keratin has, got ", code));
}

OnnxOperator onnx_operator(std::string_view type) {
  for (const auto& rows :
       {onnx_elementwise_operators(), onnx_axis_operators(), onnx_image_operators(), onnx_shape_operators()})
    for (const OnnxRow& row : rows)
      if (row.type == type) return row.run;
  return nullptr;
}

}  // namespace keratin::testing
