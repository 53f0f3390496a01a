// The functions of src/simd/lanes.h against the standard library in long double, in units in the last place of the
// result.
#include "simd/lanes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace keratin {
namespace {

template <class T> std::vector<T> numbers() {
  std::mt19937_64 random(1);
  std::vector<T> out;
  for (int i = 0; i < 100'000; ++i)
    out.push_back(std::bit_cast<T>(static_cast<scalar::lanes::Bits<T>>(random())));  // every exponent, NaN
  for (const double reach : {1e-3, 1.0, 10.0, 100.0, 1000.0})
    for (int i = 0; i < 20'000; ++i)
      out.push_back(static_cast<T>(reach * (2.0 * (static_cast<double>(random() >> 11) * 0x1p-53) - 1.0)));
  using Limits = std::numeric_limits<T>;
  for (const T special : {T(0), T(1), T(0.5), T(1.5), T(2.5), Limits::infinity(), Limits::min(), Limits::denorm_min(),
                          Limits::max(), Limits::epsilon(), T(88.7228), T(103.97), T(709.78), T(745.13)})
    for (const T signed_one : {special, -special}) out.push_back(signed_one);
  out.push_back(Limits::quiet_NaN());
  return out;
}

/// The largest error; infinite where NaN, infinity or the sign is not as it should be.
template <class T, class Function, class Reference>
double worst_error(const Function& function, const Reference& reference) {
  double worst = 0.0;
  for (const T x : numbers<T>()) {
    const T got = function(x);
    const long double exact = reference(static_cast<long double>(x));
    const T want = static_cast<T>(exact);
    double error = std::numeric_limits<double>::infinity();
    if (std::isnan(want) || std::isnan(got) || std::isinf(want) || std::isinf(got)) {
      if (got == want || (std::isnan(want) && std::isnan(got))) error = 0.0;
    } else if (std::signbit(got) == std::signbit(want)) {
      const T unit = std::nextafter(std::abs(want), std::numeric_limits<T>::infinity()) - std::abs(want);
      error = static_cast<double>(std::abs(static_cast<long double>(got) - exact) / unit);
    }
    if (error > worst) worst = error;
    if (std::isinf(error)) ADD_FAILURE() << "at " << x << ": expected " << want << ", got " << got;
    if (std::isinf(error)) break;
  }
  return worst;
}

template <class T> class Lanes : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Lanes, Types);

TYPED_TEST(Lanes, AreWithinTwoUnitsForExponentialsAndLogarithms) {
  using T = TypeParam;
  EXPECT_LT(worst_error<T>([](T x) { return scalar::exp(x); }, [](long double x) { return std::exp(x); }), 2.0);
  EXPECT_LT(worst_error<T>([](T x) { return scalar::log(x); }, [](long double x) { return std::log(x); }), 2.0);
  EXPECT_LT(worst_error<T>([](T x) { return scalar::log1p(x); }, [](long double x) { return std::log1p(x); }), 2.0);
}

TYPED_TEST(Lanes, AreWithinFiveUnitsForDifferencesOfExponentials) {
  using T = TypeParam;
  EXPECT_LT(worst_error<T>([](T x) { return scalar::expm1(x); }, [](long double x) { return std::expm1(x); }), 5.0);
  EXPECT_LT(worst_error<T>([](T x) { return scalar::tanh(x); }, [](long double x) { return std::tanh(x); }), 5.0);
}

TYPED_TEST(Lanes, AreExactForRounding) {
  using T = TypeParam;
  EXPECT_EQ(worst_error<T>([](T x) { return scalar::floor(x); }, [](long double x) { return std::floor(x); }), 0.0);
  EXPECT_EQ(worst_error<T>([](T x) { return scalar::ceil(x); }, [](long double x) { return std::ceil(x); }), 0.0);
  EXPECT_EQ(worst_error<T>([](T x) { return scalar::nearbyint(x); }, [](long double x) { return std::nearbyint(x); }),
            0.0);
}

TYPED_TEST(Lanes, AreWithinEightUnitsForErf) {
  using T = TypeParam;
  EXPECT_LT(worst_error<T>([](T x) { return scalar::erf(x); }, [](long double x) { return std::erf(x); }), 8.0);
}

}  // namespace
}  // namespace keratin
