// What a trace of fit says of its launches, as a table.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// One launch of the step. Times are medians over the steps of the members' mean: what they take together of the team's
/// time.
struct LaunchRow {
  std::string op, layer, shapes;
  double microseconds = 0;
  double flops = 0, bytes = 0;  // of all members together

  double gflops() const { return microseconds > 0 ? flops / microseconds * 1e-3 : 0; }
  double gigabytes() const { return microseconds > 0 ? bytes / microseconds * 1e-3 : 0; }
};

struct LaunchTable {
  std::vector<LaunchRow> launches;        // in the program's order
  double feeding_microseconds = 0;        // before the step, while the other threads have nothing to do
  double feeding_ahead_microseconds = 0;  // the next step, within this one
  double waiting_microseconds = 0;
  double step_microseconds = 0;  // of the whole, median

  /// Of a trace whose steps are all of one batch size. The first steps, which warm up, do not count.
  static LaunchTable read(const std::filesystem::path& trace);
  /// Widths for a terminal; the shapes come last, however long.
  std::string print(double peak_gflops) const;
};
