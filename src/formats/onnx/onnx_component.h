// What the onnx component offers to the rest of the library. Knows nothing of protobuf.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A model to be written as ONNX.
struct OnnxRequest {
  const Graph& graph;                                       // of inference, with the batch as a symbol
  std::string name;                                         // the model's; also the outermost scope, left out of names
  std::string description;                                  // one line for a reader
  std::vector<std::pair<std::string, std::string>> inputs;  // slot and name, in the order of the model's inputs
  std::vector<std::string> outputs;                         // names, in the order of the graph's outputs
  std::map<std::string, std::string>
      layer_classes;  // by scope, the model's name left out: "encoder/dense" is a "Dense"
  std::vector<std::pair<std::string, std::string>> metadata;  // key and value
  int opset = 17;
};

/// Takes the file's bytes, piece by piece.
using OnnxSink = std::function<void(std::span<const std::byte>)>;

/// The component's interface.
struct OnnxComponent {
  /// Writes the model. The bytes depend on the request alone. Throws UnsupportedError for another opset, for an op that
  /// ONNX has not, for a model that changes its state, and for one of 2 GiB or more.
  void (*write)(const OnnxRequest& request, const OnnxSink& sink);
};

}  // namespace keratin
