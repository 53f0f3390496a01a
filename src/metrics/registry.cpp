// The metrics by name: one row for each.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "keratin/metrics.h"
#include "metrics/accuracy.h"

namespace keratin {
namespace {

using Name = std::optional<std::string>;

struct Row {
  std::string_view class_name;
  std::array<std::string_view, 3> names;  // in snake case, then its aliases
  Ref<Metric> (*make)(Name name);
};

constexpr std::array<Row, 12> rows{{
    {"accuracy", {"accuracy", "acc"}, [](Name name) { return accuracy_by_shape(name.value_or("accuracy")); }},
    {"BinaryAccuracy",
     {"binary_accuracy"},
     [](Name name) { return metrics::BinaryAccuracy({.name = std::move(name)}); }},
    {"BinaryCrossentropy",
     {"binary_crossentropy", "bce", "BCE"},
     [](Name name) { return metrics::BinaryCrossentropy({.name = std::move(name)}); }},
    {"CategoricalAccuracy",
     {"categorical_accuracy"},
     [](Name name) { return metrics::CategoricalAccuracy({.name = std::move(name)}); }},
    {"CategoricalCrossentropy",
     {"categorical_crossentropy"},
     [](Name name) { return metrics::CategoricalCrossentropy({.name = std::move(name)}); }},
    {"Mean", {"mean"}, [](Name name) { return Ref<Metric>(metrics::Mean({.name = std::move(name)})); }},
    {"MeanAbsoluteError",
     {"mean_absolute_error", "mae", "MAE"},
     [](Name name) { return metrics::MeanAbsoluteError({.name = std::move(name)}); }},
    {"MeanSquaredError",
     {"mean_squared_error", "mse", "MSE"},
     [](Name name) { return metrics::MeanSquaredError({.name = std::move(name)}); }},
    {"SparseCategoricalAccuracy",
     {"sparse_categorical_accuracy"},
     [](Name name) { return metrics::SparseCategoricalAccuracy({.name = std::move(name)}); }},
    {"SparseCategoricalCrossentropy",
     {"sparse_categorical_crossentropy"},
     [](Name name) { return metrics::SparseCategoricalCrossentropy({.name = std::move(name)}); }},
    {"SparseTopKCategoricalAccuracy",
     {"sparse_top_k_categorical_accuracy"},
     [](Name name) { return metrics::SparseTopKCategoricalAccuracy(5, {.name = std::move(name)}); }},
    {"TopKCategoricalAccuracy",
     {"top_k_categorical_accuracy"},
     [](Name name) { return metrics::TopKCategoricalAccuracy(5, {.name = std::move(name)}); }},
}};

/// Keras knows "accuracy" and "acc" in any case.
bool is_accuracy(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower == "accuracy" || lower == "acc";
}

}  // namespace

std::shared_ptr<Metric> Metric::from_class_name(std::string_view class_name) {
  for (const Row& row : rows)
    if (class_name == row.class_name) return row.make(std::nullopt).shared();
  return nullptr;
}

std::shared_ptr<Metric> Metric::from_name(std::string_view name) {
  if (is_accuracy(name)) return accuracy_by_shape(std::string(name)).shared();
  std::vector<std::string_view> known;
  for (const Row& row : rows) {
    const bool found = name == row.class_name || std::find(row.names.begin(), row.names.end(), name) != row.names.end();
    if (found && !name.empty()) return row.make(std::string(name)).shared();
    known.push_back(row.names.front());
  }
  throw ValueError(concat("metric: expected one of ", join(known, ", "), ", got \"", name,
                          "\"; a function of (y_true, y_pred) or an object of a class of your own will do too"));
}

}  // namespace keratin
