// Regularizers: keras.regularizers. Penalties on weights that are added to the loss.
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

/// A scalar penalty of a weight. A Ref converts from Keras's name and from a function of tensors.
class Regularizer : public Configurable {
 public:
  virtual Tensor operator()(const Tensor& weight) const = 0;
  static std::shared_ptr<Regularizer> from_name(std::string_view name);
  static std::shared_ptr<Regularizer> from_class_name(std::string_view class_name);
  /// A named one can be saved; CustomObjects::add_regularizer gives it back.
  static std::shared_ptr<Regularizer> from_function(std::function<Tensor(Tensor)> function, std::string name = "");
};

namespace regularizers {

/// l1 · Σ|w|.
Ref<Regularizer> L1(double l1 = 0.01);
/// l2 · Σw², not halved.
Ref<Regularizer> L2(double l2 = 0.01);
Ref<Regularizer> L1L2(double l1 = 0.0, double l2 = 0.0);

}  // namespace regularizers
}  // namespace keratin
