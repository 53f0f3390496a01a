// SavedState: what training has made of a model, as files keep it beside the architecture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "keratin/model.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct NamedArray {
  std::string name;  // a variable's path: "dense/kernel"
  Array value;
};

/// A slot of the optimizer.
struct SavedSlot {
  std::string name;        // "momentum"
  std::size_t weight = 0;  // its weight's place among the model's
  Array value;
};

/// What makes training go on as if it had never stopped.
struct SavedTraining {
  std::string optimizer;                        // its class
  std::vector<NamedArray> optimizer_variables;  // "iteration", "learning_rate" unless a schedule sets it
  std::vector<std::size_t> updated;             // weights that it has updated, in the order in which they came
  std::vector<SavedSlot> slots;                 // in the order in which they were made
  std::vector<std::size_t> not_decayed;         // weights that are exempt from weight decay, and parts of such paths
  std::vector<std::string> not_decayed_parts;
  std::uint64_t seed = 0;          // of shuffling, and of weights that are still to be made
  std::int64_t passes_begun = 0;   // over the data
  std::int64_t batches_taken = 0;  // of the last of these passes; 0: it is finished
  std::int64_t batches_in_pass = 0;
};

struct SavedState {
  std::vector<NamedArray> weights;  // in the model's order
  std::vector<NamedArray> seed_generators;
  std::optional<SavedTraining> training;  // of a compiled model
};

/// Copies of all numbers.
SavedState saved_state(const Model& model);

/// Puts the numbers in their place, all or none. What is of training only if the model is compiled with an optimizer of
/// the same class. DataError that names the first variable that does not fit.
void restore(const Model& model, const SavedState& saved);

}  // namespace keratin
