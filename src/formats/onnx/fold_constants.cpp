// What depends on weights and constants alone is computed when the file is written: kernels turned over for Conv, the
// factors of a BatchNormalization.
#include <cmath>
#include <optional>

#include "base/check.h"
#include "formats/onnx/passes.h"

namespace keratin {
namespace {

using Tensor = onnx_ir::TensorProto;

std::optional<Tensor> fold_layout(const onnx_ir::NodeProto& node, const Tensor& x, const GraphEditor& editor) {
  if (node.op_type() == "Transpose") {
    const auto& order = find_attribute(node, "perm")->ints();
    return transposed(x, Extents(order.begin(), order.end()));
  }
  if (node.op_type() != "Reshape") return std::nullopt;
  const Extents extents = integers_of(*editor.initializer(node.input(1)));
  for (const std::int64_t extent : extents)
    if (extent < 1) return std::nullopt;
  return reshaped(x, extents);
}

std::optional<double> apply(const std::string& type, double a, double b) {
  if (type == "Add") return a + b;
  if (type == "Sub") return a - b;
  if (type == "Mul") return a * b;
  if (type == "Div") return a / b;
  return std::nullopt;
}

/// Arithmetic of tensors of one shape, or of one and a number: in float64, rounded once for every node.
std::optional<Tensor> fold_arithmetic(const onnx_ir::NodeProto& node, const Tensor& a, const Tensor& b) {
  if (!is_floating(a) || a.data_type() != b.data_type()) return std::nullopt;
  std::vector<double> left = numbers_of(a), right = numbers_of(b);
  if (extents_of(a) != extents_of(b) && a.dims_size() != 0 && b.dims_size() != 0) return std::nullopt;
  const std::size_t count = std::max(left.size(), right.size());
  if (left.size() != count) left.assign(count, left.at(0));
  if (right.size() != count) right.assign(count, right.at(0));
  std::vector<double> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<double> number = apply(node.op_type(), left[i], right[i]);
    if (!number) return std::nullopt;
    out[i] = *number;
  }
  return tensor_of("", a.data_type(), extents_of(a.dims_size() == 0 ? b : a), out);
}

std::optional<Tensor> fold(const onnx_ir::NodeProto& node, const GraphEditor& editor) {
  if (node.input_size() == 0 || node.input_size() > 2 || node.output_size() != 1) return std::nullopt;
  const Tensor* const a = editor.initializer(node.input(0));
  const Tensor* const b = node.input_size() == 2 ? editor.initializer(node.input(1)) : a;
  if (a == nullptr || b == nullptr) return std::nullopt;
  if (node.op_type() == "Sqrt" && is_floating(*a)) {
    std::vector<double> numbers = numbers_of(*a);
    for (double& number : numbers) number = std::sqrt(number);
    return tensor_of("", a->data_type(), extents_of(*a), numbers);
  }
  if (node.input_size() == 2 && node.op_type() != "Reshape") return fold_arithmetic(node, *a, *b);
  std::optional<Tensor> out = fold_layout(node, *a, editor);
  if (out && node.op_type() == "Transpose") {
    out->set_doc_string(concat("transposed, as ONNX reads it: (", join(extents_of(*out), ", "), ")"));
  }
  return out;
}

}  // namespace

void fold_constants(GraphEditor& editor) {
  std::vector<onnx_ir::NodeProto> kept;
  std::map<std::string, std::string> renamed;
  for (onnx_ir::NodeProto node : editor.graph().node()) {
    for (std::string& input : *node.mutable_input())
      if (const auto found = renamed.find(input); found != renamed.end()) input = found->second;
    std::optional<Tensor> value;
    if (node.output_size() == 1 && !editor.is_output(node.output(0))) value = fold(node, editor);
    if (!value) {
      kept.push_back(std::move(node));
      continue;
    }
    const bool of_a_weight = node.op_type() == "Transpose" || node.op_type() == "Reshape";
    value->set_name(of_a_weight ? node.input(0) : node.output(0));
    renamed[node.output(0)] = editor.add_initializer(std::move(*value));
  }
  editor.set_nodes(std::move(kept));
}

}  // namespace keratin
