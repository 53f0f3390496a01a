// The initializers of Keras 3 and the table of their names. Formulas: keras/src/initializers of 3.15.
#include "keratin/initializers.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/check.h"
#include "layers/configuration/draw.h"

namespace keratin {
namespace {

using Seed = std::optional<std::int64_t>;

std::uint64_t chosen_seed(const Seed& own, std::uint64_t given) {
  return own ? static_cast<std::uint64_t>(*own) : given;
}

/// Zeros, Ones and Constant.
class ConstantInitializer final : public Initializer {
 public:
  ConstantInitializer(std::string_view class_name, double value) : class_name_(class_name), value_(value) {}
  std::string class_name() const override { return class_name_; }
  void describe(Fields& fields) override {
    if (class_name_ == "Constant") fields("value", value_);
  }
  Array operator()(const Shape& shape, DType dtype, std::uint64_t) const override {
    return Array::full(shape, value_, dtype);
  }

 private:
  std::string class_name_;
  double value_;
};

class IdentityInitializer final : public Initializer {
 public:
  explicit IdentityInitializer(double gain = 1.0) : gain_(gain) {}
  std::string class_name() const override { return "Identity"; }
  void describe(Fields& fields) override { fields.extension("gain", gain_, 1.0); }
  Array operator()(const Shape& shape, DType dtype, std::uint64_t) const override {
    check_argument(shape.rank() == 2, "Identity: expected the shape of a matrix, got ", shape);
    const auto columns = static_cast<std::size_t>(shape[1]);
    return filled(shape, dtype, [&](std::size_t i) { return i / columns == i % columns ? gain_ : 0.0; });
  }

 private:
  double gain_;
};

/// RandomNormal and TruncatedNormal.
class NormalInitializer final : public Initializer {
 public:
  NormalInitializer(std::string_view class_name, initializers::RandomNormalOptions options)
      : class_name_(class_name), options_(options) {}
  std::string class_name() const override { return class_name_; }
  void describe(Fields& fields) override {
    fields("seed", options_.seed);
    fields("mean", options_.mean);
    fields("stddev", options_.stddev);
  }
  void check() const {
    check_argument(options_.stddev >= 0.0, class_name_, ": expected stddev >= 0, got ", options_.stddev);
  }
  Array operator()(const Shape& shape, DType dtype, std::uint64_t given) const override {
    check();
    const std::uint64_t seed = chosen_seed(options_.seed, given);
    const bool truncated = class_name_ == "TruncatedNormal";
    return filled(shape, dtype, [&](std::size_t i) {
      return options_.mean +
             options_.stddev * (truncated ? truncated_normal_double(seed, i) : normal_double(seed, 0, i));
    });
  }

 private:
  std::string class_name_;
  initializers::RandomNormalOptions options_;
};

class UniformInitializer final : public Initializer {
 public:
  explicit UniformInitializer(initializers::RandomUniformOptions options = {}) : options_(options) {}
  std::string class_name() const override { return "RandomUniform"; }
  void describe(Fields& fields) override {
    fields("seed", options_.seed);
    fields("minval", options_.minval);
    fields("maxval", options_.maxval);
  }
  void check() const {
    check_argument(options_.minval <= options_.maxval, "RandomUniform: expected minval <= maxval, got ",
                   options_.minval, " and ", options_.maxval);
  }
  Array operator()(const Shape& shape, DType dtype, std::uint64_t given) const override {
    check();
    const std::uint64_t seed = chosen_seed(options_.seed, given);
    return filled(shape, dtype, [&](std::size_t i) {
      return options_.minval + (options_.maxval - options_.minval) * uniform_double(seed, 0, i);
    });
  }

