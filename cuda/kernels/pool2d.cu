// MaxPool2D, AveragePool2D and their gradients: a number of what is made a thread, neighbours along channels. Gradients
// gather, in the order of the window: a pixel asks every position that sees it.
#include "cuda/device_code.cuh"
#include "cuda/elementwise/functions.cuh"

#include "ops/pool2d.h"

#include <algorithm>
#include <limits>

#include "cuda/kernels/kernels.h"
#include "cuda/kernels/movement.h"

namespace keratin::cuda {
namespace {

/// Rows, or columns, and the window on them.
struct Axis {
  int x, y;  // extents
  int size, stride, dilation, before;

  /// The pixel that a position's element sees; there may be none.
  __device__ int pixel(int position, int element) const { return position * stride + element * dilation - before; }
  /// The position that sees the pixel through the element; none: −1.
  __device__ int position(int pixel, int element) const {
    const int from = pixel + before - element * dilation;
    return from >= 0 && from % stride == 0 && from / stride < y ? from / stride : -1;
  }
};

/// Elements of the window, begin to end, that a position sees pixels through.
struct Seen {
  int begin, end;
  __device__ int count() const { return end > begin ? end - begin : 0; }
};
__device__ inline Seen seen(const Axis& axis, int position) {
  const int first = axis.pixel(position, 0), beyond = axis.x - first;
  const int begin = first < 0 ? (-first + axis.dilation - 1) / axis.dilation : 0;
  const int end = beyond > 0 ? (beyond + axis.dilation - 1) / axis.dilation : 0;
  return {begin, end < axis.size ? end : axis.size};
}

struct Pooling {
  Axis rows, columns;
  int channels;
};

/// Where a number lies in an array of images.
template <class Offset> struct Index {
  Offset image;
  int row, column, channel;
};
template <class Offset> __device__ Index<Offset> index_of(Offset at, int rows, int columns, int channels) {
  const Offset pixel = at / static_cast<Offset>(channels), line = pixel / static_cast<Offset>(columns);
  const Offset image = line / static_cast<Offset>(rows);
  return {image, static_cast<int>(line - image * static_cast<Offset>(rows)),
          static_cast<int>(pixel - line * static_cast<Offset>(columns)),
          static_cast<int>(at - pixel * static_cast<Offset>(channels))};
}

/// use(index) for the numbers of a thread, among `count` in images of so many rows and columns.
template <class Offset, class Use>
__device__ void for_each_number(Offset count, int rows, int columns, int channels, const Use& use) {
  const auto step = static_cast<Offset>(gridDim.x * blockDim.x);
  for (auto at = static_cast<Offset>(blockIdx.x * blockDim.x + threadIdx.x); at < count; at += step)
    use(at, index_of(at, rows, columns, channels));
}

/// What a position sees of one channel of x (images, rows, columns, channels).
template <class T, class Offset> class Sight {
 public:
  __device__ Sight(const Pooling& pooling, const T* x, Offset image, int row, int column, int channel)
      : rows(seen(pooling.rows, row)), columns(seen(pooling.columns, column)), pooling_(pooling) {
    line_ = static_cast<std::int64_t>(pooling.columns.x) * pooling.channels;
    top_ = x + static_cast<std::int64_t>(image) * pooling.rows.x * line_ + channel;
    row_ = row, column_ = column;
  }
  __device__ T operator()(int i, int j) const {
    const Axis &down = pooling_.rows, &right = pooling_.columns;
    return top_[down.pixel(row_, i) * line_ + static_cast<std::int64_t>(right.pixel(column_, j)) * pooling_.channels];
  }
  const Seen rows, columns;

 private:
  const Pooling& pooling_;
  const T* top_;
  std::int64_t line_;
  int row_, column_;
};

template <class T> struct Most {
  static constexpr T start = -std::numeric_limits<T>::infinity();
  __device__ static T combine(T a, T b) { return Max(a, b); }
  __device__ static T finished(T value, int) { return value; }
};
template <class T> struct Mean {
  static constexpr T start = T(0);
  __device__ static T combine(T a, T b) { return a + b; }
  __device__ static T finished(T value, int count) { return value / static_cast<T>(count); }
};

template <class R, class T, class Offset> __global__ void pool(Pooling pooling, Offset count, const T* x, T* y) {
  for_each_number(count, pooling.rows.y, pooling.columns.y, pooling.channels, [&](Offset at, const auto& index) {
    const Sight<T, Offset> sight(pooling, x, index.image, index.row, index.column, index.channel);
    T value = R::start;
    for (int i = sight.rows.begin; i < sight.rows.end; ++i)
      for (int j = sight.columns.begin; j < sight.columns.end; ++j) value = R::combine(value, sight(i, j));
    y[at] = R::finished(value, sight.rows.count() * sight.columns.count());
  });
}

/// Sums share(position's row, column, number in y, the element (i, j) it sees the pixel through) over the positions
/// that see the pixel.
template <class T, class Offset, class Share>
__device__ T gathered(const Pooling& pooling, const Index<Offset>& pixel, const Share& share) {
  T sum = T(0);
  for (int i = 0; i < pooling.rows.size; ++i) {
    const int row = pooling.rows.position(pixel.row, i);
    if (row < 0) continue;
    const std::int64_t line = static_cast<std::int64_t>(pixel.image) * pooling.rows.y + row;
    for (int j = 0; j < pooling.columns.size; ++j) {
      const int column = pooling.columns.position(pixel.column, j);
      if (column < 0) continue;
      sum += share(row, column, (line * pooling.columns.y + column) * pooling.channels + pixel.channel, i, j);
    }
  }
  return sum;
}

/// Where one of the numbers is NaN, so is the largest.
template <class T> __device__ bool is_largest(T x, T most) { return x == most || x != x; }

/// Whether none is the largest that comes before the window's element (i, j).
template <class T, class Offset> __device__ bool none_before(const Sight<T, Offset>& sight, T most, int i, int j) {
  for (int row = sight.rows.begin; row <= i; ++row)
    for (int column = sight.columns.begin; column < (row < i ? sight.columns.end : j); ++column)
      if (is_largest(sight(row, column), most)) return false;
  return true;
}

template <class T, class Offset>
__global__ void give_to_largest(Pooling pooling, Offset count, const T* x, const T* y, const T* g, T* dx) {
  for_each_number(count, pooling.rows.x, pooling.columns.x, pooling.channels, [&](Offset at, const auto& pixel) {
    const T own = x[at];
    dx[at] = gathered<T>(pooling, pixel, [&](int row, int column, std::int64_t position, int i, int j) {
      const T most = y[position];
      if (!is_largest(own, most)) return T(0);
      const Sight<T, Offset> sight(pooling, x, pixel.image, row, column, pixel.channel);
      return none_before(sight, most, i, j) ? g[position] : T(0);
    });
  });
}

template <class T, class Offset> __global__ void give_to_all(Pooling pooling, Offset count, const T* g, T* dx) {
  for_each_number(count, pooling.rows.x, pooling.columns.x, pooling.channels, [&](Offset at, const auto& pixel) {
    dx[at] = gathered<T>(pooling, pixel, [&](int row, int column, std::int64_t position, int, int) {
      return g[position] / static_cast<T>(seen(pooling.rows, row).count() * seen(pooling.columns, column).count());
    });
  });
}

int narrowed(std::int64_t n) { return static_cast<int>(n); }

Pooling pooling_of(const Window& window, const Shape& x, const Shape& y) {
  const auto axis = [&](std::size_t i) -> Axis {
    const int extent = static_cast<int>(i) + 1;
    return {narrowed(x[extent]),         narrowed(y[extent]),          narrowed(window.size[i]),
            narrowed(window.strides[i]), narrowed(window.dilation[i]), narrowed(window.before[i])};
  };
  return {axis(0), axis(1), narrowed(x[3])};
}

/// Coordinates of 32 bits do.
bool is_countable(const Window& window, const Shape& x) {
  constexpr std::int64_t most = 1 << 30;
  const Shape frame = window.around(x);
  for (std::size_t i = 0; i < 2; ++i)
    if (frame[static_cast<int>(i) + 1] >= most || window.strides[i] >= most || window.dilation[i] >= most) return false;
  return x[3] < most;
}

/// Launches start(T{}, offset's zero, count, arguments, stream) for `count` numbers of the dtype.
template <class Start> KernelPlan plan_of(const Spec& made, const Window& window, const Shape& x, const Start& start) {
  if (!is_countable(window, x)) return {};
  const std::int64_t count = made.shape.size();
  if (count == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  const auto plan = [&](auto number) {
    return make_kernel([start, count, number](const KernelArguments& arguments, cudaStream_t stream) {
      with_offset(count, [&](auto offset) { start(number, offset, count, arguments, stream); });
    });
  };
  if (made.dtype == float32) return plan(float{});
  if (made.dtype == float64) return plan(double{});
  return {};
}

template <template <class> class R> KernelPlan plan_pool(const KernelRequest& request) {
  const Window& window = static_cast<const PoolOp&>(request.op).window();
  const Shape &x = request.inputs[0].shape, &y = request.outputs[0].shape;
  return plan_of(request.outputs[0], window, x,
                 [p = pooling_of(window, x, y)](auto number, auto offset, std::int64_t count,
                                                const KernelArguments& arguments, cudaStream_t stream) {
                   using T = decltype(number);
                   launch(pool<R<T>, T, decltype(offset)>, blocks_for(count), block_threads, stream, p, count,
                          arguments.input<T>(0), arguments.output<T>(0));
                 });
}

}  // namespace

KernelPlan plan_average_pool2d(const KernelRequest& request, const Planning&) { return plan_pool<Mean>(request); }

KernelPlan plan_average_pool2d_gradient(const KernelRequest& request, const Planning&) {
  const Window& window = static_cast<const AveragePool2DGradient&>(request.op).window();
  const Shape &y = request.inputs[0].shape, &x = request.outputs[0].shape;
  return plan_of(request.outputs[0], window, x,
                 [p = pooling_of(window, x, y)](auto number, auto offset, std::int64_t count,
                                                const KernelArguments& arguments, cudaStream_t stream) {
                   using T = decltype(number);
                   launch(give_to_all<T, decltype(offset)>, blocks_for(count), block_threads, stream, p, count,
                          arguments.input<T>(0), arguments.output<T>(0));
                 });
}

KernelPlan plan_max_pool2d(const KernelRequest& request, const Planning&) { return plan_pool<Most>(request); }

KernelPlan plan_max_pool2d_gradient(const KernelRequest& request, const Planning&) {
  const Window& window = static_cast<const MaxPool2DGradient&>(request.op).window();
  const Shape &x = request.inputs[0].shape, &y = request.inputs[1].shape;
  return plan_of(request.outputs[0], window, x,
                 [p = pooling_of(window, x, y)](auto number, auto offset, std::int64_t count,
                                                const KernelArguments& arguments, cudaStream_t stream) {
                   using T = decltype(number);
                   launch(give_to_largest<T, decltype(offset)>, blocks_for(count), block_threads, stream, p, count,
                          arguments.input<T>(0), arguments.input<T>(1), arguments.input<T>(2), arguments.output<T>(0));
                 });
}

}  // namespace keratin::cuda
