#include "stand_in/scheduler.h"

#include <algorithm>
#include <stdexcept>

namespace keratin::cuda::stand_in {

Place place;

Scheduler& scheduler() {
  static Scheduler one;
  return one;
}

void Scheduler::run_grid(const std::function<void()>& body, dim3 grid, dim3 block) {
  body_ = &body;
  for (unsigned z = 0; z < grid.z; ++z)
    for (unsigned y = 0; y < grid.y; ++y)
      for (unsigned x = 0; x < grid.x; ++x) run_block(grid, block, {x, y, z});
}

void Scheduler::run_block(dim3 grid, dim3 block, uint3 at) {
  first_ = {{0, 0, 0}, at, block, grid};
  threads_ = live_ = static_cast<int>(block.x * block.y * block.z);
  next_ = 0;
  warps_.assign(static_cast<std::size_t>((threads_ + warp - 1) / warp), {});
  for (int t = 0; t < threads_; ++t) ++warps_[static_cast<std::size_t>(t / warp)].live;
  while (live_ > 0) {
    if (!ready_.empty()) {
      Fiber& next = *ready_.front();
      ready_.pop_front();
      resume(next);
    } else if (next_ < threads_) {
      resume(idle_fiber());
    } else {
      throw std::logic_error("stand-in: the threads of a block wait for others, which never come");
    }
  }
}

void Scheduler::resume(Fiber& fiber) {
  running_ = &fiber;
  place = fiber.place;
  if (_setjmp(caller_) != 0) return;
  if (running_->begun) _longjmp(running_->at, 1);
  running_->begun = true;
  setcontext(&running_->context);
}

Scheduler::Fiber& Scheduler::idle_fiber() {
  if (idle_.empty()) add_fiber();
  Fiber& idle = *idle_.back();
  idle_.pop_back();
  return idle;
}

void Scheduler::add_fiber() {
  fibers_.push_back(std::make_unique<Fiber>());
  ucontext_t& context = fibers_.back()->context;
  getcontext(&context);
  context.uc_stack.ss_sp = fibers_.back()->stack.get();
  context.uc_stack.ss_size = stack_bytes;
  makecontext(&context, &Scheduler::fiber_main, 0);
  idle_.push_back(fibers_.back().get());
}

void Scheduler::fiber_main() { scheduler().run_threads(); }

/// Of a fiber, for ever: the threads that nobody has started, then idle until there are more.
void Scheduler::run_threads() {
  while (true) {
    Fiber& fiber = *running_;
    while (next_ < threads_ && ready_.empty()) {
      start_thread(fiber);
      (*body_)();
      finish_thread(fiber);
    }
    idle_.push_back(&fiber);
    suspend();
  }
}

void Scheduler::start_thread(Fiber& fiber) {
  fiber.thread = next_++;
  fiber.exchanges = 0;
  place = first_;
  const auto number = static_cast<unsigned>(fiber.thread);
  const dim3 size = first_.block_size;
  place.thread = {number % size.x, number / size.x % size.y, number / (size.x * size.y)};
}

void Scheduler::finish_thread(Fiber& fiber) {
  --live_;
  Warp& own = warp_of(fiber);
  --own.live;
  if (own.arrived > 0 && own.arrived == own.live) {
    own.arrived = 0;
    release(own.waiting);
  }
  if (live_ > 0 && at_barrier_.size() == static_cast<std::size_t>(live_)) release(at_barrier_);
}

void Scheduler::release(std::vector<Fiber*>& waiting) {
  ready_.insert(ready_.end(), waiting.begin(), waiting.end());
  waiting.clear();
}

void Scheduler::suspend() {
  running_->place = place;
  if (_setjmp(running_->at) == 0) _longjmp(caller_, 1);
}

void Scheduler::wait_for_block() {
  at_barrier_.push_back(running_);
  if (at_barrier_.size() == static_cast<std::size_t>(live_)) release(at_barrier_);
  suspend();
}

std::uint64_t Scheduler::exchange(std::uint64_t own, int of_lane) {
  Fiber& fiber = *running_;
  Warp& mine = warp_of(fiber);
  auto& slots = mine.slots[static_cast<std::size_t>(fiber.exchanges++ % 2)];
  slots[static_cast<std::size_t>(fiber.thread % warp)] = own;
  if (++mine.arrived == mine.live) {
    mine.arrived = 0;
    release(mine.waiting);
  } else {
    mine.waiting.push_back(&fiber);
    suspend();
  }
  return slots[static_cast<std::size_t>(of_lane % warp)];
}

void wait_for_block() { scheduler().wait_for_block(); }
std::uint64_t exchange(std::uint64_t own, int of_lane) { return scheduler().exchange(own, of_lane); }
int thread_number() { return scheduler().thread_number(); }

}  // namespace keratin::cuda::stand_in
