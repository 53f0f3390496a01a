// Layers that lay the same numbers out anew.
#pragma once

#include <optional>
#include <string>

#include "keratin/export.h"
#include "keratin/layer.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct FlattenOptions {
  std::string data_format = "channels_last";  // or channels_first: the channels, axis 1, are moved last before
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// Input  (batch, a, b, …)   Output (batch, a·b·…); of (batch): (batch, 1).
Ref<Layer> Flatten(FlattenOptions options = {});

struct ReshapeOptions {
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// target_shape: of one sample, without the batch; one extent may be -1: the rest.
/// Input  (batch, …)   Output (batch) + target_shape
/// Throws ValueError for a target that cannot be, ShapeError if it has not as many elements as a sample.
Ref<Layer> Reshape(const Shape& target_shape, ReshapeOptions options = {});

}  // namespace layers
}  // namespace keratin
