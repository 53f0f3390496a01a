#include "launch_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "statistics.h"

namespace {

using Json = nlohmann::json;

constexpr std::size_t warming_up = 5;  // steps

/// Microseconds of every step, from complete events in the order of the steps.
class Times {
 public:
  explicit Times(std::size_t steps) : steps_(steps, 0.0) {}
  void add(std::size_t step, const Json& event) { steps_.at(step) += event.at("dur").get<double>(); }
  double median_after_warming_up(std::size_t members) const {
    const auto skipped = static_cast<std::ptrdiff_t>(std::min(warming_up, steps_.size() - 1));
    return statistics::median({steps_.begin() + skipped, steps_.end()}) / static_cast<double>(members);
  }

 private:
  std::vector<double> steps_;
};

/// The steps of a trace, by their times.
class Steps {
 public:
  void add(const Json& event) { ends_.push_back(event.at("ts").get<double>() + event.at("dur").get<double>()); }
  std::size_t count() const { return ends_.size(); }
  /// The step that an event begins in: the first that ends after it.
  std::size_t of(const Json& event) const {
    const auto found = std::upper_bound(ends_.begin(), ends_.end(), event.at("ts").get<double>());
    return std::min(static_cast<std::size_t>(found - ends_.begin()), ends_.size() - 1);
  }

 private:
  std::vector<double> ends_;  // ascending
};

std::vector<Json> complete_events(const std::filesystem::path& trace) {
  std::ifstream file(trace);
  const Json whole = Json::parse(file);
  std::vector<Json> out;
  for (const Json& event : whole.at("traceEvents"))
    if (event.at("ph") == "X") out.push_back(event);
  return out;
}

std::string printed(const char* format, auto... values) {
  std::array<char, 512> line{};
  const int length = std::snprintf(line.data(), line.size(), format, values...);
  return {line.data(), std::min(static_cast<std::size_t>(std::max(length, 0)), line.size() - 1)};
}

/// Names are cut from the left: the layer is at their end.
std::string cut(const std::string& name, std::size_t width) {
  return name.size() <= width ? name : "…" + name.substr(name.size() - width + 1);
}

}  // namespace

LaunchTable LaunchTable::read(const std::filesystem::path& trace) {
  const std::vector<Json> events = complete_events(trace);
  Steps steps;
  std::size_t members = 0;
  for (const Json& event : events) {
    members = std::max(members, event.at("tid").get<std::size_t>() + 1);
    if (event.at("cat") == "step") steps.add(event);
  }
  if (steps.count() == 0) throw std::runtime_error("the trace has no steps");
  Times step(steps.count()), feeding(steps.count()), feeding_ahead(steps.count()), waiting(steps.count());
  std::map<std::size_t, Times> times;
  std::map<std::size_t, LaunchRow> rows;
  for (const Json& event : events) {
    const std::string category = event.at("cat");
    const std::size_t of = steps.of(event);
    const Json& told = event.at("args");
    if (category == "step") step.add(of, event);
    if (category == "feed") feeding.add(of, event);
    if (category == "feed ahead") feeding_ahead.add(of, event);
    if (category == "wait") waiting.add(of, event);
    if (category != "launch") continue;
    const auto index = told.at("launch").get<std::size_t>();
    times.try_emplace(index, steps.count()).first->second.add(of, event);
    LaunchRow& row = rows[index];
    row.op = told.at("op").get<std::string>().substr(0, told.at("op").get<std::string>().find('('));
    row.layer = told.at("layer");
    row.shapes = told.at("inputs").get<std::string>() + " -> " + told.at("outputs").get<std::string>();
    if (of + 1 != steps.count()) continue;  // the work is the same in every step
    row.flops += told.at("FLOP").get<double>();
    row.bytes += told.at("bytes").get<double>();
  }
  LaunchTable out;
  for (auto& [index, row] : rows) {
    row.microseconds = times.at(index).median_after_warming_up(members);
    out.launches.push_back(row);
  }
  out.step_microseconds = step.median_after_warming_up(1);
  out.feeding_microseconds = feeding.median_after_warming_up(1);
  out.feeding_ahead_microseconds = feeding_ahead.median_after_warming_up(members);
  out.waiting_microseconds = waiting.median_after_warming_up(members);
  return out;
}

std::string LaunchTable::print(double peak_gflops) const {
  std::string out = printed("%-22s %-36s %8s %6s %9s %6s %8s  %s\n", "launch", "layer", "us", "step", "GFLOP/s", "peak",
                            "GB/s", "shapes");
  const auto share = [&](double microseconds) { return 100.0 * microseconds / step_microseconds; };
  for (const LaunchRow& row : launches)
    out += printed("%-22s %-36s %8.2f %5.1f%% %9.1f %5.1f%% %8.1f  ", cut(row.op, 22).c_str(),
                   cut(row.layer, 36).c_str(), row.microseconds, share(row.microseconds), row.gflops(),
                   100.0 * row.gflops() / peak_gflops, row.gigabytes()) +
           row.shapes + "\n";
  const auto rest = [&](const char* name, double microseconds) {
    out += printed("%-59s %8.2f %5.1f%%\n", name, microseconds, share(microseconds));
  };
  rest("feeding the batch", feeding_microseconds);
  rest("feeding the next batch", feeding_ahead_microseconds);
  rest("waiting for other threads", waiting_microseconds);
  rest("the step, profiled", step_microseconds);
  return out;
}
