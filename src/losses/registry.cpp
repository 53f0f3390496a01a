// The losses by name: one row for each.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "keratin/losses.h"

namespace keratin {
namespace {

struct Row {
  std::string_view class_name;
  std::array<std::string_view, 3> names;  // the function's, then its aliases
  Ref<Loss> (*make)(std::optional<std::string> name);
};

constexpr std::array<Row, 5> rows{{
    {"BinaryCrossentropy",
     {"binary_crossentropy", "bce", "BCE"},
     [](std::optional<std::string> name) { return losses::BinaryCrossentropy({.name = std::move(name)}); }},
    {"CategoricalCrossentropy",
     {"categorical_crossentropy"},
     [](std::optional<std::string> name) { return losses::CategoricalCrossentropy({.name = std::move(name)}); }},
    {"MeanAbsoluteError",
     {"mean_absolute_error", "mae", "MAE"},
     [](std::optional<std::string> name) { return losses::MeanAbsoluteError({.name = std::move(name)}); }},
    {"MeanSquaredError",
     {"mean_squared_error", "mse", "MSE"},
     [](std::optional<std::string> name) { return losses::MeanSquaredError({.name = std::move(name)}); }},
    {"SparseCategoricalCrossentropy",
     {"sparse_categorical_crossentropy"},
     [](std::optional<std::string> name) { return losses::SparseCategoricalCrossentropy({.name = std::move(name)}); }},
}};

}  // namespace

std::shared_ptr<Loss> Loss::from_class_name(std::string_view class_name) {
  for (const Row& row : rows)
    if (class_name == row.class_name) return row.make(std::nullopt).shared();
  return nullptr;
}

std::shared_ptr<Loss> Loss::from_name(std::string_view name) {
  if (auto loss = from_class_name(name)) return loss;
  std::vector<std::string_view> known;
  for (const Row& row : rows) {
    if (!name.empty() && std::find(row.names.begin(), row.names.end(), name) != row.names.end())
      return row.make(std::string(name)).shared();
    known.push_back(row.names.front());
  }
  throw ValueError(concat("loss: expected one of ", join(known, ", "), ", got \"", name,
                          "\"; a function of (y_true, y_pred) or an object of a class of your own will do too"));
}

}  // namespace keratin
