// Rescaling.
#include <gtest/gtest.h>

#include "keratin/layers.h"
#include "support/approx.h"
#include "support/check_layer.h"

namespace keratin {
namespace {

TEST(Rescaling, Conforms) {
  testing::check_layer([] { return layers::Rescaling(2.5, {.offset = -1.0}); }, {{2, 3}}, {.output = {2, 3}});
}

TEST(Rescaling, MakesFloatsOfIntegers) {
  const Array x = Array::of<std::uint8_t>({{0, 51, 255}});
  const Array narrow = testing::run_layer(layers::Rescaling(1.0 / 255), {x}).output;
  EXPECT_EQ(narrow.dtype(), float32);
  EXPECT_CLOSE(narrow, Array::of<float>({{0.0f, 0.2f, 1.0f}}), testing::tolerance::float32);
  const Array wide = testing::run_layer(layers::Rescaling(1.0 / 255, {.offset = 0.5, .dtype = float64}), {x}).output;
  EXPECT_CLOSE(wide, Array::of<double>({{0.5, 0.7, 1.5}}), testing::tolerance::float64);
}

}  // namespace
}  // namespace keratin
