// The smallest model that trains, numbers for it, and weights compared to the bit.
#pragma once

#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/approx.h"

namespace keratin::testing {

/// 0, 1, 2, … as a column.
inline Array column(std::int64_t rows, float first = 0.0F) {
  Array out = Array::zeros(Shape({rows, 1}));
  for (std::int64_t i = 0; i < rows; ++i) out.at(i, 0) = first + static_cast<float>(i);
  return out;
}

/// y = w x with w = 1: the loss is the mean of what was fed.
inline Sequential mean_of_x(double rate = 0.0) {
  Sequential model({Input({1}), layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"})});
  model.compile({.optimizer = optimizers::SGD(rate), .loss = [](Tensor, Tensor y) { return y; }});
  return model;
}

inline bool same(const std::vector<Array>& a, const std::vector<Array>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!close(a[i], b[i], 0.0)) return false;
  return a.size() == b.size();
}

}  // namespace keratin::testing
