// A network of pixels in [0, 1] that learns from bytes.
#pragma once

#include <keratin/model.h>

namespace keratin::models {

/// The same network, its weights shared, but fit() and evaluate() and their like also take x as uint8, 0 to 255: a
/// quarter of the memory. A step divides by 255 first, and its numbers are pixels / 255.0 rounded to float32, which
/// multiplying by 1/255, as Rescaling does, gives for half of the bytes only. Summary, saved files and predict() are
/// the network's: float32 in [0, 1].
class TrainedOnBytes final : public Sequential {
 public:
  explicit TrainedOnBytes(const Sequential& network) : Sequential(network) {}

 protected:
  StepResults train_step(const StepData& batch) override;
  StepResults test_step(const StepData& batch) override;
};

}  // namespace keratin::models
