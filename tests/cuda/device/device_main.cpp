// Runs GoogleTest where there is a CUDA device; elsewhere it says why there is none and ends with CTest's 77, skipped.
#include <gtest/gtest.h>
#include <keratin/device.h>

#include <cstdio>
#include <string>

namespace {

constexpr int skipped = 77;

/// Why no device can be used; empty: one can.
std::string reason_against_running() {
  std::string reason = "this build has none";
  for (const keratin::Device& device : keratin::devices()) {
    if (!device.name.starts_with("cuda")) continue;
    if (device.unusable.empty()) {
      std::printf("%s: %s, %.0f GiB\n", device.name.c_str(), device.description.c_str(),
                  static_cast<double>(device.memory_bytes) / (1 << 30));
      return {};
    }
    reason = device.unusable;
  }
  return reason;
}

}  // namespace

int main(int count, char** words) {
  testing::InitGoogleTest(&count, words);
  if (testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
  if (const std::string reason = reason_against_running(); !reason.empty()) {
    std::printf("skipped: no CUDA device: %s\n", reason.c_str());
    return skipped;
  }
  return RUN_ALL_TESTS();
}
