// SequentialNetwork: a list of layers that becomes a Functional as soon as its input's shape is known.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "functional/functional.h"
#include "keratin/layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class SequentialNetwork final : public Layer {
 public:
  explicit SequentialNetwork(std::string name) : Layer(std::move(name)) {}
  std::string class_name() const override { return "Sequential"; }
  /// ValueError for an Input that is not the first item. Weights that the layers have already stay.
  void add(const Tensor& input);
  void add(const std::shared_ptr<Layer>& layer);
  void build_many(const std::vector<Shape>& inputs) override;
  Tensors call_many(const Tensors& xs, const CallContext& context) override;

  const std::vector<std::shared_ptr<Layer>>& items() const { return items_; }
  /// Null until the input's shape is known.
  const std::shared_ptr<Functional>& functional() const { return functional_; }

 private:
  void rebuild();

  std::vector<std::shared_ptr<Layer>> items_;          // without the InputLayer
  Tensor input_;                                       // unset until known
  std::shared_ptr<Functional> functional_;
};

}  // namespace keratin
