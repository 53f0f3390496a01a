#include "runtime/run_description.h"

#include "compiler/work.h"
#include "runtime/walk.h"

namespace keratin {
namespace {

Specs specs_of(const Program& program, const std::vector<int>& operands) {
  Specs specs;
  for (const int operand : operands) specs.push_back(program.value(operand).spec);
  return specs;
}

RunDescription::Member describe_member(const Program& program, int member, std::size_t input_bytes) {
  using Kind = Stretch::Kind;
  RunDescription::Member out;
  if (program.members > 1) out.stretches.push_back({.kind = Kind::wake});
  for (const Walk::Part& part : walk_of(program, member).parts) {
    const Launch& launch = program.launches[part.launch];
    if (part.barriers > 0) out.stretches.push_back({.kind = Kind::barrier});
    if (launch.op->name() != "Feed") {
      out.stretches.push_back(
          {Kind::launch, part.launch, flops_of(launch, part.at), bytes_of(program, launch, part.at)});
    } else {
      const double batches = static_cast<double>(part.at.rows()) / static_cast<double>(program.batch);
      out.stretches.push_back({.kind = Kind::feed, .bytes = batches * static_cast<double>(input_bytes)});
    }
  }
  if (program.members > 1) out.stretches.push_back({.kind = Kind::barrier});
  return out;
}

}  // namespace

RunDescription describe_run(const Program& program) {
  RunDescription run;
  for (const Launch& launch : program.launches)
    run.launches.push_back({std::string(launch.op->name()), to_string(*launch.op), launch.scope,
                            specs_of(program, launch.inputs), specs_of(program, launch.outputs)});
  for (const ProgramSlot& slot : program.inputs) run.input_bytes += program.value(slot.value).bytes();
  constexpr std::size_t line = 64 / sizeof(std::int64_t);  // of a cache: no two members write to more than one
  for (int m = 0; m < program.members; ++m) {
    run.members.push_back(describe_member(program, m, run.input_bytes));
    run.members.back().times_at = run.times;
    run.times += (run.members.back().stretches.size() + 1 + line - 1) / line * line;
  }
  return run;
}

}  // namespace keratin
