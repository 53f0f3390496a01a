// Functional: a graph of layer calls, as a layer. What Model(inputs, outputs) and a built Sequential are made of.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/symbolic.h"
#include "keratin/layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The calls between inputs and outputs, replayed in every trace. Settles the names of its layers: "dense", "dense_1",
/// …
class Functional final : public Layer {
 public:
  /// inputs: tensors made by Input(). Throws ValueError if an output depends on an Input that is not among them, or two
  /// layers were given the same name.
  Functional(Tensors inputs, Tensors outputs, std::string name);

  std::string class_name() const override { return "Functional"; }
  Tensors call_many(const Tensors& xs, const CallContext& context) override;

  const Tensors& inputs() const { return inputs_; }
  const Tensors& outputs_of_graph() const { return outputs_; }
  /// In topological order, inputs first where they are used first.
  const std::vector<std::shared_ptr<const SymbolicCall>>& calls() const { return calls_; }
  /// Each layer once, in the order of its first call.
  const std::vector<std::shared_ptr<Layer>>& called_layers() const { return layers_; }
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;

 private:
  void collect_calls();
  Tensor adapt(const Tensor& x, std::size_t input) const;

  Tensors inputs_;
  Tensors outputs_;
  std::vector<std::shared_ptr<const SymbolicCall>> calls_;
  std::vector<std::shared_ptr<Layer>> layers_;
};

}  // namespace keratin
