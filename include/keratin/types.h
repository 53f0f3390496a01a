// The small values that everything else is described with: Count, Shape, DType, indices and axes.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "keratin/export.h"

namespace KERATIN_EXPORT keratin {

/// A count of something. Any integer type converts; a floating-point number or a bool does not compile.
class Count {
 public:
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  constexpr Count(I value) : value_(static_cast<std::int64_t>(value)) {}
  constexpr operator std::int64_t() const { return value_; }

 private:
  std::int64_t value_;
};

/// Python's None in a shape: the batch. While a step is traced an extent -k means k·batch: concatenating two batches
/// gives -2, a pairwise product (-1, -1).
inline constexpr std::int64_t unknown = -1;

/// The extents of an array or tensor, slowest first. Shape{} is a scalar's; Shape({784}) has one axis.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<Count> extents);
  explicit Shape(std::span<const std::int64_t> extents);
  explicit Shape(std::vector<std::int64_t> extents);

  /// The extent along an axis; negative axes count from the end. Throws ShapeError outside the rank.
  std::int64_t operator[](int axis) const;
  std::int64_t back() const;
  int rank() const { return static_cast<int>(extents_.size()); }
  bool empty() const { return extents_.empty(); }
  /// The product of the extents; 1 for a scalar. Meaningful only where no extent is unknown. Throws ShapeError on
  /// overflow.
  std::int64_t size() const;
  /// True if no extent is negative.
  bool known() const;
  /// Python's shape[axis:] and shape[:axis].
  Shape from(int axis) const;
  Shape until(int axis) const;
  std::span<const std::int64_t> extents() const { return extents_; }
  const std::int64_t* begin() const { return extents_.data(); }
  const std::int64_t* end() const { return extents_.data() + extents_.size(); }
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> extents_;
};
Shape operator+(const Shape& a, const Shape& b);
/// "(batch, 28, 28)"; multiples of the batch print as "2*batch".
std::string to_string(const Shape& shape);
std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// Height and width: {3, 5}, or one number for both.
struct Size2D {
  std::int64_t height, width;
  template <std::integral I> Size2D(I both) : Size2D(Count(both), Count(both)) {}
  Size2D(Count rows, Count columns) : height(rows), width(columns) {}
  friend bool operator==(const Size2D&, const Size2D&) = default;
};

enum class DType : std::uint8_t { float32, float64, float16, bfloat16, int8, uint8, int32, int64, boolean };
using enum DType;
std::string_view to_string(DType dtype);
/// The dtype of that name as Keras spells it ("float32", "bool", …). Throws ValueError that lists the names.
DType dtype_from_name(std::string_view name);
std::size_t size_in_bytes(DType dtype);
bool is_floating(DType dtype);
std::ostream& operator<<(std::ostream& out, DType dtype);

template <class T>
concept Number = std::is_arithmetic_v<T>;

/// The dtype that stores a T. Only the types that Array can hold have one.
template <Number T> constexpr DType dtype_of();
template <> constexpr DType dtype_of<float>() { return DType::float32; }
template <> constexpr DType dtype_of<double>() { return DType::float64; }
template <> constexpr DType dtype_of<std::int8_t>() { return DType::int8; }
template <> constexpr DType dtype_of<std::uint8_t>() { return DType::uint8; }
template <> constexpr DType dtype_of<std::int32_t>() { return DType::int32; }
template <> constexpr DType dtype_of<std::int64_t>() { return DType::int64; }
template <> constexpr DType dtype_of<bool>() { return DType::boolean; }

/// Python's start:stop:step. Unset ends reach to the array's; negative ones count from its end.
struct Slice {
  std::optional<std::int64_t> start = std::nullopt;
  std::optional<std::int64_t> stop = std::nullopt;
  std::int64_t step = 1;
};
inline constexpr struct AllType {
} all{};
inline constexpr struct NewAxisType {
} new_axis{};

/// One index of at(): a number drops the axis, a Slice keeps it, new_axis adds one.
class Index {
 public:
  enum class Kind : std::uint8_t { position, slice, added };
  template <std::integral I> Index(I position) : kind_(Kind::position), slice_{static_cast<std::int64_t>(position)} {}
  Index(Slice slice) : kind_(Kind::slice), slice_(slice) {}
  Index(AllType) : kind_(Kind::slice) {}
  Index(NewAxisType) : kind_(Kind::added) {}
  Kind kind() const { return kind_; }
  std::int64_t position() const { return *slice_.start; }
  const Slice& slice() const { return slice_; }

 private:
  Kind kind_;
  Slice slice_;
};

/// {.axis = -1} and {.axis = {1, 2}}; none means all axes.
class Axes {
 public:
  Axes() = default;
  Axes(int axis) : axes_{axis} {}
  Axes(std::initializer_list<int> axes) : axes_(axes) {}
  explicit Axes(std::vector<int> axes) : axes_(std::move(axes)) {}
  bool all() const { return axes_.empty(); }
  const std::vector<int>& values() const { return axes_; }

 private:
  std::vector<int> axes_;
};

}  // namespace keratin
