// Teams: everybody works, waits for the others, and comes again.
#include "base/team.h"

#include <gtest/gtest.h>

#if defined(__linux__)
#include <sched.h>
#endif

#include <atomic>
#include <numeric>
#include <stdexcept>

#include "support/sanitizers.h"

namespace keratin {
namespace {

TEST(Team, WorksInEveryMember) {
  for (const int members : {1, 2, 3, 7}) {
    Team team(members);
    std::vector<int> calls(static_cast<std::size_t>(members), 0);
    for (int run = 0; run < 100; ++run) team.run([&](int member) { ++calls[static_cast<std::size_t>(member)]; });
    EXPECT_EQ(calls, std::vector<int>(static_cast<std::size_t>(members), 100));
  }
}

TEST(Team, CallsTheFirstMemberInTheCallersThread) {
  Team team(3);
  std::thread::id first;
  team.run([&](int member) {
    if (member == 0) first = std::this_thread::get_id();
  });
  EXPECT_EQ(first, std::this_thread::get_id());
}

/// Each member writes its number, then reads what all have written: without the barrier this is a race.
TEST(Team, WaitsForAll) {
  constexpr int members = 3, rounds = 1000;
  Team team(members);
  std::vector<int> written(members, 0);
  std::vector<int> wrong(members, 0);
  team.run([&](int member) {
    const auto m = static_cast<std::size_t>(member);
    for (int round = 1; round <= rounds; ++round) {
      written[m] = round;
      team.wait_for_all();
      wrong[m] += std::accumulate(written.begin(), written.end(), 0) != members * round;
      team.wait_for_all();
    }
  });
  EXPECT_EQ(wrong, std::vector<int>(members, 0));
}

TEST(Team, SleepsAndWakes) {
  Team team(2);
  std::atomic<int> calls{0};
  for (int run = 0; run < 5; ++run) {
    team.run([&](int) { ++calls; });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // longer than anybody spins
  }
  EXPECT_EQ(calls, 10);
}

TEST(Team, OfManyMayRunAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<int> calls{0};
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&] {
      Team team(2);
      for (int run = 0; run < 50; ++run)
        team.run([&](int) {
          ++calls;
          team.wait_for_all();
        });
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(calls, 300);
}

/// Rather than wait for ever for a member that does not come to the barrier.
TEST(TeamDeathTest, EndsTheProcessWhenAMemberThrows) {
  if (testing::thread_sanitizer)
    GTEST_SKIP() << "not under a sanitizer of threads: it does not follow into the process that gtest makes";
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  for (const int thrower : {0, 1})
    EXPECT_DEATH(Team(2).run([&](int member) {
      if (member == thrower) throw std::runtime_error("a member threw");
    }),
                 "a member threw");
}

TEST(Team, NeedsNoThreadBeforeItsFirstRun) { const Team team(1000); }

TEST(Threads, AreAtLeastOne) { EXPECT_GE(available_threads(), 1); }

#if defined(__linux__)
TEST(Threads, AreThoseOfTheCoresThatTheCallerIsConfinedTo) {
  cpu_set_t all;
  if (sched_getaffinity(0, sizeof all, &all) != 0) GTEST_SKIP() << "the affinity mask of this machine cannot be read";
  std::size_t core = 0;
  while (!CPU_ISSET(core, &all)) ++core;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const int threads = available_threads();
  ASSERT_EQ(sched_setaffinity(0, sizeof all, &all), 0);
  EXPECT_EQ(threads, 1);
  EXPECT_EQ(available_threads(), CPU_COUNT(&all));
}
#endif

}  // namespace
}  // namespace keratin
