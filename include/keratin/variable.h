// Variable: named state that outlives graphs: weights, optimizer slots, metric sums, the learning rate.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "keratin/export.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {

class Array;
struct VariableState;

/// A handle: copies are the same variable. Inside call(), train_step() or update_state() it reads as a tensor and
/// assign() is part of the step; a read after an assign yields the assigned value. Outside, assign() writes at once.
class Variable {
 public:
  Variable() = default;  // unset; using it throws ValueError
  operator Tensor() const;
  const std::string& name() const;
  /// With the names of the layers around it: "dense_1/kernel".
  const std::string& path() const;
  const Shape& shape() const;
  DType dtype() const;
  bool trainable() const;
  /// A copy of the numbers on the host.
  Array value() const;
  /// ShapeError if the shapes differ; converts the dtype.
  void assign(const Tensor& value) const;
  void assign(double value) const;
  void assign_add(const Tensor& value) const;
  explicit operator bool() const { return state_ != nullptr; }
  friend bool operator==(const Variable&, const Variable&) = default;

 private:
  friend struct VariableAccess;
  std::shared_ptr<VariableState> state_;
};
using Variables = std::vector<Variable>;

/// The derivatives of a scalar, one per variable; zeros where the scalar does not depend on it. Inside a traced step
/// only.
Tensors gradients(const Tensor& loss, const Variables& variables);

}  // namespace keratin
