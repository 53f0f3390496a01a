// Op: the one interface that operations have. What an op computes is here; how it is computed is the backends' affair.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/field_writer.h"
#include "graph/spec.h"
#include "keratin/tensor.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class OnnxNode;
enum class Function : std::uint8_t;  // the rows of the table in ops/elementwise.h

/// What a gradient rule may use. Tensors of output_gradients are unset where no gradient arrives.
struct GradientRequest {
  std::span<const Tensor> inputs;
  std::span<const Tensor> outputs;
  std::span<const Tensor> output_gradients;
  std::vector<bool> wanted;  // one per input; rules may leave the others unset
};

/// What passes and planners must know of an op without knowing the op.
struct Traits {
  bool leaf = false;         // has no inputs and no kernel: Input, Constant, ReadVariable
  bool view = false;         // output 0 is input 0's memory under another shape
  bool effect = false;       // kept though nobody reads it: Assign
  bool gradient = false;     // has a gradient rule of its own
  bool onnx = false;         // to_onnx() is overridden
  bool expansion = false;    // expand() says it in simpler ops
  bool elementwise = false;  // output element i depends on the inputs' (broadcast) elements i alone, so
                             // it may overwrite an input of the same spec
  int elementwise_from = 0;  // of the inputs from this one on; those before it are read anywhere
  std::optional<Function> function = std::nullopt;  // what is computed of an element, where one function says it all
};

/// A primitive operation: what it computes, never how. Instances are immutable and shared between nodes.
class Op {
 public:
  Op() = default;
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;
  virtual ~Op() = default;

  /// Key of kernel tables, dumps and messages. ONNX's name where ONNX has the operation.
  virtual std::string_view name() const = 0;
  /// The attributes, for printing, equality and hashing.
  virtual void fields(FieldWriter& write) const;
  /// The outputs' dtypes and shapes. Throws ShapeError.
  virtual Specs infer(std::span<const Spec> inputs) const = 0;
  /// One tensor per input, unset where nothing flows. Called only if traits().gradient; ops without either gradient or
  /// expansion are constants to differentiation.
  virtual Tensors gradient(const GradientRequest& request) const;
  /// The definition in simpler ops, one tensor per output. Called only if traits().expansion.
  virtual Tensors expand(std::span<const Tensor> inputs) const;
  /// Default: UnsupportedError. Without traits().onnx an op is exported through its expansion, if it has one.
  virtual void to_onnx(OnnxNode& node) const;
  virtual Traits traits() const { return {}; }

  /// Name and attributes, without labels: ops with equal keys compute the same. Written once, when first asked for.
  const std::string& key() const;
  std::size_t key_hash() const;

 private:
  void write_key() const;

  mutable std::once_flag key_written_;  // an op of a symbolic call belongs to models of several threads
  mutable std::string key_;
  mutable std::size_t key_hash_ = 0;
};

/// "name(fields)": for dumps and messages.
std::string to_string(const Op& op);

}  // namespace keratin
