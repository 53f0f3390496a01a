// Executable: a program bound to memory of its own on a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "compiler/feed.h"
#include "graph/spec.h"
#include "keratin/array.h"
#include "runtime/run_description.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What a run does beside running.
struct RunRequest {
  /// Called for all rows of the batch, to write them to later_input(): the next run reads these. Only if it
  /// feeds_ahead().
  const GatherRows* feed = nullptr;
  /// Filled as describe_run() says, and not checked as KERATIN_CHECK_FINITE asks; empty: nobody takes the time.
  std::span<std::int64_t> times = {};
};

/// One thread at a time.
class Executable {
 public:
  virtual ~Executable() = default;
  Executable& operator=(Executable&&) = delete;  // hence no copies
  virtual std::int64_t batch() const = 0;
  /// The inputs in the program's order.
  virtual std::size_t input_count() const = 0;
  virtual const Spec& input_spec(std::size_t input) const = 0;
  /// Host memory that the next run() reads the input from: rows are gathered straight into it.
  virtual std::span<std::byte> input(std::size_t input) = 0;
  /// Runs every launch once. Allocates nothing.
  virtual void run(const RunRequest& request) = 0;
  void run() { run({}); }
  /// Whether a run can gather the inputs of the next one meanwhile.
  virtual bool feeds_ahead() const { return false; }
  /// If it can: where the inputs of the run after the next one go.
  virtual std::span<std::byte> later_input(std::size_t input) { return this->input(input); }
  /// What a run consists of: the same object whenever it is asked for.
  virtual std::shared_ptr<const RunDescription> describe_run() = 0;
  virtual std::size_t output_count() const = 0;
  virtual const Spec& output_spec(std::size_t output) const = 0;
  /// Copies an output of the last run() to the host, dense.
  virtual void read(std::size_t output, std::span<std::byte> to) const = 0;
  /// What it uses on the device beside the variables; other programs may use the same.
  virtual std::size_t memory_bytes() const = 0;
};

}  // namespace keratin
