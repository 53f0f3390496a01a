// Concat: tensors one after another along an axis: seen as matrices of as many rows, side by side.
#include "cuda/device_code.cuh"

#include "ops/concat.h"

#include <algorithm>

#include "cuda/kernels/kernels.h"
#include "cuda/kernels/movement.h"

namespace keratin::cuda {
namespace {

constexpr int most_parts = 64;  // of one launch: they are its parameters

/// Inputs (rows, columns[k]), which begin at column first[k] of the output (rows, width); in words.
struct Parts {
  const void* from[most_parts];
  std::int64_t first[most_parts], columns[most_parts];
};

/// An input for each y of the grid.
template <class Word, class Offset> __global__ void join(Word* to, Parts parts, Offset rows, Offset width) {
  const auto* const from = static_cast<const Word*>(parts.from[blockIdx.y]);
  const auto columns = static_cast<Offset>(parts.columns[blockIdx.y]);
  const auto first = static_cast<Offset>(parts.first[blockIdx.y]);
  const auto step = static_cast<Offset>(gridDim.x * blockDim.x);
  for (auto i = static_cast<Offset>(blockIdx.x * blockDim.x + threadIdx.x); i < rows * columns; i += step)
    to[i / columns * width + first + i % columns] = from[i];
}

struct Joined {
  std::int64_t rows = 0, width = 0, word = 16;  // word: in bytes; width and what is below in words
  std::vector<std::size_t> inputs;              // those that are not empty
  std::vector<std::int64_t> first, columns;
};

Joined joined(const KernelRequest& request) {
  const Spec& made = request.outputs[0];
  const int axis = static_cast<const Concat&>(request.op).axis();
  const auto size = static_cast<std::int64_t>(size_in_bytes(made.dtype));
  Joined out;
  if (made.shape.size() == 0) return out;
  out.rows = made.shape.until(axis).size();
  const std::int64_t inner = made.shape.from(axis + 1).size() * size;  // bytes
  for (std::size_t k = 0; k < request.inputs.size(); ++k) {
    const std::int64_t bytes = request.inputs[k].shape[axis] * inner;
    if (bytes == 0) continue;
    out.inputs.push_back(k);
    out.first.push_back(out.width);
    out.columns.push_back(bytes);
    out.width += bytes;
    out.word = word_bytes({out.word, bytes});
  }
  for (std::int64_t& each : out.first) each /= out.word;
  for (std::int64_t& each : out.columns) each /= out.word;
  out.width /= out.word;
  return out;
}

void enqueue(const Joined& all, const KernelArguments& arguments, cudaStream_t stream) {
  for (std::size_t begin = 0; begin < all.inputs.size(); begin += most_parts) {
    const std::size_t count = std::min<std::size_t>(most_parts, all.inputs.size() - begin);
    Parts parts{};
    std::int64_t widest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      parts.from[i] = arguments.inputs[all.inputs[begin + i]];
      parts.first[i] = all.first[begin + i];
      parts.columns[i] = all.columns[begin + i];
      widest = std::max(widest, parts.columns[i]);
    }
    const dim3 grid(blocks_for(all.rows * widest), static_cast<unsigned>(count));
    with_word(all.word, [&](auto word) {
      with_offset(all.rows * all.width, [&](auto offset) {
        using Word = decltype(word);
        launch(join<Word, decltype(offset)>, grid, block_threads, stream, arguments.output<Word>(0), parts, all.rows,
               all.width);
      });
    });
  }
}

}  // namespace

KernelPlan plan_concat(const KernelRequest& request, const Planning&) {
  return make_kernel([all = joined(request)](const KernelArguments& arguments, cudaStream_t stream) {
    enqueue(all, arguments, stream);
  });
}

}  // namespace keratin::cuda
