// What a compiled program may be asked for.
#pragma once

#include <span>

#include "graph/spec.h"
#include "simd/compiled_program.h"

namespace keratin::cpu {

/// True if a compiled program can run on operands like these.
inline bool may_be_compiled(std::span<const Spec> inputs, std::span<const Spec> outputs) {
  for (const std::span<const Spec> specs : {inputs, outputs}) {
    if (specs.size() > ProgramRows::most) return false;
    for (const Spec& spec : specs)
      if (spec.dtype != float32 || spec.shape.size() == 0) return false;
  }
  return true;
}

}  // namespace keratin::cpu
