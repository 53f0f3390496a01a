// ReduceSum, ReduceMax, ReduceMin, ReduceProd over any set of axes. The order depends on the shape and on whether rows
// lie apart, not on how the work is cut, and sums are taken in a tree, so that their error grows with the logarithm of
// the number of terms.
#include "ops/reduce.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <vector>

#include "base/strided_axes.h"
#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "simd/elementwise_functions.h"

namespace keratin::cpu {
namespace {

namespace wrapping = baseline::wrapping;

template <class T> struct Sum {
  static constexpr T start = T(0);
  static T combine(T a, T b) { return wrapping::add(a, b); }
};
template <class T> struct Product {
  static constexpr T start = T(1);
  static T combine(T a, T b) { return wrapping::mul(a, b); }
};
template <class T> struct Max {
  static constexpr T start =
      std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  static T combine(T a, T b) { return scalar::max(a, b); }
};
template <class T> struct Min {
  static constexpr T start =
      std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  static T combine(T a, T b) { return scalar::min(a, b); }
};

constexpr std::int64_t lanes = 16;
constexpr std::int64_t leaf = 256;  // elements that are combined without a tree above the lanes

template <class R, class T> T fold_leaf(const T* x, std::int64_t n) {
  T partial[lanes];
  std::fill_n(partial, lanes, R::start);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (std::int64_t lane = 0; lane < lanes; ++lane) partial[lane] = R::combine(partial[lane], x[i + lane]);
  for (std::int64_t lane = 0; i < n; ++i, ++lane) partial[lane] = R::combine(partial[lane], x[i]);
  for (std::int64_t width = lanes / 2; width > 0; width /= 2)
    for (std::int64_t lane = 0; lane < width; ++lane) partial[lane] = R::combine(partial[lane], partial[lane + width]);
  return partial[0];
}

/// All of n neighbours.
template <class R, class T> T fold(const T* x, std::int64_t n) {
  if (n <= leaf) return fold_leaf<R>(x, n);
  const std::int64_t half = (n / leaf + 1) / 2 * leaf;
  return R::combine(fold<R>(x, half), fold<R>(x + half, n - half));
}

constexpr std::int64_t strip = 64;  // columns that are reduced at a time
constexpr std::int64_t fan_in = 16;
constexpr std::size_t levels = 6;  // the last level takes whatever the others leave

/// Combines a sequence of rows of at most `strip` columns as a tree: each level takes fan_in partial results of the
/// level below.
template <class R, class T> class Tree {
 public:
  explicit Tree(std::int64_t columns) : columns_(columns) { std::fill_n(partial_[0].data(), columns_, R::start); }

  /// n rows, `pitch` apart: one, or fan_in but for the last ones.
  void add(const T* rows, std::int64_t pitch, std::int64_t n) {
    constexpr std::int64_t width = 16;  // partial results in registers
    std::int64_t j = 0;
    for (; j + width <= columns_; j += width) combine_rows<width>(partial_[0].data() + j, rows + j, pitch, n);
    for (; j < columns_; ++j) combine_rows<1>(partial_[0].data() + j, rows + j, pitch, n);
    counts_[0] += n;
    for (std::size_t level = 0; level + 1 < levels && counts_[level] == fan_in; ++level) {
      if (level == top_) std::fill_n(partial_[++top_].data(), columns_, R::start);
      combine(partial_[level + 1].data(), partial_[level].data());
      std::fill_n(partial_[level].data(), columns_, R::start);
      counts_[level] = 0;
      ++counts_[level + 1];
    }
  }

  void finish(T* out) {
    for (std::size_t level = 0; level < top_; ++level) combine(partial_[level + 1].data(), partial_[level].data());
    std::copy_n(partial_[top_].data(), columns_, out);
  }

 private:
  template <std::int64_t width> static void combine_rows(T* into, const T* rows, std::int64_t pitch, std::int64_t n) {
    T partial[static_cast<std::size_t>(width)];
    std::copy_n(into, width, partial);
    for (std::int64_t r = 0; r < n; ++r, rows += pitch)
      for (std::int64_t i = 0; i < width; ++i) partial[i] = R::combine(partial[i], rows[i]);
    std::copy_n(partial, width, into);
  }
  void combine(T* into, const T* row) const {
    KERATIN_INDEPENDENT
    for (std::int64_t j = 0; j < columns_; ++j) into[j] = R::combine(into[j], row[j]);
  }

  std::int64_t columns_;
  std::size_t top_ = 0;  // the highest level in use
  std::array<std::int64_t, levels> counts_{};
  std::array<std::array<T, strip>, levels> partial_;
};

/// An axis list to walk over: all of its indices in order.
struct Walk {
  std::vector<StridedAxis> axes;
  std::int64_t size = 1;

