// MatMul of float32 by register tiles, straight from where the matrices lie: of what is multiplied only a transposed
// b is copied. An element is summed in the order of depth, whatever the cuts.
#include <algorithm>
#include <vector>

#include "cpu/kernels/kernels.h"
#include "cpu/kernels/transpose_matrix.h"
#include "cpu/product_tiles.h"
#include "ops/matmul.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t block_bytes = 256 * 1024;  // of b: stays in the second-level cache while all rows pass

/// Some columns of c: `width` vectors, of which the last may be cut short if it is alone.
struct Strip {
  std::int64_t column;
  int width;
  int columns;
};

/// Cuts `size` into parts of at most `most` that differ by 1 at the most.
struct Cuts {
  std::int64_t size, count;
  Cuts(std::int64_t whole, std::int64_t most) : size(whole), count((whole + most - 1) / most) {}
  std::int64_t begin(std::int64_t part) const { return size * part / count; }
};

class TiledMatMul final : public Kernel {
 public:
  TiledMatMul(const MatMul& op, const Shape& a, const Shape& c)
      : tiles_(product_tiles()),
        m_(c[-2]),
        n_(c[-1]),
        k_(a[op.transpose_a() ? -2 : -1]),
        products_(c.until(-2).size()),
        a_row_(op.transpose_a() ? 1 : k_),
        a_depth_(op.transpose_a() ? m_ : 1),
        transpose_b_(op.transpose_b()),
        panels_(m_, tiles_.tallest[n_ < 2 * tiles_.lanes ? 1 : 2]) {
    const std::int64_t lanes = tiles_.lanes, pair = 2 * lanes;
    for (std::int64_t column = 0; column < n_;) {
      const int width = n_ - column >= pair ? 2 : 1;
      const std::int64_t columns = std::min(n_ - column, width * lanes);
      strips_.push_back({column, width, static_cast<int>(columns)});
      column += columns;
    }
    const std::int64_t strips = static_cast<std::int64_t>(strips_.size());
    strips_in_block_ = std::clamp(block_bytes / (k_ * pair * std::int64_t{sizeof(float)}), std::int64_t{1}, strips);
  }

  std::size_t workspace_bytes() const { return transpose_b_ ? static_cast<std::size_t>(k_ * n_) * sizeof(float) : 0; }

  void run(const KernelArguments& arguments) const override {
    const float* a = static_cast<const float*>(arguments.inputs[0]);  // (m, k), or (k, m)
    const float* b = static_cast<const float*>(arguments.inputs[1]);  // (k, n), or (n, k)
    float* c = static_cast<float*>(arguments.outputs[0]);             // (m, n)
    float* const turned = static_cast<float*>(arguments.workspace);   // (k, n)
    for (std::int64_t i = 0; i < products_; ++i, a += m_ * k_, b += k_ * n_, c += m_ * n_) {
      if (transpose_b_) transpose_matrix(turned, n_, b, k_, k_, n_);
      multiply(a, transpose_b_ ? turned : b, c);
    }
  }

 private:
  void multiply(const float* a, const float* b, float* c) const {
    const std::int64_t strips = static_cast<std::int64_t>(strips_.size());
    for (std::int64_t block = 0; block < strips; block += strips_in_block_)
      for (std::int64_t panel = 0; panel < panels_.count; ++panel) {
        const std::int64_t row = panels_.begin(panel), height = panels_.begin(panel + 1) - row;
        for (std::int64_t s = block; s < std::min(block + strips_in_block_, strips); ++s) {
          const Strip& strip = strips_[static_cast<std::size_t>(s)];
          tiles_.tile[strip.width][height](a + row * a_row_, a_row_, a_depth_, b + strip.column, n_, k_,
                                           c + row * n_ + strip.column, n_, strip.columns);
        }
      }
  }

  const ProductTiles& tiles_;
  std::int64_t m_, n_, k_;
  std::int64_t products_;  // leading axes, all in one
  std::int64_t a_row_, a_depth_;
  bool transpose_b_;
  Cuts panels_;  // of rows
  std::vector<Strip> strips_;
  std::int64_t strips_in_block_ = 1;
};

}  // namespace

KernelPlan plan_matmul_tiles(const KernelRequest& request) {
  const auto& op = static_cast<const MatMul&>(request.op);
  const Shape &a = request.inputs[0].shape, &b = request.inputs[1].shape, &c = request.outputs[0].shape;
  if (request.inputs[0].dtype != float32 || a.size() == 0 || b.size() == 0) return {};
  auto kernel = std::make_unique<TiledMatMul>(op, a, c);
  const std::size_t workspace_bytes = kernel->workspace_bytes();
  return {std::move(kernel), workspace_bytes};
}

}  // namespace keratin::cpu
