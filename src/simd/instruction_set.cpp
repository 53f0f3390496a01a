#include "simd/instruction_set.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/environment.h"

namespace keratin::cpu {
namespace {

constexpr std::array<const char*, 3> names{"baseline", "avx2", "avx512"};  // in the order of the enumeration

}  // namespace

std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets{InstructionSet::baseline};
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(InstructionSet::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw"))
    sets.push_back(InstructionSet::avx512);
#endif
  return sets;
}

InstructionSet choose_instruction_set(std::string_view name, std::span<const InstructionSet> among) {
  if (name.empty()) return among.back();
  const auto found = std::find(names.begin(), names.end(), name);
  check_argument(found != names.end(), "KERATIN_INSTRUCTION_SET: expected one of ", join(names, ", "), ", got \"", name,
                 "\"; leave it unset for the best that this machine has");
  const auto set = static_cast<InstructionSet>(found - names.begin());
  if (std::find(among.begin(), among.end(), set) != among.end()) return set;
  std::vector<const char*> there;
  for (const InstructionSet one : among) there.push_back(names[static_cast<std::size_t>(one)]);
  throw UnsupportedError(concat("KERATIN_INSTRUCTION_SET: expected one that this machine has, ", join(there, ", "),
                                ", got ", name, "; leave it unset for the best of them"));
}

InstructionSet chosen_instruction_set() {
  static const InstructionSet chosen = choose_instruction_set(read_switches().instruction_set, instruction_sets());
  return chosen;
}

}  // namespace keratin::cpu
