#include "ops/random.h"

#include "base/check.h"

namespace keratin {

Specs Random::infer(std::span<const Spec> inputs) const {
  check_shape(inputs[0] == (Spec{int64, Shape({2})}), "expected a seed generator's state of two int64, got ",
              inputs[0]);
  check_shape(is_floating(spec_.dtype), "expected a floating-point dtype, got ", spec_);
  return {spec_};
}

}  // namespace keratin
