// Window: padding, positions, and what expansions are made of.
#include "ops/window.h"

#include <gtest/gtest.h>

#include <limits>

#include "keratin/error.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin {
namespace {

constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
const Shape images{1, 5, 6, 1};

TEST(Window, PadsAsKerasDoes) {
  const Window valid = Window::padded(images, "valid", {3, 2}, {2, 2});
  EXPECT_FALSE(valid.pads());
  EXPECT_EQ(valid.positions(images, 7), (Shape{1, 2, 3, 7}));
  const Window same = Window::padded(images, "same", {4, 3}, {1, 4});
  EXPECT_EQ(same.before, (Pair{1, 0}));
  EXPECT_EQ(same.after, (Pair{2, 1}));  // the odd one after; of columns as many as the last position lacks
  EXPECT_EQ(same.positions(images, 1), (Shape{1, 5, 2, 1}));
  EXPECT_EQ(same.around(images), (Shape{1, 8, 7, 1}));
  const Window dilated = Window::padded(images, "same", {2, 2}, {1, 1}, {3, 1});
  EXPECT_EQ(dilated.before, (Pair{1, 0}));
  EXPECT_EQ(dilated.after, (Pair{2, 1}));
  EXPECT_EQ(Window::padded(images, "same", {1, 1}, {5, 9}).pads(), false);
  EXPECT_THROWS(ValueError, Window::padded(images, "full", {1, 1}, {1, 1}),
                "padding: expected valid or same, got full");
}

TEST(Window, HasOnePositionForStridesWithoutEnd) {
  for (const char* padding : {"valid", "same"}) {
    const Window window = Window::padded(images, padding, {2, 2}, {huge, huge - 4});
    EXPECT_EQ(window.positions(images, 1), (Shape{1, 1, 1, 1})) << padding;
    EXPECT_FALSE(window.pads()) << padding;
  }
}

TEST(Window, RefusesToReachWithoutEnd) {
  for (const char* padding : {"valid", "same"}) {
    EXPECT_THROWS(ValueError, Window::padded(images, padding, {3, 3}, {1, 1}, {1, huge}),
                  "expected a window over less than 2147483648 columns, got 3 at a distance of 9223372036854775807");
    EXPECT_THROWS(ValueError, Window::padded(images, padding, {huge, 1}, {1, 1}),
                  "expected a window over less than 2147483648 rows, got 9223372036854775807 at a distance of 1");
    EXPECT_THROWS(ValueError, Window::padded(images, padding, {3, 1}, {1, 1}, {std::int64_t{1} << 30, 1}),
                  "rows, got 3");
    EXPECT_EQ(Window::padded(images, padding, {1, 1}, {1, 1}, {huge, huge}).positions(images, 1), images);
  }
  EXPECT_THROWS(ShapeError, Window::padded(images, "valid", {3, 1}, {1, 1}, {1000000000, 1}).positions(images, 1),
                "expected an input with at least 2000000001 rows, padding included, for a window of 3 at a distance of "
                "1000000000, got 5 in (1, 5, 6, 1)");
}

TEST(Window, FitsWhereItsLastElementLies) {
  const Window window{{3, 2}, {1, 1}, {2, 5}};
  EXPECT_EQ(window.positions({1, 5, 6, 1}, 1), (Shape{1, 1, 1, 1}));
  EXPECT_THROWS(ShapeError, window.positions({1, 4, 6, 1}, 1), "at least 5 rows");
  EXPECT_THROWS(ShapeError, window.positions({1, 5, 5, 1}, 1), "at least 6 columns");
  EXPECT_THROWS(ShapeError, window.positions({5, 6, 1}, 1), "expected (batch, height, width, channels), got (5, 6, 1)");
  EXPECT_THROWS(ShapeError, (Window{{1, 1}, {1, 1}, {1, 1}, {1, 0}, {0, 0}}.positions({1, 0, 6, 1}, 1)),
                "got 1 in (1, 0, 6, 1)");
}

TEST(Window, PutsBackWhatLiesUnderIt) {
  const Window window{{2, 2}, {2, 1}, {1, 2}, {1, 0}, {0, 0}};
  const Shape shape{1, 2, 3, 1};
  const Tensor x = Array::of<float>({1, 2, 3, 4, 5, 6}).reshape(shape);
  const Tensor padded = window.pad(x, 9.0);
  EXPECT_CLOSE(padded.evaluate(), Array::of<float>({9, 9, 9, 1, 2, 3, 4, 5, 6}).reshape({1, 3, 3, 1}), 0.0);
  const Tensor under = window.under(padded, 1, 1);  // row 1, column 2
  EXPECT_CLOSE(under.evaluate(), Array::of<float>({3}).reshape({1, 1, 1, 1}), 0.0);
  const Tensor put = window.put(under, shape, 1, 1);
  EXPECT_CLOSE(put.evaluate(), Array::of<float>({0, 0, 0, 0, 0, 3, 0, 0, 0}).reshape({1, 3, 3, 1}), 0.0);
  EXPECT_CLOSE(window.unpad(put, shape).evaluate(), Array::of<float>({0, 0, 3, 0, 0, 0}).reshape(shape), 0.0);
}

TEST(Window, PutsWhatItsStridesSkipApart) {
  const Window window{{1, 1}, {2, 3}};
  const Shape shape{1, 3, 5, 1};
  const Tensor values = Array::of<float>({1, 2, 3, 4}).reshape({1, 2, 2, 1});
  EXPECT_CLOSE(window.put(values, shape, 0, 0).evaluate(),
               Array::of<float>({1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 3, 0, 0, 4, 0}).reshape(shape), 0.0);
}

TEST(Window, VisitsItsElementsRowByRow) {
  std::vector<Pair> seen;
  Window{{2, 2}}.for_each_element([&](std::int64_t row, std::int64_t column) { seen.push_back({row, column}); });
  EXPECT_EQ(seen, (std::vector<Pair>{{0, 0}, {0, 1}, {1, 0}, {1, 1}}));
  EXPECT_THROWS(ValueError, positive_pair("x: strides", {2, 0}), "x: strides: expected positive numbers, got (2, 0)");
}

}  // namespace
}  // namespace keratin
