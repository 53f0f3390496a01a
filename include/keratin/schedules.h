// Schedules: keras.optimizers.schedules. A learning rate as a function of the step.
#pragma once

#include <functional>
#include <memory>

#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/ref.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {

/// A Ref converts from a function of the step.
class Schedule : public Configurable {
 public:
  static std::shared_ptr<Schedule> from_function(std::function<Tensor(Tensor)> function);
  /// step: a float64 scalar, 0 at the first update. Returns a floating-point scalar; traced into the step.
  virtual Tensor rate(const Tensor& step) const = 0;
};

}  // namespace keratin
