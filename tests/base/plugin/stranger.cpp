// A component compiled for another build.
#include "base/plugin.h"

extern "C" [[gnu::visibility("default")]] keratin::ComponentAnswer keratin_component_1() {
  return {"0.0.0 another build", nullptr};
}
