// Elementwise programs as CUDA C. Text alone: knows no CUDA and no device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "compiler/kernel_planner.h"
#include "ops/elementwise_program.h"

namespace keratin::cuda {

/// A kernel's function. Its arguments are the addresses of the inputs and the outputs, then `groups` as a long long.
struct GeneratedKernel {
  std::string name;         // tells in a profile what it computes
  std::string text;         // to be compiled behind functions_text
  std::int64_t groups = 0;  // so many times `width` neighbouring elements: a thread takes one, then strides on
  int width = 1;            // operands are read and written so many elements at a time, at most 16 bytes
};

/// Threads of a block that runs it.
inline constexpr int generated_threads = 128;
/// Inputs and outputs: a pointer each, of the 4 KB that a kernel's arguments may take. The compiler's programs have
/// fewer.
inline constexpr std::size_t most_generated_operands = 62;

/// False where registers are of integers and a function is not, as on the CPU, and where operands are too
/// many.
bool can_generate(const ElementwiseProgram& program);

/// The request's op as a kernel; the output is not empty. Numbers of the geometry are literals but for the outermost
/// extent, so that one kernel serves all batches. Below so many elements a thread takes one: there is parallelism to be
/// had, not bandwidth.
GeneratedKernel generate(const ElementwiseProgram& program, const KernelRequest& request,
                         std::int64_t elements_for_vectors);

}  // namespace keratin::cuda
