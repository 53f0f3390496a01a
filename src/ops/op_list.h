// The index of all ops: what a backend and an exporter must know of.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

enum class OpKind : std::uint8_t {
  leaf,         // no inputs and no kernel
  view,         // its input's memory, without a kernel
  elementwise,  // every backend computes it, as an ElementwiseProgram
  kernel,       // every backend computes it; it may have an expansion all the same
  expansion,    // a backend without a kernel for it computes its expansion
};

struct OpRow {
  std::string_view name;
  OpKind kind;
};
std::span<const OpRow> op_list();

}  // namespace keratin