  void add(StridedAxis axis) {
    size *= axis.extent;
    axes.push_back(std::move(axis));
  }
  std::int64_t offset(std::int64_t index) const { return offset_in(0, axes, index); }
};

/// For each index of `kept`, the rows at each index of `reduced` are combined. A row is `columns` neighbours that stay,
/// or `terms` neighbours that are combined to one number.
struct Layout {
  Walk kept, reduced;
  std::int64_t columns = 1;
  std::int64_t terms = 1;
};

/// Few columns of many rows: taken together, they fill vectors.
bool is_narrow(const Layout& layout) {
  return layout.columns > 1 && layout.columns <= strip / 4 && layout.reduced.axes.size() == 1 &&
         layout.reduced.size >= strip;
}

/// Rows of the shape lie `pitch` apart.
Layout plan_layout(const Shape& shape, std::int64_t pitch, const std::vector<int>& reduced_axes) {
  const auto rank = static_cast<std::size_t>(shape.rank());
  std::array<Strides, 2> strides{Strides(rank), Strides(rank)};  // of what is read, and of what is made
  std::int64_t read = 1, made = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    const bool reduced = std::find(reduced_axes.begin(), reduced_axes.end(), axis) != reduced_axes.end();
    strides[0][static_cast<std::size_t>(axis)] = read;
    strides[1][static_cast<std::size_t>(axis)] = reduced ? 0 : made;
    read = axis + 1 == shape.rank() ? pitch : read * shape[axis];
    made *= reduced ? 1 : shape[axis];
  }
  Layout layout;
  for (const StridedAxis& axis : merged_axes(shape, strides)) {
    const bool reduced = axis.strides[1] == 0;
    if (axis.strides[0] == 1)
      (reduced ? layout.terms : layout.columns) = axis.extent;
    else
      (reduced ? layout.reduced : layout.kept).add(axis);
  }
  return layout;
}

/// Neighbours are combined to one number, for each kept index from `begin` to `end`.
template <class R, class T>
void reduce_rows(const Layout& layout, const T* x, T* y, std::int64_t begin, std::int64_t end) {
  for (std::int64_t k = begin; k < end; ++k) {
    const T* const from = x + layout.kept.offset(k);
    if (layout.reduced.size == 1) {
      y[k] = fold<R>(from, layout.terms);
      continue;
    }
    Tree<R, T> tree(1);
    for (std::int64_t r = 0; r < layout.reduced.size; ++r) {
      const T row = fold<R>(from + layout.reduced.offset(r), layout.terms);
      tree.add(&row, 0, 1);
    }
    tree.finish(y + k);
  }
}

/// Rows of few columns that follow each other: as many as make a strip stand for one row, and its parts are combined in
/// the end.
template <class R, class T> void reduce_narrow(const T* x, T* y, std::int64_t rows, std::int64_t columns) {
  const std::int64_t together = strip / columns, width = together * columns, whole = rows / together;
  Tree<R, T> tree(width);
  for (std::int64_t r = 0; r < whole; r += fan_in) tree.add(x + r * width, width, std::min(fan_in, whole - r));
  T partial[strip];
  tree.finish(partial);
  std::copy_n(partial, columns, y);
  for (std::int64_t i = columns; i < width; ++i) y[i % columns] = R::combine(y[i % columns], partial[i]);
  for (std::int64_t i = whole * width; i < rows * columns; ++i) y[i % columns] = R::combine(y[i % columns], x[i]);
}

/// Neighbours from `begin` to `end` stay; whole rows are combined.
template <class R, class T>
void reduce_columns(const Layout& layout, const T* x, T* y, std::int64_t begin, std::int64_t end) {
  const bool even = layout.reduced.axes.size() == 1;
  for (std::int64_t k = 0; k < layout.kept.size; ++k, y += layout.columns) {
    if (is_narrow(layout)) {
      reduce_narrow<R>(x + layout.kept.offset(k), y, layout.reduced.size, layout.columns);
      continue;
    }
    for (std::int64_t j = begin; j < end; j += strip) {
      const T* const from = x + layout.kept.offset(k) + j;
      Tree<R, T> tree(std::min(strip, end - j));
      const std::int64_t pitch = even ? layout.reduced.axes[0].strides[0] : 0, step = even ? fan_in : 1;
      for (std::int64_t r = 0; r < layout.reduced.size; r += step)
        tree.add(from + (even ? r * pitch : layout.reduced.offset(r)), pitch, std::min(step, layout.reduced.size - r));
      tree.finish(y + j);
    }
  }
}

/// By the columns that stay, where all rows are combined; by the kept rows, where each is combined to one number.
Division division_of(const Layout& layout, const KernelRequest& request) {
  const Matrix from(request.inputs[0].shape), to(request.outputs[0].shape);
  Division division{.flops = static_cast<double>(request.inputs[0].shape.size())};
  division.rows = layout.kept.size, division.columns = layout.columns;
  if (layout.columns != 1 && from.columns == layout.columns && to.columns == layout.columns) {
    division.column_step = column_step;
    division.inputs = division.outputs = {{Follows::nothing, Follows::columns}};
  } else if (layout.columns == 1 && layout.reduced.size == 1 && from.rows == layout.kept.size) {
    division.row_step = 1;
    division.inputs = {{Follows::rows, Follows::nothing}};
    division.outputs = {to.rows == from.rows ? Reach{Follows::rows, Follows::nothing}
                                             : Reach{Follows::nothing, Follows::nothing}};
    if (to.rows == 1 && to.columns == from.rows) division.outputs = {{Follows::nothing, Follows::rows}};
  }
  return division;
}

template <template <class> class R, class T> KernelPlan plan_of(Layout layout, const KernelRequest& request) {
  Division division = division_of(layout, request);
  return make_kernel(
      [layout = std::move(layout)](const KernelArguments& arguments) {
        const T* const x = arguments.input<T>(0);
        T* const y = arguments.output<T>(0);
        const Region& part = arguments.part;
        if (layout.columns != 1) {
          reduce_columns<R<T>>(layout, x, y, part.column, part.column_end);
        } else {
          reduce_rows<R<T>>(layout, x, y, part.row, part.row_end);
        }
      },
      0, std::move(division));
}

}  // namespace

KernelPlan plan_reduce(const KernelRequest& request) {
  const auto& op = static_cast<const Reduce&>(request.op);
  if (request.outputs[0].shape.size() == 0) return make_kernel([](const KernelArguments&) {});
  Layout layout = plan_layout(request.inputs[0].shape, request.input_pitch(0), op.axes());
  const Matrix made(request.outputs[0].shape);
  if (is_narrow(layout) && layout.reduced.axes[0].strides[0] != layout.columns) return {};
  if (request.output_pitch(0) != made.columns && made.rows > 1) return {};
  return with_number(request.inputs[0].dtype, [&](auto tag) -> KernelPlan {
    using T = decltype(tag);
    switch (op.reduction()) {
      case Reduction::sum: return plan_of<Sum, T>(std::move(layout), request);
      case Reduction::max: return plan_of<Max, T>(std::move(layout), request);
      case Reduction::min: return plan_of<Min, T>(std::move(layout), request);
      case Reduction::prod: return plan_of<Product, T>(std::move(layout), request);
    }
    return {};
  });
}

}  // namespace keratin::cpu
