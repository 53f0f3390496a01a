// A compiled program over rows of its operands where they lie.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "cpu/compiled_program.h"
#include "graph/spec.h"

namespace keratin::cpu {

struct CompiledRows {
  static constexpr std::size_t most = 24;  // inputs, and outputs, of any program in the list
  using Inputs = std::array<const float*, most>;
  using Outputs = std::array<float*, most>;

  CompiledProgram program = nullptr;
  std::size_t inputs = 0, outputs = 0;
  std::array<std::int64_t, most> steps{};  // elements from row to row, per input
  std::int64_t output_step = 0;

  /// from, to: where the first row of each operand begins.
  void run(std::int64_t rows, std::int64_t columns, Inputs from, Outputs to) const {
    for (std::int64_t r = 0; r < rows; ++r) {
      program(columns, to.data(), from.data());
      for (std::size_t k = 0; k < inputs; ++k) from[k] += steps[k];
      for (std::size_t i = 0; i < outputs; ++i) to[i] += output_step;
    }
  }
};

/// True if a compiled program can be asked for operands like these.
inline bool may_be_compiled(std::span<const Spec> inputs, std::span<const Spec> outputs) {
  for (const std::span<const Spec> specs : {inputs, outputs}) {
    if (specs.size() > CompiledRows::most) return false;
    for (const Spec& spec : specs)
      if (spec.dtype != float32 || spec.shape.size() == 0) return false;
  }
  return true;
}

}  // namespace keratin::cpu
