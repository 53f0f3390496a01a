// GraphExport: writes one graph's nodes, the model's or that of an op's expansion, into the session's model.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "formats/onnx/export_plan.h"
#include "formats/onnx/export_session.h"
#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class GraphExport {
 public:
  /// inputs: the names of the graph's inputs, by slot; outputs: the names its outputs shall have, in order.
  GraphExport(ExportSession& session, const Graph& graph, const std::map<std::string, std::string>& inputs,
              const std::vector<std::string>& outputs);

  void write_nodes();

 private:
  void name_outputs();
  void name_values(std::int32_t index);
  void write_node(const Node& node, std::int32_t index);
  void write_product(const Product& product, const std::string& scope, const std::string& output);
  void write_expansion(const Node& node, std::int32_t index);
  std::string name_of(Value value);
  std::string transposed_name_of(Value value);
  std::vector<std::string> input_names(const Node& node);
  std::vector<std::string> output_names(std::int32_t index) const;

  ExportSession& session_;
  const Graph& graph_;
  const std::map<std::string, std::string>& inputs_;
  const std::vector<std::string>& outputs_;
  ExportPlan plan_;
  std::map<Value, std::string> names_;  // of the values that nodes make
};

}  // namespace keratin
