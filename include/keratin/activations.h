// Activation functions: keras.activations.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/ref.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {

/// An elementwise (or last-axis) function of a tensor. A Ref converts from Keras's name and from a function of tensors.
class ActivationFunction : public Configurable {
 public:
  virtual Tensor operator()(const Tensor& x) const = 0;
  /// "relu"; "" for a function of the user's that has no name.
  virtual std::string name() const = 0;
  /// ValueError that lists the names there are.
  static std::shared_ptr<ActivationFunction> from_name(std::string_view name);
  static std::shared_ptr<ActivationFunction> from_function(std::function<Tensor(Tensor)> function);
};

}  // namespace keratin
