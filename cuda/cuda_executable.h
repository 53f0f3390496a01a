// A program bound to addresses on a device: captured once as a CUDA graph, then replayed.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "compiler/program.h"
#include "cuda/handles.h"
#include "cuda/kernel_table.h"
#include "cuda/memory.h"
#include "runtime/backend.h"

namespace keratin::cuda {

class CudaBackend;

/// run() returns when everything is enqueued. The inputs are copied from pinned memory as the graph's first nodes; they
/// are there twice and take turns, each a graph of its own, so that the next batch may be gathered while the device
/// works on this one.
class CudaExecutable final : public Executable {
 public:
  CudaExecutable(Program program, std::shared_ptr<Buffer> arena, const CudaBackend& backend);
  ~CudaExecutable() override;
  std::int64_t batch() const override { return program_.batch; }
  std::size_t input_count() const override { return program_.inputs.size(); }
  const Spec& input_spec(std::size_t input) const override { return value(program_.inputs[input].value).spec; }
  /// Waits until the device has read what lay here.
  std::span<std::byte> input(std::size_t input) override;
  using Executable::run;
  void run(const RunRequest& request) override;
  std::shared_ptr<const RunDescription> describe_run() override;
  std::size_t output_count() const override { return program_.outputs.size(); }
  const Spec& output_spec(std::size_t output) const override { return value(program_.outputs[output].value).spec; }
  /// Waits for the run.
  void read(std::size_t output, std::span<std::byte> to) const override;
  std::size_t memory_bytes() const override { return program_.arena_bytes; }

 private:
  struct BoundLaunch {
    const CudaKernel* kernel;
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    void* workspace;
  };
  struct Turn {
    std::vector<PinnedMemory> inputs = {};
    OwnedGraphExec graph = {};
    OwnedEvent read = {};  // the device has copied the inputs, and done all the rest
  };
  const ProgramValue& value(int index) const { return program_.value(index); }
  std::byte* address(int index) const;
  void place_constants();
  BoundLaunch bind(const Launch& launch) const;
  void copy_inputs(const Turn& turn, cudaStream_t stream) const;
  void enqueue(const BoundLaunch& launch, cudaStream_t stream) const;
  OwnedGraphExec captured(const Turn& turn) const;
  void run_checked(const Turn& turn, cudaStream_t stream) const;
  void run_timed(const Turn& turn, cudaStream_t stream, std::span<std::int64_t> times);

  Program program_;
  const CudaBackend& backend_;     // outlives everything: cuda_component.cpp owns it
  std::shared_ptr<Buffer> arena_;  // may serve other programs between two runs
  std::shared_ptr<Buffer> constants_ = {};
  std::vector<std::size_t> constants_at_ = {};               // by constant: bytes in that buffer
  std::vector<std::shared_ptr<VariableStorage>> variables_;  // kept alive: the launches hold their addresses
  std::vector<BoundLaunch> launches_ = {};
  std::array<Turn, 2> turns_ = {};
  std::size_t turn_ = 0;                                    // of the next run
  std::shared_ptr<const RunDescription> description_ = {};  // once it was asked for
  bool check_finite_;                                       // KERATIN_CHECK_FINITE
};

}  // namespace keratin::cuda
