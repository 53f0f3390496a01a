// A program bound to addresses in this process and run by a team of threads.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "base/team.h"
#include "compiler/program.h"
#include "runtime/backend.h"
#include "runtime/walk.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

class CpuExecutable final : public Executable {
 public:
  /// team: of as many members as the program's, unless these are one.
  CpuExecutable(Program program, std::shared_ptr<Buffer> arena, std::shared_ptr<Team> team);
  std::int64_t batch() const override { return program_.batch; }
  std::size_t input_count() const override { return program_.inputs.size(); }
  const Spec& input_spec(std::size_t input) const override { return value(program_.inputs[input].value).spec; }
  std::span<std::byte> input(std::size_t input) override;
  using Executable::run;
  void run(const RunRequest& request) override;
  bool feeds_ahead() const override { return program_.feed != nullptr && !check_finite_; }
  std::span<std::byte> later_input(std::size_t input) override;
  std::shared_ptr<const RunDescription> describe_run() override;
  std::size_t output_count() const override { return program_.outputs.size(); }
  const Spec& output_spec(std::size_t output) const override { return value(program_.outputs[output].value).spec; }
  void read(std::size_t output, std::span<std::byte> to) const override;
  std::size_t memory_bytes() const override { return program_.arena_bytes; }

 private:
  /// A member's part of a launch.
  struct BoundLaunch {
    const Kernel* kernel;
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    void* workspace;
    Region part;
    int barriers;  // before it
  };
  struct Member {
    std::vector<BoundLaunch> launches;  // those of which it has a part
    int barriers = 0;                   // after the last
  };
  const ProgramValue& value(int index) const { return program_.value(index); }
  void* address(int index, int member, std::size_t turn) const;
  BoundLaunch bind(const Walk::Part& part, int member, std::size_t turn) const;
  std::vector<Member> bind_members(std::size_t turn) const;
  void walk(const Member& member);
  void run_timed(std::span<std::int64_t> times);
  void walk_timed(std::size_t member, std::span<std::int64_t> times);
  void wait(int barriers);
  void run_checked();

  Program program_;
  std::shared_ptr<Buffer> arena_;                            // may serve other programs between two runs
  std::vector<std::shared_ptr<VariableStorage>> variables_;  // kept alive: the launches hold their addresses
  std::shared_ptr<Team> team_;
  std::vector<bool> is_input_;                         // by value
  std::array<std::vector<Member>, 2> members_;         // by turn: inputs that are there twice take turns
  std::size_t turn_ = 0, last_turn_ = 0;               // of the next run, of the last one
  std::function<void(int)> walk_;                      // of a member
  std::shared_ptr<const RunDescription> description_;  // once it was asked for
  bool check_finite_;                                  // KERATIN_CHECK_FINITE
};

}  // namespace cpu
}  // namespace keratin
