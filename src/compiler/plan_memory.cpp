#include "compiler/plan_memory.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/check.h"
#include "graph/leaves.h"

namespace keratin {
namespace {

constexpr int forever = std::numeric_limits<int>::max();

/// The time that a launch takes place at: its number, or that of its strip's first; as members of a team are not at the
/// same launch, its epoch.
int time_of(const Program& program, int launch) {
  const Launch& at = program.launches[static_cast<std::size_t>(launch)];
  if (program.members > 1) return at.epoch;
  const auto in_strip = [&](int other) { return program.launches[static_cast<std::size_t>(other)].strip == at.strip; };
  while (at.strip >= 0 && launch > 0 && in_strip(launch - 1)) --launch;
  return launch;
}

/// When each root is written first and read last.
struct Lifetimes {
  explicit Lifetimes(const Program& program)
      : first(program.values.size(), forever), last(program.values.size(), -1), last_readers(program.values.size(), 0) {
    for (const ProgramSlot& input : program.inputs) extend(program, input.value, -1, forever);
    for (const ProgramSlot& output : program.outputs) extend(program, output.value, forever, forever);
    for (int i = 0; i < static_cast<int>(program.launches.size()); ++i) {
      const Launch& launch = program.launches[static_cast<std::size_t>(i)];
      const int time = time_of(program, i);
      std::set<int> read;
      for (const int value : launch.inputs) {
        const auto root = static_cast<std::size_t>(program.root_of(value));
        if (last[root] < time) last_readers[root] = 0;
        if (read.insert(program.root_of(value)).second) ++last_readers[root];
        extend(program, value, time, time);
      }
      for (const int value : launch.outputs) extend(program, value, time, time);
    }
  }
  void extend(const Program& program, int value, int begin, int end) {
    const auto root = static_cast<std::size_t>(program.root_of(value));
    first[root] = std::min(first[root], begin);
    last[root] = std::max(last[root], end);
  }
  std::vector<int> first, last;   // by root
  std::vector<int> last_readers;  // launches that read it at its last time
};

/// True if the launch, which comes last to read the root, may write `made` over it: it reads the root's elements only
/// where it writes the same ones, through whatever views.
bool may_overwrite(const Program& program, const Launch& launch, int root, int made) {
  const Traits traits = launch.op->traits();
  if (!traits.elementwise) return false;
  const auto spec = [&](int value) { return program.values[static_cast<std::size_t>(value)].spec; };
  for (std::size_t k = 0; k < launch.inputs.size(); ++k) {
    const bool same_elements =
        k >= static_cast<std::size_t>(traits.elementwise_from) && spec(launch.inputs[k]) == spec(made);
    if (program.root_of(launch.inputs[k]) == root && !same_elements) return false;
  }
  return true;
}

bool shown_by_an_output(const Program& program, int root) {
  return std::any_of(program.outputs.begin(), program.outputs.end(),
                     [&](const ProgramSlot& output) { return program.root_of(output.value) == root; });
}

/// First-fit in one arena. Blocks live over closed intervals of launches, asked for in the order of their beginnings.
class Arena {
 public:
  std::size_t allocate(std::size_t bytes, int first, int last) {
    bytes = aligned_bytes(std::max<std::size_t>(bytes, 1));
    std::erase_if(blocks_, [&](const Block& block) { return block.last < first; });
    std::size_t offset = 0;
    for (const Block& block : blocks_) {
      if (block.offset >= offset + bytes) break;
      offset = std::max(offset, block.offset + block.bytes);
    }
    insert({offset, bytes, last});
    size_ = std::max(size_, offset + bytes);
    return offset;
  }
  /// A block takes over the memory of one that ends where it begins.
  void share(std::size_t offset, std::size_t bytes, int last) { insert({offset, bytes, last}); }
  std::size_t size() const { return size_; }

 private:
  struct Block {
    std::size_t offset, bytes;
    int last;
  };
  void insert(const Block& block) {
    const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), block,
                                        [](const Block& a, const Block& b) { return a.offset < b.offset; });
    blocks_.insert(after, block);
  }
  std::vector<Block> blocks_;  // alive, by offset
  std::size_t size_ = 0;
};

