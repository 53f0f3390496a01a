// What stands in for the ONNX mode of op cases where this build has no onnx component.
#include "support/op_case.h"

namespace keratin::testing {

std::optional<Array> run_as_onnx(const Op&, const std::vector<Array>&) { return std::nullopt; }

}  // namespace keratin::testing
