#include "data/shuffle.h"

#include <bit>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/philox.h"

namespace keratin {
namespace {

constexpr std::uint32_t kStream = 0x66756873;  // "shuf": apart from whatever else is drawn with the same seed

/// The words of an epoch, one after another.
class Words {
 public:
  Words(std::uint64_t seed, std::uint32_t epoch) : key_(philox_key(seed)), counter_{{0, 0, epoch, kStream}} {}

  std::uint32_t next() {
    if (used_ == 4) {
      block_ = philox(key_, counter_);
      if (++counter_.words[0] == 0) ++counter_.words[1];
      used_ = 0;
    }
    return block_.words[used_++];
  }

  /// Uniform in [0, last].
  std::uint64_t up_to(std::uint64_t last) {
    const std::uint64_t mask = ~std::uint64_t{0} >> std::countl_zero(last | 1);
    std::uint64_t value = 0;
    do {
      value = next();
      if (last >> 32 != 0) value |= std::uint64_t{next()} << 32;
      value &= mask;
    } while (value > last);
    return value;
  }

 private:
  PhiloxKey key_;
  PhiloxBlock counter_;
  PhiloxBlock block_ = {};
  unsigned used_ = 4;
};

}  // namespace

void fill_permutation(std::span<std::int64_t> order, std::uint64_t seed, std::uint32_t epoch) {
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Words words(seed, epoch);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[words.up_to(i - 1)]);
}

std::vector<std::int64_t> permutation(std::int64_t count, std::uint64_t seed, std::uint32_t epoch) {
  KERATIN_ASSERT(count >= 0);
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  fill_permutation(order, seed, epoch);
  return order;
}

}  // namespace keratin
