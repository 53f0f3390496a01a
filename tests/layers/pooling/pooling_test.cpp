// Poolings: conformance, configurations, errors.
#include <gtest/gtest.h>

#include <cmath>

#include "functional/layer_config.h"
#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_layer;
using testing::run_layer;

TEST(Pooling2D, Conforms) {
  check_layer([] { return layers::MaxPooling2D(); }, {{4, 5, 2}}, {.output = {2, 2, 2}});
  check_layer(
      [] {
        return layers::MaxPooling2D({3, 2}, {.strides = {{2, 1}}, .padding = "same"});
      },
      {{4, 3, 2}}, {.output = {2, 3, 2}});
  check_layer([] { return layers::AveragePooling2D(2); }, {{4, 5, 2}}, {.output = {2, 2, 2}});
  check_layer([] { return layers::AveragePooling2D(3, {.strides = 2, .padding = "same"}); }, {{4, 5, 2}},
              {.output = {2, 3, 2}});
}

TEST(GlobalPooling2D, Conforms) {
  check_layer([] { return layers::GlobalAveragePooling2D(); }, {{3, 2, 2}}, {.output = {2}});
  check_layer([] { return layers::GlobalAveragePooling2D({.keepdims = true}); }, {{3, 2, 2}}, {.output = {1, 1, 2}});
  check_layer([] { return layers::GlobalMaxPooling2D(); }, {{3, 2, 2}}, {.output = {2}});
  check_layer([] { return layers::GlobalMaxPooling2D({.keepdims = true}); }, {{3, 2, 2}}, {.output = {1, 1, 2}});
}

TEST(Pooling2D, DoesNotCountPaddingInTheMean) {
  const Array x = Array::of<float>({1, 2, 3}).reshape({1, 1, 3, 1});
  EXPECT_CLOSE(run_layer(layers::AveragePooling2D({1, 2}, {.padding = "same"}), {x}).output,
               Array::of<float>({1.5, 3}).reshape({1, 1, 2, 1}), 0.0);
  EXPECT_CLOSE(run_layer(layers::MaxPooling2D({1, 2}, {.padding = "same"}), {Array::full({1, 1, 3, 1}, -2.0)}).output,
               Array::full({1, 1, 2, 1}, -2.0), 0.0);
}

TEST(Pooling2D, TakesThePoolSizeForStridesThatAFileLacks) {
  const Json json = parse_json(R"({"class_name": "MaxPooling2D", "config": {"pool_size": [3, 2], "strides": null}})");
  const Ref<Layer> read = LayerReader(CustomObjects()).layer(ConfigPlace(json, ""));
  EXPECT_EQ(read(Input({9, 9, 1})).shape(), Shape({unknown, 3, 4, 1}));
  const Json wrong = parse_json(R"({"class_name": "MaxPooling2D", "config": {"pool_size": [3, 2, 1]}})");
  EXPECT_THROWS(ValueError, LayerReader(CustomObjects()).layer(ConfigPlace(wrong, "here")),
                "here.config: pool_size: expected height and width, got 3 numbers");
}

TEST(Pooling2D, RefusesWhatCannotBe) {
  const Tensor no_rows = Input({4, 4, 1}).at({all, Slice{0, 0}});
  EXPECT_THROWS(ValueError, layers::MaxPooling2D(0), "MaxPooling2D: expected pool_size > 0, got (0, 0)");
  EXPECT_THROWS(ValueError, layers::AveragePooling2D(2, {.strides = {{1, 0}}}),
                "AveragePooling2D: expected strides > 0, got (1, 0)");
  EXPECT_THROWS(ValueError, layers::MaxPooling2D(2, {.padding = "full"}),
                "MaxPooling2D: expected padding valid or same, got \"full\"");
  EXPECT_THROWS(UnsupportedError, layers::MaxPooling2D(2, {.data_format = "channels_first"}),
                "MaxPooling2D: expected data_format channels_last, got channels_first");
  EXPECT_THROWS(UnsupportedError, layers::AveragePooling2D(2, {.data_format = "channels_first"}),
                "AveragePooling2D: expected data_format channels_last, got channels_first");
  EXPECT_THROWS(ShapeError, layers::MaxPooling2D(2, {.name = "p"})(Input({4, 4})),
                "p (MaxPooling2D): expected images (batch, height, width, channels), got (batch, 4, 4)");
  EXPECT_THROWS(ShapeError, layers::AveragePooling2D(5, {.name = "p"})(Input({4, 8, 1})),
                "p (AveragePooling2D): expected an input with at least 5 rows");
  EXPECT_THROWS(ShapeError, layers::MaxPooling2D(2, {.padding = "same", .name = "p"})(no_rows),
                "p (MaxPooling2D): expected images of 1 row, column and channel or more, got (batch, 0, 4, 1)");
  EXPECT_THROWS(ShapeError,
                layers::AveragePooling2D(2, {.name = "p"})(Input({4, 4, 1}).at({all, all, all, Slice{0, 0}})),
                "p (AveragePooling2D): expected images of 1 row, column and channel or more, got (batch, 4, 4, 0)");
}

TEST(GlobalPooling2D, RefusesWhatCannotBe) {
  const Tensor no_rows = Input({4, 4, 1}).at({all, Slice{0, 0}});
  EXPECT_THROWS(UnsupportedError, layers::GlobalMaxPooling2D({.data_format = "channels_first"}),
                "GlobalMaxPooling2D: expected data_format channels_last");
  EXPECT_THROWS(ValueError, layers::GlobalAveragePooling2D({.data_format = "nhwc"}),
                "GlobalAveragePooling2D: expected data_format channels_last, got \"nhwc\"");
  EXPECT_THROWS(ValueError, layers::GlobalMaxPooling2D({.data_format = "nhwc"}),
                "GlobalMaxPooling2D: expected data_format channels_last, got \"nhwc\"");
  EXPECT_THROWS(ShapeError, layers::GlobalAveragePooling2D({.name = "g"})(Input({4})),
                "g (GlobalAveragePooling2D): expected images");
  EXPECT_THROWS(ShapeError, layers::GlobalMaxPooling2D({.name = "g"})(no_rows),
                "g (GlobalMaxPooling2D): expected images of 1 row, column and channel or more, got (batch, 0, 4, 1)");
  EXPECT_THROWS(ShapeError, layers::GlobalAveragePooling2D({.name = "g"})(no_rows),
                "g (GlobalAveragePooling2D): expected images of 1 row");
  EXPECT_THROWS(ShapeError,
                layers::GlobalMaxPooling2D({.name = "g"})(Input({4, 4, 1}).at({all, all, all, Slice{0, 0}})),
                "g (GlobalMaxPooling2D): expected images of 1 row");
}

}  // namespace
}  // namespace keratin