 private:
  initializers::RandomUniformOptions options_;
};

struct Fans {
  double in;
  double out;
};

double product(const Shape& shape, const std::vector<int>& axes) {
  double result = 1.0;
  for (const int axis : axes) result *= static_cast<double>(shape[axis]);
  return result;
}

Fans fans(const Shape& shape) {
  if (shape.empty()) return {1.0, 1.0};
  const auto last = static_cast<double>(shape.back());
  if (shape.rank() == 1) return {last, last};
  const auto receptive_field = static_cast<double>(shape.until(-2).size());
  return {receptive_field * static_cast<double>(shape[-2]), receptive_field * last};
}

/// VarianceScaling, and under their own names the Glorot, He and Lecun initializers, whose files do not hold scale,
/// mode and distribution.
class VarianceScalingInitializer final : public Initializer {
 public:
  VarianceScalingInitializer(std::string_view class_name, initializers::VarianceScalingOptions options)
      : class_name_(class_name), options_(std::move(options)) {}
  std::string class_name() const override { return class_name_; }
  void describe(Fields& fields) override {
    fields("seed", options_.seed);
    if (class_name_ == "VarianceScaling") {
      fields("scale", options_.scale);
      fields("mode", options_.mode);
      fields("distribution", options_.distribution);
    }
    fields("input_axes", options_.input_axes);
    fields("output_axes", options_.output_axes);
  }

  void check() const {
    const std::string& mode = options_.mode;
    const std::string& distribution = options_.distribution;
    check_argument(options_.scale > 0.0, class_name_, ": expected scale > 0, got ", options_.scale);
    check_argument(mode == "fan_in" || mode == "fan_out" || mode == "fan_avg", class_name_,
                   ": expected mode fan_in, fan_out or fan_avg, got \"", mode, "\"");
    check_argument(distribution == "truncated_normal" || distribution == "normal" ||
                       distribution == "untruncated_normal" || distribution == "uniform",
                   class_name_, ": expected distribution truncated_normal, untruncated_normal or uniform, got \"",
                   distribution, "\"");
    check_argument(options_.input_axes.has_value() == options_.output_axes.has_value(), class_name_,
                   ": expected both or neither of input_axes and output_axes");
  }

  Array operator()(const Shape& shape, DType dtype, std::uint64_t given) const override {
    check();
    const std::uint64_t seed = chosen_seed(options_.seed, given);
    const double variance = options_.scale / std::max(1.0, fan(shape));
    if (options_.distribution == "uniform") {
      const double limit = std::sqrt(3.0 * variance);
      return filled(shape, dtype, [&](std::size_t i) { return limit * (2.0 * uniform_double(seed, 0, i) - 1.0); });
    }
    if (options_.distribution == "untruncated_normal") {
      const double stddev = std::sqrt(variance);
      return filled(shape, dtype, [&](std::size_t i) { return stddev * normal_double(seed, 0, i); });
    }
    constexpr double truncated_deviation = 0.87962566103423978;  // of a standard normal number within ±2
    const double stddev = std::sqrt(variance) / truncated_deviation;
    return filled(shape, dtype, [&](std::size_t i) { return stddev * truncated_normal_double(seed, i); });
  }

 private:
  double fan(const Shape& shape) const {
    Fans both = fans(shape);
    if (options_.input_axes) both = {product(shape, *options_.input_axes), product(shape, *options_.output_axes)};
    if (options_.mode == "fan_in") return both.in;
    return options_.mode == "fan_out" ? both.out : (both.in + both.out) / 2.0;
  }

