// A program bound to addresses in this process and run by the calling thread.
#pragma once

#include <memory>
#include <vector>

#include "compiler/program.h"
#include "runtime/backend.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

class CpuExecutable final : public Executable {
 public:
  CpuExecutable(Program program, std::shared_ptr<Buffer> arena);
  std::int64_t batch() const override { return program_.batch; }
  std::size_t input_count() const override { return program_.inputs.size(); }
  const Spec& input_spec(std::size_t input) const override { return value(program_.inputs[input].value).spec; }
  std::span<std::byte> input(std::size_t input) override;
  void run() override;
  std::size_t output_count() const override { return program_.outputs.size(); }
  const Spec& output_spec(std::size_t output) const override { return value(program_.outputs[output].value).spec; }
  void read(std::size_t output, std::span<std::byte> to) const override;
  std::size_t memory_bytes() const override { return program_.arena_bytes; }

 private:
  struct BoundLaunch {
    const Kernel* kernel;
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    void* workspace;
  };
  const ProgramValue& value(int index) const { return program_.values[static_cast<std::size_t>(index)]; }
  void* address(int index) const;
  void check_finite(std::size_t launch) const;

  Program program_;
  std::shared_ptr<Buffer> arena_;                            // may serve other programs between two runs
  std::vector<std::shared_ptr<VariableStorage>> variables_;  // kept alive: the launches hold their addresses
  std::vector<BoundLaunch> launches_;
  bool check_finite_;  // KERATIN_CHECK_FINITE
};

}  // namespace cpu
}  // namespace keratin
