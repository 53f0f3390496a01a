#include "graph/variable_state.h"

#include <utility>

#include "base/check.h"

namespace keratin {

Array VariableState::value() const {
  if (storage_) return storage_->read();
  if (host_.empty()) host_ = initial(seed);
  return host_.copy();
}

void VariableState::assign(const Array& value) {
  check_shape(value.shape() == spec.shape, path, ": expected values of shape ", spec.shape, ", got ", value.shape());
  const Array converted = value.astype(spec.dtype).copy();
  pristine = false;
  if (storage_) {
    storage_->write(converted);
  } else {
    host_ = converted;
  }
}

void VariableState::reset() {
  const Array fresh = initial(seed);
  if (storage_) {
    storage_->write(fresh);
  } else {
    host_ = fresh;
  }
  pristine = true;
}

void VariableState::reseed(std::uint64_t new_seed) {
  if (!pristine || new_seed == seed) return;
  seed = new_seed;
  if (storage_ || !host_.empty()) reset();
}

void VariableState::place(std::shared_ptr<VariableStorage> storage) {
  storage->write(value());
  storage_ = std::move(storage);
  host_ = {};
}

Variable VariableAccess::make(std::string name, std::string path, Spec spec, InitialValue initial) {
  auto made = std::make_shared<VariableState>();
  made->name = std::move(name);
  made->path = std::move(path);
  made->spec = std::move(spec);
  made->trainable = false;
  made->initial = std::move(initial);
  return make(std::move(made));
}

const std::shared_ptr<VariableState>& VariableAccess::state(const Variable& variable) {
  check_argument(variable.state_ != nullptr,
                 "Variable: expected one made by add_weight, got an unset Variable; make it in build()");
  return variable.state_;
}

}  // namespace keratin
