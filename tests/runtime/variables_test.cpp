// Variables on a device: their numbers move there, side by side, and neither padding nor neighbours disturb them.
#include "runtime/variables.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "cpu/cpu_backend.h"

namespace keratin {
namespace {

/// Counts up from `first`.
Array counting(const Shape& shape, float first) {
  Array out = Array::uninitialized(shape, float32);
  std::iota(out.values<float>().begin(), out.values<float>().end(), first);
  return out;
}

std::shared_ptr<VariableState> variable(const Shape& shape, float first) {
  auto state = std::make_shared<VariableState>();
  state->path = "layer/weight";
  state->spec = {float32, shape};
  state->initial = [shape, first](std::uint64_t) { return counting(shape, first); };
  return state;
}

bool equal(const Array& a, const Array& b) {
  const auto x = a.values<float>(), y = b.values<float>();
  return a.shape() == b.shape() && std::equal(x.begin(), x.end(), y.begin(), y.end());
}

class PlacedVariables : public ::testing::Test {
 protected:
  const Shape wide_ = {3, 130}, narrow_ = {5, 7}, vector_ = {9};  // rows of 130 are padded
  const std::vector<std::shared_ptr<VariableState>> variables_{variable(wide_, 1), variable(narrow_, 1000),
                                                               variable(vector_, 2000), variable({}, 3000)};
  const cpu::CpuBackend backend_;
};

TEST_F(PlacedVariables, KeepTheirNumbers) {
  place_variables(variables_, backend_);
  EXPECT_TRUE(equal(variables_[0]->value(), counting(wide_, 1)));
  EXPECT_TRUE(equal(variables_[1]->value(), counting(narrow_, 1000)));
  EXPECT_TRUE(equal(variables_[2]->value(), counting(vector_, 2000)));
  EXPECT_TRUE(equal(variables_[3]->value(), counting({}, 3000)));
}

TEST_F(PlacedVariables, AreAssignedWithoutTheirNeighbours) {
  place_variables(variables_, backend_);
  variables_[0]->assign(counting(wide_, -500));
  variables_[2]->assign(counting(vector_, -9));
  EXPECT_TRUE(equal(variables_[0]->value(), counting(wide_, -500)));
  EXPECT_TRUE(equal(variables_[1]->value(), counting(narrow_, 1000)));
  EXPECT_TRUE(equal(variables_[2]->value(), counting(vector_, -9)));
  EXPECT_TRUE(equal(variables_[3]->value(), counting({}, 3000)));
}

TEST_F(PlacedVariables, LieOneAfterAnotherInWholeCacheLines) {
  place_variables(variables_, backend_);
  const auto* const first = static_cast<const std::byte*>(variables_[0]->storage()->address());
  std::size_t before = 0;
  for (const auto& one : variables_) {
    const auto* const address = static_cast<const std::byte*>(one->storage()->address());
    EXPECT_EQ(address - first, static_cast<std::ptrdiff_t>(before));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(address) % 64, 0U);
    before += stored_bytes({one});
  }
  EXPECT_EQ(before, stored_bytes(variables_));
  EXPECT_EQ(stored_bytes({variables_[0]}), std::size_t{3 * 144 * 4});
}

TEST_F(PlacedVariables, MoveToAnotherDeviceWithTheirNumbers) {
  place_variables(variables_, backend_);
  variables_[1]->assign(counting(narrow_, -70));
  const void* const before = variables_[1]->storage()->address();
  const cpu::CpuBackend other;
  place_variables({variables_[0], variables_[1]}, other);
  EXPECT_NE(variables_[1]->storage()->address(), before);
  EXPECT_TRUE(equal(variables_[0]->value(), counting(wide_, 1)));
  EXPECT_TRUE(equal(variables_[1]->value(), counting(narrow_, -70)));
  EXPECT_TRUE(equal(variables_[2]->value(), counting(vector_, 2000)));
}

TEST_F(PlacedVariables, StayWhereTheyAre) {
  place_variables({variables_[1]}, backend_);
  const void* const address = variables_[1]->storage()->address();
  place_variables(variables_, backend_);
  EXPECT_EQ(variables_[1]->storage()->address(), address);
  EXPECT_TRUE(equal(variables_[0]->value(), counting(wide_, 1)));
}

}  // namespace
}  // namespace keratin
