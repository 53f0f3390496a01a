// What the tests of generated kernels share: programs, operands in memory, and running a kernel on the host or on the
// CPU's interpreter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cuda/elementwise/codegen.h"
#include "ops/elementwise_program.h"

namespace keratin::cuda::testing {

/// Numbers of an operand, its rows `pitch` elements apart (as a matrix: the last axis are the columns).
class Operand {
 public:
  /// Bytes of 0xff.
  explicit Operand(Spec spec, std::int64_t pitch = 0);
  /// Drawn anew with the same numbers for the same stream: some special, then usual ones.
  static Operand drawn(const Spec& spec, unsigned stream, std::int64_t pitch = 0);

  const Spec& spec() const { return spec_; }
  std::int64_t pitch() const { return pitch_; }
  std::byte* data() { return lines_[0].bytes; }
  const std::byte* data() const { return lines_[0].bytes; }
  /// Elements in memory, those between rows with them.
  std::size_t elements() const { return elements_; }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  Spec spec_;
  std::int64_t pitch_;
  std::size_t elements_;
  std::vector<Line> lines_;
};
using Operands = std::vector<Operand>;

/// A program on its inputs. Its outputs lie as far apart as input 0 if that has the outputs' shape.
struct Case {
  std::shared_ptr<const ElementwiseProgram> program;
  Operands inputs;
};

/// Every function that the compute dtype has, of three inputs; an output each.
std::shared_ptr<const ElementwiseProgram> every_function(DType compute, const Shape& shape);
/// Every dtype as every other: an input each, an output each.
Case every_dtype(DType compute, const Shape& shape);
/// Some instructions on some inputs that broadcast to the shape.
Case random_case(unsigned seed, DType compute, const Shape& shape);

/// over[i]: the input whose memory output i is; -1: memory of its own. Both hand back the outputs' memory.
Operands run_on_cpu(const Case& one, const std::vector<int>& over = {});
Operands run_generated(const Case& one, std::int64_t elements_for_vectors, const std::vector<int>& over = {});

GeneratedKernel generated_for(const Case& one, std::int64_t elements_for_vectors);

/// Memory is the same, byte by byte, but for what NaN is made of, and for functions the two know to a few units in the
/// last place.
void expect_same(const Operands& got, const Operands& want, double tolerance = 0.0);

}  // namespace keratin::cuda::testing
