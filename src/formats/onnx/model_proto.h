// ModelProto: an ONNX model in memory, filled piece by piece. Only here and in the passes over its graph is protobuf
// known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/onnx/onnx_component.h"
#include "graph/onnx_node.h"
#include "graph/spec.h"
#include "keratin/array.h"
#include "keratin_onnx.pb.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The operators' version: the newest that IR version 8 and the runtimes of its day know.
inline constexpr int onnx_opset = 17;
inline constexpr int onnx_ir_version = 8;

class ModelProto {
 public:
  ModelProto(const std::string& name, const std::string& description);

  void add_input(const std::string& name, const Spec& spec);
  void add_output(const std::string& name, const Spec& spec);
  /// What is known of a value between nodes.
  void add_value(const std::string& name, const Spec& spec);
  void add_initializer(const std::string& name, const Array& value, const std::string& description = "");
  void add_node(std::string_view type, const std::string& name, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs, const std::vector<OnnxAttribute>& attributes,
                const std::string& description);
  void add_metadata(const std::string& key, const std::string& value);
  /// For the passes over what has been added.
  onnx_ir::GraphProto& graph() { return *model_.mutable_graph(); }

  /// The file's bytes. Throws UnsupportedError for 2 GiB or more, which protobuf cannot write.
  void write(const OnnxSink& sink) const;

 private:
  onnx_ir::ModelProto model_;
};

}  // namespace keratin
