#include "base/check.h"

namespace keratin {

void throw_internal_error(const char* condition, const char* file, int line) {
  throw InternalError(concat("internal error: expected ", condition, " at ", file, ":", line, "; please report it"));
}

}  // namespace keratin
