// RandomUniform and RandomNormal: Philox numbers as a pure function of a seed generator's state.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

enum class Distribution : std::uint8_t { uniform, normal };

/// Input: the state (2) int64 of a seed generator: seed and counter, each below 2³². Output: element i is the i-th
/// number of the Philox stream with that key: uniform in [0, 1), or standard normal. Equal on every device and for any
/// thread count.
class Random final : public Op {
 public:
  Random(Distribution distribution, Spec spec) : distribution_(distribution), spec_(std::move(spec)) {}
  std::string_view name() const override {
    return distribution_ == Distribution::uniform ? "RandomUniform" : "RandomNormal";
  }
  void fields(FieldWriter& write) const override { write("spec", spec_); }
  Specs infer(std::span<const Spec> inputs) const override;
  Distribution distribution() const { return distribution_; }

 private:
  Distribution distribution_;
  Spec spec_;
};

}  // namespace keratin
