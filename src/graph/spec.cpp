#include "graph/spec.h"

#include <algorithm>
#include <ostream>

#include "base/check.h"

namespace keratin {

std::ostream& operator<<(std::ostream& out, const Spec& spec) { return out << to_string(spec.dtype) << spec.shape; }

SymbolicSize symbolic_size(std::span<const std::int64_t> extents) {
  SymbolicSize size;
  for (const std::int64_t extent : extents) {
    size.coefficient *= extent < 0 ? -extent : extent;
    size.power += extent < 0 ? 1 : 0;
  }
  return size;
}

namespace {
[[noreturn]] void throw_too_large(const Shape& shape, std::int64_t batch) {
  throw ValueError(concat("batch: expected numbers of shape ", shape, " to fit in memory, got a batch of ", batch,
                          "; use a smaller batch or model"));
}
}  // namespace

Shape bind(const Shape& shape, std::int64_t batch) {
  std::vector<std::int64_t> extents(shape.begin(), shape.end());
  for (std::int64_t& extent : extents)
    if (extent < 0 && __builtin_mul_overflow(-extent, batch, &extent)) throw_too_large(shape, batch);
  return Shape(std::move(extents));
}

Spec bind(const Spec& spec, std::int64_t batch) {
  constexpr std::int64_t most_bytes = std::int64_t{1} << 48;  // more than a process can address, so that sums fit, too
  Spec bound{spec.dtype, bind(spec.shape, batch)};
  auto bytes = static_cast<std::int64_t>(size_in_bytes(spec.dtype));
  for (const std::int64_t extent : bound.shape)
    if (__builtin_mul_overflow(bytes, std::max<std::int64_t>(extent, 1), &bytes) || bytes > most_bytes)
      throw_too_large(spec.shape, batch);
  return bound;
}

std::int64_t row_pitch(const Spec& spec) {
  constexpr std::int64_t line = 16;  // float32 in 64 bytes
  const std::int64_t columns = Matrix(spec.shape).columns;
  const bool wide = spec.dtype == DType::float32 && spec.shape.rank() == 2 && columns >= wide_columns;
  return wide ? (columns + line - 1) / line * line : columns;
}

Shape broadcast_shapes(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<std::int64_t> out(static_cast<std::size_t>(rank), 1);
  for (int back = 1; back <= rank; ++back) {
    const std::int64_t x = back <= a.rank() ? a[-back] : 1, y = back <= b.rank() ? b[-back] : 1;
    check_shape(x == y || x == 1 || y == 1, "expected shapes that broadcast, got ", a, " and ", b);
    out[static_cast<std::size_t>(rank - back)] = x == 1 ? y : x;
  }
  return Shape(std::move(out));
}

Shape resolve_reshape(const Shape& from, const Shape& target) {
  const SymbolicSize total = symbolic_size(from.extents());
  std::vector<std::int64_t> extents(target.begin(), target.end());
  if (symbolic_size(extents) == total) return target;
  const auto open = std::find(extents.rbegin(), extents.rend(), unknown);  // the last of several: the batch comes first
  const auto fail = [&] {
    throw ShapeError(concat("reshape: expected a shape of as many elements as ", from, ", got ", target));
  };
  if (open == extents.rend()) fail();
  *open = 1;
  const SymbolicSize rest = symbolic_size(extents);
  const int power = total.power - rest.power;
  if (rest.coefficient == 0 || total.coefficient % rest.coefficient != 0 || power < 0 || power > 1) fail();
  const std::int64_t quotient = total.coefficient / rest.coefficient;
  *open = power == 1 ? -quotient : quotient;
  return Shape(std::move(extents));
}

int normalize_axis(int axis, int rank, const char* who) {
  check_shape(axis >= -rank && axis < rank, who, ": expected an axis in [", -rank, ", ", rank, "), got ", axis);
  return axis < 0 ? axis + rank : axis;
}

std::vector<int> normalize_axes(const Axes& axes, int rank, const char* who) {
  std::vector<int> out;
  if (axes.all())
    for (int axis = 0; axis < rank; ++axis) out.push_back(axis);
  for (const int axis : axes.values()) out.push_back(normalize_axis(axis, rank, who));
  std::sort(out.begin(), out.end());
  check_shape(std::adjacent_find(out.begin(), out.end()) == out.end(), who, ": expected each axis once, got ",
              join(axes.values(), ", "));
  return out;
}

DType promote(DType a, DType b) {
  if (a == b) return a;
  const auto rank = [](DType dtype) {
    switch (dtype) {
      case DType::boolean: return 0;
      case DType::int8: return 1;
      case DType::uint8: return 2;
      case DType::int32: return 3;
      case DType::int64: return 4;
      case DType::float16: return 5;
      case DType::bfloat16: return 6;
      case DType::float32: return 7;
      case DType::float64: return 8;
    }
    return 0;
  };
  const DType wide = rank(a) > rank(b) ? a : b, narrow = rank(a) > rank(b) ? b : a;
  if (wide == DType::uint8 && narrow == DType::int8) return DType::int32;  // neither holds the other
  if (wide == DType::bfloat16 && narrow == DType::float16) return DType::float32;
  return wide;
}

}  // namespace keratin
