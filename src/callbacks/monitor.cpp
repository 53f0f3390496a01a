#include "callbacks/monitor.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "keratin/error.h"
#include "keratin/model.h"

namespace keratin::callbacks {
namespace {

constexpr std::string_view kValidation = "val_";

bool is_of_validation(std::string_view name) { return name.starts_with(kValidation); }

}  // namespace

Monitor::Monitor(std::string who, std::string name, const std::string& mode, double min_delta)
    : who_(std::move(who)), name_(std::move(name)), min_delta_(std::abs(min_delta)) {
  if (mode == "min") {
    direction_ = Direction::down;
  } else if (mode == "max") {
    direction_ = Direction::up;
  } else if (mode != "auto") {
    throw ValueError(who_ + R"(: expected mode "auto", "min" or "max", got ")" + mode + "\"");
  }
}

std::optional<double> Monitor::value(const Callback& callback, const Logs& logs) const {
  if (logs.contains(name_)) return logs.at(name_);
  const bool validated =
      std::any_of(logs.begin(), logs.end(), [](const Logs::Entry& entry) { return is_of_validation(entry.first); });
  if (is_of_validation(name_) && !validated && callback.params().validation_freq > 0) return std::nullopt;
  std::string names;
  for (const auto& [name, unused] : logs) names += (names.empty() ? "" : ", ") + name;
  throw ValueError(who_ + ": expected monitor to be one of " + (names.empty() ? "no names at all" : names) + ", got " +
                   name_ +
                   (is_of_validation(name_) && !validated ? "; give fit validation_data or validation_split" : ""));
}

bool Monitor::improves(const Callback& callback, double value, std::optional<double> reference) {
  if (direction_ == Direction::none) direction_ = direction_in(callback);
  if (!reference) return true;
  return direction_ == Direction::down ? value + min_delta_ < *reference : value - min_delta_ > *reference;
}

Monitor::Direction Monitor::direction_in(const Callback& callback) const {
  std::string_view metric = name_;
  if (is_of_validation(metric)) metric.remove_prefix(kValidation.size());
  if (metric == "loss") return Direction::down;
  for (const Ref<Metric>& known : callback.model().all_metrics()) {
    if (known->name() != metric) continue;
    if (known->direction() == Metric::Direction::down) return Direction::down;
    if (known->direction() == Metric::Direction::up) return Direction::up;
  }
  throw ValueError(who_ + R"(: expected mode "min" or "max", got "auto", but nothing tells which way )" + name_ +
                   " improves; give mode");
}

}  // namespace keratin::callbacks
