// Spec: what is known of a value before it is computed; arithmetic on extents that count batches.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <vector>

#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// dtype and shape. A negative extent -k is k·batch.
struct Spec {
  DType dtype = DType::float32;
  Shape shape;
  friend bool operator==(const Spec&, const Spec&) = default;
};
using Specs = std::vector<Spec>;
std::ostream& operator<<(std::ostream& out, const Spec& spec);

/// A number of elements: coefficient · batch^power.
struct SymbolicSize {
  std::int64_t coefficient = 1;
  int power = 0;
  friend bool operator==(const SymbolicSize&, const SymbolicSize&) = default;
};
SymbolicSize symbolic_size(std::span<const std::int64_t> extents);

/// The shape with every -k replaced by k·batch.
Shape bind(const Shape& shape, std::int64_t batch);
Spec bind(const Spec& spec, std::int64_t batch);  // ValueError if no memory holds such numbers

/// A shape as a matrix: its last axis are the columns, all others the rows; a scalar is one number.
struct Matrix {
  std::int64_t rows = 1, columns = 1;
  explicit Matrix(const Shape& shape) {
    for (int axis = 0; axis + 1 < shape.rank(); ++axis) rows *= shape[axis];
    if (shape.rank() > 0) columns = shape.back();
  }
};

/// From so many columns on a thread owns some of a matrix's columns: its weights stay in its own cache.
inline constexpr std::int64_t wide_columns = 128;

/// Elements from row to row of a variable: where threads own columns of a float32 matrix, its rows begin at cache
/// lines, so that two of them never write to one. Elsewhere the columns.
std::int64_t row_pitch(const Spec& spec);

/// NumPy's broadcasting. Throws ShapeError if the shapes do not broadcast.
Shape broadcast_shapes(const Shape& a, const Shape& b);

/// The target with at most one free extent (-1) resolved so that the sizes agree; the other negative extents are
/// batches. Throws ShapeError if that cannot be.
Shape resolve_reshape(const Shape& from, const Shape& target);

/// axis in [0, rank); throws ShapeError naming `who` otherwise.
int normalize_axis(int axis, int rank, const char* who);
/// The axes in ascending order, each once; all of them if `axes` is empty.
std::vector<int> normalize_axes(const Axes& axes, int rank, const char* who);

/// float16 or bfloat16.
inline bool is_16_bit_float(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }

/// Where two dtypes meet: the wider floating-point one, else the floating-point one, else the wider integer.
DType promote(DType a, DType b);

}  // namespace keratin
