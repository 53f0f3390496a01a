// VariableState: what a Variable refers to. Its numbers live on the host until a backend gives them a place on its
// device.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "graph/spec.h"
#include "keratin/array.h"
#include "keratin/variable.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Where a device keeps a variable's numbers. Implemented by runtime/variables.
class VariableStorage {
 public:
  virtual ~VariableStorage() = default;
  virtual Array read() const = 0;              // a copy, dense
  virtual void write(const Array& value) = 0;  // dense, of the variable's spec
  virtual void* address() const = 0;           // on the device; stable for the storage's life
};

/// How a fresh variable gets its numbers: a pure function of the seed.
using InitialValue = std::function<Array(std::uint64_t seed)>;

struct VariableState {
  std::string name;  // "kernel"
  std::string path;  // "dense_1/kernel"; set when the layer's name is settled
  Spec spec;
  bool trainable = true;
  bool autocast = true;  // a layer of a mixed policy reads it in the dtype that it computes in
  InitialValue initial;
  std::uint64_t seed = 0;  // of the initial value
  bool pristine = true;    // nobody has assigned, trained or loaded it yet

  /// A copy of the numbers; draws the initial value if there is none yet.
  Array value() const;
  /// Shape checked and dtype converted; ShapeError names the path.
  void assign(const Array& value);
  /// Back to the initial value.
  void reset();
  /// Draws the initial value from another seed, if the variable is still pristine.
  void reseed(std::uint64_t new_seed);
  /// Moves the numbers to a device, from the host or from another: from now on the storage holds them.
  void place(std::shared_ptr<VariableStorage> storage);
  const std::shared_ptr<VariableStorage>& storage() const { return storage_; }

 private:
  mutable Array host_;  // until placed
  std::shared_ptr<VariableStorage> storage_;
};

struct VariableAccess {
  /// A fresh one that is not trained.
  static Variable make(std::string name, std::string path, Spec spec, InitialValue initial);
  static Variable make(std::shared_ptr<VariableState> state) {
    Variable variable;
    variable.state_ = std::move(state);
    return variable;
  }
  static const std::shared_ptr<VariableState>& state(const Variable& variable);
};

}  // namespace keratin
