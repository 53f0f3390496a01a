#include <gtest/gtest.h>

#include <limits>

#include "scripted_fit.h"
#include "support/throws.h"

namespace keratin {
namespace {

using callbacks::TerminateOnNaN;
using testing::ScriptedFit;

/// The batches of three epochs of four, where sample 2 is so large that its loss is infinite.
std::int64_t batches_until_the_end(ScriptedFit& fit, const Ref<Callback>& callback) {
  std::int64_t batches = 0;
  const Ref<Callback> counter =
      callbacks::LambdaCallback({.on_train_batch_end = [&](std::int64_t, Logs&) { ++batches; }});
  const Array x(std::vector<float>{1.0F, 1.0F, 1e30F, 1.0F}, {4, 1});
  fit.model().fit(x, Array::zeros({4, 1}),
                  {.batch_size = 1, .epochs = 3, .verbose = 0, .callbacks = {counter, callback}, .shuffle = false});
  return batches;
}

TEST(TerminateOnNaN, EndsTrainingAfterABatchOfInfiniteLoss) {
  ScriptedFit fit;
  EXPECT_EQ(batches_until_the_end(fit, TerminateOnNaN()), 3);
}

TEST(TerminateOnNaN, EndsTrainingAfterABatchWhoseLossIsNoNumber) {
  ScriptedFit fit;
  fit.model().set_weights({Array::full({1, 1}, std::numeric_limits<double>::quiet_NaN())});
  EXPECT_EQ(batches_until_the_end(fit, TerminateOnNaN()), 1);
}

TEST(TerminateOnNaN, ThrowsWhenAsked) {
  ScriptedFit fit;
  EXPECT_THROWS(DataError, batches_until_the_end(fit, TerminateOnNaN({.raise_error = true})),
                "TerminateOnNaN: expected a finite loss, got inf in batch 2");
}

TEST(TerminateOnNaN, LeavesAHealthyTrainingAlone) {
  ScriptedFit fit;
  EXPECT_EQ(fit.run({{"val_loss", {1.0, 1.0}}}, TerminateOnNaN()).epoch.size(), 2u);
}

}  // namespace
}  // namespace keratin
