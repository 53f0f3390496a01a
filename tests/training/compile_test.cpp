// What compile() must have done, and what works without it.
#include <gtest/gtest.h>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/throws.h"

namespace keratin {
namespace {

TEST(Compile, MustComeBeforeTrainingEvenAfterAPrediction) {
  Sequential model({Input({3}), layers::Dense(2)});
  const Array x = Array::ones(Shape({4, 3})), y = Array::ones(Shape({4, 2}));
  EXPECT_EQ(model.predict(x, {.verbose = 0}).shape(), Shape({4, 2}));
  EXPECT_THROWS(ValueError, model.fit(x, y, {.verbose = 0}), "fit: expected a compiled model; call compile() first");
  EXPECT_THROWS(ValueError, model.evaluate(x, y, {.verbose = 0}),
                "evaluate: expected a compiled model; call compile() first");
  EXPECT_THROWS(ValueError, model.train_on_batch(x, y),
                "train_on_batch: expected a compiled model; call compile() first");
  EXPECT_THROWS(ValueError, model.optimizer(), "sequential: expected a compiled model; call compile() first");
}

TEST(Compile, SaysWhyADeviceOrAThreadIsNotThere) {
  Sequential model({Input({3}), layers::Dense(2)});
  EXPECT_THROWS(UnsupportedError, model.compile({.device = "cuda:0"}),
                "device: this build has no CUDA backend, got cuda:0");
  EXPECT_THROWS(ValueError, model.compile({.device = "tpu"}),
                "device: expected \"auto\", \"cpu\" or \"cuda\", got tpu");
  EXPECT_THROWS(ValueError, model.compile({.threads = 0}), "compile: expected threads >= 1, got 0");
  EXPECT_THROWS(UnsupportedError, model.compile({.threads = 2}),
                "compile: this version computes on one thread, got threads = 2");
}

}  // namespace
}  // namespace keratin
