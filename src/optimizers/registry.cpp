// The optimizers by name: one row for each.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "keratin/optimizers.h"

namespace keratin {
namespace {

struct Row {
  std::string_view class_name;
  Ref<Optimizer> (*make)();
};

constexpr std::array<Row, 5> rows{{
    {"Adagrad", [] { return optimizers::Adagrad(); }},
    {"Adam", [] { return optimizers::Adam(); }},
    {"AdamW", [] { return optimizers::AdamW(); }},
    {"RMSprop", [] { return optimizers::RMSprop(); }},
    {"SGD", [] { return optimizers::SGD(); }},
}};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace

std::shared_ptr<Optimizer> Optimizer::from_class_name(std::string_view class_name) {
  for (const Row& row : rows)
    if (class_name == row.class_name) return row.make().shared();
  if (class_name == "LossScaleOptimizer")  // no name stands for it: it needs another one
    return optimizers::LossScaleOptimizer(optimizers::SGD()).shared();
  return nullptr;
}

std::shared_ptr<Optimizer> Optimizer::from_name(std::string_view name) {
  std::vector<std::string> known;
  for (const Row& row : rows) {
    known.push_back(lower_case(row.class_name));
    if (lower_case(name) == known.back()) return row.make().shared();
  }
  throw ValueError(concat("optimizer: expected one of ", join(known, ", "), ", got \"", name, "\""));
}

}  // namespace keratin
