// Initializers: exact values and moments against Keras's, purity in the seed, names and bad options.
#include "keratin/initializers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "functional/layer_config.h"
#include "keratin/error.h"
#include "keratin/layers/core.h"
#include "support/npz.h"
#include "support/throws.h"

namespace keratin {
namespace {

namespace in = initializers;
using testing::golden;
using testing::Npz;

std::vector<double> numbers(const Array& array) {
  const Array doubles = array.astype(float64);
  return {doubles.values<double>().begin(), doubles.values<double>().end()};
}

struct Case {
  const char* name;
  Ref<Initializer> initializer;
};

std::vector<Case> drawn_cases() {
  std::vector<Case> cases{
      {"random_normal", in::RandomNormal()},
      {"random_normal_arguments", in::RandomNormal({.mean = 0.5, .stddev = 0.25})},
      {"random_uniform", in::RandomUniform()},
      {"random_uniform_arguments", in::RandomUniform({.minval = -0.25, .maxval = 0.75})},
      {"truncated_normal", in::TruncatedNormal()},
      {"truncated_normal_arguments", in::TruncatedNormal({.mean = 0.5, .stddev = 0.25})},
      {"glorot_uniform", in::GlorotUniform()},
      {"glorot_normal", in::GlorotNormal()},
      {"he_uniform", in::HeUniform()},
      {"he_normal", in::HeNormal()},
      {"lecun_uniform", in::LecunUniform()},
      {"lecun_normal", in::LecunNormal()},
  };
  for (const char* mode : {"fan_in", "fan_out", "fan_avg"})
    for (const char* distribution : {"truncated_normal", "untruncated_normal", "uniform"})
      cases.push_back({nullptr, in::VarianceScaling({.scale = 1.5, .mode = mode, .distribution = distribution})});
  return cases;
}

const char* const scaling_names[] = {"variance_scaling_fan_in_truncated_normal",
                                     "variance_scaling_fan_in_untruncated_normal",
                                     "variance_scaling_fan_in_uniform",
                                     "variance_scaling_fan_out_truncated_normal",
                                     "variance_scaling_fan_out_untruncated_normal",
                                     "variance_scaling_fan_out_uniform",
                                     "variance_scaling_fan_avg_truncated_normal",
                                     "variance_scaling_fan_avg_untruncated_normal",
                                     "variance_scaling_fan_avg_uniform"};

TEST(Initializers, DrawNumbersOfKerasMoments) {
  const Npz expected = golden("initializers");
  std::vector<Case> cases = drawn_cases();
  for (std::size_t i = 0; i < std::size(scaling_names); ++i)
    cases[cases.size() - std::size(scaling_names) + i].name = scaling_names[i];
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const std::vector<double> moments =
        numbers(expected[std::string(c.name) + "/expected"]);  // mean, deviation, minimum, maximum
    const std::vector<double> x = numbers((*c.initializer)({200, 300}, float64, 1));
    const auto n = static_cast<double>(x.size());
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
    const double variance =
        std::accumulate(x.begin(), x.end(), 0.0, [&](double sum, double v) { return sum + (v - mean) * (v - mean); }) /
        n;
    const double standard_error = moments[1] / std::sqrt(n);
    EXPECT_NEAR(mean, moments[0], 4.0 * standard_error);
    EXPECT_NEAR(std::sqrt(variance), moments[1], 4.0 * standard_error);
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    EXPECT_GE(*low, moments[2]);
    EXPECT_LE(*high, moments[3]);
    if (std::isfinite(moments[3])) {  // the bounds are reached, or the numbers would be too narrow
      EXPECT_LT(*low, moments[2] + 0.01 * moments[1]);
      EXPECT_GT(*high, moments[3] - 0.01 * moments[1]);
    }
  }
}

TEST(Initializers, ThatDrawNothingHaveKerasNumbers) {
  const Npz expected = golden("initializers");
  const std::vector<Case> cases{{"zeros", in::Zeros()},
                                {"ones", in::Ones()},
                                {"constant", in::Constant(0.375)},
                                {"identity", in::Identity()},
                                {"identity_gain", in::Identity({.gain = -1.5})}};
  for (const Case& c : cases)
    EXPECT_EQ(numbers((*c.initializer)({3, 4}, float64, 0)), numbers(expected[std::string(c.name) + "/values"]))
        << c.name;
}

TEST(Orthogonal, HasOrthogonalVectorsOfLengthGain) {
  for (const Shape& shape : {Shape{20, 30}, Shape{30, 20}, Shape{2, 5, 30}, Shape{7, 7}}) {
    const std::vector<double> q = numbers((*in::Orthogonal({.gain = 1.5}))(shape, float64, 3));
    const auto columns = static_cast<std::size_t>(shape.back()), rows = q.size() / columns;
    const bool by_rows = rows < columns;
    const std::size_t count = std::min(rows, columns), length = std::max(rows, columns);
    const auto element = [&](std::size_t k, std::size_t i) {
      return by_rows ? q[k * columns + i] : q[i * columns + k];
    };
    for (std::size_t a = 0; a < count; ++a)
      for (std::size_t b = 0; b < count; ++b) {
        double product = 0.0;
        for (std::size_t i = 0; i < length; ++i) product += element(a, i) * element(b, i);
        EXPECT_NEAR(product, a == b ? 2.25 : 0.0, 1e-14) << shape << " " << a << " " << b;
      }
  }
}

TEST(Initializers, DrawTheSameForFloat32AndFloat64) {
  for (const Case& c : drawn_cases()) {
    const std::vector<double> wide = numbers((*c.initializer)({30, 40}, float64, 7));
    const std::vector<double> narrow = numbers((*c.initializer)({30, 40}, float32, 7));
    for (std::size_t i = 0; i < wide.size(); ++i)
      ASSERT_EQ(narrow[i], static_cast<double>(static_cast<float>(wide[i])));
  }
}

TEST(Initializers, AreFunctionsOfTheSeed) {
  std::vector<Case> cases = drawn_cases();
  cases.push_back({"orthogonal", in::Orthogonal()});
  for (const Case& c : cases) {
    const auto draw = [&](std::uint64_t seed) { return numbers((*c.initializer)({5, 6}, float64, seed)); };
    EXPECT_EQ(draw(1), draw(1));
    EXPECT_NE(draw(1), draw(2));
    EXPECT_NE(draw(1), draw((std::uint64_t{1} << 32) + 1)) << "the upper half of the seed counts too";
  }
}

TEST(Initializers, KeepTheirOwnSeed) {
  const auto draw = [](const Ref<Initializer>& initializer, std::uint64_t seed) {
    return numbers((*initializer)({5, 6}, float64, seed));
  };
  EXPECT_EQ(draw(in::GlorotUniform({.seed = 5}), 1), draw(in::GlorotUniform({.seed = 5}), 2));
  EXPECT_EQ(draw(in::GlorotUniform({.seed = 5}), 1), draw(in::GlorotUniform(), 5));
  EXPECT_EQ(draw(in::RandomNormal({.seed = 5}), 1), draw(in::RandomNormal(), 5));
  EXPECT_EQ(draw(in::RandomUniform({.seed = 5}), 1), draw(in::RandomUniform(), 5));
  EXPECT_EQ(draw(in::TruncatedNormal({.seed = 5}), 1), draw(in::TruncatedNormal(), 5));
  EXPECT_EQ(draw(in::Orthogonal({.seed = 5}), 1), draw(in::Orthogonal(), 5));
}

TEST(VarianceScaling, TakesAConvolutionsReceptiveFieldIntoItsFans) {
  const auto limit = [](Shape shape, in::FanOptions options) {
    const std::vector<double> x = numbers((*in::GlorotUniform(options))(shape, float64, 1));
    return *std::max_element(x.begin(), x.end());
  };
  EXPECT_NEAR(limit({3, 5, 16, 32}, {}), std::sqrt(6.0 / (15 * (16 + 32))), 1e-4);
  EXPECT_NEAR(limit({5000}, {}), std::sqrt(6.0 / 10000), 1e-4);
  EXPECT_NEAR(limit({3, 5, 16, 32}, {.input_axes = {{0}}, .output_axes = {{-1}}}), std::sqrt(6.0 / (3 + 32)), 1e-3);
}

TEST(Initializers, AreKnownByKerasNames) {
  const std::pair<const char*, const char*> names[] = {{"zeros", "Zeros"},
                                                       {"zero", "Zeros"},
                                                       {"ones", "Ones"},
                                                       {"one", "Ones"},
                                                       {"constant", "Constant"},
                                                       {"identity", "Identity"},
                                                       {"IdentityInitializer", "Identity"},
                                                       {"normal", "RandomNormal"},
                                                       {"random_normal", "RandomNormal"},
                                                       {"uniform", "RandomUniform"},
                                                       {"random_uniform", "RandomUniform"},
                                                       {"truncated_normal", "TruncatedNormal"},
                                                       {"variance_scaling", "VarianceScaling"},
                                                       {"glorot_normal", "GlorotNormal"},
                                                       {"glorot_uniform", "GlorotUniform"},
                                                       {"GlorotUniform", "GlorotUniform"},
                                                       {"he_normal", "HeNormal"},
                                                       {"he_uniform", "HeUniform"},
                                                       {"lecun_normal", "LecunNormal"},
                                                       {"lecun_uniform", "LecunUniform"},
                                                       {"orthogonal", "Orthogonal"},
                                                       {"OrthogonalInitializer", "Orthogonal"}};
  for (const auto& [name, class_name] : names) EXPECT_EQ(Ref<Initializer>(name)->class_name(), class_name) << name;
  EXPECT_EQ(Initializer::from_class_name("glorot_uniform"), nullptr);
  EXPECT_THROWS(ValueError, Ref<Initializer>("Glorot"), "initializer: expected one of constant, glorot_normal,");
  EXPECT_THROWS(ValueError, Ref<Initializer>("Glorot"), "got \"Glorot\"");
}

TEST(Initializers, ComeBackFromJson) {
  const in::FanOptions fan{.seed = 3, .input_axes = {{0}}, .output_axes = {{1}}};
  const Ref<Initializer> options[] = {
      in::Zeros(),
      in::Ones(),
      in::Constant(0.375),
      in::Identity({.gain = -1.5}),
      in::RandomNormal({.mean = 0.5, .stddev = 0.25, .seed = 3}),
      in::RandomUniform({.minval = -0.25, .maxval = 0.75, .seed = 3}),
      in::TruncatedNormal({.mean = 0.5, .stddev = 0.25, .seed = 3}),
      in::VarianceScaling({.scale = 1.5, .mode = "fan_out", .distribution = "uniform", .seed = 3}),
      in::GlorotNormal(fan),
      in::GlorotUniform(fan),
      in::HeNormal(fan),
      in::HeUniform(fan),
      in::LecunNormal(fan),
      in::LecunUniform(fan),
      in::Orthogonal({.gain = 1.5, .seed = 3}),
  };
  for (const Ref<Initializer>& initializer : options) {
    const Json written = layer_config(*layers::Dense(2, {.kernel_initializer = initializer}));
    const CustomObjects none;
    const Ref<Layer> read = LayerReader(none).layer(ConfigPlace(written, ""));
    EXPECT_EQ(to_text(layer_config(*read)), to_text(written));
    read->outputs(Input({3}));
    EXPECT_EQ(numbers(read->weight("kernel").value()), numbers((*initializer)({3, 2}, float32, 7)))
        << initializer->class_name();
  }
}

TEST(Initializers, RefuseOptionsThatCannotBe) {
  EXPECT_THROWS(ValueError, in::RandomNormal({.stddev = -1.0}), "RandomNormal: expected stddev >= 0, got -1");
  EXPECT_THROWS(ValueError, in::TruncatedNormal({.stddev = -1.0}), "TruncatedNormal: expected stddev >= 0, got -1");
  EXPECT_THROWS(ValueError, in::RandomUniform({.minval = 1.0, .maxval = 0.5}),
                "RandomUniform: expected minval <= maxval, got 1 and 0.5");
  EXPECT_THROWS(ValueError, in::VarianceScaling({.scale = 0.0}), "VarianceScaling: expected scale > 0, got 0");
  EXPECT_THROWS(ValueError, in::VarianceScaling({.mode = "fan"}),
                "expected mode fan_in, fan_out or fan_avg, got \"fan\"");
  EXPECT_THROWS(ValueError, in::VarianceScaling({.distribution = "gaussian"}), "or uniform, got \"gaussian\"");
  EXPECT_THROWS(ValueError, in::GlorotUniform({.input_axes = {{0}}}),
                "GlorotUniform: expected both or neither of input_axes and output_axes");
  EXPECT_THROWS(ValueError, (*in::Identity())({3}, float32, 0), "Identity: expected the shape of a matrix, got (3,)");
  EXPECT_THROWS(ValueError, (*in::Orthogonal())({3}, float32, 0),
                "Orthogonal: expected a shape of at least two axes, got (3,)");
}

}  // namespace
}  // namespace keratin
