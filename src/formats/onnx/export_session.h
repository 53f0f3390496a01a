// ExportSession: what the graphs that make up one ONNX model share while they are written: names, initializers, the
// batch's size.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "formats/onnx/model_proto.h"
#include "formats/onnx/names.h"
#include "formats/onnx/onnx_component.h"
#include "graph/variable_state.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class ExportSession {
 public:
  explicit ExportSession(const OnnxRequest& request);

  ModelProto& model() { return model_; }
  /// Under which name the model's inputs are known, by slot; and its outputs, in order.
  const std::map<std::string, std::string>& inputs() const { return inputs_; }
  const std::vector<std::string>& outputs() const { return outputs_; }

  /// A fresh name for a value.
  std::string value_name(const std::string& wanted) { return values_.make(wanted); }
  /// The scope without the model's own name: "dense" of "sequential/dense".
  std::string local(const std::string& scope) const;
  void add_node(std::string_view type, const std::string& scope, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs, const std::vector<OnnxAttribute>& attributes = {});

  /// Names of initializers, each made when it is first asked for.
  std::string constant(const Array& value, const std::string& scope);
  std::string variable(const VariableState& variable, const std::string& scope);
  std::string transposed(const VariableState& variable, const std::string& scope);
  std::string transposed_constant(const Array& value, const std::string& scope);
  /// The name of the batch's size, a scalar, read from the shape of an input.
  std::string batch_size(DType dtype);
  /// See OnnxNode::shape.
  std::string shape(const Shape& extents, const std::string& scope);

 private:
  void name_inputs();
  std::string variable_name(const VariableState& variable, const std::string& scope);
  std::string layer_at(const std::string& scope) const;
  std::string read_batch_size();
  std::string batches(std::int64_t multiple);

  const OnnxRequest& request_;
  ModelProto model_;
  UniqueNames values_, nodes_;
  std::map<std::string, std::string> inputs_;  // slot to name
  std::vector<std::string> outputs_;
  std::map<std::string, std::string> constants_;                            // dtype, shape and bytes to name
  std::map<std::pair<const VariableState*, bool>, std::string> variables_;  // also transposed
  std::map<DType, std::string> batch_sizes_;
  std::map<std::vector<std::int64_t>, std::string> shapes_;  // those with batches in them
  std::string batch_input_;                                  // the name of an input with the batch in its shape
  int batch_axis_ = -1;
  std::int64_t batch_multiple_ = 1;  // how many batches that axis counts
};

}  // namespace keratin
