#include "compiler/plan_memory.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/check.h"
#include "graph/leaves.h"

namespace keratin {
namespace {

constexpr int forever = std::numeric_limits<int>::max();

std::size_t aligned(std::size_t bytes) {
  return (std::max<std::size_t>(bytes, 1) + arena_alignment - 1) / arena_alignment * arena_alignment;
}

/// The value whose memory a view shows.
int root_of(const Program& program, int value) {
  while (program.values[static_cast<std::size_t>(value)].view_of >= 0)
    value = program.values[static_cast<std::size_t>(value)].view_of;
  return value;
}

/// When each root is written first and read last, in launches.
struct Lifetimes {
  explicit Lifetimes(const Program& program) : first(program.values.size(), forever), last(program.values.size(), -1) {
    for (const ProgramSlot& input : program.inputs) extend(program, input.value, -1, forever);
    for (const ProgramSlot& output : program.outputs) extend(program, output.value, forever, forever);
    for (int i = 0; i < static_cast<int>(program.launches.size()); ++i) {
      const Launch& launch = program.launches[static_cast<std::size_t>(i)];
      for (const int value : launch.inputs) extend(program, value, i, i);
      for (const int value : launch.outputs) extend(program, value, i, i);
    }
  }
  void extend(const Program& program, int value, int begin, int end) {
    const auto root = static_cast<std::size_t>(root_of(program, value));
    first[root] = std::min(first[root], begin);
    last[root] = std::max(last[root], end);
  }
  std::vector<int> first, last;  // by root
};

/// True if the launch, which comes last to read the root, may write `made` over it: it reads the root's elements only
/// where it writes the same ones, through whatever views.
bool may_overwrite(const Program& program, const Launch& launch, int root, int made) {
  if (!launch.op->traits().elementwise) return false;
  return std::all_of(launch.inputs.begin(), launch.inputs.end(), [&](int input) {
    const auto spec = [&](int value) { return program.values[static_cast<std::size_t>(value)].spec; };
    return root_of(program, input) != root || spec(input) == spec(made);
  });
}

bool shown_by_an_output(const Program& program, int root) {
  return std::any_of(program.outputs.begin(), program.outputs.end(),
                     [&](const ProgramSlot& output) { return root_of(program, output.value) == root; });
}

/// Gives the assigned value the variable's own place where nobody misses the old value, and drops the copy.
void assign_in_place(Program& program) {
  const Lifetimes lifetimes(program);
  std::vector<std::vector<int>> readers(program.values.size());  // launches, by root
  for (int i = 0; i < static_cast<int>(program.launches.size()); ++i)
    for (const int input : program.launches[static_cast<std::size_t>(i)].inputs)
      readers[static_cast<std::size_t>(root_of(program, input))].push_back(i);
  std::set<int> taken;
  std::vector<Launch> kept;
  std::vector<bool> dropped(program.launches.size(), false);
  const auto in_place = [&](const Launch& assign) {
    if (assign.op->name() != "Assign") return false;
    const int variable = assign.outputs[0], made = root_of(program, assign.inputs[0]);
    ProgramValue& value = program.values[static_cast<std::size_t>(made)];
    const int written = lifetimes.first[static_cast<std::size_t>(made)];
    if (value.place.space != Place::Space::none || written < 0 || taken.count(made) != 0) return false;
    // What an output shows must not change when somebody assigns the variable between two runs.
    if (shown_by_an_output(program, variable) || shown_by_an_output(program, made)) return false;
    for (const int i : readers[static_cast<std::size_t>(variable)]) {
      const Launch& reader = program.launches[static_cast<std::size_t>(i)];
      if (i > written || (i == written && !may_overwrite(program, reader, variable, made))) return false;
    }
    taken.insert(made);
    value.place = program.values[static_cast<std::size_t>(variable)].place;
    return true;
  };
  for (std::size_t i = 0; i < program.launches.size(); ++i) dropped[i] = in_place(program.launches[i]);
  for (std::size_t i = 0; i < program.launches.size(); ++i)
    if (!dropped[i]) kept.push_back(std::move(program.launches[i]));
  program.launches = std::move(kept);
}

/// First-fit in one arena. Blocks live over closed intervals of launches, asked for in the order of their beginnings.
class Arena {
 public:
  std::size_t allocate(std::size_t bytes, int first, int last) {
    bytes = aligned(bytes);
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
  void share(std::size_t offset, std::size_t bytes, int last) { insert({offset, aligned(bytes), last}); }
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
    const int root = root_of(program, input);
    const auto& candidate = program.values[static_cast<std::size_t>(root)];
    const bool fits = candidate.place.space == Place::Space::arena &&
                      candidate.bytes() == program.values[static_cast<std::size_t>(output)].bytes() &&
                      may_overwrite(program, launch, root, output);
    if (fits && lifetimes.last[static_cast<std::size_t>(root)] == index && given.count(root) == 0) return root;
  }
  return -1;
}

void place_outputs(Program& program, const Lifetimes& lifetimes, Arena& arena, int index) {
  Launch& launch = program.launches[static_cast<std::size_t>(index)];
  std::set<int> given;
  for (const int value : launch.outputs) {
    const int root = root_of(program, value);
    ProgramValue& made = program.values[static_cast<std::size_t>(root)];
    if (made.place.space != Place::Space::none) continue;
    const int last = lifetimes.last[static_cast<std::size_t>(root)];
    const int donor = dying_input(program, lifetimes, launch, index, value, given);
    if (donor >= 0) {
      given.insert(donor);
      made.place = program.values[static_cast<std::size_t>(donor)].place;
      arena.share(made.place.at, made.bytes(), last);
    } else {
      made.place = {Place::Space::arena, arena.allocate(made.bytes(), index, last)};
    }
  }
  if (launch.plan.workspace_bytes > 0)
    launch.workspace_offset = arena.allocate(launch.plan.workspace_bytes, index, index);
}

}  // namespace

void plan_memory(Program& program) {
  assign_in_place(program);
  const Lifetimes lifetimes(program);
  Arena arena;
  for (const ProgramSlot& input : program.inputs) {
    ProgramValue& value = program.values[static_cast<std::size_t>(input.value)];
    value.place = {Place::Space::arena, arena.allocate(value.bytes(), -1, forever)};
  }
  for (int i = 0; i < static_cast<int>(program.launches.size()); ++i) place_outputs(program, lifetimes, arena, i);
  for (ProgramValue& value : program.values)
    if (value.view_of >= 0)
      value.place =
          program.values[static_cast<std::size_t>(root_of(program, static_cast<int>(&value - program.values.data())))]
              .place;
  program.arena_bytes = arena.size();
}

}  // namespace keratin
