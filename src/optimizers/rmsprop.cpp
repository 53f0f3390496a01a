// RMSprop, with momentum and centered; Keras 3's formula, or with Keras 2.3's epsilon.
#include <memory>
#include <utility>

#include "keratin/ops.h"
#include "optimizers/optimizer_state.h"

namespace keratin {
namespace {

class RMSpropOptimizer final : public Optimizer {
 public:
  explicit RMSpropOptimizer(optimizers::RMSpropOptions options)
      : Optimizer(options.learning_rate, common_options(options, "rm_sprop")), options_(std::move(options)) {
    check();
  }
  std::string class_name() const override { return "RMSprop"; }
  void describe(Fields& fields) override {
    Optimizer::describe(fields);
    fields("rho", options_.rho);
    fields("momentum", options_.momentum);
    fields("epsilon", options_.epsilon);
    fields("centered", options_.centered);
    fields.extension("keras2_epsilon", options_.keras2_epsilon, false);
    check();
  }

 protected:
  Tensor update(UpdateContext& c) const override {
    const double rho = options_.rho;
    const Tensor& g = c.gradient();
    const Variable velocity = c.slot("velocity");
    const Tensor added = (1.0 - rho) * ops::square(g);
    velocity.assign(rho * velocity + added);
    Tensor mean_square = velocity;
    if (options_.centered) {
      const Variable average = c.slot("average_gradient");
      const Tensor moved = (1.0 - rho) * g;
      average.assign(rho * average + moved);
      mean_square = mean_square - ops::square(average);
    }
    const Tensor root =
        options_.keras2_epsilon ? ops::sqrt(mean_square) + options_.epsilon : ops::sqrt(mean_square + options_.epsilon);
    const Tensor step = c.learning_rate() * g / root;
    if (options_.momentum == 0.0) return c.variable() - step;
    const Variable momentum = c.slot("momentum");
    momentum.assign(options_.momentum * momentum + step);
    return c.variable() - momentum;
  }
  std::vector<std::vector<std::string_view>> slot_groups() const override {
    return {{"velocity"}, {"momentum"}, {"average_gradient"}};
  }

 private:
  void check() const {
    check_within("RMSprop", "rho", options_.rho, 0.0, 1.0);
    check_within("RMSprop", "momentum", options_.momentum, 0.0, 1.0);
    check_not_negative("RMSprop", "epsilon", options_.epsilon);
  }

  optimizers::RMSpropOptions options_;  // the learning rate and what all optimizers have live in the base
};

}  // namespace

namespace optimizers {

Ref<Optimizer> RMSprop(RMSpropOptions options) { return std::make_shared<RMSpropOptimizer>(std::move(options)); }

Ref<Optimizer> RMSprop(LearningRate learning_rate, RMSpropOptions options) {
  options.learning_rate = std::move(learning_rate);
  return RMSprop(std::move(options));
}

}  // namespace optimizers
}  // namespace keratin
