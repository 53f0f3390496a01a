// Metrics: keras.metrics.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/layer.h"
#include "keratin/ref.h"
#include "keratin/tensor.h"
#include "keratin/variable.h"

namespace KERATIN_EXPORT keratin {

/// What is told of training beside the loss. Its variables are made in the constructor; update_state() is traced into the step
/// and result() evaluated after it. They start each epoch at their initial values. A Ref converts from Keras's name ("accuracy"
/// resolves by the shapes it meets, as in Keras) and from a function of (y_true, y_pred), whose mean it is.
class Metric : public Configurable {
 public:
  static std::shared_ptr<Metric> from_name(std::string_view name);
  static std::shared_ptr<Metric> from_class_name(std::string_view class_name);
  static std::shared_ptr<Metric> from_function(std::function<Tensor(Tensor, Tensor)> function);

  const std::string& name() const { return name_; }
  virtual void update_state(const Tensor& y_true, const Tensor& y_pred, const std::optional<Tensor>& sample_weight = std::nullopt) = 0;
  virtual Tensor result() const = 0;
  const Variables& variables() const { return variables_; }
  /// The variables back to their initial values, at once.
  void reset_state();
  void describe(Fields& fields) override;

 protected:
  explicit Metric(std::string name);
  /// Non-trainable, of floatx; zeros unless the options say otherwise.
  Variable add_weight(std::string_view name, const Shape& shape = {}, WeightOptions options = {.initializer = "zeros"});

 private:
  std::string name_;
  Variables variables_;
};

}  // namespace keratin
