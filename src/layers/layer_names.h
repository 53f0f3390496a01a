// LayerNames: names that are unique among the layers of one model, as Keras counts them: "dense", "dense_1", ….
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "keratin/layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class LayerNames {
 public:
  LayerNames() = default;
  /// Names them all: an author's name stays, and so does one that another model gave, if it is free here. ValueError,
  /// `who` in front, if two have one name by their authors.
  LayerNames(const std::string& who, const std::vector<std::shared_ptr<Layer>>& layers);
  /// Names one more. False if its author gave it a name that is taken.
  bool add(Layer& layer);

 private:
  std::unordered_set<std::string> taken_;
  std::map<std::string, int> counters_;
};

}  // namespace keratin
