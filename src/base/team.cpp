#include "base/team.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <system_error>

#include "base/check.h"

namespace keratin {
namespace {

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns when the number is no longer `old`. Waking a thread takes some 40 µs, an active barrier less than 1: spins
/// for longer than members are usually apart, then lets others have the core, then sleeps.
void wait_while(const std::atomic<std::uint32_t>& number, std::uint32_t old) {
  constexpr int spins = 4000, yields = 200;  // about 60 µs; then as long again, if nobody wants the core
  for (int i = 0; i < spins + yields; ++i) {
    if (number.load(std::memory_order_acquire) != old) return;
    i < spins ? pause() : std::this_thread::yield();
  }
  number.wait(old, std::memory_order_acquire);
}

/// Cores of this thread's affinity mask, which taskset, containers and batch systems narrow; 0 if it cannot be had, as
/// on machines of more cores than a cpu_set_t holds.
int cores_of_mask() {
#if defined(__linux__)
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) return CPU_COUNT(&mask);
#endif
  return 0;
}

/// An exception ends the process: the others would wait at a barrier for a member that never comes.
void call(const std::function<void(int)>& work, int member) noexcept { work(member); }

}  // namespace

int available_threads() {
  const int allowed = cores_of_mask();
  return std::clamp(allowed > 0 ? allowed : static_cast<int>(std::thread::hardware_concurrency()), 1, most_threads);
}

Team::~Team() { stop(); }

void Team::run(const std::function<void(int)>& work) {
  if (members_ > 1 && threads_.empty()) start();
  work_ = &work;
  if (members_ > 1) {
    runs_.fetch_add(1, std::memory_order_release);
    runs_.notify_all();
  }
  call(work, 0);
  wait_for_all();
  work_ = nullptr;
}

void Team::wait_for_all() {
  if (members_ == 1) return;
  const std::uint32_t passed = barriers_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 < members_) return wait_while(barriers_, passed);
  arrived_.store(0, std::memory_order_relaxed);
  barriers_.fetch_add(1, std::memory_order_release);
  barriers_.notify_all();
}

void Team::start() {
  const std::uint32_t begun = runs_.load(std::memory_order_relaxed);
  try {
    for (int member = 1; member < members_; ++member)
      threads_.emplace_back([this, member, begun] { serve(member, begun); });
  } catch (const std::system_error& error) {
    const std::size_t started = threads_.size() + 1;
    stop();
    throw DeviceError(concat("threads: expected to start ", members_, ", got ", started, " (", error.what(),
                             "); compile() with fewer threads"));
  } catch (...) {  // those that have started end before their team does
    stop();
    throw;
  }
}

void Team::serve(int member, std::uint32_t seen) {
  for (;; ++seen) {
    wait_while(runs_, seen);
    if (stopping_.load(std::memory_order_relaxed)) return;
    call(*work_, member);
    wait_for_all();
  }
}

void Team::stop() noexcept {
  stopping_.store(true, std::memory_order_relaxed);
  runs_.fetch_add(1, std::memory_order_release);
  runs_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  stopping_.store(false, std::memory_order_relaxed);
}

}  // namespace keratin
