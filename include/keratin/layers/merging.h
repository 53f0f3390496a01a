// Layers that make one tensor of several, and their lower-case forms: layers::add({x, y}).
#pragma once

#include <optional>
#include <string>

#include "keratin/export.h"
#include "keratin/layer.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct AddOptions {
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// The sum of one or more tensors whose shapes broadcast; one of lower rank gets axes of extent 1 after the batch.
Ref<Layer> Add(AddOptions options = {});
Tensor add(const Tensors& inputs, AddOptions options = {});

struct ConcatenateOptions {
  int axis = -1;
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// One or more tensors one after another along the axis; their other extents agree, or it throws ShapeError.
Ref<Layer> Concatenate(ConcatenateOptions options = {});
Tensor concatenate(const Tensors& inputs, ConcatenateOptions options = {});

}  // namespace layers
}  // namespace keratin
