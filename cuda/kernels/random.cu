// RandomUniform and RandomNormal: element i is base/philox.h's element i of the stream that the state names. Uniform
// numbers have the bits of every other device, normal ones but for the last places of the functions they are made of.
#include "cuda/device_code.cuh"

#include "base/philox.h"
#include "cuda/kernels/kernels.h"
#include "ops/random.h"

namespace keratin::cuda {
namespace {

/// The elements of one block of random bits, as they lie in memory.
template <class T, std::size_t n> struct alignas(sizeof(T[n])) Drawn { T numbers[n]; };

// Each type draws from one block of bits.
template <class T> struct Uniform;
template <> struct Uniform<float> {
  static constexpr int count = 4;
  static __device__ Drawn<float, 4> draw(const PhiloxBlock& block) {
    Drawn<float, 4> drawn;
    for (int i = 0; i < 4; ++i) drawn.numbers[i] = unit_float(block.words[i]);
    return drawn;
  }
};
template <> struct Uniform<double> {
  static constexpr int count = 2;
  static __device__ Drawn<double, 2> draw(const PhiloxBlock& block) {
    return {{unit_double(block.words[0], block.words[1]), unit_double(block.words[2], block.words[3])}};
  }
};
template <class T> struct Normal {  // as normal_double in base/philox.h, both elements from one block
  static constexpr int count = 2;
  static __device__ Drawn<T, 2> draw(const PhiloxBlock& block) {
    const double radius = sqrt(-2.0 * log(1.0 - unit_double(block.words[0], block.words[1])));
    const double angle = 6.283185307179586 * unit_double(block.words[2], block.words[3]);
    return {{static_cast<T>(radius * cos(angle)), static_cast<T>(radius * sin(angle))}};
  }
};

/// state (2): seed and stream. A block of bits a thread.
template <class T, class Numbers> __global__ void fill(T* to, const std::int64_t* state, std::int64_t count) {
  constexpr std::int64_t together = Numbers::count;
  const PhiloxKey key = philox_key(static_cast<std::uint64_t>(state[0]));
  const auto stream = static_cast<std::uint64_t>(state[1]);
  const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i * together < count; i += step) {
    const auto drawn = Numbers::draw(philox(key, philox_counter(static_cast<std::uint64_t>(i), stream)));
    const std::int64_t first = i * together;
    if (first + together <= count) {
      *reinterpret_cast<Drawn<T, std::size_t{together}>*>(to + first) = drawn;
    } else {
      for (int k = 0; first + k < count; ++k) to[first + k] = drawn.numbers[k];
    }
  }
}

template <class T, class Numbers> KernelPlan plan_of(std::int64_t count) {
  return make_kernel([count](const KernelArguments& arguments, cudaStream_t stream) {
    if (count == 0) return;
    const std::int64_t blocks_of_bits = (count + Numbers::count - 1) / Numbers::count;
    launch(fill<T, Numbers>, blocks_for(blocks_of_bits), block_threads, stream, arguments.output<T>(0),
           arguments.input<std::int64_t>(0), count);
  });
}

}  // namespace

KernelPlan plan_random(const KernelRequest& request, const Planning&) {
  const bool uniform = static_cast<const Random&>(request.op).distribution() == Distribution::uniform;
  const std::int64_t count = request.outputs[0].shape.size();
  switch (request.outputs[0].dtype) {
    case DType::float32: return uniform ? plan_of<float, Uniform<float>>(count) : plan_of<float, Normal<float>>(count);
    case DType::float64:
      return uniform ? plan_of<double, Uniform<double>>(count) : plan_of<double, Normal<double>>(count);
    default: return {};
  }
}

}  // namespace keratin::cuda
