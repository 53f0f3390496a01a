// Array: making, viewing and converting. Printing is in array_print.cpp, the loops over numbers in strided_copy.cpp.
#include "keratin/array.h"

#include <sys/mman.h>

#include <cstring>
#include <functional>
#include <limits>
#include <new>

#include "base/check.h"
#include "base/steps.h"
#include "base/strided_copy.h"

namespace keratin {
namespace {

constexpr std::align_val_t kAlignment{64};                    // a cache line, and the widest vector register
constexpr std::align_val_t kLargePage{std::size_t{2} << 20};  // of x86-64, and of ARM with small ones of 4 KiB
constexpr std::size_t kManyBytes = std::size_t{16} << 20;     // whose last large page, half empty, does not matter
constexpr std::byte kNothing{};  // what an array without numbers points to: never read or written

/// Large memory comes in large pages where the system has some: to fetch and give back small ones takes a sixth of the
/// time that reading MNIST takes.
std::shared_ptr<void> allocated(std::size_t bytes) {
  const std::align_val_t alignment = bytes < kManyBytes ? kAlignment : kLargePage;
  const std::shared_ptr<void> memory{::operator new(bytes, alignment),
                                     [alignment](void* made) { ::operator delete(made, alignment); }};
#if defined(MADV_HUGEPAGE)
  if (alignment == kLargePage) ::madvise(memory.get(), bytes, MADV_HUGEPAGE);  // a wish, which may be refused
#endif
  return memory;
}

/// Bytes of an array of this shape. Throws ShapeError for extents that cannot be.
std::size_t bytes_of(const Shape& shape, DType dtype) {
  check_shape(shape.known(), "Array: expected extents of 0 or more, got ", shape);
  const auto width = static_cast<std::int64_t>(size_in_bytes(dtype));
  check_shape(shape.size() <= std::numeric_limits<std::int64_t>::max() / width,
              "Array: expected fewer than 2^63 bytes, got ", shape, " of ", dtype);
  return static_cast<std::size_t>(shape.size() * width);
}

/// The index counted from the front. Throws ShapeError outside the extent.
std::int64_t position_in(const Shape& shape, int axis, std::int64_t index) {
  const std::int64_t extent = shape[axis];
  check_shape(-extent <= index && index < extent, "Array: expected an index in [", -extent, ", ", extent,
              ") along axis ", axis, " of ", shape, ", got ", index);
  return index < 0 ? index + extent : index;
}

bool is_row_major(const Shape& shape, std::span<const std::int64_t> strides) {
  if (shape.size() == 0) return true;
  std::int64_t expected = 1;
  for (std::size_t i = strides.size(); i > 0; --i) {
    const std::int64_t extent = shape.extents()[i - 1];
    if (extent != 1 && strides[i - 1] != expected) return false;
    expected *= extent;
  }
  return true;
}

/// The strides of `from` stretched to `to` as NumPy broadcasts: axes aligned at the end, extents of 1 repeated.
std::vector<std::int64_t> broadcast_strides(const Shape& from, std::span<const std::int64_t> strides, const Shape& to) {
  const int missing = to.rank() - from.rank();
  bool fits = missing >= 0;
  std::vector<std::int64_t> result(static_cast<std::size_t>(to.rank()), 0);
  for (int axis = 0; fits && axis < from.rank(); ++axis) {
    if (from[axis] == 1) continue;
    fits = from[axis] == to[axis + missing];
    result[static_cast<std::size_t>(axis + missing)] = strides[static_cast<std::size_t>(axis)];
  }
  check_shape(fits, "Array: expected values that broadcast to ", to, ", got ", from);
  return result;
}

struct Range {
  const std::byte* begin;
  const std::byte* end;
};
/// From the lowest to past the highest byte that a layout touches.
Range touched(const std::byte* data, const Shape& shape, std::span<const std::int64_t> strides, std::size_t width) {
  std::int64_t lowest = 0, highest = 1;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const std::int64_t reach = (shape.extents()[i] - 1) * strides[i];
    (reach < 0 ? lowest : highest) += reach;
  }
  const auto bytes = static_cast<std::int64_t>(width);
  return {data + lowest * bytes, data + highest * bytes};
}

}  // namespace

Array::Array(std::shared_ptr<void> owner, const void* data, Shape shape, DType dtype)
    : owner_(std::move(owner)),
      data_(static_cast<std::byte*>(const_cast<void*>(data))),
      shape_(std::move(shape)),
      dtype_(dtype) {}

