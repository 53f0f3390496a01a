// cuBLASLt for a device that is the host: the functions that we call, in plain loops, strict about what they are given.
#pragma once

#include "cuda/cublaslt/library.h"

namespace keratin::cuda::stand_in {

/// Functions with cuBLASLt's signatures. What the library would refuse they refuse with its status; what it would trip
/// over unseen (an algorithm of another product, operands less aligned than was said) they throw as std::logic_error.
/// A ReLU makes 0 of NaN, since the library does not say that it keeps it.
const CublasLt& host_cublaslt();

/// Since the process began.
struct CublasLtCounts {
  int live = 0;      // handles and descriptors that nobody has destroyed
  int searches = 0;  // for an algorithm
  int products = 0;
};
const CublasLtCounts& cublaslt_counts();

/// The next search for an algorithm ends so.
void fail_next_search(cublasStatus_t status);

}  // namespace keratin::cuda::stand_in
