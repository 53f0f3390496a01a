// RandomUniform and RandomNormal: element i is base/philox.h's element i of the stream that the state names.
#include "ops/random.h"

#include <algorithm>
#include <cstdint>

#include "base/philox.h"
#include "cpu/division.h"
#include "cpu/kernels/kernels.h"

namespace keratin::cpu {
namespace {

struct Stream {
  PhiloxKey key;
  std::uint64_t number;
  PhiloxBlock block(std::uint64_t index) const { return philox(key, philox_counter(index, number)); }
};

// Each function writes the elements of one block of random bits.
void uniform(const PhiloxBlock& block, float* to) {
  for (int i = 0; i < 4; ++i) to[i] = unit_float(block.words[i]);
}
void uniform(const PhiloxBlock& block, double* to) {
  for (int i = 0; i < 2; ++i) to[i] = unit_double(block.words[2 * i], block.words[2 * i + 1]);
}
template <class T>
void normal(const PhiloxBlock& block, T* to) {  // as normal_double in base/philox.h, both elements from one block
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit_double(block.words[0], block.words[1])));
  const double angle = 6.283185307179586 * unit_double(block.words[2], block.words[3]);
  to[0] = static_cast<T>(radius * std::cos(angle));
  to[1] = static_cast<T>(radius * std::sin(angle));
}

/// By rows. in_block: elements of a block.
template <class T, int in_block, void (*draw)(const PhiloxBlock&, T*)>
KernelPlan plan_of(const KernelRequest& request) {
  const Matrix matrix(request.outputs[0].shape);
  constexpr double flops = 60;  // of an element: ten rounds of a block cipher
  Division division{.rows = matrix.rows, .columns = matrix.columns, .row_step = 1};
  division.inputs = {{}};
  division.outputs = {{Follows::rows, Follows::nothing}};
  division.flops = flops * static_cast<double>(matrix.rows * matrix.columns);
  return make_kernel(
      [columns = matrix.columns](const KernelArguments& arguments) {
        const auto* const state = arguments.input<std::int64_t>(0);
        const Stream stream{philox_key(static_cast<std::uint64_t>(state[0])), static_cast<std::uint64_t>(state[1])};
        T* const to = arguments.output<T>(0);
        T drawn[4];
        const std::int64_t end = arguments.part.row_end * columns;
        for (std::int64_t i = arguments.part.row * columns; i < end;) {
          draw(stream.block(static_cast<std::uint64_t>(i / in_block)), drawn);
          const std::int64_t first = i % in_block, n = std::min<std::int64_t>(in_block - first, end - i);
          std::copy_n(drawn + first, n, to + i);
          i += n;
        }
      },
      0, std::move(division));
}

}  // namespace

KernelPlan plan_random(const KernelRequest& request) {
  const bool is_uniform = static_cast<const Random&>(request.op).distribution() == Distribution::uniform;
  return with_floating(request.outputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    return is_uniform ? plan_of<T, 16 / sizeof(T), uniform>(request) : plan_of<T, 2, normal<T>>(request);
  });
}

}  // namespace keratin::cpu
