// Flatten, Reshape and ZeroPadding2D.
#include <gtest/gtest.h>

#include "functional/layer_config.h"
#include "keratin/error.h"
#include "keratin/layers.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_layer;
using testing::run_layer;

TEST(Flatten, Conforms) {
  check_layer([] { return layers::Flatten(); }, {{2, 3, 4}}, {.output = {24}});
  check_layer([] { return layers::Flatten(); }, {{5}}, {.output = {5}});
  check_layer([] { return layers::Flatten(); }, {Shape{}}, {.output = {1}});
  check_layer([] { return layers::Flatten({.data_format = "channels_first"}); }, {{2, 3, 4}}, {.output = {24}});
}

TEST(Flatten, MovesChannelsLastIfTheyAreFirst) {
  const Array x = Array(std::vector<float>{1, 2, 3, 4, 5, 6}, {1, 2, 3});  // two channels of three
  EXPECT_CLOSE(run_layer(layers::Flatten(), {x}).output, Array::of<float>({{1, 2, 3, 4, 5, 6}}), 0.0);
  EXPECT_CLOSE(run_layer(layers::Flatten({.data_format = "channels_first"}), {x}).output,
               Array::of<float>({{1, 4, 2, 5, 3, 6}}), 0.0);
  EXPECT_THROWS(ValueError, layers::Flatten({.data_format = "first"}),
                "Flatten: expected data_format channels_last or channels_first, got \"first\"");
}

TEST(Reshape, Conforms) {
  check_layer([] { return layers::Reshape({4, 3}); }, {{2, 6}}, {.output = {4, 3}});
  check_layer([] { return layers::Reshape({2, -1, 3}); }, {{12}}, {.output = {2, 2, 3}});
  check_layer([] { return layers::Reshape({-1}); }, {{2, 6}}, {.output = {12}});
  check_layer([] { return layers::Reshape({}); }, {{1}}, {.output = {}});
  check_layer([] { return layers::Reshape({-1, 4}); }, {{4}}, {.output = {1, 4}});
}

TEST(Reshape, KeepsTheOrder) {
  const Array x = Array::of<float>({{1, 2, 3, 4}, {5, 6, 7, 8}});
  EXPECT_CLOSE(run_layer(layers::Reshape({-1, 2}), {x}).output, x.reshape({2, 2, 2}), 0.0);
}

TEST(Reshape, RefusesTargetsThatCannotBe) {
  EXPECT_THROWS(ValueError, layers::Reshape({-1, 3, -1}),
                "Reshape: expected target_shape of extents of 0 or more and at most one -1, got (-1, 3, -1)");
  EXPECT_THROWS(ValueError, layers::Reshape({-2}), "got (-2)");
  const auto apply = [](const Shape& target, const Shape& input) {
    return layers::Reshape(target, {.name = "r"})(Input(input));
  };
  EXPECT_THROWS(ShapeError, apply({3, 3}, {8}),
                "r (Reshape): expected a target_shape of as many elements as a sample of shape (8,), got (3, 3)");
  EXPECT_THROWS(ShapeError, apply({3, -1}, {8}),
                "r (Reshape): expected a target_shape of as many elements as a sample of shape (8,), got (3, -1)");
  EXPECT_THROWS(ShapeError, apply({0, -1}, {8}), "got (0, -1)");
}

TEST(ZeroPadding2D, Conforms) {
  check_layer([] { return layers::ZeroPadding2D(); }, {{2, 3, 2}}, {.output = {4, 5, 2}});
  check_layer([] { return layers::ZeroPadding2D({{1, 0}, {2, 3}}); }, {{2, 3, 2}}, {.output = {3, 8, 2}});
  check_layer([] { return layers::ZeroPadding2D(0); }, {{2, 3, 2}}, {.output = {2, 3, 2}});
}

TEST(ZeroPadding2D, LeavesBytesBytes) {
  const Array x = Array::of<std::uint8_t>({200, 255}).reshape({1, 1, 2, 1});
  const Array y = run_layer(layers::ZeroPadding2D({0, 1}), {x}).output;
  EXPECT_EQ(y.dtype(), uint8);
  EXPECT_CLOSE(y, Array::of<std::uint8_t>({0, 200, 255, 0}).reshape({1, 1, 4, 1}), 0.0);
}

TEST(ZeroPadding2D, RefusesWhatCannotBe) {
  EXPECT_THROWS(ValueError, layers::ZeroPadding2D({{1, -1}, {0, 0}}),
                "ZeroPadding2D: expected padding of 0 or more, got ((1, -1), (0, 0))");
  const Json json = parse_json(R"({"class_name": "ZeroPadding2D", "config": {"padding": [[1, 2], [3]]}})");
  EXPECT_THROWS(ValueError, LayerReader(CustomObjects()).layer(ConfigPlace(json, "here")),
                "here.config: ZeroPadding2D: expected padding ((top, bottom), (left, right)), got ((1, 2), (3))");
  EXPECT_THROWS(UnsupportedError, layers::ZeroPadding2D(1, {.data_format = "channels_first"}),
                "ZeroPadding2D: expected data_format channels_last");
  EXPECT_THROWS(ShapeError, layers::ZeroPadding2D(1, {.name = "z"})(Input({2, 3})),
                "z (ZeroPadding2D): expected images (batch, height, width, channels), got (batch, 2, 3)");
  EXPECT_THROWS(ShapeError, layers::ZeroPadding2D(1, {.name = "z"})(Input({2, 3, 1}).at({all, all, Slice{0, 0}})),
                "z (ZeroPadding2D): expected images of 1 row, column and channel or more, got (batch, 2, 0, 1)");
}

}  // namespace
}  // namespace keratin
