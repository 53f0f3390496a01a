#include "cpu/cpu_executable.h"

#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/environment.h"
#include "compiler/plan_memory.h"
#include "runtime/finite_check.h"

namespace keratin {
namespace cpu {

CpuExecutable::CpuExecutable(Program program, std::shared_ptr<Buffer> arena, std::shared_ptr<Team> team)
    : program_(std::move(program)),
      arena_(std::move(arena)),
      team_(std::move(team)),
      is_input_(program_.values.size(), false),
      walk_([this](int member) { walk(members_[turn_][static_cast<std::size_t>(member)]); }),
      check_finite_(read_switches().check_finite) {
  KERATIN_ASSERT(program_.members == 1 || program_.members == team_->members());
  for (const auto& variable : program_.variables) variables_.push_back(variable->storage());
  for (const ProgramSlot& input : program_.inputs) is_input_[static_cast<std::size_t>(input.value)] = true;
  for (std::size_t turn = 0; turn < (program_.feed ? 2 : 1); ++turn) members_[turn] = bind_members(turn);
}

std::vector<CpuExecutable::Member> CpuExecutable::bind_members(std::size_t turn) const {
  std::vector<Member> members(static_cast<std::size_t>(program_.members));
  for (int m = 0; m < program_.members; ++m) {
    Member& member = members[static_cast<std::size_t>(m)];
    const Walk walk = walk_of(program_, m);
    for (const Walk::Part& part : walk.parts) member.launches.push_back(bind(part, m, turn));
    member.barriers = walk.barriers;
  }
  return members;
}

CpuExecutable::BoundLaunch CpuExecutable::bind(const Walk::Part& part, int member, std::size_t turn) const {
  const Launch& launch = program_.launches[part.launch];
  const std::size_t workspace =
      launch.workspace_offset + static_cast<std::size_t>(member) * aligned_bytes(launch.plan.workspace_bytes);
  BoundLaunch bound{
      launch.plan.kernel.get(), {}, {}, static_cast<std::byte*>(arena_->address()) + workspace, part.at, part.barriers};
  for (const int input : launch.inputs) bound.inputs.push_back(address(input, member, turn));
  for (const int output : launch.outputs) bound.outputs.push_back(address(output, member, turn));
  return bound;
}

void* CpuExecutable::address(int index, int member, std::size_t turn) const {
  const int root_index = program_.root_of(index);
  const ProgramValue& root = value(root_index);
  switch (root.place.space) {
    case Place::Space::arena: {
      const std::size_t copy = is_input_[static_cast<std::size_t>(root_index)] ? turn
                               : root.per_member                               ? static_cast<std::size_t>(member)
                                                                               : 0;
      return static_cast<std::byte*>(arena_->address()) + root.place.at + copy * aligned_bytes(root.bytes());
    }
    case Place::Space::variable: return variables_[root.place.at]->address();
    case Place::Space::constant:
      return const_cast<std::byte*>(std::as_const(program_.constants[root.place.at]).bytes().data());
    case Place::Space::none: break;
  }
  throw InternalError(concat("value ", index, " of a program has no place; please report it"));
}

std::span<std::byte> CpuExecutable::input(std::size_t input) {
  const int index = program_.inputs[input].value;
  return {static_cast<std::byte*>(address(index, 0, turn_)), value(index).bytes()};
}

std::span<std::byte> CpuExecutable::later_input(std::size_t input) {
  const int index = program_.inputs[input].value;
  return {static_cast<std::byte*>(address(index, 0, 1 - turn_)), value(index).bytes()};
}

void CpuExecutable::run(const RunRequest& request) {
  last_turn_ = turn_;
  if (program_.feed) program_.feed->next = request.feed;  // null, too: a run that threw may have left what it was told
  if (!request.times.empty()) {
    run_timed(request.times);
  } else if (check_finite_) {
    run_checked();
  } else if (program_.members == 1) {
    walk(members_[turn_][0]);
  } else {
    team_->run(walk_);
  }
  if (request.feed != nullptr) turn_ = 1 - turn_;
}

void CpuExecutable::walk(const Member& member) {
  for (const BoundLaunch& launch : member.launches) {
    wait(launch.barriers);
    launch.kernel->run({launch.inputs, launch.outputs, launch.workspace, launch.part});
  }
  wait(member.barriers);
}

void CpuExecutable::wait(int barriers) {
  for (int i = 0; i < barriers; ++i) team_->wait_for_all();
}

/// As one thread: every launch whole, before the next. There are no strips where this is asked for.
void CpuExecutable::run_checked() {
  const std::vector<Member>& members = members_[turn_];
  std::vector<std::size_t> next(members.size(), 0);
  for (const Launch& launch : program_.launches) {
    for (std::size_t m = 0; m < members.size(); ++m) {
      if (launch.cut.part(launch.plan.division, static_cast<int>(m)).empty()) continue;
      const BoundLaunch& bound = members[m].launches[next[m]++];
      bound.kernel->run({bound.inputs, bound.outputs, bound.workspace, bound.part});
    }
    for (const int output : launch.outputs) check_finite(launch, value(output), address(output, 0, turn_));
  }
}

std::shared_ptr<const RunDescription> CpuExecutable::describe_run() {
  if (!description_) description_ = std::make_shared<const RunDescription>(keratin::describe_run(program_));
  return description_;
}

void CpuExecutable::run_timed(std::span<std::int64_t> times) {
  describe_run();
  KERATIN_ASSERT(times.size() == description_->times);
  const std::int64_t begin = steady_ns();
  if (program_.members == 1) {
    walk_timed(0, times);
  } else {
    team_->run([this, &times](int member) { walk_timed(static_cast<std::size_t>(member), times); });
  }
  const std::int64_t end = steady_ns();
  for (const RunDescription::Member& member : description_->members) {
    times[member.times_at] = begin;
    times[member.times_at + member.stretches.size()] = end;
  }
}

/// By the description's stretches.
void CpuExecutable::walk_timed(std::size_t member, std::span<std::int64_t> times) {
  std::int64_t* next = &times[description_->members[member].times_at];
  if (program_.members > 1) *++next = steady_ns();
  for (const BoundLaunch& launch : members_[turn_][member].launches) {
    wait(launch.barriers);
    if (launch.barriers > 0) *++next = steady_ns();
    launch.kernel->run({launch.inputs, launch.outputs, launch.workspace, launch.part});
    *++next = steady_ns();
  }
  wait(members_[turn_][member].barriers);
}

void CpuExecutable::read(std::size_t output, std::span<std::byte> to) const {
  const int index = program_.outputs[output].value;
  KERATIN_ASSERT(to.size() == value(index).bytes());
  if (!to.empty()) std::memcpy(to.data(), address(index, 0, last_turn_), to.size());
}

}  // namespace cpu
}  // namespace keratin
