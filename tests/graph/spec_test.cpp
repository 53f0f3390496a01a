#include "graph/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/text.h"
#include "keratin/error.h"
#include "support/throws.h"

namespace keratin {
namespace {

using ::testing::ElementsAre;

TEST(Spec, PrintsBatches) {
  EXPECT_EQ(concat(Spec{float32, {-1, 784}}), "float32(batch, 784)");
  EXPECT_EQ(concat(Spec{int64, {-3}}), "int64(3*batch,)");
  EXPECT_EQ(concat(Spec{boolean, {}}), "bool()");
}

TEST(SymbolicSize, CountsTheBatchesOnTheirOwn) {
  EXPECT_EQ(symbolic_size(Shape{}.extents()), (SymbolicSize{1, 0}));
  EXPECT_EQ(symbolic_size(Shape{2, 3}.extents()), (SymbolicSize{6, 0}));
  EXPECT_EQ(symbolic_size(Shape{-1, 3}.extents()), (SymbolicSize{3, 1}));
  EXPECT_EQ(symbolic_size(Shape{-2, 3, -5}.extents()), (SymbolicSize{30, 2}));
  EXPECT_EQ(symbolic_size(Shape{-1, 0}.extents()), (SymbolicSize{0, 1}));
}

TEST(Bind, ReplacesBatchesByTheirSize) {
  EXPECT_EQ(bind(Shape{-1, 3, -2}, 50), (Shape{50, 3, 100}));
  EXPECT_EQ(bind(Spec{float64, {-1}}, 0), (Spec{float64, {0}}));
  EXPECT_EQ(bind(Shape{}, 7), Shape{});
}

TEST(Bind, RefusesWhatNoMemoryHolds) {
  const auto huge = std::int64_t{1} << 62;
  EXPECT_THROWS(ValueError, bind(Shape{-2, 3}, huge),
                concat("batch: expected numbers of shape (2*batch, 3) to fit in memory, got a batch of ", huge,
                       "; use a smaller batch or model"));
  EXPECT_THROWS(ValueError, bind(Spec{float32, {-1, 784}}, huge), "batch: expected numbers of shape (batch, 784)");
  EXPECT_THROWS(ValueError, bind(Spec{float32, {-1, 784}}, std::int64_t{1} << 40), "got a batch of 1099511627776");
  EXPECT_EQ(bind(Spec{uint8, {-1}}, 1'000'000'000).shape, Shape({1'000'000'000}));
}

TEST(BroadcastShapes, FollowsNumPy) {
  EXPECT_EQ(broadcast_shapes({}, {}), Shape{});
  EXPECT_EQ(broadcast_shapes({3}, {}), Shape({3}));
  EXPECT_EQ(broadcast_shapes({2, 1, 4}, {3, 1}), (Shape{2, 3, 4}));
  EXPECT_EQ(broadcast_shapes({1}, {0}), Shape({0}));
  EXPECT_EQ(broadcast_shapes({0, 3}, {1, 1}), (Shape{0, 3}));
  EXPECT_EQ(broadcast_shapes({-1, 3}, {3}), (Shape{-1, 3}));
  EXPECT_EQ(broadcast_shapes({-1, 1}, {-1}), (Shape{-1, -1}));
  EXPECT_EQ(broadcast_shapes({-2, 5}, {-2, 1}), (Shape{-2, 5}));
}

TEST(BroadcastShapes, RefusesWhatMayNotBeEqual) {
  EXPECT_THROWS(ShapeError, broadcast_shapes({2, 3}, {4}), "expected shapes that broadcast, got (2, 3) and (4,)");
  EXPECT_THROWS(ShapeError, broadcast_shapes({0}, {2}), "got (0,) and (2,)");
  EXPECT_THROWS(ShapeError, broadcast_shapes({-1}, {2}), "got (batch,) and (2,)");
  EXPECT_THROWS(ShapeError, broadcast_shapes({-1}, {-2}), "got (batch,) and (2*batch,)");
}

TEST(ResolveReshape, FindsTheFreeExtent) {
  EXPECT_EQ(resolve_reshape({2, 6}, {3, 4}), (Shape{3, 4}));
  EXPECT_EQ(resolve_reshape({2, 6}, {-1, 4}), (Shape{3, 4}));
  EXPECT_EQ(resolve_reshape({2, 6}, {-1}), Shape({12}));
  EXPECT_EQ(resolve_reshape({}, {-1}), Shape({1}));
  EXPECT_EQ(resolve_reshape({}, {1, 1}), (Shape{1, 1}));
  EXPECT_EQ(resolve_reshape({0, 3}, {-1, 3}), (Shape{0, 3}));
}

TEST(ResolveReshape, TellsABatchFromAFreeExtent) {
  EXPECT_EQ(resolve_reshape({-1, 28, 28}, {-1, 784}), (Shape{-1, 784}));  // the batch itself
  EXPECT_EQ(resolve_reshape({-1, 4}, {-1}), Shape({-4}));                 // what is left is 4 batches
  EXPECT_EQ(resolve_reshape({-1, 4}, {-1, 2}), (Shape{-2, 2}));
  EXPECT_EQ(resolve_reshape({-4}, {-1, 4}), (Shape{-1, 4}));
  EXPECT_EQ(resolve_reshape({-1, 3, 4}, {-1, -1}), (Shape{-1, 12}));  // {x.shape()[0], -1}: the batch comes first
  EXPECT_EQ(resolve_reshape({-1, 32}, {-1, 2, -1}), (Shape{-1, 2, 16}));
  EXPECT_EQ(resolve_reshape({-2, 8}, {-2, -1, 4}), (Shape{-2, 2, 4}));
  EXPECT_EQ(resolve_reshape({-1, -1}, {-1, -1}), (Shape{-1, -1}));
}

TEST(ResolveReshape, RefusesAnotherSize) {
  EXPECT_THROWS(ShapeError, resolve_reshape({2, 3}, {4, 2}),
                "expected a shape of as many elements as (2, 3), got (4, 2)");
  EXPECT_THROWS(ShapeError, resolve_reshape({2, 3}, {-1, 4}), "got (batch, 4)");
  EXPECT_THROWS(ShapeError, resolve_reshape({-1, 3}, {-1, 2}), "got (batch, 2)");
  EXPECT_THROWS(ShapeError, resolve_reshape({-1, 3}, {3}), "got (3,)");
  EXPECT_THROWS(ShapeError, resolve_reshape({6}, {-1, -1}), "got (batch, batch)");
  EXPECT_THROWS(ShapeError, resolve_reshape({-1, -1}, {-1}), "got (batch,)");
  EXPECT_THROWS(ShapeError, resolve_reshape({0, 3}, {0, -1}), "got (0, batch)");
}

TEST(NormalizeAxis, CountsFromTheEnd) {
  EXPECT_EQ(normalize_axis(-1, 3, "sum"), 2);
  EXPECT_EQ(normalize_axis(0, 3, "sum"), 0);
  EXPECT_THROWS(ShapeError, normalize_axis(3, 3, "sum"), "sum: expected an axis in [-3, 3), got 3");
  EXPECT_THROWS(ShapeError, normalize_axis(-4, 3, "sum"), "got -4");
}

TEST(NormalizeAxes, SortsThemAndTakesAllForNone) {
  EXPECT_THAT(normalize_axes({}, 3, "sum"), ElementsAre(0, 1, 2));
  EXPECT_THAT(normalize_axes({-1, 0}, 3, "sum"), ElementsAre(0, 2));
  EXPECT_THAT(normalize_axes({}, 0, "sum"), ElementsAre());
  EXPECT_THROWS(ShapeError, normalize_axes({0, -3}, 3, "sum"), "sum: expected each axis once, got 0, -3");
}

TEST(Promote, MeetsInTheWiderDtype) {
  EXPECT_EQ(promote(float32, float32), float32);
  EXPECT_EQ(promote(float32, float64), float64);
  EXPECT_EQ(promote(int64, float16), float16);
  EXPECT_EQ(promote(bfloat16, float16), float32);
  EXPECT_EQ(promote(boolean, uint8), uint8);
  EXPECT_EQ(promote(int8, uint8), int32);
  EXPECT_EQ(promote(int32, int64), int64);
  const std::vector<DType> all{float32, float64, float16, bfloat16, int8, uint8, int32, int64, boolean};
  for (const DType a : all)
    for (const DType b : all) EXPECT_EQ(promote(a, b), promote(b, a));
}

}  // namespace
}  // namespace keratin
