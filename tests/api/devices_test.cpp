#include "keratin/device.h"

#include <gtest/gtest.h>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/throws.h"

namespace keratin {
namespace {

TEST(Devices, BeginWithTheCpu) {
  const std::vector<Device> found = devices();
  ASSERT_GE(found.size(), 2u);
  EXPECT_EQ(found[0].name, "cpu");
  EXPECT_EQ(found[0].unusable, "");
}

TEST(Devices, AreCudasOrSayWhyThereIsNone) {
  const Device last = devices().back();
  Sequential model({Input({3}), layers::Dense(2)});
  if (last.unusable.empty()) {
    EXPECT_EQ(last.name.substr(0, 5), "cuda:");
    EXPECT_GT(last.memory_bytes, 0u);
    EXPECT_THROWS(ValueError, model.compile({.device = "cuda:99"}), "CUDA devices, from \"cuda:0\", got \"cuda:99\"");
    return;
  }
  EXPECT_EQ(last.name, "cuda");
  for (const char* device : {"cuda", "cuda:0", "cuda:7"})
    EXPECT_THROWS(UnsupportedError, model.compile({.device = device}),
                  "device: expected a CUDA device for \"" + std::string(device) + "\", got none (" + last.unusable);
}

TEST(Devices, AreNamedAsTheyAre) {
  Sequential model({Input({3}), layers::Dense(2)});
  for (const char* device : {"", "tpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda:99999999999"})
    EXPECT_THROWS(ValueError, model.compile({.device = device}),
                  "device: expected \"auto\", \"cpu\", \"cuda\" or \"cuda:1\", got \"" + std::string(device) + "\"");
}

TEST(Devices, ThatAreNotThereLeaveTheModelAsItWas) {
  Sequential model({Input({3}), layers::Dense(2)});
  EXPECT_THROWS(ValueError, model.device(), "compile()");
  model.compile({.loss = "mse", .device = "cpu"});
  if (!devices().back().unusable.empty()) {
    EXPECT_THROWS(UnsupportedError, model.compile({.device = "cuda"}), "device: expected a CUDA device");
  }
  EXPECT_EQ(model.device(), "cpu");
  model.fit(Array::ones({4, 3}), Array::ones({4, 2}), {.verbose = 0});
}

}  // namespace
}  // namespace keratin
