#include "support/source_folder.h"

namespace keratin::testing {

std::filesystem::path source_folder() { return KERATIN_SOURCE_DIR; }

}  // namespace keratin::testing
