// Runs the threads of a block on one thread of the host.
#pragma once

#include <setjmp.h>
#include <ucontext.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "stand_in/device_code.h"

namespace keratin::cuda::stand_in {

/// The threads of a block as fibers: a fiber runs one thread after another until one has to wait; then others go on.
/// Always in the same order. Not for two threads of the host at a time.
class Scheduler {
 public:
  void run_grid(const std::function<void()>& body, dim3 grid, dim3 block);
  void wait_for_block();
  std::uint64_t exchange(std::uint64_t own, int of_lane);
  int thread_number() const { return running_->thread; }

 private:
  static constexpr int warp = 32;
  static constexpr std::size_t stack_bytes = 128 * 1024;
  struct Fiber {
    ucontext_t context = {};  // to begin with; after that a jump is quicker, for it leaves signals alone
    jmp_buf at = {};
    bool begun = false;
    std::unique_ptr<std::byte[]> stack = std::make_unique<std::byte[]>(stack_bytes);
    Place place = {};   // of its thread
    int thread = 0;     // number in the block
    int exchanges = 0;  // of its thread
  };
  /// What the lanes of a warp hand each other; two rounds, for a lane may be one ahead of those that have yet to read.
  struct Warp {
    std::array<std::array<std::uint64_t, warp>, 2> slots = {};
    int live = 0, arrived = 0;
    std::vector<Fiber*> waiting = {};
  };

  void run_block(dim3 grid, dim3 block, uint3 at);
  Fiber& idle_fiber();
  void add_fiber();
  [[gnu::noinline]] void resume(Fiber& fiber);
  static void fiber_main();
  void run_threads();
  void start_thread(Fiber& fiber);
  void finish_thread(Fiber& fiber);
  [[gnu::noinline]] void suspend();
  Warp& warp_of(const Fiber& fiber) { return warps_[static_cast<std::size_t>(fiber.thread / warp)]; }
  void release(std::vector<Fiber*>& waiting);

  const std::function<void()>* body_ = nullptr;
  Place first_ = {};                       // of the block's thread 0
  int threads_ = 0, next_ = 0, live_ = 0;  // of the block: all, the next to start, those that have not returned
  std::vector<Warp> warps_;
  std::vector<Fiber*> at_barrier_, idle_;
  std::deque<Fiber*> ready_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* running_ = nullptr;
  jmp_buf caller_ = {};
};

/// The one that kernels run on.
Scheduler& scheduler();

}  // namespace keratin::cuda::stand_in
