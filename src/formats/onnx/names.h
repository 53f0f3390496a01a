// Names in an ONNX file: readable, and each used once.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class UniqueNames {
 public:
  /// `wanted`, or with "_1", "_2", … behind it if it is taken.
  std::string make(const std::string& wanted);

 private:
  std::set<std::string> taken_;
};

/// "dense" and "ReduceSum" → "dense/reduce_sum"; without a scope "reduce_sum".
std::string scoped_name(const std::string& scope, std::string_view type);

}  // namespace keratin