/// An input of an elementwise launch that dies there and whose memory the output may take over; -1 if there is none.
int dying_input(const Program& program, const Lifetimes& lifetimes, const Launch& launch, int index, int output,
                const std::set<int>& given) {
  for (const int input : launch.inputs) {
    const int root = program.root_of(input);
    const auto& candidate = program.values[static_cast<std::size_t>(root)];
    const bool fits = candidate.place.space == Place::Space::arena &&
                      candidate.bytes() == program.values[static_cast<std::size_t>(output)].bytes() &&
                      may_overwrite(program, launch, root, output);
    const auto r = static_cast<std::size_t>(root);
    // Another reader may be another member's, and late. Nobody else's part is written in the epoch that makes it.
    const bool alone = lifetimes.last_readers[r] == 1 && candidate.per_member == program.value(output).per_member &&
                       candidate.pitch == program.value(output).pitch;
    if (fits && alone && lifetimes.last[r] == time_of(program, index) && given.count(root) == 0) return root;
  }
  return -1;
}

void place_outputs(Program& program, const Lifetimes& lifetimes, Arena& arena, int index) {
  Launch& launch = program.launches[static_cast<std::size_t>(index)];
  const int now = time_of(program, index);
  std::set<int> given;
  for (const int value : launch.outputs) {
    const int root = program.root_of(value);
    ProgramValue& made = program.values[static_cast<std::size_t>(root)];
    if (made.place.space != Place::Space::none) continue;
    const int last = lifetimes.last[static_cast<std::size_t>(root)];
    const std::size_t copies = made.per_member ? static_cast<std::size_t>(program.members) : 1;
    const std::size_t bytes = copies * aligned_bytes(made.bytes());
    const int donor = dying_input(program, lifetimes, launch, index, value, given);
    if (donor >= 0) {
      given.insert(donor);
      made.place = program.values[static_cast<std::size_t>(donor)].place;
      arena.share(made.place.at, bytes, last);
    } else {
      made.place = {Place::Space::arena, arena.allocate(bytes, now, last)};
    }
  }
  if (launch.plan.workspace_bytes > 0) {
    const std::size_t all = static_cast<std::size_t>(program.members) * aligned_bytes(launch.plan.workspace_bytes);
    launch.workspace_offset = arena.allocate(all, now, now);
  }
}

}  // namespace

void assign_in_place(Program& program) {
  const Lifetimes lifetimes(program);
  std::vector<std::vector<int>> readers(program.values.size());  // launches, by root
  for (int i = 0; i < static_cast<int>(program.launches.size()); ++i)
    for (const int input : program.launches[static_cast<std::size_t>(i)].inputs)
      readers[static_cast<std::size_t>(program.root_of(input))].push_back(i);
  std::vector<Launch> kept;
  std::vector<bool> dropped(program.launches.size(), false);
  const auto in_place = [&](const Launch& assign) {
    if (assign.op->name() != "Assign") return false;
    const int variable = assign.outputs[0], made = program.root_of(assign.inputs[0]);
    ProgramValue& value = program.values[static_cast<std::size_t>(made)];
    const int written = lifetimes.first[static_cast<std::size_t>(made)];
    if (value.place.space != Place::Space::none || written < 0) return false;
    if (value.pitch != program.value(variable).pitch) return false;
    // What an output shows must not change when somebody assigns the variable between two runs.
    if (shown_by_an_output(program, variable) || shown_by_an_output(program, made)) return false;
    for (const int i : readers[static_cast<std::size_t>(variable)]) {
      const Launch& reader = program.launches[static_cast<std::size_t>(i)];
      if (i > written || (i == written && !may_overwrite(program, reader, variable, made))) return false;
    }
    value.view_of = variable;
    return true;
  };
  for (std::size_t i = 0; i < program.launches.size(); ++i) dropped[i] = in_place(program.launches[i]);
  for (std::size_t i = 0; i < program.launches.size(); ++i)
    if (!dropped[i]) kept.push_back(std::move(program.launches[i]));
  program.launches = std::move(kept);
}

void plan_memory(Program& program) {
  const Lifetimes lifetimes(program);
  Arena arena;
  for (const ProgramSlot& input : program.inputs) {
    ProgramValue& value = program.values[static_cast<std::size_t>(input.value)];
    const std::size_t copies = program.feed ? 2 : 1;
    value.place = {Place::Space::arena, arena.allocate(copies * aligned_bytes(value.bytes()), -1, forever)};
  }
  for (int i = 0; i < static_cast<int>(program.launches.size()); ++i) place_outputs(program, lifetimes, arena, i);
  for (ProgramValue& value : program.values)
    if (value.view_of >= 0)
      value.place = program.value(program.root_of(static_cast<int>(&value - program.values.data()))).place;
  program.arena_bytes = arena.size();
}

}  // namespace keratin
