// RandomUniform and RandomNormal: element i is base/philox.h's element i of the stream that the state names.
#include "ops/random.h"

#include <algorithm>
#include <cstdint>

#include "base/philox.h"
#include "cpu/kernels/kernels.h"

namespace keratin::cpu {
namespace {

struct Stream {
  PhiloxKey key;
  std::uint64_t number;
  PhiloxBlock block(std::uint64_t index) const { return philox(key, philox_counter(index, number)); }
};

// Each function writes the elements of one block of random bits and says how many they are.
int uniform(const PhiloxBlock& block, float* to) {
  for (int i = 0; i < 4; ++i) to[i] = unit_float(block.words[i]);
  return 4;
}
int uniform(const PhiloxBlock& block, double* to) {
  for (int i = 0; i < 2; ++i) to[i] = unit_double(block.words[2 * i], block.words[2 * i + 1]);
  return 2;
}
template <class T>
int normal(const PhiloxBlock& block, T* to) {  // as normal_double in base/philox.h, both elements from one block
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit_double(block.words[0], block.words[1])));
  const double angle = 6.283185307179586 * unit_double(block.words[2], block.words[3]);
  to[0] = static_cast<T>(radius * std::cos(angle));
  to[1] = static_cast<T>(radius * std::sin(angle));
  return 2;
}

template <class T, int (*draw)(const PhiloxBlock&, T*)> KernelPlan plan_of(std::int64_t count) {
  return make_kernel([count](const KernelArguments& arguments) {
    const auto* const state = static_cast<const std::int64_t*>(arguments.inputs[0]);
    const Stream stream{philox_key(static_cast<std::uint64_t>(state[0])), static_cast<std::uint64_t>(state[1])};
    T* const to = static_cast<T*>(arguments.outputs[0]);
    T drawn[4];
    std::uint64_t block = 0;
    for (std::int64_t i = 0; i < count; ++block) {
      const std::int64_t n = std::min<std::int64_t>(draw(stream.block(block), drawn), count - i);
      std::copy_n(drawn, n, to + i);
      i += n;
    }
  });
}

}  // namespace

KernelPlan plan_random(const KernelRequest& request) {
  const bool is_uniform = static_cast<const Random&>(request.op).distribution() == Distribution::uniform;
  const std::int64_t count = request.outputs[0].shape.size();
  return with_floating(request.outputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    return is_uniform ? plan_of<T, uniform>(count) : plan_of<T, normal<T>>(count);
  });
}

}  // namespace keratin::cpu
