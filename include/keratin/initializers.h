// Initializers: keras.initializers. How fresh weights get their numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "keratin/array.h"
#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/ref.h"
#include "keratin/types.h"

namespace KERATIN_EXPORT keratin {

/// A pure function of shape, dtype and seed. A Ref converts from Keras's name.
class Initializer : public Configurable {
 public:
  /// The numbers for a weight. Equal arguments give equal numbers on every machine.
  virtual Array operator()(const Shape& shape, DType dtype, std::uint64_t seed) const = 0;
  static std::shared_ptr<Initializer> from_name(std::string_view name);
  /// A fresh object of that class with its defaults, to be described from a configuration; null if there is none.
  static std::shared_ptr<Initializer> from_class_name(std::string_view class_name);
};

}  // namespace keratin
