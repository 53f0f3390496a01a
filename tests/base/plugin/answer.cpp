// A component as it should be: its interface is one number.
#include "base/plugin.h"

namespace {

const void* answer() {
  static const int number = 42;
  return &number;
}

}  // namespace

KERATIN_COMPONENT_LIBRARY(answer);
