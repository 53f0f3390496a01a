#include "base/scope_guard.h"

#include <gtest/gtest.h>

namespace keratin {
namespace {

TEST(ScopeGuard, RunsAtTheScopesEnd) {
  int runs = 0;
  {
    const ScopeGuard guard([&] { ++runs; });
    EXPECT_EQ(runs, 0);
  }
  EXPECT_EQ(runs, 1);
}

TEST(ScopeGuard, RunsWhenAnExceptionPasses) {
  int runs = 0;
  try {
    const ScopeGuard guard([&] { ++runs; });
    throw 1;
  } catch (int) {
  }
  EXPECT_EQ(runs, 1);
}

TEST(ScopeGuard, DoesNotRunOnceDismissed) {
  int runs = 0;
  {
    ScopeGuard guard([&] { ++runs; });
    guard.dismiss();
  }
  EXPECT_EQ(runs, 0);
}

}  // namespace
}  // namespace keratin
