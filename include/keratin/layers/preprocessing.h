// Layers that prepare data.
#pragma once

#include <optional>
#include <string>

#include "keratin/export.h"
#include "keratin/layer.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct RescalingOptions {
  double offset = 0.0;
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// x · scale + offset as floating-point numbers of the layer's dtype, whatever the input's: uint8 images stay uint8
/// until here. Output shape as the input's.
Ref<Layer> Rescaling(double scale, RescalingOptions options = {});

}  // namespace layers
}  // namespace keratin
