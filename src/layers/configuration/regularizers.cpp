// L1, L2 and L1L2, and the table of their names.
#include "keratin/regularizers.h"

#include <array>
#include <cmath>

#include "base/check.h"
#include "keratin/ops.h"

namespace keratin {
namespace {

/// Keras's three classes: which of the two factors they have distinguishes them.
class L1L2Regularizer final : public Regularizer {
 public:
  L1L2Regularizer(std::string_view class_name, std::optional<double> l1, std::optional<double> l2)
      : class_name_(class_name), l1_(l1), l2_(l2) {}
  std::string class_name() const override { return class_name_; }
  void describe(Fields& fields) override {
    if (l1_) fields("l1", *l1_);
    if (l2_) fields("l2", *l2_);
  }
  /// Not in the constructor: a configuration is read after it.
  void check() const {
    check_factor("l1", l1_);
    check_factor("l2", l2_);
  }
  Tensor operator()(const Tensor& weight) const override {
    check();
    const double l1 = l1_.value_or(0.0), l2 = l2_.value_or(0.0);
    Tensor penalty;
    if (l1 != 0.0 || l2 == 0.0) penalty = l1 * ops::sum(ops::abs(weight));
    if (l2 == 0.0) return penalty;
    const Tensor squared = l2 * ops::sum(ops::square(weight));
    return penalty ? penalty + squared : squared;
  }

 private:
  void check_factor(const char* name, std::optional<double> factor) const {
    check_argument(!factor || (std::isfinite(*factor) && *factor >= 0.0), class_name_, ": expected ", name,
                   " >= 0 and finite, got ", factor.value_or(0.0));
  }

  std::string class_name_;
  std::optional<double> l1_;
  std::optional<double> l2_;
};

class CustomRegularizer final : public Regularizer {
 public:
  CustomRegularizer(std::function<Tensor(Tensor)> function, std::string name)
      : function_(std::move(function)), name_(std::move(name)) {}
  std::optional<std::string> function_name() const override { return name_; }
  Tensor operator()(const Tensor& weight) const override { return function_(weight); }

 private:
  std::function<Tensor(Tensor)> function_;
  std::string name_;
};

struct Row {
  std::string_view class_name;
  std::string_view name;
  std::optional<double> l1;
  std::optional<double> l2;
};
constexpr std::array rows{
    Row{"L1", "l1", 0.01, std::nullopt},
    Row{"L2", "l2", std::nullopt, 0.01},
    Row{"L1L2", "l1_l2", 0.0, 0.0},
};

Ref<Regularizer> make_checked(std::string_view class_name, std::optional<double> l1, std::optional<double> l2) {
  const auto regularizer = std::make_shared<L1L2Regularizer>(class_name, l1, l2);
  regularizer->check();
  return regularizer;
}

}  // namespace

namespace regularizers {

Ref<Regularizer> L1(double l1) { return make_checked("L1", l1, std::nullopt); }
Ref<Regularizer> L2(double l2) { return make_checked("L2", std::nullopt, l2); }
Ref<Regularizer> L1L2(double l1, double l2) { return make_checked("L1L2", l1, l2); }

}  // namespace regularizers

std::shared_ptr<Regularizer> Regularizer::from_class_name(std::string_view class_name) {
  for (const Row& row : rows)
    if (row.class_name == class_name) return std::make_shared<L1L2Regularizer>(row.class_name, row.l1, row.l2);
  return nullptr;
}

std::shared_ptr<Regularizer> Regularizer::from_name(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Row& row : rows) {
    if (row.name == name || row.class_name == name) return from_class_name(row.class_name);
    names.push_back(row.name);
  }
  throw ValueError(concat("regularizer: expected one of ", join(names, ", "), ", got \"", name, "\""));
}

std::shared_ptr<Regularizer> Regularizer::from_function(std::function<Tensor(Tensor)> function, std::string name) {
  check_argument(static_cast<bool>(function), "regularizer: expected a function, got an empty one");
  return std::make_shared<CustomRegularizer>(std::move(function), std::move(name));
}

}  // namespace keratin
