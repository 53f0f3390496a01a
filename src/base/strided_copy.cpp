#include "base/strided_copy.h"

#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/check.h"
#include "base/half.h"

namespace keratin {
namespace {

template <class T>
concept Narrow = std::same_as<T, Float16> || std::same_as<T, BFloat16>;

/// A boolean where it lies: a byte, which a file or its caller may have given any value. A bool would have to be 0
/// or 1.
struct StoredBool {
  std::uint8_t byte;
};

/// Truncates and saturates; NaN becomes 0. (A plain cast is undefined outside the integer's range.)
template <std::integral To, std::floating_point From> To saturated(From value) {
  constexpr auto limit = static_cast<From>(std::numeric_limits<To>::max());  // rounded up to 2^63 for int64
  if (std::isnan(value)) return 0;
  if (value >= limit) return std::numeric_limits<To>::max();
  if (value <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  return static_cast<To>(value);
}

template <class To, class From> To converted(From value) {
  if constexpr (std::same_as<From, StoredBool>) {
    return converted<To>(value.byte != 0);
  } else if constexpr (std::same_as<To, StoredBool>) {
    return {static_cast<std::uint8_t>(converted<bool>(value) ? 1 : 0)};
  } else if constexpr (std::same_as<To, From>) {
    return value;
  } else if constexpr (Narrow<From>) {
    return converted<To>(static_cast<double>(value));
  } else if constexpr (Narrow<To>) {
    return To(static_cast<double>(value));
  } else if constexpr (std::same_as<To, bool>) {
    return value != From{0};
  } else if constexpr (std::floating_point<From> && std::integral<To>) {
    return saturated<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

/// Calls f with a number of the dtype's C++ type, as a tag.
template <class F> void with_type(DType dtype, F f) {
  switch (dtype) {
    case DType::float32: return f(float{});
    case DType::float64: return f(double{});
    case DType::float16: return f(Float16{});
    case DType::bfloat16: return f(BFloat16{});
    case DType::int8: return f(std::int8_t{});
    case DType::uint8: return f(std::uint8_t{});
    case DType::int32: return f(std::int32_t{});
    case DType::int64: return f(std::int64_t{});
    case DType::boolean: return f(StoredBool{});
  }
}

struct Axis {
  std::int64_t extent;
  std::int64_t to_stride;    // in numbers
  std::int64_t from_stride;  // in numbers
};

/// The same walk with as few axes as possible: extents of 1 dropped, axes that continue one another merged.
std::vector<Axis> merged_axes(const Shape& shape, std::span<const std::int64_t> to,
                              std::span<const std::int64_t> from) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const Axis axis{shape.extents()[i], to[i], from[i]};
    if (axis.extent == 1) continue;
    if (!axes.empty() && axes.back().to_stride == axis.extent * axis.to_stride &&
        axes.back().from_stride == axis.extent * axis.from_stride) {
      axes.back() = {axes.back().extent * axis.extent, axis.to_stride, axis.from_stride};
    } else {
      axes.push_back(axis);
    }
  }
  if (axes.empty()) axes.push_back({1, 1, 1});
  return axes;
}

/// Calls row(to_offset, from_offset), in numbers, for each index of all axes but the last.
template <class Row> void for_each_row(std::span<const Axis> outer, const Row& row) {
  std::vector<std::int64_t> index(outer.size(), 0);
  std::int64_t to_offset = 0, from_offset = 0;
  while (true) {
    row(to_offset, from_offset);
    std::size_t i = outer.size();
    for (; i > 0; --i) {
      const Axis& axis = outer[i - 1];
      to_offset += axis.to_stride;
      from_offset += axis.from_stride;
      if (++index[i - 1] < axis.extent) break;
      to_offset -= axis.extent * axis.to_stride;
      from_offset -= axis.extent * axis.from_stride;
      index[i - 1] = 0;
    }
    if (i == 0) return;
  }
}

template <class To, class From> void copy_row(To* to, const From* from, const Axis& axis) {
  if constexpr (std::same_as<To, From> && !std::same_as<To, StoredBool>) {
    if (axis.to_stride == 1 && axis.from_stride == 1) {
      std::memcpy(to, from, static_cast<std::size_t>(axis.extent) * sizeof(To));
      return;
    }
  }
  if (axis.to_stride == 1 && axis.from_stride == 1) {  // on its own so that it vectorises
    for (std::int64_t i = 0; i < axis.extent; ++i) to[i] = converted<To>(from[i]);
  } else {
    for (std::int64_t i = 0; i < axis.extent; ++i) to[i * axis.to_stride] = converted<To>(from[i * axis.from_stride]);
  }
}

}  // namespace

std::vector<std::int64_t> row_major_strides(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()));
  if (shape.size() == 0) return strides;  // nothing to step over, and products of the other extents may overflow
  std::int64_t stride = 1;
  for (std::size_t i = strides.size(); i > 0; --i) {
    strides[i - 1] = stride;
    stride *= shape.extents()[i - 1];
  }
  return strides;
}

void strided_copy(const Shape& shape, const Layout& to, const ConstLayout& from) {
  const auto rank = static_cast<std::size_t>(shape.rank());
  KERATIN_ASSERT(to.strides.size() == rank && from.strides.size() == rank);
  if (shape.size() == 0) return;
  const std::vector<Axis> axes = merged_axes(shape, to.strides, from.strides);
  with_type(to.dtype, [&](auto to_tag) {
    with_type(from.dtype, [&](auto from_tag) {
      using To = decltype(to_tag);
      using From = decltype(from_tag);
      auto* const target = reinterpret_cast<To*>(to.data);
      const auto* const source = reinterpret_cast<const From*>(from.data);
      for_each_row(std::span(axes).first(axes.size() - 1), [&](std::int64_t to_offset, std::int64_t from_offset) {
        copy_row(target + to_offset, source + from_offset, axes.back());
      });
    });
  });
}

}  // namespace keratin
