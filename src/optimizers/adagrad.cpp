// Adagrad; Keras 3's formula, or with Keras 2.3's epsilon.
#include <memory>
#include <utility>

#include "keratin/ops.h"
#include "optimizers/optimizer_state.h"

namespace keratin {
namespace {

class AdagradOptimizer final : public Optimizer {
 public:
  explicit AdagradOptimizer(optimizers::AdagradOptions options)
      : Optimizer(options.learning_rate, common_options(options, "adagrad")), options_(std::move(options)) {
    check();
  }
  std::string class_name() const override { return "Adagrad"; }
  void describe(Fields& fields) override {
    Optimizer::describe(fields);
    fields("initial_accumulator_value", options_.initial_accumulator_value);
    fields("epsilon", options_.epsilon);
    fields.extension("keras2_epsilon", options_.keras2_epsilon, false);
    check();
  }

 protected:
  Tensor update(UpdateContext& c) const override {
    const Variable accumulator = c.slot("accumulator", options_.initial_accumulator_value);
    accumulator.assign_add(ops::square(c.gradient()));
    const Tensor root =
        options_.keras2_epsilon ? ops::sqrt(accumulator) + options_.epsilon : ops::sqrt(accumulator + options_.epsilon);
    return c.variable() - c.learning_rate() * c.gradient() / root;
  }

 private:
  void check() const {
    check_not_negative("Adagrad", "initial_accumulator_value", options_.initial_accumulator_value);
    check_not_negative("Adagrad", "epsilon", options_.epsilon);
  }

  optimizers::AdagradOptions options_;  // the learning rate and what all optimizers have live in the base
};

}  // namespace

namespace optimizers {

Ref<Optimizer> Adagrad(AdagradOptions options) { return std::make_shared<AdagradOptimizer>(std::move(options)); }

Ref<Optimizer> Adagrad(LearningRate learning_rate, AdagradOptions options) {
  options.learning_rate = std::move(learning_rate);
  return Adagrad(std::move(options));
}

}  // namespace optimizers
}  // namespace keratin
