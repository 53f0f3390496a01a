// Gradients against central differences in one random direction, in float64 (docs/architecture.md, section 8.2).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "keratin/array.h"
#include "keratin/tensor.h"

namespace keratin::testing {

struct GradientOptions {
  std::int64_t batch = 1;          // what negative extents of `specs` count
  std::vector<Shape> shapes = {};  // of the inputs as the graph sees them; none: the arrays' own
  std::uint64_t seed = 1;          // of the direction and of the cotangent
  double epsilon = 1e-6;           // the step along the direction
};

/// The derivative of Σ_i Σ cotangent_i · f(x)_i along the direction, found in two ways.
struct GradientComparison {
  double by_differences = 0.0;
  double by_gradient = 0.0;
  double magnitude = 0.0;  // Σ |gradient · direction|: what cancels in by_gradient counts
  /// How far the two are apart, relative to the magnitude. About 1e-9 where all is well.
  double error() const;
};

/// Inputs of an integer or boolean dtype stay where they are; the others must be float64 and away from kinks.
GradientComparison compare_gradient(const std::function<Tensors(const Tensors&)>& function,
                                    const std::vector<Array>& inputs, const GradientOptions& options = {});

/// Expects the two to agree to 1e-7.
void check_gradient(const std::function<Tensors(const Tensors&)>& function, const std::vector<Array>& inputs,
                    const GradientOptions& options = {});

}  // namespace keratin::testing
