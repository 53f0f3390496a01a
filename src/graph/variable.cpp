// The public side of variables: inside a trace a Variable is a part of the step, outside it is its numbers.
#include "keratin/variable.h"

#include <optional>
#include <vector>

#include "base/check.h"
#include "graph/differentiate.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "graph/variable_state.h"
#include "keratin/array.h"
#include "keratin/ops.h"

namespace keratin {
namespace {

/// The variable as it was when the step began, whatever has been assigned since. Outside a trace: as it will be when
/// evaluated.
Tensor original(const Variable& variable) {
  return apply_one(std::make_shared<ReadVariable>(VariableAccess::state(variable)), {});
}

}  // namespace

Variable::operator Tensor() const {
  Trace* trace = Trace::current();
  if (trace == nullptr) return original(*this);
  const Tensor value = trace->read(*this);
  const std::optional<DType> wanted = trace->autocast();
  const bool casts = wanted && is_floating(dtype()) && VariableAccess::state(*this)->autocast;
  return casts && *wanted != dtype() ? ops::cast(value, *wanted) : value;
}

const std::string& Variable::name() const { return VariableAccess::state(*this)->name; }

const std::string& Variable::path() const {
  const VariableState& state = *VariableAccess::state(*this);
  return state.path.empty() ? state.name : state.path;
}

const Shape& Variable::shape() const { return VariableAccess::state(*this)->spec.shape; }
DType Variable::dtype() const { return VariableAccess::state(*this)->spec.dtype; }
bool Variable::trainable() const { return VariableAccess::state(*this)->trainable; }
Array Variable::value() const { return VariableAccess::state(*this)->value(); }

void Variable::assign(const Tensor& value) const {
  check_shape(value.shape() == shape(), path(), ": expected to be assigned a value of shape ", shape(), ", got ",
              value.shape());
  const Tensor converted = value.dtype() == dtype() ? value : ops::cast(value, dtype());
  if (Trace* trace = Trace::current()) return trace->assign(*this, converted);
  VariableAccess::state(*this)->assign(converted.evaluate());
}

void Variable::assign(double value) const {
  if (Trace* trace = Trace::current()) return trace->assign(*this, ops::full(shape(), value, dtype()));
  VariableAccess::state(*this)->assign(Array::full(shape(), value, dtype()));
}

void Variable::assign_add(const Tensor& value) const {
  Trace* trace = Trace::current();
  const Tensor exact = trace != nullptr ? trace->read(*this) : original(*this);  // no cast of a layer's: bits would go
  assign(exact + ops::cast(value, dtype()));
}

Tensors differentiate(Trace& trace, const Tensor& loss, const Variables& with_respect_to) {
  std::vector<Tensor> sources;
  for (const Variable& variable : with_respect_to) sources.push_back(original(variable));
  return differentiate(trace, loss, sources);
}

Tensors gradients(const Tensor& loss, const Variables& variables) {
  Trace* trace = Trace::current();
  check_argument(trace != nullptr,
                 "gradients: expected to be called inside a traced step; override train_step() and call it there");
  Tensors out = differentiate(*trace, loss, variables);
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!out[i]) out[i] = ops::zeros(variables[i].shape(), variables[i].dtype());
  return out;
}

}  // namespace keratin
