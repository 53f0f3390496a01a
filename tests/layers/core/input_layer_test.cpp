// Input and InputLayer.
#include "layers/core/input_layer.h"

#include <gtest/gtest.h>

#include "graph/symbolic.h"
#include "keratin/error.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

TEST(Input, HasTheBatchInFront) {
  const Tensor x = Input({28, 28, 1});
  EXPECT_EQ(x.shape(), (Shape{unknown, 28, 28, 1}));
  EXPECT_EQ(x.dtype(), float32);
  EXPECT_EQ(Input({}).shape(), (Shape{unknown}));
  EXPECT_EQ(Input({2}, {.dtype = uint8}).dtype(), uint8);
}

TEST(Input, IsOfFloatxUnlessToldOtherwise) {
  const testing::FloatX scope(float64);
  EXPECT_EQ(Input({2}).dtype(), float64);
}

TEST(Input, HasAnInputLayerBehindIt) {
  const Tensor x = Input({2}, {.name = "pixels"});
  const auto& call = TensorAccess::call(x);
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->layer->name(), "pixels");
  EXPECT_EQ(call->layer->class_name(), "InputLayer");
  EXPECT_TRUE(call->inputs.empty());
}

TEST(Input, RefusesExtentsThatAreNotKnown) {
  EXPECT_THROWS(ValueError, Input({3, unknown}),
                "Input: expected extents of 1 or more, got (3, -1); the batch, which may be open, comes by itself");
  EXPECT_THROWS(ValueError, Input({0}), "Input: expected extents of 1 or more, got (0)");
  EXPECT_THROWS(ValueError, layers::InputLayer({-4}), "Input: expected extents of 1 or more, got (-4)");
}

TEST(Input, HasNoNumbers) {
  EXPECT_THROWS(ValueError, Input({3}).evaluate(), "expected a constant, got a tensor that depends on an Input");
}

TEST(InputLayer, RefusesToBeCalled) {
  const Ref<Layer> layer = layers::InputLayer({3}, {.name = "pixels"});
  EXPECT_THROWS(ValueError, layer(Input({3})), "pixels (InputLayer): expected not to be called");
}

}  // namespace
}  // namespace keratin
