// Team: the threads that compute for one model. They walk through a step together and sleep between steps.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Cores that the calling thread may run on.
int available_threads();

inline constexpr int most_threads = 1024;

/// Member 0 is the thread that calls run(); the others are started by the first call and joined by the destructor.
/// Nobody is pinned to a core. One run at a time.
class Team {
 public:
  /// members: at least 1.
  explicit Team(int members) : members_(members) {}
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team();

  int members() const { return members_; }

  /// Calls work(member) in every member and returns when all are done. An exception that `work` throws ends the
  /// process. Throws DeviceError if the threads cannot be started.
  void run(const std::function<void(int)>& work);

  /// For `work`: returns when every member has called it as often as this one.
  void wait_for_all();

 private:
  void start();
  void serve(int member, std::uint32_t seen);
  void stop() noexcept;

  int members_;
  std::vector<std::thread> threads_;
  const std::function<void(int)>* work_ = nullptr;      // of the run that is going on
  alignas(64) std::atomic<std::uint32_t> runs_{0};      // begun; the members wait for the next
  alignas(64) std::atomic<std::int32_t> arrived_{0};    // at the barrier
  alignas(64) std::atomic<std::uint32_t> barriers_{0};  // passed
  std::atomic<bool> stopping_{false};
};

}  // namespace keratin
