#include "data/split.h"

#include <gtest/gtest.h>

#include "keratin/error.h"
#include "support/throws.h"

namespace keratin {
namespace {

TEST(Split, RoundsTheTrainingPartDownAsKeras) {
  EXPECT_EQ(training_samples(60'000, 0.1), 54'000);
  EXPECT_EQ(training_samples(10, 0.25), 7);
  EXPECT_EQ(training_samples(10, 0.3), 7);
  EXPECT_EQ(training_samples(1000, 0.1), 900);
}

TEST(Split, RefusesWhatLeavesAPartEmpty) {
  EXPECT_THROWS(ValueError, training_samples(1, 0.5),
                "fit: expected enough samples to train and to validate with, got 1 at validation_split 0.5");
  EXPECT_THROWS(ValueError, training_samples(0, 0.5), "got 0 at validation_split 0.5");
}

TEST(Split, RefusesAShareOutsideZeroToOne) {
  for (const double share : {0.0, 1.0, -0.1, 1.5})
    EXPECT_THROWS(ValueError, training_samples(100, share), "fit: expected validation_split in (0, 1), got ");
}

}  // namespace
}  // namespace keratin
