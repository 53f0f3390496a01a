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

/// One thread at a time.
class Executable {
 public:
  virtual ~Executable() = default;
  virtual std::int64_t batch() const = 0;
  /// The inputs in the program's order.
  virtual std::size_t input_count() const = 0;
  virtual const Spec& input_spec(std::size_t input) const = 0;
  /// Host memory that the next run() reads the input from: rows are gathered straight into it.
  virtual std::span<std::byte> input(std::size_t input) = 0;
  /// Runs every launch once. Allocates nothing.
  virtual void run() = 0;
  /// Whether a run can gather the inputs of the next one meanwhile.
  virtual bool feeds_ahead() const { return false; }
  /// If it can: where the inputs of the run after the next one go.
  virtual std::span<std::byte> later_input(std::size_t input) { return this->input(input); }
  /// If it can: run(), in which `rows` has been called for all rows of the batch to write them to later_input(). The
  /// next run reads these.
  virtual void run_and_feed(const GatherRows& rows) {
    static_cast<void>(rows);
    run();
  }
  /// What a run consists of: the same object whenever it is asked for.
  virtual std::shared_ptr<const RunDescription> describe_run() = 0;
  /// run(), which also fills the description's `times`. KERATIN_CHECK_FINITE does not hold for it.
  virtual void run_timed(std::span<std::int64_t> times) = 0;
  virtual std::size_t output_count() const = 0;
  virtual const Spec& output_spec(std::size_t output) const = 0;
  /// Copies an output of the last run() to the host, dense.
  virtual void read(std::size_t output, std::span<std::byte> to) const = 0;
  /// What it uses on the device beside the variables; other programs may use the same.
  virtual std::size_t memory_bytes() const = 0;
};

}  // namespace keratin
