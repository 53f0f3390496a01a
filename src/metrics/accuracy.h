// How accuracies look at targets and predictions. All give 1 where the prediction is right and 0 elsewhere, in y_pred's
// dtype.
#pragma once

#include <string>

#include "keratin/metrics.h"
#include "keratin/tensor.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

Tensor binary_matches(const Tensor& y_true, const Tensor& y_pred, double threshold);
Tensor categorical_matches(const Tensor& y_true, const Tensor& y_pred);
Tensor sparse_matches(const Tensor& y_true, const Tensor& y_pred);

/// The indices shaped as y_pred without its last axis; ShapeError names `who` if they are shaped otherwise.
Tensor class_indices(const char* who, const Tensor& y_true, const Tensor& y_pred);
/// ShapeError names `who` if y_true is not of y_pred's shape.
void check_one_hot(const char* who, const Tensor& y_true, const Tensor& y_pred);

/// What "accuracy" names: one of the three by the shapes that it meets.
Ref<Metric> accuracy_by_shape(std::string name);

}  // namespace keratin
