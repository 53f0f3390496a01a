// GraphEditor: what the passes over a written ONNX graph read and change it by.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/export.h"
#include "keratin_onnx.pb.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

using Extents = std::vector<std::int64_t>;

class GraphEditor {
 public:
  explicit GraphEditor(onnx_ir::GraphProto& graph);

  onnx_ir::GraphProto& graph() { return graph_; }
  /// Null if no initializer has that name.
  const onnx_ir::TensorProto* initializer(const std::string& name) const;
  bool is_output(const std::string& value) const { return outputs_.contains(value); }
  /// How many inputs of nodes a value is.
  int readers(const std::string& value) const;
  /// `wanted`, or with a number behind it if a value has that name.
  std::string fresh(const std::string& wanted);
  /// Adds one under a fresh name like its own; that name. drop_unused() gives it its own if that is free by then.
  std::string add_initializer(onnx_ir::TensorProto tensor);
  /// Puts the nodes in the place of the graph's.
  void set_nodes(std::vector<onnx_ir::NodeProto> nodes);
  /// Drops initializers that nobody reads, and what is known of values that nobody makes.
  void drop_unused();

 private:
  void count_readers();
  void give_wanted_names();

  onnx_ir::GraphProto& graph_;
  std::set<std::string> names_, outputs_;
  std::map<std::string, int> initializers_;    // index by name
  std::map<std::string, std::string> wanted_;  // names that initializers would rather have
  std::map<std::string, int> readers_;
};

// Attributes, and numbers of initializers.

const onnx_ir::AttributeProto* find_attribute(const onnx_ir::NodeProto& node, std::string_view name);
Extents extents_of(const onnx_ir::TensorProto& tensor);
/// Extents or axes: the numbers of an int64 initializer.
Extents integers_of(const onnx_ir::TensorProto& tensor);
bool is_floating(const onnx_ir::TensorProto& tensor);  // float32 or float64
std::vector<double> numbers_of(const onnx_ir::TensorProto& tensor);
/// A floating-point tensor with these numbers, each rounded to the dtype.
onnx_ir::TensorProto tensor_of(const std::string& name, std::int32_t dtype, const Extents& extents,
                               const std::vector<double>& numbers);
/// tensor[…] with axis i of the result being axis order[i].
onnx_ir::TensorProto transposed(const onnx_ir::TensorProto& tensor, const Extents& order);
/// The same numbers with other extents.
onnx_ir::TensorProto reshaped(const onnx_ir::TensorProto& tensor, const Extents& extents);

}  // namespace keratin
