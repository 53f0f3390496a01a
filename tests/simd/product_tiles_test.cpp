// Every tile of every instruction set against sums in double, between bands of NaN that it must neither read nor write.
#include "simd/product_tiles.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/integer_generator.h"

namespace keratin::cpu {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t band = 64;

/// Numbers between two bands of NaN.
class Guarded {
 public:
  Guarded(const char* stream, std::int64_t count) : all_(static_cast<std::size_t>(count) + 2 * band, nan) {
    const auto values = testing::IntegerGenerator(stream).uniform_values<float>(static_cast<std::size_t>(count), 1.0);
    std::copy(values.begin(), values.end(), all_.begin() + band);
  }
  explicit Guarded(std::int64_t count) : all_(static_cast<std::size_t>(count) + 2 * band, nan) {}
  float* data() { return all_.data() + band; }
  float at(std::int64_t i) const { return all_[band + static_cast<std::size_t>(i)]; }
  bool bands_hold() const {
    for (std::size_t i = 0; i < band; ++i)
      if (all_[i] == all_[i] || all_[all_.size() - 1 - i] == all_[all_.size() - 1 - i]) return false;
    return true;
  }

 private:
  std::vector<float> all_;
};

struct Case {
  int height, width, columns;  // columns in all
  std::int64_t depth, gap;     // gap: what lies between the rows of b and c
  bool transposed;             // a
  std::int64_t runs = 1;       // that the depth is cut into, where it can be
  bool add = false;
};

void expect_product(const ProductTiles& tiles, const Case& x) {
  const std::int64_t pitch = x.columns + x.gap, a_row = x.transposed ? 1 : x.depth,
                     a_depth = x.transposed ? x.height : 1;
  Guarded a("tile/a", x.height * x.depth), c((x.height - 1) * pitch + x.columns);
  const std::int64_t runs = x.depth % x.runs == 0 ? x.runs : 1;
  std::vector<std::int64_t> offsets;
  for (std::int64_t run = 0; run < runs; ++run) offsets.push_back(run * (x.depth / runs) * a_depth);
  for (std::int64_t i = 0; i < x.height && x.add; ++i)
    for (std::int64_t j = 0; j < x.columns; ++j) c.data()[i * pitch + j] = static_cast<float>(i - j);
  // b ends where its memory does, so that a sanitizer sees who reads beyond: bands cannot, for what is read there is
  // multiplied into lanes that nobody looks at.
  const std::vector<float> b = testing::IntegerGenerator("tile/b").uniform_values<float>(
      static_cast<std::size_t>((x.depth - 1) * pitch + x.columns), 1.0);
  tiles.tile[x.width][x.height]({a.data(), a_row, a_depth, x.depth / runs, runs, offsets.data()}, b.data(), pitch,
                                c.data(), pitch, x.columns, x.add);
  for (std::int64_t i = 0; i < x.height; ++i)
    for (std::int64_t j = 0; j < pitch; ++j) {
      if (i == x.height - 1 && j >= x.columns) break;
      if (j >= x.columns) {
        ASSERT_TRUE(std::isnan(c.at(i * pitch + j))) << "writes beside row " << i;
        continue;
      }
      double sum = x.add ? static_cast<double>(i - j) : 0.0, magnitude = std::fabs(sum);
      for (std::int64_t k = 0; k < x.depth; ++k) {
        const double term = double{a.at(i * a_row + k * a_depth)} * double{b[static_cast<std::size_t>(k * pitch + j)]};
        sum += term;
        magnitude += std::fabs(term);
      }
      ASSERT_NEAR(double{c.at(i * pitch + j)}, sum, magnitude * static_cast<double>(x.depth) * 6e-8) << i << ", " << j;
    }
  ASSERT_TRUE(a.bands_hold() && c.bands_hold());
}

TEST(ProductTiles, MultiplyOnEveryInstructionSet) {
  for (const InstructionSet set : instruction_sets()) {
    const ProductTiles& tiles = product_tiles(set);
    for (int width = 1; width <= widest_tile; ++width) {
      ASSERT_GE(tiles.tallest[width], 6);
      for (int height = 1; height <= tiles.tallest[width]; ++height)
        for (int columns = width == 1 ? 1 : width * tiles.lanes; columns <= width * tiles.lanes; ++columns)
          for (const std::int64_t depth : {1, 2, 3, 17, 30})
            for (const std::int64_t gap : {0, 3})
              for (const bool transposed : {false, true})
                for (const auto& [runs, add] : {std::pair{1, false}, {1, true}, {3, false}, {10, true}}) {
                  SCOPED_TRACE(::testing::Message()
                               << "set " << static_cast<int>(set) << ", tile " << height << " x " << width
                               << ", columns " << columns << ", depth " << depth << ", gap " << gap);
                  expect_product(tiles, {height, width, columns, depth, gap, transposed, runs, add});
                  if (::testing::Test::HasFatalFailure()) return;
                }
    }
  }
}

/// A split tile's rows are those of an ordinary one whose lower half was moved away.
void expect_split(const ProductTiles& tiles, int height, int width, std::int64_t depth, int columns) {
  const std::int64_t half = height / 2, jump = 37;
  const std::vector<float> from =
      testing::IntegerGenerator("tile/a").uniform_values<float>(static_cast<std::size_t>(height * depth), 1.0);
  Guarded apart(height * depth + jump);
  for (std::int64_t i = 0; i < height; ++i)
    for (std::int64_t k = 0; k < depth; ++k)
      apart.data()[i * depth + k + (i < half ? 0 : jump)] = from[static_cast<std::size_t>(i * depth + k)];
  const std::vector<float> b =
      testing::IntegerGenerator("tile/b").uniform_values<float>(static_cast<std::size_t>(depth * columns), 1.0);
  std::vector<float> c(static_cast<std::size_t>(height * columns)), want = c;
  const std::int64_t start = 0;
  tiles.tile[width][height]({from.data(), depth, 1, depth, 1, &start}, b.data(), columns, want.data(), columns, columns,
                            false);
  tiles.split[width][height]({apart.data(), depth, 1, depth, 1, &start, jump}, b.data(), columns, c.data(), columns,
                             columns, false);
  ASSERT_EQ(c, want) << height << " x " << width << ", depth " << depth << ", columns " << columns;
}

TEST(ProductTiles, TakeRowsInTwoHalves) {
  for (const InstructionSet set : instruction_sets()) {
    const ProductTiles& tiles = product_tiles(set);
    for (int width = 1; width <= widest_tile; ++width)
      for (int height = 1; height <= tiles.tallest[width]; ++height) {
        ASSERT_EQ(tiles.split[width][height] != nullptr, height % 2 == 0);
        for (int columns = width == 1 ? 1 : width * tiles.lanes; columns <= width * tiles.lanes; ++columns)
          for (const std::int64_t depth : {1, 2, 17})
            if (height % 2 == 0) expect_split(tiles, height, width, depth, columns);
      }
  }
}

/// a has a NaN in a row in the middle, b an infinity in a column.
void expect_carried(const ProductTiles& tiles, int height, int width) {
  const std::int64_t n = width * tiles.lanes, depth = 5, row = height / 2, column = n / 3;
  std::vector<float> a(static_cast<std::size_t>(height * depth), 1.0f), b(static_cast<std::size_t>(depth * n), 1.0f);
  std::vector<float> c(static_cast<std::size_t>(height * n));
  a[static_cast<std::size_t>(row * depth + 2)] = nan;
  b[static_cast<std::size_t>(4 * n + column)] = std::numeric_limits<float>::infinity();
  const std::int64_t start = 0;
  tiles.tile[width][height]({a.data(), depth, 1, depth, 1, &start}, b.data(), n, c.data(), n, static_cast<int>(n),
                            false);
  for (std::int64_t i = 0; i < height; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const float got = c[static_cast<std::size_t>(i * n + j)];
      ASSERT_TRUE(i == row ? std::isnan(got) : (j == column ? std::isinf(got) : got == 5.0f))
          << i << ", " << j << ": " << got;
    }
}

TEST(ProductTiles, CarryNaNOnlyToItsRowAndColumn) {
  for (const InstructionSet set : instruction_sets())
    for (int width = 1; width <= widest_tile; ++width)
      for (int height = 1; height <= product_tiles(set).tallest[width]; ++height) {
        SCOPED_TRACE(::testing::Message() << "set " << static_cast<int>(set) << ", tile " << height << " x " << width);
        expect_carried(product_tiles(set), height, width);
        if (::testing::Test::HasFatalFailure()) return;
      }
}

}  // namespace
}  // namespace keratin::cpu
