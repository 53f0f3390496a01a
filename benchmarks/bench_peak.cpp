// Prints what the machine can do at most, `key: value` a line; medians of nine. Every share of the peak that is quoted
// is of a peak measured in the same run as the rest.
#include <cstdio>
#include <vector>

#include "machine_peak.h"
#include "statistics.h"

namespace {

double median_of_nine(const auto& measure) {
  std::vector<double> values(9);
  for (double& value : values) value = measure();
  return statistics::median(values);
}

}  // namespace

int main() {
  for (int threads = 1; threads <= machine::cores(); ++threads)
    for (const std::string_view set : machine::vector_sets())
      std::printf("%.*s_gflops_%d: %.1f\n", static_cast<int>(set.size()), set.data(), threads,
                  median_of_nine([&] { return machine::peak_gflops(threads, 0.02, set); }));
  std::printf("round_trip_ns: %.0f\n", median_of_nine(machine::round_trip_ns));
}
