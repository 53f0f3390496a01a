// OnnxNode: what an op's ONNX rule writes into. Knows ONNX's words, not protobuf; formats/onnx implements it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graph/spec.h"
#include "keratin/array.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>> value;
};

/// TensorProto.DataType of a dtype.
std::int64_t onnx_dtype(DType dtype);

/// One node of our graph being written as one or more nodes of ONNX. Values are known by their ONNX names.
class OnnxNode {
 public:
  virtual ~OnnxNode() = default;
  virtual int input_count() const = 0;
  virtual std::string input(int index) const = 0;
  virtual const Spec& input_spec(int index) const = 0;
  virtual std::string output(int index = 0) const = 0;
  virtual const Spec& output_spec(int index = 0) const = 0;
  /// The name of an initializer that holds these numbers.
  virtual std::string constant(const Array& value) = 0;
  /// The name of an int64 vector with these extents; where they count batches, with the batch's size when the model
  /// runs.
  virtual std::string shape(const Shape& extents) = 0;
  /// A fresh name for a value between two ONNX nodes.
  virtual std::string temporary() = 0;
  virtual void emit(std::string_view type, std::vector<std::string> inputs, std::vector<std::string> outputs,
                    std::vector<OnnxAttribute> attributes = {}) = 0;
  /// The usual case: one ONNX node with this node's inputs and outputs.
  void emit(std::string_view type, std::vector<OnnxAttribute> attributes = {});
};

}  // namespace keratin
