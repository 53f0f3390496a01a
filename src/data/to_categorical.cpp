#include <cmath>

#include "base/check.h"
#include "keratin/datasets.h"

namespace keratin::datasets {

Array to_categorical(const Array& labels, Count classes) {
  check_argument(classes > 0, "to_categorical: expected at least one class, got ", classes);
  check_argument(!labels.empty(), "to_categorical: expected labels, got no array");
  Shape shape = labels.shape();
  if (shape.rank() > 1 && shape.back() == 1) shape = shape.until(-1);
  const Array wide = labels.copy().astype(float64);  // exact up to 2^53, far beyond any count of classes
  Array result = Array::zeros(shape + Shape({classes}));
  float* row = result.values().data();  // (classes,)
  std::int64_t index = 0;
  for (const double label : wide.values<double>()) {
    check_argument(0 <= label && label < static_cast<double>(classes) && label == std::floor(label),
                   "to_categorical: expected labels that are whole numbers in [0, ", classes, "), got ", label,
                   " at index ", index, "; correct it or ask for more classes");
    row[static_cast<std::int64_t>(label)] = 1.0f;
    row += std::int64_t{classes};
    ++index;
  }
  return result;
}

}  // namespace keratin::datasets
