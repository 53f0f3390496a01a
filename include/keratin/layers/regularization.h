// Layers that make training harder so that models generalise. Output shapes are the inputs'.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "keratin/export.h"
#include "keratin/layer.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct DropoutOptions {
  /// Shape of the mask, which broadcasts to the input: unknown takes the input's extent there, 1 drops along an axis
  /// together. None: the input's.
  std::optional<Shape> noise_shape = std::nullopt;
  std::optional<std::int64_t> seed = std::nullopt;  // none: given by the model
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// While training sets each element to 0 with probability rate and divides the others by 1 - rate; otherwise the
/// identity. The random stream's state is saved with the model. Throws ValueError unless rate is in [0, 1]; 1 gives
/// zeros.
Ref<Layer> Dropout(double rate, DropoutOptions options = {});

}  // namespace layers
}  // namespace keratin
