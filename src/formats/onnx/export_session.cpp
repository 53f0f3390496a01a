#include "formats/onnx/export_session.h"

#include <cstring>

#include "base/check.h"
#include "graph/leaves.h"

namespace keratin {
namespace {

/// (n, k) → (k, n).
Array transpose(const Array& matrix) {
  const auto rows = static_cast<std::size_t>(matrix.shape()[0]), columns = static_cast<std::size_t>(matrix.shape()[1]);
  const std::size_t width = size_in_bytes(matrix.dtype());
  Array out = Array::uninitialized({columns, rows}, matrix.dtype());
  const std::byte* const from = matrix.bytes().data();
  std::byte* const to = out.bytes().data();
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column)
      std::memcpy(to + (column * rows + row) * width, from + (row * columns + column) * width, width);
  return out;
}

}  // namespace

ExportSession::ExportSession(const OnnxRequest& request)
    : request_(request), model_(request.name, request.description) {
  name_inputs();
  KERATIN_ASSERT(request.outputs.size() == request.graph.outputs().size());
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    outputs_.push_back(values_.make(request.outputs[i]));
    model_.add_output(outputs_.back(), request.graph.spec(request.graph.outputs()[i].value));
  }
  for (const auto& [key, value] : request.metadata) model_.add_metadata(key, value);
}

void ExportSession::name_inputs() {
  std::map<std::string, const Spec*> specs;
  for (const Node& node : request_.graph.nodes())
    if (node.op->name() == "Input") specs[static_cast<const Input&>(*node.op).slot()] = node.outputs.data();
  for (const auto& [slot, wanted] : request_.inputs) {
    const auto found = specs.find(slot);
    KERATIN_ASSERT(found != specs.end());
    const std::string name = inputs_[slot] = values_.make(wanted);
    const Shape& shape = found->second->shape;
    model_.add_input(name, *found->second);
    for (int axis = 0; axis < shape.rank() && batch_axis_ < 0; ++axis) {
      if (shape[axis] >= 0) continue;
      batch_input_ = name;
      batch_axis_ = axis;
      batch_multiple_ = -shape[axis];
    }
  }
}

std::string ExportSession::local(const std::string& scope) const {
  if (scope == request_.name) return "";
  return scope.starts_with(request_.name + "/") ? scope.substr(request_.name.size() + 1) : scope;
}

/// "dense (Dense)" for everything in the scope of a layer, the innermost one.
std::string ExportSession::layer_at(const std::string& scope) const {
  std::string path = scope;
  while (!path.empty()) {
    if (const auto found = request_.layer_classes.find(path); found != request_.layer_classes.end())
      return concat(path, " (", found->second, ")");
    const std::size_t parent = path.rfind('/');
    path.resize(parent == path.npos ? 0 : parent);
  }
  return "";
}

void ExportSession::add_node(std::string_view type, const std::string& scope, const std::vector<std::string>& inputs,
                             const std::vector<std::string>& outputs, const std::vector<OnnxAttribute>& attributes) {
  model_.add_node(type, nodes_.make(scoped_name(scope, type)), inputs, outputs, attributes, layer_at(scope));
}

std::string ExportSession::constant(const Array& value, const std::string& scope) {
  const Array dense = value.contiguous() ? value : value.copy();
  const auto* const bytes = reinterpret_cast<const char*>(dense.bytes().data());
  const std::string key = concat(dense.dtype(), dense.shape(), std::string_view(bytes, dense.bytes().size()));
  const auto found = constants_.find(key);
  if (found != constants_.end()) return found->second;
  const std::string name = values_.make(scoped_name(scope, "constant"));
  model_.add_initializer(name, dense);
  return constants_[key] = name;
}

/// By path: "dense/kernel". A layer in a model inside may know a part of its path only, who reads it knows the rest:
/// "encoder/dense/kernel".
std::string ExportSession::variable_name(const VariableState& variable, const std::string& scope) {
  const std::string path = variable.path.empty() ? variable.name : local(variable.path);
  const std::string layer = path.substr(0, path.rfind('/') == path.npos ? 0 : path.rfind('/'));
  const bool inside = !layer.empty() && scope.ends_with("/" + layer);
  return values_.make(inside ? concat(scope, "/", variable.name) : path);
}

std::string ExportSession::variable(const VariableState& variable, const std::string& scope) {
  std::string& name = variables_[{&variable, false}];
  if (name.empty()) {
    name = variable_name(variable, scope);
    model_.add_initializer(name, variable.value());
  }
  return name;
}

std::string ExportSession::transposed(const VariableState& variable, const std::string& scope) {
  std::string& name = variables_[{&variable, true}];
  if (name.empty()) {
    name = variable_name(variable, scope);
    const Array value = transpose(variable.value());
    model_.add_initializer(name, value, concat("transposed, as Gemm reads it: ", value.shape()));
  }
  return name;
}

std::string ExportSession::transposed_constant(const Array& value, const std::string& scope) {
  return constant(transpose(value), scope);
}

std::string ExportSession::read_batch_size() {
  if (batch_axis_ < 0)
    throw UnsupportedError("export_onnx: expected an input whose shape tells the batch's size, got none");
  const std::string shape = values_.make("batch_size/shape");
  std::string size = values_.make("batch_size");
  add_node("Shape", "batch_size", {batch_input_}, {shape});
  const std::string axis = constant(Array(std::vector<std::int64_t>{batch_axis_}, {}), "batch_size");
  const std::string extent = batch_multiple_ == 1 ? size : values_.make("batch_size/extent");
  add_node("Gather", "batch_size", {shape, axis}, {extent}, {{"axis", std::int64_t{0}}});
  if (batch_multiple_ != 1) {
    const std::string multiple = constant(Array(std::vector<std::int64_t>{batch_multiple_}, {}), "batch_size");
    add_node("Div", "batch_size", {extent, multiple}, {size});
  }
  return size;
}

std::string ExportSession::batch_size(DType dtype) {
  if (batch_sizes_.empty()) batch_sizes_[int64] = read_batch_size();
  std::string& name = batch_sizes_[dtype];
  if (name.empty()) {
    name = values_.make(concat("batch_size/", dtype));
    add_node("Cast", "batch_size", {batch_sizes_[int64]}, {name}, {{"to", onnx_dtype(dtype)}});
  }
  return name;
}

/// That many batches as a vector of one number.
std::string ExportSession::batches(std::int64_t multiple) {
  std::string count = batch_size(int64);
  if (multiple != 1) {
    const std::string product = values_.make("batch_size/multiple");
    add_node("Mul", "batch_size", {count, constant(Array(std::vector<std::int64_t>{multiple}, {}), "batch_size")},
             {product});
    count = product;
  }
  std::string vector = values_.make("batch_size/vector");
  add_node("Reshape", "batch_size", {count, constant(Array::of<std::int64_t>({1}), "batch_size")}, {vector});
  return vector;
}

std::string ExportSession::shape(const Shape& extents, const std::string& scope) {
  if (extents.known())
    return constant(Array(std::vector<std::int64_t>(extents.begin(), extents.end()), {extents.rank()}), scope);
  std::string& name = shapes_[{extents.begin(), extents.end()}];
  if (!name.empty()) return name;
  std::vector<std::string> parts;
  for (const std::int64_t extent : extents)
    parts.push_back(extent < 0 ? batches(-extent) : constant(Array::of<std::int64_t>({extent}), scope));
  name = values_.make(scoped_name(scope, "shape"));
  add_node("Concat", scope, parts, {name}, {{"axis", std::int64_t{0}}});
  return name;
}

}  // namespace keratin
