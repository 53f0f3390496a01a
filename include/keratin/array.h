// Array: numbers on the host.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "keratin/export.h"
#include "keratin/types.h"

namespace KERATIN_EXPORT keratin {

/// The C++ types that an Array can be read as. float16 and bfloat16 have none: astype() them, or read their bytes().
template <class T>
concept Element = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int8_t> ||
    std::same_as<T, std::uint8_t> || std::same_as<T, std::int32_t> || std::same_as<T, std::int64_t> ||
    std::same_as<T, bool>;

/// Numbers on the host, row-major. Copies share the numbers, as NumPy's names do; copy() does not. Views (operator[],
/// at, slice, and reshape where it can) share them too and keep them alive. Reading one Array from several threads is
/// safe.
class Array {
 public:
  /// No array at all: empty(), without numbers.
  Array() = default;
  /// Takes the numbers over. Throws ShapeError if their count is not the shape's.
  template <Element T> Array(std::vector<T> values, Shape shape);
  /// One axis: Array::of({1.0f, 2.0f}) has shape (2,).
  template <Element T> static Array of(std::initializer_list<T> values);
  /// Two axes: Array::of({{1, 2}, {3, 4}}) has shape (2, 2). Throws ShapeError if the rows differ in length.
  template <Element T> static Array of(std::initializer_list<std::initializer_list<T>> rows);
  /// The caller's numbers, not copied: they must outlive every Array that shares them and must not move. Writing
  /// through the Array writes them, so keep it const where they are. Throws ShapeError if their count is not the
  /// shape's.
  template <Element T> static Array view(std::span<const T> values, Shape shape);
  template <Element T>
    requires(!std::same_as<T, bool>)
  static Array view(const std::vector<T>& values, Shape shape);
  template <Element T> static Array view(std::vector<T>&& values, Shape shape) = delete;  // would dangle
  static Array zeros(const Shape& shape, DType dtype = float32);
  static Array ones(const Shape& shape, DType dtype = float32);
  static Array full(const Shape& shape, double value, DType dtype = float32);
  /// Numbers of no particular value, for the caller to fill.
  static Array uninitialized(const Shape& shape, DType dtype = float32);

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  bool empty() const { return data_ == nullptr; }
  /// How many numbers there are.
  std::int64_t size() const { return empty() ? 0 : shape_.size(); }
  /// Python's len(): the leading extent; 0 if empty(). Throws ShapeError for a scalar.
  std::int64_t length() const;
  /// True if the numbers lie one after another: everything but some views.
  bool contiguous() const { return strides_.empty(); }

  /// All numbers in order. Throws DataError if T is not the dtype or the view is not contiguous.
  template <Element T = float> std::span<const T> values() const;
  template <Element T = float> std::span<T> values();
  /// One number; negative indices count from the end. Throws ShapeError outside, DataError if T is not the dtype.
  template <Element T = float, std::integral... I> const T& at(I... indices) const;
  template <Element T = float, std::integral... I> T& at(I... indices);
  /// The only number, converted as astype() converts. Throws ShapeError if there are several or none.
  template <Element T = double> T item() const;

  /// A view of one row; -1 is the last. Throws ShapeError outside.
  Array operator[](std::int64_t index) const;
  /// A view by Python's rules: x.at({all, 0}) is x[:, 0]. Throws ShapeError outside or for too many indices.
  Array at(std::initializer_list<Index> indices) const;
  /// A view of rows: x[start:stop]. As Python, ends beyond the array are cut off, not errors.
  Array slice(std::optional<std::int64_t> start, std::optional<std::int64_t> stop = std::nullopt) const;
  /// The rows with these indices, copied: x[rows]. Throws ShapeError outside.
  Array take(std::span<const std::int64_t> rows) const;
  /// x[...] = values, also through a view: broadcasts, converts as astype(), allows overlap. Throws ShapeError if the
  /// shapes do not fit.
  void assign(const Array& values);
  /// The same numbers in another shape, in which one extent may be -1: the rest. A view if contiguous, else a copy.
  Array reshape(const Shape& shape) const;
  /// The numbers as another dtype; itself if it has that dtype already. Floating point rounds to nearest, ties to even;
  /// to an integer it truncates and saturates, NaN becomes 0; integers wrap around; booleans are "not zero".
  Array astype(DType dtype) const;
  /// Contiguous, with numbers of its own.
  Array copy() const;
  /// As NumPy prints: [[1. 2.]\n [3. 4.]], with "..." in the middle of more than 1000 numbers.
  std::string to_string() const;