  std::string class_name_;
  initializers::VarianceScalingOptions options_;
};

using Vector = std::vector<double>;

/// Makes the vectors orthonormal in place by Gram and Schmidt's rule, each one's projections taken off twice (Kahan,
/// Parlett: "twice is enough"). The triangular factor's diagonal comes out positive: this is Q · sign(diag R) of any
/// other algorithm.
void orthonormalize(std::vector<Vector>& vectors) {
  for (std::size_t k = 0; k < vectors.size(); ++k) {
    Vector& own = vectors[k];
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t j = 0; j < k; ++j) {
        const double along = std::inner_product(own.begin(), own.end(), vectors[j].begin(), 0.0);
        for (std::size_t i = 0; i < own.size(); ++i) own[i] -= along * vectors[j][i];
      }
    const double length = std::sqrt(std::inner_product(own.begin(), own.end(), own.begin(), 0.0));
    for (double& value : own) value /= length;
  }
}

class OrthogonalInitializer final : public Initializer {
 public:
  explicit OrthogonalInitializer(initializers::OrthogonalOptions options = {}) : options_(options) {}
  std::string class_name() const override { return "Orthogonal"; }
  void describe(Fields& fields) override {
    fields("seed", options_.seed);
    fields("gain", options_.gain);
  }
  Array operator()(const Shape& shape, DType dtype, std::uint64_t given) const override {
    check_argument(shape.rank() >= 2, "Orthogonal: expected a shape of at least two axes, got ", shape);
    const auto rows = static_cast<std::size_t>(shape.until(-1).size()),
               columns = static_cast<std::size_t>(shape.back());
    const std::size_t count = std::min(rows, columns), length = std::max(rows, columns);
    const std::uint64_t seed = chosen_seed(options_.seed, given);
    std::vector<Vector> vectors(count, Vector(length));
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t i = 0; i < length; ++i) vectors[k][i] = normal_double(seed, 0, i * count + k);
    orthonormalize(vectors);
    return filled(shape, dtype, [&](std::size_t i) {
      const std::size_t row = i / columns, column = i % columns;
      return options_.gain * (rows < columns ? vectors[row][column] : vectors[column][row]);
    });
  }

 private:
  initializers::OrthogonalOptions options_;
};

template <class I, class... Args> std::shared_ptr<Initializer> make_initializer(Args&&... args) {
  return std::make_shared<I>(std::forward<Args>(args)...);
}

/// A VarianceScaling with a name of its own.
struct Scaling {
  std::string_view class_name;
  double scale;
  const char* mode;
  const char* distribution;
};
constexpr Scaling glorot_normal{"GlorotNormal", 1.0, "fan_avg", "truncated_normal"};
constexpr Scaling glorot_uniform{"GlorotUniform", 1.0, "fan_avg", "uniform"};
constexpr Scaling he_normal{"HeNormal", 2.0, "fan_in", "truncated_normal"};
constexpr Scaling he_uniform{"HeUniform", 2.0, "fan_in", "uniform"};
constexpr Scaling lecun_normal{"LecunNormal", 1.0, "fan_in", "truncated_normal"};
constexpr Scaling lecun_uniform{"LecunUniform", 1.0, "fan_in", "uniform"};

std::shared_ptr<VarianceScalingInitializer> make_scaling(const Scaling& row, const initializers::FanOptions& fan = {}) {
  return std::make_shared<VarianceScalingInitializer>(
      row.class_name, initializers::VarianceScalingOptions{row.scale, row.mode, row.distribution, fan.seed,
                                                           fan.input_axes, fan.output_axes});
}

template <class I> Ref<Initializer> checked(std::shared_ptr<I> initializer) {
  initializer->check();
  return initializer;
}

using Made = std::shared_ptr<Initializer>;

struct Row {
  std::string_view class_name;
  std::string_view name;
  Made (*make)();
};

constexpr std::array rows{
    Row{"Constant", "constant", []() -> Made { return make_initializer<ConstantInitializer>("Constant", 0.0); }},
    Row{"GlorotNormal", "glorot_normal", []() -> Made { return make_scaling(glorot_normal); }},
    Row{"GlorotUniform", "glorot_uniform", []() -> Made { return make_scaling(glorot_uniform); }},
    Row{"HeNormal", "he_normal", []() -> Made { return make_scaling(he_normal); }},
    Row{"HeUniform", "he_uniform", []() -> Made { return make_scaling(he_uniform); }},
    Row{"Identity", "identity", []() -> Made { return make_initializer<IdentityInitializer>(); }},
    Row{"LecunNormal", "lecun_normal", []() -> Made { return make_scaling(lecun_normal); }},
    Row{"LecunUniform", "lecun_uniform", []() -> Made { return make_scaling(lecun_uniform); }},
    Row{"Ones", "ones", []() -> Made { return make_initializer<ConstantInitializer>("Ones", 1.0); }},
    Row{"Orthogonal", "orthogonal", []() -> Made { return make_initializer<OrthogonalInitializer>(); }},
    Row{"RandomNormal", "random_normal",
        []() -> Made {
          return make_initializer<NormalInitializer>("RandomNormal", initializers::RandomNormalOptions{});
        }},
    Row{"RandomUniform", "random_uniform", []() -> Made { return make_initializer<UniformInitializer>(); }},
    Row{"TruncatedNormal", "truncated_normal",
        []() -> Made {
          return make_initializer<NormalInitializer>("TruncatedNormal", initializers::RandomNormalOptions{});
        }},
    Row{"VarianceScaling", "variance_scaling",
        []() -> Made {
          return make_initializer<VarianceScalingInitializer>("VarianceScaling",
                                                              initializers::VarianceScalingOptions{});
        }},
    Row{"Zeros", "zeros", []() -> Made { return make_initializer<ConstantInitializer>("Zeros", 0.0); }},
};

