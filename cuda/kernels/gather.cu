// Gather and ScatterAdd: rows by their indices, from a table and into it. As on the CPU (ops/gather.h), an index
// outside gives NaN, or 0 of integers, and what would be added there is dropped: a step cannot fail. (TensorFlow's GPU
// kernels give 0 instead of NaN, which hides the mistake.) Nothing is added atomically: sums have the same bits in
// every run, those of the CPU.
#include "cuda/device_code.cuh"

#include "ops/gather.h"

#include <algorithm>
#include <cstring>

#include "cuda/kernels/kernels.h"
#include "cuda/kernels/movement.h"

namespace keratin::cuda {
namespace {

/// x (outer, extent, inner), of which `chosen` rows along the middle are meant.
struct Rows {
  std::int64_t outer, extent, inner, chosen;
  std::int64_t table_pitch;   // elements from row to row of the table
  std::int64_t chosen_pitch;  // of what is chosen
};

/// Rows lie apart only in matrices.
Rows rows_of(const Spec& table, std::int64_t table_pitch, const Spec& indices, const Spec& chosen,
             std::int64_t chosen_pitch, int axis) {
  const Shape& shape = table.shape;
  const std::int64_t inner = shape.from(axis + 1).size();
  const auto pitch_of = [inner](const Spec& spec, std::int64_t pitch) {
    return pitch == Matrix(spec.shape).columns ? inner : pitch;
  };
  return {shape.until(axis).size(),      shape[axis], inner, indices.shape.size(), pitch_of(table, table_pitch),
          pitch_of(chosen, chosen_pitch)};
}

/// Rows that lie apart are those of the table, or of what is chosen.
bool takes(const KernelRequest& request, const Rows& rows, const Spec& table, const Spec& chosen) {
  return request.pitches.empty() ||
         (rows.outer == 1 && Matrix(table.shape).columns == rows.inner && Matrix(chosen.shape).columns == rows.inner);
}

/// The index counted from the front; -1 for one outside.
template <class I> __device__ std::int64_t position_of(I index, std::int64_t extent) {
  const auto wide = static_cast<std::int64_t>(index);
  const std::int64_t position = wide < 0 ? wide + extent : wide;
  return position >= 0 && position < extent ? position : -1;
}

/// A word of y a thread; inner and pitches in words.
template <class Word, class I, class Offset>
__global__ void take_rows(const Word* x, const I* indices, Word* y, Rows rows, Word outside) {
  const auto inner = static_cast<Offset>(rows.inner), chosen = static_cast<Offset>(rows.chosen);
  const auto extent = static_cast<Offset>(rows.extent), count = static_cast<Offset>(rows.outer) * chosen * inner;
  const auto step = static_cast<Offset>(gridDim.x * blockDim.x);
  for (auto e = static_cast<Offset>(blockIdx.x * blockDim.x + threadIdx.x); e < count; e += step) {
    const Offset row = e / inner, j = e - row * inner, o = row / chosen, i = row - o * chosen;
    const std::int64_t position = position_of(indices[i], rows.extent);
    const Offset from = (o * extent + static_cast<Offset>(position)) * static_cast<Offset>(rows.table_pitch) + j;
    y[row * static_cast<Offset>(rows.chosen_pitch) + j] = position < 0 ? outside : x[from];
  }
}

/// A word full of what an index outside gives.
template <class Word> Word outside_word(DType dtype) {
  Word word{};
  const auto repeat = [&word](auto number) {
    for (std::size_t at = 0; at < sizeof word; at += sizeof number)
      std::memcpy(reinterpret_cast<std::byte*>(&word) + at, &number, sizeof number);
  };
  switch (dtype) {
    case DType::float32: repeat(std::uint32_t{0x7fc00000}); break;
    case DType::float64: repeat(std::uint64_t{0x7ff8000000000000}); break;
    case DType::float16: repeat(std::uint16_t{0x7e00}); break;
    case DType::bfloat16: repeat(std::uint16_t{0x7fc0}); break;
    default: break;
  }
  return word;
}

/// f(I{}) for an index's C++ type.
template <class F> KernelPlan with_index(DType dtype, const F& f) {
  return dtype == int64 ? f(std::int64_t{}) : f(std::int32_t{});
}

// ScatterAdd. A block owns some rows of the table, of which it takes 256 columns at most: it reads all indices, lists
// those that are its own, and adds their updates in the order of the list.

constexpr int each = 4;                          // indices that a thread looks at in one go
constexpr int looked_at = each * block_threads;  // by a block
constexpr int block_warps = block_threads / warp_threads;
constexpr std::int64_t most_blocks = 1024;  // rows are shared out among so many

struct Share {
  std::int64_t rows_each;  // of a block
  std::int64_t blocks;     // for each outer index
  int columns;             // threads side by side, a power of two; what is left of the block takes turns by rows
};

/// How many of the block's threads below this one have how much together; all of them in `total`. By all threads.
__device__ int sum_before(int own, int* warp_sums, int& total) {
  const int thread = static_cast<int>(threadIdx.x), lane = thread % warp_threads, warp = thread / warp_threads;
  int sum = own;  // of the lanes up to this one
  for (int distance = 1; distance < warp_threads; distance *= 2) {
    const int below = __shfl_sync(whole_warp, sum, lane >= distance ? lane - distance : lane);
    if (lane >= distance) sum += below;
  }
  if (lane == warp_threads - 1) warp_sums[warp] = sum;
  __syncthreads();
  total = 0;
  int before = sum - own;
  for (int w = 0; w < block_warps; ++w) {
    if (w < warp) before += warp_sums[w];
    total += warp_sums[w];
  }
  return before;
}

/// y (outer, extent, inner) from updates (outer, chosen, inner).
template <class T, class I> __global__ void add_rows(const T* updates, const I* indices, T* y, Rows rows, Share share) {
  __shared__ std::int64_t listed[looked_at];  // number of the index
  __shared__ int targets[looked_at];          // its row, counted from the block's first
  __shared__ int warp_sums[block_warps];
  const std::int64_t outer = blockIdx.x / share.blocks, first = blockIdx.x % share.blocks * share.rows_each;
  const std::int64_t own_rows = first + share.rows_each < rows.extent ? share.rows_each : rows.extent - first;
  const int thread = static_cast<int>(threadIdx.x);
  const int turns = block_threads / share.columns, turn = thread / share.columns;
  const std::int64_t column = std::int64_t{blockIdx.y} * share.columns + thread % share.columns;
  const bool has_column = column < rows.inner;
  y += (outer * rows.extent + first) * rows.table_pitch + column;
  updates += outer * rows.chosen * rows.chosen_pitch + column;
  for (std::int64_t row = turn; has_column && row < own_rows; row += turns) y[row * rows.table_pitch] = T(0);
  for (std::int64_t begin = 0; begin < rows.chosen; begin += looked_at) {
    std::int64_t own[each];
    int count = 0, total = 0;
    for (int k = 0; k < each; ++k) {
      const std::int64_t i = begin + thread * each + k;
      const std::int64_t position = i < rows.chosen ? position_of(indices[i], rows.extent) : -1;
      own[k] = position >= first && position < first + own_rows ? position - first : -1;
      count += own[k] >= 0 ? 1 : 0;
    }
    int at = sum_before(count, warp_sums, total);
    for (int k = 0; k < each; ++k) {
      if (own[k] < 0) continue;
      listed[at] = begin + thread * each + k;
      targets[at++] = static_cast<int>(own[k]);
    }
    __syncthreads();
    T sum = T(0);
    int target = -1;  // the row that the sum is of: one index many times over is added up without a store between
    for (int l = 0; has_column && l < total; ++l) {
      if ((targets[l] & (turns - 1)) != turn) continue;
      if (targets[l] != target) {
        if (target >= 0) y[target * rows.table_pitch] = sum;
        target = targets[l];
        sum = y[target * rows.table_pitch];
      }
      sum += updates[listed[l] * rows.chosen_pitch];
    }
    if (target >= 0) y[target * rows.table_pitch] = sum;
    __syncthreads();
  }
}

Share share_of(const Rows& rows) {
  Share share{1, 1, 1};
  while (share.columns < rows.inner && share.columns < block_threads) share.columns *= 2;
  const std::int64_t strips = rows.outer * ((rows.inner + share.columns - 1) / share.columns);
  const std::int64_t wanted = std::max<std::int64_t>(1, most_blocks / std::max<std::int64_t>(1, strips));
  share.rows_each = std::max<std::int64_t>(1, (rows.extent + wanted - 1) / wanted);
  share.blocks = (rows.extent + share.rows_each - 1) / share.rows_each;
  return share;
}

template <class T, class I> KernelPlan plan_sum(const Rows& rows) {
  const Share share = share_of(rows);
  return make_kernel([rows, share](const KernelArguments& arguments, cudaStream_t stream) {
    const dim3 grid(static_cast<unsigned>(rows.outer * share.blocks),
                    static_cast<unsigned>((rows.inner + share.columns - 1) / share.columns));
    launch(add_rows<T, I>, grid, block_threads, stream, arguments.input<T>(0), arguments.input<I>(1),
           arguments.output<T>(0), rows, share);
  });
}

}  // namespace

KernelPlan plan_gather(const KernelRequest& request, const Planning&) {
  const Spec &table = request.inputs[0], &indices = request.inputs[1], &made = request.outputs[0];
  Rows rows = rows_of(table, request.input_pitch(0), indices, made, request.output_pitch(0),
                      static_cast<const Gather&>(request.op).axis());
  if (!takes(request, rows, table, made)) return {};
  if (made.shape.size() == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  const auto size = static_cast<std::int64_t>(size_in_bytes(made.dtype));
  const std::int64_t bytes = word_bytes({rows.inner * size, rows.table_pitch * size, rows.chosen_pitch * size});
  for (std::int64_t* const each_of : {&rows.inner, &rows.table_pitch, &rows.chosen_pitch})
    *each_of = *each_of * size / bytes;
  const std::int64_t furthest =
      rows.outer * std::max((rows.extent + 1) * rows.table_pitch, rows.chosen * rows.chosen_pitch);
  const std::int64_t count = rows.outer * rows.chosen * rows.inner;
  return with_index(indices.dtype, [&](auto index) {
    using I = decltype(index);
    return make_kernel([=, dtype = made.dtype](const KernelArguments& arguments, cudaStream_t stream) {
      with_word(bytes, [&](auto word) {
        with_offset(furthest, [&](auto offset) {
          using Word = decltype(word);
          launch(take_rows<Word, I, decltype(offset)>, blocks_for(count), block_threads, stream,
                 arguments.input<Word>(0), arguments.input<I>(1), arguments.output<Word>(0), rows,
                 outside_word<Word>(dtype));
        });
      });
    });
  });
}

KernelPlan plan_scatter_add(const KernelRequest& request, const Planning&) {
  const Spec &updates = request.inputs[0], &indices = request.inputs[1], &made = request.outputs[0];
  const Rows rows = rows_of(made, request.output_pitch(0), indices, updates, request.input_pitch(0),
                            static_cast<const ScatterAdd&>(request.op).axis());
  if (!takes(request, rows, made, updates)) return {};
  if (updates.dtype != float32 && updates.dtype != float64) return {};
  if (made.shape.size() == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  return with_index(indices.dtype, [&](auto index) {
    using I = decltype(index);
    return updates.dtype == float32 ? plan_sum<float, I>(rows) : plan_sum<double, I>(rows);
  });
}

}  // namespace keratin::cuda
