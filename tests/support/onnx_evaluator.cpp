#include "support/onnx_evaluator.h"

#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "support/onnx_operators.h"

namespace keratin::testing {

onnx_ir::ModelProto parse_onnx(std::string_view bytes) {
  onnx_ir::ModelProto model;
  check_data(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "expected an ONNX model, got ",
             bytes.size(), " other bytes");
  return model;
}

Array array_of(const onnx_ir::TensorProto& tensor) {
  Array array = Array::uninitialized(Shape(std::vector<std::int64_t>(tensor.dims().begin(), tensor.dims().end())),
                                     dtype_of_onnx(tensor.data_type()));
  const std::string& bytes = tensor.raw_data();
  check_data(bytes.size() == array.bytes().size(), tensor.name(), ": expected ", array.bytes().size(), " bytes, got ",
             bytes.size());
  if (!bytes.empty()) std::memcpy(array.bytes().data(), bytes.data(), bytes.size());
  return array;
}

namespace {

/// Whether numbers are what was declared: the dtype, the extents, and one number for every symbol.
void check_declared(const onnx_ir::ValueInfoProto& value, const Array& array,
                    std::map<std::string, std::int64_t>& symbols) {
  const onnx_ir::TypeProto_Tensor& type = value.type().tensor_type();
  check_data(array.dtype() == dtype_of_onnx(type.elem_type()), value.name(), ": expected ",
             dtype_of_onnx(type.elem_type()), ", got ", array.dtype());
  check_data(array.shape().rank() == type.shape().dim_size(), value.name(), ": expected ", type.shape().dim_size(),
             " axes, got ", array.shape());
  for (int axis = 0; axis < array.shape().rank(); ++axis) {
    const onnx_ir::TensorShapeProto_Dimension& extent = type.shape().dim(axis);
    const std::int64_t expected = extent.has_dim_value()
                                      ? extent.dim_value()
                                      : symbols.emplace(extent.dim_param(), array.shape()[axis]).first->second;
    check_data(array.shape()[axis] == expected, value.name(), ": expected ", expected, " along axis ", axis, ", got ",
               array.shape());
  }
}

}  // namespace

OnnxValues evaluate_onnx(const onnx_ir::ModelProto& model, const OnnxValues& inputs) {
  const onnx_ir::GraphProto& graph = model.graph();
  OnnxValues values;
  std::map<std::string, std::int64_t> symbols;
  const auto make = [&](const std::string& name, const Array& value) {
    check_data(values.emplace(name, value).second, "expected every value to be made once, got ", name, " again");
  };
  for (const auto& input : graph.input()) {
    const auto found = inputs.find(input.name());
    check_data(found != inputs.end(), "expected numbers for the input ", input.name(), ", got none");
    check_declared(input, found->second, symbols);
    make(input.name(), found->second);
  }
  for (const auto& initializer : graph.initializer()) make(initializer.name(), array_of(initializer));
  const auto value_of = [&](const std::string& name) {
    const auto found = values.find(name);
    check_data(found != values.end(), "expected a value that was made before, got ", name);
    return found->second;
  };
  for (const auto& node : graph.node()) try {
      const OnnxOperator run = onnx_operator(node.op_type());
      check_data(run != nullptr, "expected an operator that is known here, got ", node.op_type());
      OnnxCall call{node, {}};
      for (const auto& input : node.input()) call.inputs.push_back(value_of(input));
      check_data(node.output_size() == 1, "expected one output, got ", node.output_size());
      make(node.output(0), run(call));
    } catch (const Error& error) {
      throw DataError(concat(node.name(), " (", node.op_type(), "): ", error.what()));
    }
  for (const auto& value : graph.value_info()) check_declared(value, value_of(value.name()), symbols);
  OnnxValues outputs;
  for (const auto& output : graph.output()) {
    check_declared(output, value_of(output.name()), symbols);
    outputs.emplace(output.name(), value_of(output.name()));
  }
  return outputs;
}

}  // namespace keratin::testing
