// Metric: a name and the variables in which a metric gathers.
#include <utility>

#include "base/check.h"
#include "graph/variable_state.h"
#include "keratin/array.h"
#include "keratin/metrics.h"

namespace keratin {

Metric::Metric(std::string name) : name_(std::move(name)) {
  check_argument(!name_.empty(), "Metric: expected a name, got none; the logs list metrics by name");
}

void Metric::reset_state() {
  for (const Variable& variable : variables_) VariableAccess::state(variable)->reset();
}

void Metric::describe(Fields& fields) { fields("name", name_); }

Variable Metric::add_weight(std::string_view name, const Shape& shape, WeightOptions options) {
  check_shape(shape.known(), name_, ": expected a weight of known shape, got ", shape);
  const DType dtype = options.dtype.value_or(floatx());
  variables_.push_back(VariableAccess::make(std::string(name), concat(name_, "/", name), {dtype, shape},
                                            [initializer = options.initializer, shape, dtype](std::uint64_t seed) {
                                              return (*initializer)(shape, dtype, seed);
                                            }));
  return variables_.back();
}

}  // namespace keratin
