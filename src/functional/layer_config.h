// Layers and models as JSON in Keras's form, and back: architecture only, no numbers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "functional/functional.h"
#include "functional/sequential.h"
#include "graph/config.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A layer or model with all that is inside: {"module", "class_name", "config", "registered_name"}. UnsupportedError
/// for what no file can hold: operations between layers, functions without a name, a model made by subclassing.
Json layer_config(Layer& layer);

/// What Keras counts a layer's calls from where it names a model's inputs and outputs: 1 for a functional model, which
/// once was born with a call of its own. Between layers it counts from 0.
int first_end_number(const Layer& layer);

/// How often each layer occurs in a document.
using Occurrences = std::map<const Layer*, int>;

class LayerWriter final : public ObjectWriter {
 public:
  /// shared: the layers that get a shared_object_id, numbered as they come.
  explicit LayerWriter(Occurrences shared = {}) : shared_(std::move(shared)) {}
  Json layer(Layer& layer) override;
  const Occurrences& occurrences() const { return occurrences_; }

 private:
  Json form(Layer& layer);
  Json functional(Functional& model);
  Json sequential(SequentialNetwork& model);

  Occurrences shared_;
  Occurrences occurrences_;
  std::map<const Layer*, int> ids_;
};

class LayerReader final : public ObjectReader {
 public:
  using ObjectReader::ObjectReader;
  /// The layer, validated; a model is built where its input's shape is known. Weights have their initial values.
  std::shared_ptr<Layer> layer(const ConfigPlace& place) override;

 private:
  std::shared_ptr<Layer> fresh(const ConfigPlace& place);
  std::shared_ptr<Layer> functional(const ConfigPlace& config);
  std::shared_ptr<Layer> sequential(const ConfigPlace& config);

  std::map<std::int64_t, std::shared_ptr<Layer>> shared_;
  int depth_ = 0;
};

}  // namespace keratin
