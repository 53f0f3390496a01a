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
  explicit SequentialNetwork(std::string name);
  std::string class_name() const override { return "Sequential"; }
  /// ValueError for an Input that is not the first item.
  void add(const Tensor& input);
  /// A layer that does not fit is not added. ValueError for one that is there already, or whose name is.
  void add(const std::shared_ptr<Layer>& layer);
  void build_many(const std::vector<Shape>& inputs) override;
  Tensors call_many(const Tensors& xs, const CallContext& context) override;

  const std::vector<std::shared_ptr<Layer>>& items() const { return items_; }
  /// Unset until known.
  const Tensor& input() const { return input_; }
  /// The layers between input() and their outputs. Null until the input's shape is known.
  const std::shared_ptr<Functional>& functional() const;

 private:
  Tensors call_item(const std::shared_ptr<Layer>& item, const Tensors& inputs) const;

  std::vector<std::shared_ptr<Layer>> items_;  // without the InputLayer
  Tensor input_;
  Tensors outputs_;                                 // of the last layer, once the input is known
  mutable std::shared_ptr<Functional> functional_;  // made when asked for: one for each layer added would take long
};

}  // namespace keratin
