// Window: what convolutions and poolings slide over the two middle axes of (batch, height, width, channels).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graph/field_writer.h"
#include "graph/onnx_node.h"
#include "keratin/tensor.h"
#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

using Pair = std::array<std::int64_t, 2>;  // of height and width

/// ValueError unless both are positive.
Pair positive_pair(std::string_view who, Size2D numbers);

struct Window {
  Pair size;
  Pair strides{1, 1};
  Pair dilation{1, 1};             // how far apart the window's elements lie
  Pair before{0, 0}, after{0, 0};  // padding

  /// Keras's padding of an input (batch, height, width, channels): "valid" has none; "same" as much as ⌈extent /
  /// stride⌉ positions take, the odd one after. ValueError for another word.
  static Window padded(const Shape& input, std::string_view padding, Pair size, Pair strides, Pair dilation = {1, 1});

  void fields(FieldWriter& write) const;
  std::int64_t elements() const { return size[0] * size[1]; }
  bool pads() const { return before != Pair{0, 0} || after != Pair{0, 0}; }
  /// Where the window fits: (batch, rows, columns, channels). ShapeError where it fits nowhere.
  Shape positions(const Shape& input, std::int64_t channels) const;
  /// The input with its padding.
  Shape around(const Shape& input) const;

  // What expansions are made of.

  /// x with `value` around it.
  Tensor pad(const Tensor& x, double value) const;
  /// What lies under element (row, column) of the window at every position: (batch, rows, columns, channels).
  Tensor under(const Tensor& padded, std::int64_t row, std::int64_t column) const;
  /// The gradient of under(): values in a tensor of zeros of the padded input's shape.
  Tensor put(const Tensor& values, const Shape& input, std::int64_t row, std::int64_t column) const;
  /// The gradient of pad().
  Tensor unpad(const Tensor& padded, const Shape& input) const;

  /// use(row, column) for the window's elements, in order.
  template <class Use> void for_each_element(const Use& use) const {
    for (std::int64_t row = 0; row < size[0]; ++row)
      for (std::int64_t column = 0; column < size[1]; ++column) use(row, column);
  }

  /// Emits an ONNX operator on the node's input 0 and on `others`, with what ONNX says of a window and with more
  /// attributes. ONNX has the channels before rows and columns: input and output are turned over.
  void emit(OnnxNode& node, std::string_view type, std::vector<std::string> others = {},
            std::vector<OnnxAttribute> attributes = {}) const;
};

}  // namespace keratin
