#include "graph/leaves.h"

#include "base/check.h"
#include "graph/onnx_node.h"

namespace keratin {

std::int64_t onnx_dtype(DType dtype) {
  switch (dtype) {
    case DType::float32: return 1;
    case DType::uint8: return 2;
    case DType::int8: return 3;
    case DType::int32: return 6;
    case DType::int64: return 7;
    case DType::boolean: return 9;
    case DType::float16: return 10;
    case DType::float64: return 11;
    case DType::bfloat16: return 16;
  }
  return 0;
}

void OnnxNode::emit(std::string_view type, std::vector<OnnxAttribute> attributes) {
  std::vector<std::string> inputs;
  inputs.reserve(static_cast<std::size_t>(input_count()));
  for (int i = 0; i < input_count(); ++i) inputs.push_back(input(i));
  emit(type, std::move(inputs), {output()}, std::move(attributes));
}

void Input::fields(FieldWriter& write) const {
  write("slot", slot_);
  write("spec", spec_);
}

void Constant::fields(FieldWriter& write) const {
  if (value_.size() == 1) {
    write("dtype", to_string(value_.dtype()));
    write("shape", value_.shape());
    write("value", value_.item<double>());
    if (value_.dtype() == DType::int64) write("exactly", value_.item<std::int64_t>());
  } else {
    write("spec", Spec{value_.dtype(), value_.shape()});
    write.identity(value_.bytes().data());
  }
}

void Constant::to_onnx(OnnxNode& node) const { node.emit("Identity", {node.constant(value_)}, {node.output()}); }

void ReadVariable::fields(FieldWriter& write) const {
  write.label("variable", variable_->path.empty() ? variable_->name : variable_->path);
  write.identity(variable_.get());
}

void Assign::fields(FieldWriter& write) const {
  write.label("variable", variable_->path.empty() ? variable_->name : variable_->path);
  write.identity(variable_.get());
}

Specs Assign::infer(std::span<const Spec> inputs) const {
  check_shape(inputs[0] == variable_->spec, "expected a value of ", variable_->spec, ", got ", inputs[0]);
  return {};
}

}  // namespace keratin
