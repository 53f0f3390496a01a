#include "models/trained_on_bytes.h"

#include <keratin/ops.h>

namespace keratin::models {
namespace {

/// Bytes as float32 in [0, 1]; what is no byte stays.
StepData scaled(const StepData& batch) {
  StepData out{{}, batch.y, batch.sample_weight};
  for (const Tensor& x : batch.x) out.x.push_back(x.dtype() == uint8 ? ops::cast(x, float32) / 255.0 : x);
  return out;
}

}  // namespace

StepResults TrainedOnBytes::train_step(const StepData& batch) { return Sequential::train_step(scaled(batch)); }
StepResults TrainedOnBytes::test_step(const StepData& batch) { return Sequential::test_step(scaled(batch)); }

}  // namespace keratin::models
