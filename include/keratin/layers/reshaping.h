// Layers that lay the same numbers out anew, or with zeros around.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "keratin/export.h"
#include "keratin/layer.h"
#include "keratin/types.h"

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

/// How many rows lie above and below, how many columns left and right. Converts as Keras's argument does: 1 for all,
/// {1, 2} for rows and for columns, {{1, 2}, {3, 4}} for {top, bottom}, {left, right}.
struct Padding2D {
  struct Sides {
    Count before, after;
  };
  std::int64_t top, bottom, left, right;
  template <std::integral I> Padding2D(I all) : Padding2D(Count(all), Count(all)) {}
  Padding2D(Count rows, Count columns) : Padding2D(Sides{rows, rows}, Sides{columns, columns}) {}
  Padding2D(Sides rows, Sides columns)
      : top(rows.before), bottom(rows.after), left(columns.before), right(columns.after) {}
};
struct ZeroPadding2DOptions {
  std::string data_format = "channels_last";  // channels_first is not there
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// Zeros around images, whatever their dtype.
/// Input  (batch, h, w, c)   Output (batch, top + h + bottom, left + w + right, c)
/// Throws ValueError for a negative padding, UnsupportedError for channels_first, ShapeError for another rank and
/// for images without pixels or channels.
Ref<Layer> ZeroPadding2D(Padding2D padding = 1, ZeroPadding2DOptions options = {});

}  // namespace layers
}  // namespace keratin
