#include "formats/onnx/graph_editor.h"

#include <cstring>

#include "base/check.h"
#include "graph/onnx_node.h"

namespace keratin {
namespace {

std::size_t count_of(const Extents& extents) {
  std::size_t count = 1;
  for (const std::int64_t extent : extents) count *= static_cast<std::size_t>(extent);
  return count;
}

onnx_ir::TensorProto empty_tensor(const std::string& name, std::int32_t dtype, const Extents& extents) {
  onnx_ir::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(dtype);
  for (const std::int64_t extent : extents) tensor.add_dims(extent);
  return tensor;
}

template <class T> std::vector<double> read_numbers(const onnx_ir::TensorProto& tensor) {
  std::vector<T> numbers(tensor.raw_data().size() / sizeof(T));
  std::memcpy(numbers.data(), tensor.raw_data().data(), tensor.raw_data().size());
  return {numbers.begin(), numbers.end()};
}

}  // namespace

GraphEditor::GraphEditor(onnx_ir::GraphProto& graph) : graph_(graph) {
  for (const auto& input : graph_.input()) names_.insert(input.name());
  for (const auto& output : graph_.output()) outputs_.insert(output.name());
  for (int i = 0; i < graph_.initializer_size(); ++i) {
    names_.insert(graph_.initializer(i).name());
    initializers_[graph_.initializer(i).name()] = i;
  }
  for (const auto& node : graph_.node()) names_.insert(node.output().begin(), node.output().end());
  count_readers();
}

void GraphEditor::count_readers() {
  readers_.clear();
  for (const auto& node : graph_.node())
    for (const std::string& input : node.input()) ++readers_[input];
}

const onnx_ir::TensorProto* GraphEditor::initializer(const std::string& name) const {
  const auto found = initializers_.find(name);
  return found == initializers_.end() ? nullptr : &graph_.initializer(found->second);
}

int GraphEditor::readers(const std::string& value) const {
  const auto found = readers_.find(value);
  return found == readers_.end() ? 0 : found->second;
}

std::string GraphEditor::fresh(const std::string& wanted) {
  std::string name = wanted;
  for (int i = 1; !names_.insert(name).second; ++i) name = concat(wanted, "_", i);
  return name;
}

std::string GraphEditor::add_initializer(onnx_ir::TensorProto tensor) {
  const std::string own = tensor.name();
  std::string name = fresh(own);
  tensor.set_name(name);
  if (name != own) wanted_[name] = own;
  initializers_[name] = graph_.initializer_size();
  *graph_.add_initializer() = std::move(tensor);
  return name;
}

void GraphEditor::set_nodes(std::vector<onnx_ir::NodeProto> nodes) {
  graph_.clear_node();
  for (onnx_ir::NodeProto& node : nodes) *graph_.add_node() = std::move(node);
  count_readers();
}

void GraphEditor::drop_unused() {
  std::set<std::string> made;
  for (const auto& node : graph_.node()) made.insert(node.output().begin(), node.output().end());
  onnx_ir::GraphProto kept;
  for (auto& tensor : *graph_.mutable_initializer())
    if (readers(tensor.name()) > 0) *kept.add_initializer() = std::move(tensor);
  for (auto& value : *graph_.mutable_value_info())
    if (made.contains(value.name())) *kept.add_value_info() = std::move(value);
  graph_.mutable_initializer()->Swap(kept.mutable_initializer());
  graph_.mutable_value_info()->Swap(kept.mutable_value_info());
  give_wanted_names();
  initializers_.clear();
  for (int i = 0; i < graph_.initializer_size(); ++i) initializers_[graph_.initializer(i).name()] = i;
  count_readers();
}

void GraphEditor::give_wanted_names() {
  std::set<std::string> taken(outputs_);
  for (const auto& input : graph_.input()) taken.insert(input.name());
  for (const auto& tensor : graph_.initializer()) taken.insert(tensor.name());
  for (const auto& node : graph_.node()) taken.insert(node.output().begin(), node.output().end());
  std::map<std::string, std::string> names;
  for (auto& tensor : *graph_.mutable_initializer()) {
    std::string wanted = tensor.name();
    while (wanted_.contains(wanted)) wanted = wanted_.at(wanted);  // of one that was made of one that was made
    if (wanted == tensor.name() || !taken.insert(wanted).second) continue;
    names[tensor.name()] = wanted;
    tensor.set_name(wanted);
  }
  for (auto& node : *graph_.mutable_node())
    for (std::string& input : *node.mutable_input())
      if (const auto found = names.find(input); found != names.end()) input = found->second;
}

const onnx_ir::AttributeProto* find_attribute(const onnx_ir::NodeProto& node, std::string_view name) {
  for (const auto& attribute : node.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

Extents extents_of(const onnx_ir::TensorProto& tensor) { return {tensor.dims().begin(), tensor.dims().end()}; }

Extents integers_of(const onnx_ir::TensorProto& tensor) {
  KERATIN_ASSERT(tensor.data_type() == static_cast<std::int32_t>(onnx_dtype(int64)));
  Extents numbers(tensor.raw_data().size() / sizeof(std::int64_t));
  std::memcpy(numbers.data(), tensor.raw_data().data(), tensor.raw_data().size());
  return numbers;
}

bool is_floating(const onnx_ir::TensorProto& tensor) {
  return tensor.data_type() == static_cast<std::int32_t>(onnx_dtype(float32)) ||
         tensor.data_type() == static_cast<std::int32_t>(onnx_dtype(float64));
}

std::vector<double> numbers_of(const onnx_ir::TensorProto& tensor) {
  KERATIN_ASSERT(is_floating(tensor));
  return tensor.data_type() == static_cast<std::int32_t>(onnx_dtype(float64)) ? read_numbers<double>(tensor)
                                                                              : read_numbers<float>(tensor);
}

onnx_ir::TensorProto tensor_of(const std::string& name, std::int32_t dtype, const Extents& extents,
                               const std::vector<double>& numbers) {
  onnx_ir::TensorProto tensor = empty_tensor(name, dtype, extents);
  if (dtype == static_cast<std::int32_t>(onnx_dtype(float64))) {
    tensor.set_raw_data(numbers.data(), numbers.size() * sizeof(double));
  } else {
    const std::vector<float> narrow(numbers.begin(), numbers.end());
    tensor.set_raw_data(narrow.data(), narrow.size() * sizeof(float));
  }
  return tensor;
}

onnx_ir::TensorProto transposed(const onnx_ir::TensorProto& tensor, const Extents& order) {
  const Extents from = extents_of(tensor);
  const std::size_t rank = from.size();
  Extents strides(rank, 1), to(rank), index(rank, 0);
  for (std::size_t axis = rank; axis-- > 1;) strides[axis - 1] = strides[axis] * from[axis];
  for (std::size_t axis = 0; axis < rank; ++axis) to[axis] = from.at(static_cast<std::size_t>(order.at(axis)));
  onnx_ir::TensorProto out = empty_tensor(tensor.name(), tensor.data_type(), to);
  const std::size_t count = count_of(to), width = count == 0 ? 0 : tensor.raw_data().size() / count;
  std::string bytes(tensor.raw_data().size(), '\0');
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t at = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) at += index[axis] * strides[static_cast<std::size_t>(order[axis])];
    std::memcpy(bytes.data() + i * width, tensor.raw_data().data() + static_cast<std::size_t>(at) * width, width);
    for (std::size_t axis = rank; axis-- > 0;) {
      if (++index[axis] < to[axis]) break;
      index[axis] = 0;
    }
  }
  out.set_raw_data(std::move(bytes));
  return out;
}

onnx_ir::TensorProto reshaped(const onnx_ir::TensorProto& tensor, const Extents& extents) {
  KERATIN_ASSERT(count_of(extents) == count_of(extents_of(tensor)));
  onnx_ir::TensorProto out = tensor;
  out.clear_dims();
  for (const std::int64_t extent : extents) out.add_dims(extent);
  return out;
}

}  // namespace keratin
