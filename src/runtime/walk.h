// A member's way through a program: which parts of which launches, in which order, and where it waits for the others.
#pragma once

#include <cstddef>
#include <vector>

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct Walk {
  struct Part {
    std::size_t launch;
    Region at;     // of its division; not empty
    int barriers;  // before it
  };
  std::vector<Part> parts;
  int barriers = 0;  // after the last
};

/// The launches in order, those of a strip over and over, a few samples at a time.
Walk walk_of(const Program& program, int member);

}  // namespace keratin
