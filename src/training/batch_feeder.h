// BatchFeeder: gathers the rows of a batch straight into a program's inputs.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/executable.h"
#include "training/bound_data.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Rows stay in the dtype they came in: images travel as bytes. Allocates nothing.
class BatchFeeder {
 public:
  explicit BatchFeeder(const BoundData& data) : data_(data) {}
  /// Samples order[0], order[1], …: as many as the program's batch.
  void gather(Executable& program, std::span<const std::int64_t> order) const;
  /// Samples first, first + 1, ….
  void copy(Executable& program, std::int64_t first) const;
  /// Of the same, order[begin] … order[end − 1], into what the program reads later.
  void gather_ahead(Executable& program, std::span<const std::int64_t> order, std::int64_t begin,
                    std::int64_t end) const;

 private:
  const BoundData& data_;
};

}  // namespace keratin