struct Alias {
  std::string_view name;
  std::string_view class_name;
};
constexpr std::array aliases{
    Alias{"IdentityInitializer", "Identity"}, Alias{"OrthogonalInitializer", "Orthogonal"},
    Alias{"normal", "RandomNormal"},          Alias{"one", "Ones"},
    Alias{"uniform", "RandomUniform"},        Alias{"zero", "Zeros"},
};

}  // namespace

namespace initializers {

Ref<Initializer> Zeros() { return make_initializer<ConstantInitializer>("Zeros", 0.0); }
Ref<Initializer> Ones() { return make_initializer<ConstantInitializer>("Ones", 1.0); }
Ref<Initializer> Constant(double value) { return make_initializer<ConstantInitializer>("Constant", value); }
Ref<Initializer> Identity(IdentityOptions options) { return make_initializer<IdentityInitializer>(options.gain); }
Ref<Initializer> RandomNormal(RandomNormalOptions options) {
  return checked(std::make_shared<NormalInitializer>("RandomNormal", options));
}
Ref<Initializer> RandomUniform(RandomUniformOptions options) {
  return checked(std::make_shared<UniformInitializer>(options));
}
Ref<Initializer> TruncatedNormal(RandomNormalOptions options) {
  return checked(std::make_shared<NormalInitializer>("TruncatedNormal", options));
}
Ref<Initializer> VarianceScaling(VarianceScalingOptions options) {
  return checked(std::make_shared<VarianceScalingInitializer>("VarianceScaling", std::move(options)));
}
Ref<Initializer> GlorotNormal(FanOptions options) { return checked(make_scaling(glorot_normal, options)); }
Ref<Initializer> GlorotUniform(FanOptions options) { return checked(make_scaling(glorot_uniform, options)); }
Ref<Initializer> HeNormal(FanOptions options) { return checked(make_scaling(he_normal, options)); }
Ref<Initializer> HeUniform(FanOptions options) { return checked(make_scaling(he_uniform, options)); }
Ref<Initializer> LecunNormal(FanOptions options) { return checked(make_scaling(lecun_normal, options)); }
Ref<Initializer> LecunUniform(FanOptions options) { return checked(make_scaling(lecun_uniform, options)); }
Ref<Initializer> Orthogonal(OrthogonalOptions options) { return make_initializer<OrthogonalInitializer>(options); }

}  // namespace initializers

std::shared_ptr<Initializer> Initializer::from_class_name(std::string_view class_name) {
  for (const Alias& alias : aliases)
    if (alias.name == class_name) class_name = alias.class_name;
  for (const Row& row : rows)
    if (row.class_name == class_name) return row.make();
  return nullptr;
}

std::shared_ptr<Initializer> Initializer::from_name(std::string_view name) {
  if (std::shared_ptr<Initializer> made = from_class_name(name)) return made;
  std::vector<std::string_view> names;
  for (const Row& row : rows) {
    if (row.name == name) return row.make();
    names.push_back(row.name);
  }
  throw ValueError(concat("initializer: expected one of ", join(names, ", "), ", got \"", name, "\""));
}

}  // namespace keratin
