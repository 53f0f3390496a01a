// Adam and AdamW, which differ in their defaults alone.
#include <memory>
#include <utility>

#include "keratin/ops.h"
#include "ops/functions.h"
#include "optimizers/optimizer_state.h"

namespace keratin {
namespace {

class AdamOptimizer final : public Optimizer {
 public:
  AdamOptimizer(const char* class_name, const char* default_name, optimizers::AdamOptions options)
      : Optimizer(options.learning_rate, common_options(options, default_name)),
        class_name_(class_name),
        options_(std::move(options)) {
    check();
  }
  std::string class_name() const override { return class_name_; }
  void describe(Fields& fields) override {
    Optimizer::describe(fields);
    fields("beta_1", options_.beta_1);
    fields("beta_2", options_.beta_2);
    fields("epsilon", options_.epsilon);
    fields("amsgrad", options_.amsgrad);
    check();
  }

 protected:
  Tensor update(UpdateContext& c) const override {
    const Tensor& g = c.gradient();
    const Tensor beta_1_power = ops::power(scalar(options_.beta_1, g.dtype()), c.step());
    const Tensor beta_2_power = ops::power(scalar(options_.beta_2, g.dtype()), c.step());
    const Tensor unbiased = c.learning_rate() * ops::sqrt(1.0 - beta_2_power);
    const Tensor alpha = unbiased / (1.0 - beta_1_power);
    const Variable m = c.slot("momentum"), v = c.slot("velocity");
    m.assign(m + (g - m) * (1.0 - options_.beta_1));
    v.assign(v + (ops::square(g) - v) * (1.0 - options_.beta_2));
    Tensor second_moment = v;
    if (options_.amsgrad) {
      const Variable largest = c.slot("velocity_hat");
      largest.assign(ops::maximum(largest, v));
      second_moment = largest;
    }
    const Tensor root = ops::sqrt(second_moment) + options_.epsilon;
    return c.variable() - m * alpha / root;
  }
  std::vector<std::vector<std::string_view>> slot_groups() const override {
    return {{"momentum", "velocity"}, {"velocity_hat"}};
  }

 private:
  void check() const {
    check_decay_rate(class_name_, "beta_1", options_.beta_1);
    check_decay_rate(class_name_, "beta_2", options_.beta_2);
    check_not_negative(class_name_, "epsilon", options_.epsilon);
  }

  const char* class_name_;
  optimizers::AdamOptions options_;  // the learning rate and what all optimizers have live in the base
};

}  // namespace

namespace optimizers {

Ref<Optimizer> Adam(AdamOptions options) { return std::make_shared<AdamOptimizer>("Adam", "adam", std::move(options)); }

Ref<Optimizer> Adam(LearningRate learning_rate, AdamOptions options) {
  options.learning_rate = std::move(learning_rate);
  return Adam(std::move(options));
}

Ref<Optimizer> AdamW(AdamWOptions options) {
  return std::make_shared<AdamOptimizer>("AdamW", "adam_w",
                                         AdamOptions{.learning_rate = std::move(options.learning_rate),
                                                     .beta_1 = options.beta_1,
                                                     .beta_2 = options.beta_2,
                                                     .epsilon = options.epsilon,
                                                     .amsgrad = options.amsgrad,
                                                     .weight_decay = options.weight_decay,
                                                     .clipnorm = options.clipnorm,
                                                     .clipvalue = options.clipvalue,
                                                     .global_clipnorm = options.global_clipnorm,
                                                     .name = std::move(options.name)});
}

Ref<Optimizer> AdamW(LearningRate learning_rate, AdamWOptions options) {
  options.learning_rate = std::move(learning_rate);
  return AdamW(std::move(options));
}

}  // namespace optimizers
}  // namespace keratin
