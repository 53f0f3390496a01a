// fit's validation_split: which samples train and which validate.
#pragma once

#include <cstdint>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// How many of the samples train; the rest, the last ones as they came, before any shuffling, validate. As Keras
/// (data_adapter_utils.train_validation_split): ⌊samples · (1 − validation_split)⌋. Throws ValueError unless
/// 0 < validation_split < 1 and both parts get a sample.
std::int64_t training_samples(std::int64_t samples, double validation_split);

}  // namespace keratin
