// The memory of the step written by hand: what all threads share, and what each has for itself.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "hand_product.h"
#include "hand_step.h"

namespace hand {

constexpr std::int64_t in_vectors(std::int64_t count) { return (count + lanes - 1) / lanes; }

inline constexpr std::int64_t vectors_1 = in_vectors(widths[1]), pitch_1 = vectors_1 * lanes;
inline constexpr std::int64_t vectors_2 = in_vectors(widths[2]), pitch_2 = vectors_2 * lanes;
inline constexpr std::int64_t vectors_3 = in_vectors(widths[3]), pitch_3 = vectors_3 * lanes;

/// Zeroed memory of one piece, in huge pages where there are any; freed all at once.
class Arena {
 public:
  explicit Arena(std::int64_t bytes)
      : size_((bytes + huge_page - 1) / huge_page * huge_page),
        memory_(static_cast<char*>(std::aligned_alloc(huge_page, static_cast<std::size_t>(size_)))) {
    if (memory_ == nullptr) throw std::bad_alloc();
    madvise(memory_.get(), static_cast<std::size_t>(size_), MADV_HUGEPAGE);
  }
  float* take(std::int64_t count) {
    float* out = reinterpret_cast<float*>(memory_.get() + used_);
    used_ += (count * static_cast<std::int64_t>(sizeof(float)) + line - 1) / line * line;
    if (used_ > size_) throw std::bad_alloc();
    for (std::int64_t i = 0; i < count; ++i) out[i] = 0.0f;
    return out;
  }

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  static constexpr std::int64_t huge_page = 1 << 21, line = 128;  // neighbouring cache lines are fetched in pairs

  std::int64_t size_, used_ = 0;
  std::unique_ptr<char, Free> memory_;
};

/// Weights with their slots, in rows of whole vectors; what is beyond a row's end is zero and stays so.
struct Parameter {
  float *value = nullptr, *velocity = nullptr, *momentum = nullptr;
  std::int64_t pitch = 0;

  Parameter() = default;
  Parameter(Arena& arena, std::int64_t rows, std::int64_t row_pitch) : pitch(row_pitch) {
    for (float** numbers : {&value, &velocity, &momentum}) *numbers = arena.take(rows * pitch);
  }
};

/// Some columns of the first layer: one thread's, or those that all threads share.
struct Panel {
  Range vectors;     // of the layer's vectors
  Parameter kernel;  // (784, vectors)
  Parameter bias;    // (1, vectors)

  Panel(Arena& arena, Range those)
      : vectors(those), kernel(arena, pixels, those.size() * lanes), bias(arena, 1, those.size() * lanes) {}
};

/// What one thread computes for itself. Of layer 1 it knows its own columns, then the shared ones.
struct Member {
  float* gradient_1;     // (batch, own and shared): of the loss by layer 1's sums
  float* gradient_2;     // (batch, pitch_2)
  float* gradient_3;     // (batch in whole vectors, pitch_3): logits first
  float* transposed_2;   // (pitch_2, own and shared): kernel of layer 2, before the update
  float* kernel_3;       // (pitch_2, pitch_3): copies, for another thread may update the originals meanwhile
  float* transposed_3;   // (pitch_3, pitch_2)
  float* bias_3;         // (pitch_3)
  float* bias_gradient;  // (pitch_1)
  float* log_sums;       // (batch in whole vectors): log of the sum of exponentials

  Member(Arena& arena, std::int64_t batch, std::int64_t columns) {
    const std::int64_t rows = in_vectors(batch) * lanes;
    gradient_1 = arena.take(batch * columns);
    gradient_2 = arena.take(batch * pitch_2);
    gradient_3 = arena.take(rows * pitch_3);
    transposed_2 = arena.take(pitch_2 * columns);
    kernel_3 = arena.take(pitch_2 * pitch_3);
    transposed_3 = arena.take(pitch_3 * pitch_2);
    bias_3 = arena.take(pitch_3);
    bias_gradient = arena.take(pitch_1);
    log_sums = arena.take(rows);
  }
};

/// Threads wait for each other by spinning.
class Barrier {
 public:
  explicit Barrier(int threads) : threads_(threads) {}
  void wait() {
    if (threads_ == 1) return;
    const int round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) == threads_ - 1) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
    } else {
      while (round_.load(std::memory_order_acquire) == round) {
      }
    }
  }

 private:
  int threads_;
  alignas(128) std::atomic<int> arrived_{0};
  alignas(128) std::atomic<int> round_{0};
};

struct State {
  std::int64_t batch;
  Optimizer optimizer;
  int threads;
  std::int64_t own;  // vectors of layer 1 that each thread has alone; what is left over is shared
  std::int64_t own_2;
  Arena arena;
  std::vector<Panel> panels;  // one for each thread, then the shared one if there is any
  Parameter kernel_2, bias_2, kernel_3, bias_3;
  float* output_1;     // (batch, pitch_1)
  float* output_2;     // (batch, pitch_2)
  float* gathered[2];  // (batch, 784): this step's images and the next one's
  float* targets[2];   // (batch, pitch_3)
  std::vector<Member> members;
  Barrier barrier;
  std::int64_t steps = 0;

  State(std::int64_t batch_size, Optimizer with, int thread_count)
      : batch(batch_size),
        optimizer(with),
        threads(thread_count),
        own(vectors_1 / threads),
        own_2(vectors_2 / threads),
        arena((std::int64_t{8} << 20) + batch * 16'384 + threads * (batch * 2'048 + (std::int64_t{1} << 18))),
        kernel_2(arena, pitch_1, pitch_2),
        bias_2(arena, 1, pitch_2),
        kernel_3(arena, pitch_2, pitch_3),
        bias_3(arena, 1, pitch_3),
        output_1(arena.take(batch * pitch_1)),
        output_2(arena.take(batch * pitch_2)),
        gathered{arena.take(batch * pixels), arena.take(batch * pixels)},
        targets{arena.take(batch * pitch_3), arena.take(batch * pitch_3)},
        barrier(threads) {
    for (int i = 0; i < threads; ++i) panels.emplace_back(arena, Range{i * own, (i + 1) * own});
    if (shared().size() > 0) panels.emplace_back(arena, shared());
    for (int i = 0; i < threads; ++i) members.emplace_back(arena, batch, member_pitch());
  }
  Range shared() const { return {threads * own, vectors_1}; }
  Range shared_2() const { return {threads * own_2, vectors_2}; }
  std::int64_t member_pitch() const { return (own + shared().size()) * lanes; }
};

/// One thread's part of `steps` steps; all threads of the state call it at once. hand_step.cpp
Result walk(State& state, int thread, const Data& data, std::span<const std::int64_t> order, std::int64_t steps);

}  // namespace hand