Array Array::adopt(std::shared_ptr<void> owner, const void* data, std::size_t count, Shape shape, DType dtype) {
  bytes_of(shape, dtype);
  check_shape(std::cmp_equal(count, shape.size()), "Array: expected ", shape.size(), " numbers for the shape ", shape,
              ", got ", count);
  return Array(std::move(owner), data == nullptr ? &kNothing : data, std::move(shape), dtype);
}

Array Array::ragged(std::size_t expected, std::size_t got) {
  throw ShapeError(concat("Array: expected rows of equal length, got ", expected, " and ", got, " numbers"));
}

Array Array::uninitialized(const Shape& shape, DType dtype) {
  const std::shared_ptr<void> owner = allocated(bytes_of(shape, dtype));
  return Array(owner, owner.get(), shape, dtype);
}

Array Array::zeros(const Shape& shape, DType dtype) {
  Array result = uninitialized(shape, dtype);
  std::memset(result.data_, 0, bytes_of(shape, dtype));
  return result;
}

Array Array::ones(const Shape& shape, DType dtype) { return full(shape, 1.0, dtype); }

Array Array::full(const Shape& shape, double value, DType dtype) {
  Array result = uninitialized(shape, dtype);
  result.assign(adopt(nullptr, &value, 1, {}, DType::float64));
  return result;
}

std::int64_t Array::length() const {
  if (empty()) return 0;
  check_shape(!shape_.empty(), "Array: expected an axis to take the length of, got a scalar");
  return shape_[0];
}

const void* Array::first(DType expected) const {
  if (empty()) return nullptr;
  check_data(dtype_ == expected, "Array: expected numbers of dtype ", expected, ", got ", dtype_,
             "; astype() converts them");
  check_data(contiguous(), "Array: expected numbers that lie one after another, got a strided view of shape ", shape_,
             "; copy() makes them so");
  return data_;
}

const void* Array::element(std::span<const std::int64_t> indices, DType expected) const {
  check_shape(!empty(), "Array: expected numbers, got no array");
  check_data(dtype_ == expected, "Array: expected numbers of dtype ", expected, ", got ", dtype_,
             "; astype() converts them");
  check_shape(std::cmp_equal(indices.size(), shape_.rank()), "Array: expected ", shape_.rank(),
              " indices for the shape ", shape_, ", got ", indices.size());
  // A row-major offset is summed up without strides, so that reading one number allocates nothing.
  std::int64_t offset = 0;
  for (int axis = 0; axis < shape_.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    const std::int64_t position = position_in(shape_, axis, indices[i]);
    offset = contiguous() ? offset * shape_[axis] + position : offset + position * strides_[i];
  }
  return data_ + offset * static_cast<std::int64_t>(size_in_bytes(dtype_));
}

template <Element T> T Array::item() const {
  check_shape(size() == 1, "Array: expected one number, got ", size(), " in the shape ", shape_);
  T value{};
  StridedCopy({}, {dtype_of<T>(), {}}, {dtype_, {}}).run(&value, data_);
  return value;
}
template float Array::item<float>() const;
template double Array::item<double>() const;
template std::int8_t Array::item<std::int8_t>() const;
template std::uint8_t Array::item<std::uint8_t>() const;
template std::int32_t Array::item<std::int32_t>() const;
template std::int64_t Array::item<std::int64_t>() const;
template bool Array::item<bool>() const;

std::vector<std::int64_t> Array::strides() const { return contiguous() ? row_major_strides(shape_) : strides_; }

Array Array::with_layout(const std::byte* data, Shape shape, std::vector<std::int64_t> strides) const {
  Array result(owner_, data, std::move(shape), dtype_);
  if (!is_row_major(result.shape_, strides)) result.strides_ = std::move(strides);
  return result;
}

Array Array::operator[](std::int64_t index) const { return at({Index(index)}); }

Array Array::slice(std::optional<std::int64_t> start, std::optional<std::int64_t> stop) const {
  return at({Slice{start, stop}});
}

