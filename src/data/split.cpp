#include "data/split.h"

#include <cmath>

#include "base/check.h"

namespace keratin {

std::int64_t training_samples(std::int64_t samples, double validation_split) {
  check_argument(0.0 < validation_split && validation_split < 1.0, "fit: expected validation_split in (0, 1), got ",
                 validation_split);
  const auto training = static_cast<std::int64_t>(std::floor(static_cast<double>(samples) * (1.0 - validation_split)));
  check_argument(0 < training && training < samples, "fit: expected enough samples to train and to validate with, got ",
                 samples, " at validation_split ", validation_split, "; give more data or another validation_split");
  return training;
}

}  // namespace keratin
