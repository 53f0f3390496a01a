// Pad: every element of the output is one of the input, or the value.
#include "cuda/device_code.cuh"

#include "ops/pad.h"

#include <algorithm>
#include <cstring>

#include "cuda/kernels/kernels.h"
#include "cuda/kernels/movement.h"
#include "keratin/array.h"

namespace keratin::cuda {
namespace {

constexpr int most_axes = 12;

/// The input's box within the output, axis by axis; the last axis in words.
struct Box {
  int rank = 0;
  std::int64_t whole[most_axes] = {}, extent[most_axes] = {}, before[most_axes] = {};
};

/// A word of the output a thread.
template <class Word, class Offset>
__global__ void put_into(Word* to, const Word* from, Word value, Box box, Offset count) {
  const auto step = static_cast<Offset>(gridDim.x * blockDim.x);
  for (auto i = static_cast<Offset>(blockIdx.x * blockDim.x + threadIdx.x); i < count; i += step) {
    Offset rest = i, offset = 0, stride = 1;
    bool inside = true;
    for (int axis = box.rank - 1; axis >= 0; --axis) {
      const auto whole = static_cast<Offset>(box.whole[axis]), extent = static_cast<Offset>(box.extent[axis]);
      const auto before = static_cast<Offset>(box.before[axis]);
      const Offset outer = rest / whole, position = rest - outer * whole;
      inside = inside && position >= before && position - before < extent;
      offset += (position - before) * stride;
      stride *= extent;
      rest = outer;
    }
    to[i] = inside ? from[offset] : value;
  }
}

/// Axes, outermost first, of which those that are not padded are one with the next further out.
struct PaddedAxis {
  std::int64_t whole, extent, before;
  bool padded() const { return whole != extent; }
};
std::vector<PaddedAxis> padded_axes(const Shape& whole, const Shape& box, const std::vector<std::int64_t>& before) {
  std::vector<PaddedAxis> axes;  // innermost first
  for (std::size_t i = before.size(); i > 0; --i) {
    PaddedAxis own{whole.extents()[i - 1], box.extents()[i - 1], before[i - 1]};
    if (!axes.empty() && !axes.back().padded()) {
      const std::int64_t inner = axes.back().whole;
      axes.back() = {own.whole * inner, own.extent * inner, own.before * inner};
    } else {
      axes.push_back(own);
    }
  }
  if (axes.empty()) axes.push_back({1, 1, 0});
  std::reverse(axes.begin(), axes.end());
  return axes;
}

/// The value's bytes, repeated to a word.
template <class Word> Word repeated(std::span<const std::byte> value) {
  Word word{};
  for (std::size_t at = 0; at < sizeof word; at += value.size())
    std::memcpy(reinterpret_cast<std::byte*>(&word) + at, value.data(), value.size());
  return word;
}

}  // namespace

KernelPlan plan_pad(const KernelRequest& request, const Planning&) {
  const auto& op = static_cast<const Pad&>(request.op);
  const Spec &input = request.inputs[0], &made = request.outputs[0];
  std::int64_t count = made.shape.size();
  if (count == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  std::vector<PaddedAxis> axes = padded_axes(made.shape, input.shape, bind_offsets(op.before(), op.to(), made.shape));
  if (axes.size() > most_axes) return {};
  const auto size = static_cast<std::int64_t>(size_in_bytes(made.dtype));
  PaddedAxis& last = axes.back();
  const std::int64_t word = word_bytes({last.whole * size, last.extent * size, last.before * size});
  last = {last.whole * size / word, last.extent * size / word, last.before * size / word};
  count = count * size / word;
  Box box;
  for (const PaddedAxis& axis : axes) {
    box.whole[box.rank] = axis.whole;
    box.extent[box.rank] = axis.extent;
    box.before[box.rank] = axis.before;
    ++box.rank;
  }
  const Array value = Array::full({}, op.value(), made.dtype);
  return make_kernel([box, word, count, value](const KernelArguments& arguments, cudaStream_t stream) {
    with_word(word, [&](auto tag) {
      with_offset(count, [&](auto offset) {
        using Word = decltype(tag);
        launch(put_into<Word, decltype(offset)>, blocks_for(count), block_threads, stream, arguments.output<Word>(0),
               arguments.input<Word>(0), repeated<Word>(value.bytes()), box, count);
      });
    });
  });
}

}  // namespace keratin::cuda
