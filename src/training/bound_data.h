// What the user handed in, matched with the model's inputs and outputs and checked before anything runs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "keratin/array.h"
#include "keratin/data.h"
#include "training/step.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Arrays of equal length along their first axis, dense, in the order of the model's inputs and outputs.
struct BoundData {
  std::vector<Array> x;
  std::vector<Array> y;
  std::optional<Array> sample_weight;  // float32 (samples)
  std::int64_t samples = 0;

  Feeds feeds() const;
  /// Samples begin … end − 1, a view.
  BoundData slice(std::int64_t begin, std::int64_t end) const;
};

/// Throws ValueError if inputs are missing, DataError if there is no sample, lengths differ or a number is NaN: `who`
/// is the function the user called. with_targets: whether y is read at all.
BoundData bind_data(const ModelState& model, const Batch& data, bool with_targets, std::string_view who);

/// Weighs the samples by their classes, 1 where a class has no weight: y holds class indices, or one-hot rows. As in
/// Keras ValueError if the samples have weights already.
void apply_class_weight(BoundData& data, const std::map<std::int64_t, double>& class_weight);

}  // namespace keratin
