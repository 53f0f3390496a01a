// Initializers: keras.initializers. How fresh weights get their numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// The random ones draw the same numbers for float32 and float64, up to rounding. An option `seed` takes the place of
/// the seed that the model gives each weight: as in Keras, every weight of the same shape then starts with the same
/// numbers.
namespace initializers {

struct IdentityOptions {
  double gain = 1.0;
};
struct RandomNormalOptions {
  double mean = 0.0;
  double stddev = 0.05;
  std::optional<std::int64_t> seed = std::nullopt;
};
struct RandomUniformOptions {
  double minval = -0.05;
  double maxval = 0.05;
  std::optional<std::int64_t> seed = std::nullopt;
};
struct VarianceScalingOptions {
  double scale = 1.0;
  std::string mode = "fan_in";                    // fan_in, fan_out or fan_avg
  std::string distribution = "truncated_normal";  // truncated_normal (or normal), untruncated_normal or uniform
  std::optional<std::int64_t> seed = std::nullopt;
  std::optional<std::vector<int>> input_axes = std::nullopt;   // both or neither: the axes whose product is fan_in …
  std::optional<std::vector<int>> output_axes = std::nullopt;  // … and fan_out
};
struct FanOptions {
  std::optional<std::int64_t> seed = std::nullopt;
  std::optional<std::vector<int>> input_axes = std::nullopt;
  std::optional<std::vector<int>> output_axes = std::nullopt;
};
struct OrthogonalOptions {
  double gain = 1.0;
  std::optional<std::int64_t> seed = std::nullopt;
};

Ref<Initializer> Zeros();
Ref<Initializer> Ones();
Ref<Initializer> Constant(double value = 0.0);
/// gain on the diagonal of a matrix, square or not.
Ref<Initializer> Identity(IdentityOptions options = {});
Ref<Initializer> RandomNormal(RandomNormalOptions options = {});
/// In [minval, maxval).
Ref<Initializer> RandomUniform(RandomUniformOptions options = {});
/// Normal numbers, those further than two stddev from the mean drawn again: what is left deviates by 0.88 stddev.
Ref<Initializer> TruncatedNormal(RandomNormalOptions options = {});
/// Of standard deviation √(scale / fan), after truncation; uniform: within ±√(3 scale / fan).
/// Fans of a shape: (n): n, n; (in, out); of a convolution's kernel (…, in, out) both times its receptive field.
Ref<Initializer> VarianceScaling(VarianceScalingOptions options = {});
Ref<Initializer> GlorotNormal(FanOptions options = {});  // scale 1, fan_avg
Ref<Initializer> GlorotUniform(FanOptions options = {});
Ref<Initializer> HeNormal(FanOptions options = {});  // scale 2, fan_in
Ref<Initializer> HeUniform(FanOptions options = {});
Ref<Initializer> LecunNormal(FanOptions options = {});  // scale 1, fan_in
Ref<Initializer> LecunUniform(FanOptions options = {});
/// gain · Q of a random normal matrix (the product of all axes but the last, last): rows or columns, whichever are
/// fewer, are orthogonal.
Ref<Initializer> Orthogonal(OrthogonalOptions options = {});

}  // namespace initializers
}  // namespace keratin
