// How kernels' work may be cut among threads: the usual kinds of Division.
#pragma once

#include "compiler/kernel_planner.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// Cuts of columns lie at multiples of this many elements: a cache line of float32, and the widest vector.
inline constexpr std::int64_t column_step = 16;

/// Every element of the outputs, which have one shape, depends on the same elements of the inputs, which broadcast.
Division elementwise_division(const KernelRequest& request, double flops_of_element);

inline constexpr double flops_of_exponential = 20;  // about as many instructions

/// Row r of every operand goes into row r of every output. `rows` may be other than the leading axes' extent for
/// operands that are one number a row: (rows) is a matrix of one row.
Division row_division(const KernelRequest& request, double flops);

/// One image after another: so many rows of each operand belong to an image; none (0) means that all of it is read.
Division image_division(std::int64_t images, const std::vector<std::int64_t>& rows_of_inputs,
                        std::int64_t rows_of_output);

/// c (m, n) = a · b, element by element.
Division product_division(std::int64_t m, std::int64_t n, std::int64_t k, bool transpose_a, bool transpose_b);

}  // namespace cpu
}  // namespace keratin
