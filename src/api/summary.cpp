// Model::summary and Model::memory: the table of the layers, and what the weights, the optimizer and a step take.
#include "functional/summary.h"

#include "base/text.h"
#include "training/model_state.h"
#include "training/step_memory.h"

namespace keratin {

std::string Model::summary(const SummaryOptions& options) const {
  std::string out = concat("Model: \"", name(), "\"\n", layer_table(*state_->network, options));
  Variables counted = weights(), optimizer_state;
  // Keras's optimizers are built by the first step; before it there is nothing to count.
  if (state_->compiled && state_->compiled->optimizer && optimizer().iterations() > 0)
    optimizer_state = optimizer().variables();
  counted.insert(counted.end(), optimizer_state.begin(), optimizer_state.end());
  out += concat(" Total params: ", count_and_size(counted), "\n");
  out += concat(" Trainable params: ", count_and_size(trainable_weights()), "\n");
  out += concat(" Non-trainable params: ", count_and_size(state_->network->non_trainable_weights()), "\n");
  if (!optimizer_state.empty()) out += concat(" Optimizer params: ", count_and_size(optimizer_state), "\n");
  if (options.batch_size) {
    const StepMemory memory = step_memory(const_cast<Model&>(*this), *options.batch_size, "summary");
    out += concat(" Memory of a training step at batch size ", *options.batch_size, ": ",
                  readable_size(static_cast<double>(memory.total())), " (params ",
                  readable_size(static_cast<double>(memory.variables)), ", batch and values ",
                  readable_size(static_cast<double>(memory.values)), ")\n");
  }
  return out;
}

StepMemory Model::memory(Count batch_size) const {
  return step_memory(const_cast<Model&>(*this), batch_size, "memory");
}

}  // namespace keratin
