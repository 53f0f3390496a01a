// Shape and DType: what include/keratin/types.h declares.
#include "keratin/types.h"

#include <array>
#include <limits>
#include <ostream>

#include "base/check.h"

namespace keratin {
namespace {

struct DTypeFacts {
  DType dtype;
  std::string_view name;
  std::size_t bytes;
  bool floating;
};
// In the order of the enumeration; names as Keras spells them.
constexpr std::array<DTypeFacts, 9> kDTypes{{{DType::float32, "float32", 4, true},
                                             {DType::float64, "float64", 8, true},
                                             {DType::float16, "float16", 2, true},
                                             {DType::bfloat16, "bfloat16", 2, true},
                                             {DType::int8, "int8", 1, false},
                                             {DType::uint8, "uint8", 1, false},
                                             {DType::int32, "int32", 4, false},
                                             {DType::int64, "int64", 8, false},
                                             {DType::boolean, "bool", 1, false}}};

const DTypeFacts& facts(DType dtype) {
  const auto index = static_cast<std::size_t>(dtype);
  KERATIN_ASSERT(index < kDTypes.size() && kDTypes[index].dtype == dtype);
  return kDTypes[index];
}

/// The axis counted from the front. Throws ShapeError unless -rank <= axis < rank.
std::size_t counted_from_the_front(const Shape& shape, int axis) {
  const int rank = shape.rank();
  check_shape(-rank <= axis && axis < rank, "Shape: expected an axis in [", -rank, ", ", rank, ") of ", shape, ", got ",
              axis);
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

/// Where Python's shape[axis:] begins: negative axes count from the end, those outside are cut off.
std::size_t cut_off(int rank, int axis) {
  if (axis < 0) axis += rank;
  return static_cast<std::size_t>(axis < 0 ? 0 : axis > rank ? rank : axis);
}

}  // namespace

Shape::Shape(std::initializer_list<Count> extents) : extents_(extents.begin(), extents.end()) {}
Shape::Shape(std::span<const std::int64_t> extents) : extents_(extents.begin(), extents.end()) {}
Shape::Shape(std::vector<std::int64_t> extents) : extents_(std::move(extents)) {}

std::int64_t Shape::operator[](int axis) const { return extents_[counted_from_the_front(*this, axis)]; }
std::int64_t Shape::back() const { return (*this)[-1]; }

std::int64_t Shape::size() const {
  check_shape(known(), "Shape: expected known extents to count the numbers of, got ", *this);
  for (const std::int64_t extent : extents_) {
    if (extent == 0) return 0;  // before any product of the others can overflow
  }
  std::int64_t product = 1;
  for (const std::int64_t extent : extents_) {
    check_shape(product <= std::numeric_limits<std::int64_t>::max() / extent,
                "Shape: expected fewer than 2^63 numbers, got ", *this);
    product *= extent;
  }
  return product;
}

bool Shape::known() const {
  for (const std::int64_t extent : extents_) {
    if (extent < 0) return false;
  }
  return true;
}

Shape Shape::from(int axis) const { return Shape(extents().subspan(cut_off(rank(), axis))); }
Shape Shape::until(int axis) const { return Shape(extents().first(cut_off(rank(), axis))); }

Shape operator+(const Shape& a, const Shape& b) {
  std::vector<std::int64_t> extents(a.begin(), a.end());
  extents.insert(extents.end(), b.begin(), b.end());
  return Shape(std::move(extents));
}

std::string to_string(const Shape& shape) { return concat(shape); }

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  out << '(';
  const char* between = "";
  for (const std::int64_t extent : shape) {
    out << between;
    if (extent >= 0) {
      out << extent;
    } else if (extent == unknown) {
      out << "batch";
    } else {
      out << -extent << "*batch";
    }
    between = ", ";
  }
  return out << (shape.rank() == 1 ? ",)" : ")");
}

std::string_view to_string(DType dtype) { return facts(dtype).name; }
std::size_t size_in_bytes(DType dtype) { return facts(dtype).bytes; }
bool is_floating(DType dtype) { return facts(dtype).floating; }
std::ostream& operator<<(std::ostream& out, DType dtype) { return out << to_string(dtype); }

DType dtype_from_name(std::string_view name) {
  std::vector<std::string_view> names;
  for (const DTypeFacts& row : kDTypes) {
    if (row.name == name) return row.dtype;
    names.push_back(row.name);
  }
  throw ValueError(concat("dtype: expected one of ", join(names, ", "), ", got \"", name, "\""));
}

}  // namespace keratin
