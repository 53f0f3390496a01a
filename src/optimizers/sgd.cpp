// SGD, with momentum and Nesterov's.
#include <memory>
#include <utility>

#include "keratin/ops.h"
#include "optimizers/optimizer_state.h"

namespace keratin {
namespace {

class SGDOptimizer final : public Optimizer {
 public:
  explicit SGDOptimizer(optimizers::SGDOptions options)
      : Optimizer(options.learning_rate, common_options(options, "sgd")),
        momentum_(options.momentum),
        nesterov_(options.nesterov) {
    check();
  }
  std::string class_name() const override { return "SGD"; }
  void describe(Fields& fields) override {
    Optimizer::describe(fields);
    fields("momentum", momentum_);
    fields("nesterov", nesterov_);
    check();
  }

 protected:
  Tensor update(UpdateContext& c) const override {
    const Tensor step = c.gradient() * c.learning_rate();
    if (momentum_ == 0.0) return c.variable() - step;
    const Variable momentum = c.slot("momentum");
    const Tensor m = momentum * momentum_ - step;
    momentum.assign(m);
    return c.variable() + (nesterov_ ? m * momentum_ - step : m);
  }

 private:
  void check() const { check_within("SGD", "momentum", momentum_, 0.0, 1.0); }

  double momentum_;
  bool nesterov_;
};

}  // namespace

namespace optimizers {

Ref<Optimizer> SGD(SGDOptions options) { return std::make_shared<SGDOptimizer>(std::move(options)); }

Ref<Optimizer> SGD(LearningRate learning_rate, SGDOptions options) {
  options.learning_rate = std::move(learning_rate);
  return SGD(std::move(options));
}

}  // namespace optimizers
}  // namespace keratin