  /// The raw bytes, for readers and writers of files. Throws InternalError if not contiguous.
  std::span<const std::byte> bytes() const;
  std::span<std::byte> bytes();

 private:
  Array(std::shared_ptr<void> owner, const void* data, Shape shape, DType dtype);
  static Array adopt(std::shared_ptr<void> owner, const void* data, std::size_t count, Shape shape, DType dtype);
  static Array ragged(std::size_t expected, std::size_t got);
  const void* element(std::span<const std::int64_t> indices, DType expected) const;
  const void* first(DType expected) const;
  std::vector<std::int64_t> strides() const;
  Array with_layout(const std::byte* data, Shape shape, std::vector<std::int64_t> strides) const;

  std::shared_ptr<void> owner_;  // keeps the numbers alive; null for a view of the caller's memory
  std::byte* data_ = nullptr;    // the first number of this view
  Shape shape_;
  std::vector<std::int64_t> strides_;  // in numbers, one per axis; empty means row-major and contiguous
  DType dtype_ = DType::float32;
};
std::ostream& operator<<(std::ostream& out, const Array& array);

template <Element T> Array::Array(std::vector<T> values, Shape shape) {
  const std::size_t count = values.size();
  if constexpr (std::same_as<T, bool>) {  // a std::vector<bool> is packed into bits
    const std::shared_ptr<bool[]> owner(new bool[count]);
    std::copy(values.begin(), values.end(), owner.get());
    *this = adopt(owner, owner.get(), count, std::move(shape), dtype_of<T>());
  } else {
    const auto owner = std::make_shared<std::vector<T>>(std::move(values));
    *this = adopt(owner, owner->data(), count, std::move(shape), dtype_of<T>());
  }
}
template <Element T> Array Array::of(std::initializer_list<T> values) {
  return Array(std::vector<T>(values), {values.size()});
}
template <Element T> Array Array::of(std::initializer_list<std::initializer_list<T>> rows) {
  const std::size_t columns = rows.size() == 0 ? 0 : rows.begin()->size();
  std::vector<T> values;
  values.reserve(rows.size() * columns);
  for (const auto& row : rows) {
    if (row.size() != columns) return ragged(columns, row.size());
    values.insert(values.end(), row);
  }
  return Array(std::move(values), {rows.size(), columns});
}
template <Element T> Array Array::view(std::span<const T> values, Shape shape) {
  return adopt(nullptr, values.data(), values.size(), std::move(shape), dtype_of<T>());
}
template <Element T>
  requires(!std::same_as<T, bool>)
Array Array::view(const std::vector<T>& values, Shape shape) {
  return view(std::span<const T>(values), std::move(shape));
}
template <Element T> std::span<const T> Array::values() const {
  return {static_cast<const T*>(first(dtype_of<T>())), static_cast<std::size_t>(size())};
}
template <Element T> std::span<T> Array::values() {
  const std::span<const T> numbers = std::as_const(*this).values<T>();
  return {const_cast<T*>(numbers.data()), numbers.size()};
}
template <Element T, std::integral... I> const T& Array::at(I... indices) const {
  const std::array<std::int64_t, sizeof...(I)> position{static_cast<std::int64_t>(indices)...};
  return *static_cast<const T*>(element(position, dtype_of<T>()));
}
template <Element T, std::integral... I> T& Array::at(I... indices) {
  return const_cast<T&>(std::as_const(*this).at<T>(indices...));
}

}  // namespace keratin