Array Array::at(std::initializer_list<Index> indices) const {
  check_shape(!empty(), "Array: expected numbers, got no array");
  const std::vector<std::int64_t> old_strides = this->strides();
  std::vector<std::int64_t> extents, strides;
  std::int64_t offset = 0;
  int axis = 0;
  for (const Index& index : indices) {
    if (index.kind() == Index::Kind::added) {
      extents.push_back(1);
      strides.push_back(0);
      continue;
    }
    check_shape(axis < shape_.rank(), "Array: expected at most ", shape_.rank(), " indices for the shape ", shape_,
                ", got more");
    const std::int64_t stride = old_strides[static_cast<std::size_t>(axis)];
    if (index.kind() == Index::Kind::position) {
      offset += position_in(shape_, axis, index.position()) * stride;
    } else {
      const Steps steps = steps_of(index.slice(), shape_[axis], "Array");
      offset += steps.first * stride;
      extents.push_back(steps.count);
      strides.push_back(steps.count > 1 ? stride * index.slice().step : stride);
    }
    ++axis;
  }
  const Shape rest = shape_.from(axis);
  extents.insert(extents.end(), rest.begin(), rest.end());
  strides.insert(strides.end(), old_strides.begin() + axis, old_strides.end());
  const std::byte* const data = data_ + offset * static_cast<std::int64_t>(size_in_bytes(dtype_));
  return with_layout(data, Shape(std::move(extents)), std::move(strides));
}

Array Array::take(std::span<const std::int64_t> rows) const {
  check_shape(!shape_.empty(), "Array: expected an axis to take rows of, got ", empty() ? "no array" : "a scalar");
  const Shape row = shape_.from(1);
  Array result = uninitialized(Shape({rows.size()}) + row, dtype_);
  const std::vector<std::int64_t> from = strides();
  const StridedCopy copy_row(row, {dtype_, row_major_strides(row)}, {dtype_, {from.begin() + 1, from.end()}});
  const auto width = static_cast<std::int64_t>(size_in_bytes(dtype_));
  const std::int64_t row_bytes = row.size() * width;
  std::byte* target = result.data_;
  for (const std::int64_t index : rows) {
    const std::byte* const source = data_ + position_in(shape_, 0, index) * from[0] * width;
    if (contiguous()) {
      std::memcpy(target, source, static_cast<std::size_t>(row_bytes));
    } else {
      copy_row.run(target, source);
    }
    target += row_bytes;
  }
  return result;
}

void Array::assign(const Array& values) {
  check_shape(!empty() && !values.empty(), "Array: expected numbers on both sides of assign, got no array");
  const std::vector<std::int64_t> to = strides();
  const std::vector<std::int64_t> from = broadcast_strides(values.shape_, values.strides(), shape_);
  if (shape_.size() == 0) return;
  const Range written = touched(data_, shape_, to, size_in_bytes(dtype_));
  const Range read = touched(values.data_, shape_, from, size_in_bytes(values.dtype_));
  const std::less<const std::byte*> before;
  if (before(written.begin, read.end) && before(read.begin, written.end)) return assign(values.copy());
  StridedCopy(shape_, {dtype_, to}, {values.dtype_, from}).run(data_, values.data_);
}

Array Array::reshape(const Shape& shape) const {
  check_shape(!empty(), "Array: expected numbers, got no array");
  std::vector<std::int64_t> extents(shape.begin(), shape.end());
  std::int64_t* open = nullptr;
  for (std::int64_t& extent : extents) {
    check_shape(extent >= 0 || (extent == -1 && open == nullptr),
                "Array: expected extents of 0 or more, at most one of them -1, got ", shape, " to reshape to");
    if (extent == -1) open = &extent;
  }
  if (open != nullptr) {
    *open = 1;
    const std::int64_t rest = Shape(extents).size();
    check_shape(rest != 0 && size() % rest == 0, "Array: expected a shape for ", size(), " numbers, got ", shape);
    *open = size() / rest;
  }
  Shape wanted(std::move(extents));
  check_shape(wanted.size() == size(), "Array: expected a shape for ", size(), " numbers, got ", shape);
  if (!contiguous()) return copy().reshape(wanted);
  return Array(owner_, data_, std::move(wanted), dtype_);
}

Array Array::astype(DType dtype) const {
  if (empty() || dtype == dtype_) return *this;
  Array result = uninitialized(shape_, dtype);
  result.assign(*this);
  return result;
}

Array Array::copy() const {
  if (empty()) return {};
  Array result = uninitialized(shape_, dtype_);
  StridedCopy(shape_, {dtype_, row_major_strides(shape_)}, {dtype_, strides()}).run(result.data_, data_);
  return result;
}

std::span<const std::byte> Array::bytes() const {
  KERATIN_ASSERT(contiguous());
  return {data_, empty() ? 0 : bytes_of(shape_, dtype_)};
}

std::span<std::byte> Array::bytes() {
  KERATIN_ASSERT(contiguous());
  return {data_, empty() ? 0 : bytes_of(shape_, dtype_)};
}

}  // namespace keratin
