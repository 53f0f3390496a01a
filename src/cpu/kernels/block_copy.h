// BlockCopy: a box of elements from one place in a row-major tensor to another, planned once: what Slice, Pad and
// Concat do.
#pragma once

#include <cstdint>
#include <vector>

#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// The box's corner in a tensor, and how far apart along each axis its elements lie.
struct BoxIn {
  const Shape& whole;
  std::vector<std::int64_t> corner = {};  // none: the origin
  std::vector<std::int64_t> steps = {};   // none: next to each other
};

class BlockCopy {
 public:
  /// box: how many elements along each axis are copied, of element_bytes each.
  BlockCopy(const Shape& box, std::size_t element_bytes, const BoxIn& from, const BoxIn& to);
  /// Allocates nothing.
  void run(const void* from, void* to) const;

 private:
  struct Axis {
    std::int64_t extent;
    std::int64_t from;  // bytes to the next element
    std::int64_t to;
  };
  void walk(std::size_t axis, const unsigned char* from, unsigned char* to) const;
  template <class Block> static void copy_blocks(const Axis& axis, const unsigned char* from, unsigned char* to);
  void copy_row(const Axis& axis, const unsigned char* from, unsigned char* to) const;

  std::vector<Axis> axes_;        // outermost first; never empty unless nothing is copied
  std::int64_t from_offset_ = 0;  // bytes
  std::int64_t to_offset_ = 0;
  std::size_t block_ = 0;  // bytes that lie together in both
};

}  // namespace cpu
}  // namespace keratin
