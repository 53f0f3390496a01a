// Copying numbers between two layouts of one shape, converting between dtypes on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/strided_axes.h"
#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// to[i, j, …] = from[i, j, …] for every index of a shape, converted as Array::astype says: planned once, run often.
class StridedCopy {
 public:
  struct Layout {
    DType dtype = DType::float32;
    Strides strides;  // 0 repeats, as broadcasting does
  };
  StridedCopy(const Shape& shape, const Layout& to, const Layout& from);
  /// From the first number of each on; the two must not overlap. Allocates nothing.
  void run(void* to, const void* from) const;

 private:
  struct Axis {
    std::int64_t extent, to_stride, from_stride;  // in bytes
  };
  using Copy = void (*)(const Axis* axes, std::size_t block, std::byte* to, const std::byte* from);
  template <class To, class From> static void copy_row(const Axis*, std::size_t, std::byte*, const std::byte*);
  template <std::size_t size> static void copy_blocks(const Axis*, std::size_t block, std::byte*, const std::byte*);
  template <class Bits> static void turn_over(const Axis*, std::size_t, std::byte*, const std::byte*);
  void plan_blocks(std::size_t width);
  void walk(std::size_t axis, std::byte* to, const std::byte* from) const;

  std::vector<Axis> axes_;  // outermost first; none if there is nothing to copy
  std::size_t outer_ = 0;   // all but the axes that copy_ takes together
  std::size_t block_ = 0;   // bytes that lie together in both, where nothing is converted
  Copy copy_ = nullptr;
};

}  // namespace keratin
