#include "cpu/pool_rows.h"

namespace keratin::cpu {

// kernels/pool_rows.cpp, compiled once for each.
KERATIN_IN_EACH_SET(extern const PoolRows pool_loops;)

const PoolRows& pool_rows(InstructionSet set) { return KERATIN_OF_SET(set, pool_loops); }

}  // namespace keratin::cpu
