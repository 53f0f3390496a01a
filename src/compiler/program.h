// Program: what is left of a graph when it is to be run: launches in order and an address for every value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/feed.h"
#include "compiler/kernel_planner.h"
#include "graph/variable_state.h"
#include "keratin/array.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Where a value lies.
struct Place {
  enum class Space : std::uint8_t { none, arena, variable, constant };
  Space space = Space::none;
  std::size_t at = 0;  // arena: byte offset; variable, constant: index
};

struct ProgramValue {
  Spec spec;  // bound
  Place place;
  int view_of = -1;         // the value whose memory this one shows under another shape
  bool per_member = false;  // a scalar that every member of the team computes for itself: its copies follow each other
  std::int64_t pitch = 0;   // elements from row to row
  std::size_t bytes() const {
    return static_cast<std::size_t>(Matrix(spec.shape).rows * pitch) * size_in_bytes(spec.dtype);
  }
};

/// Who does which part of a launch.
struct Cut {
  enum class Along : std::uint8_t { whole, replicated, rows, columns };  // whole: member 0; replicated: everyone all
  Along along = Along::whole;
  std::vector<std::int64_t> at = {};  // rows, columns: member m's begin at at[m] and end at at[m + 1]

  Region part(const Division& division, int member) const;
};

struct Launch {
  std::shared_ptr<const Op> op;
  std::vector<int> inputs;  // indices of values
  std::vector<int> outputs;
  KernelPlan plan = {};
  std::size_t workspace_offset = 0;  // in the arena: one for each member
  std::string scope = {};
  Cut cut = {};
  int epoch = 0;   // how many barriers come before it
  int strip = -1;  // number in Program::strips; -1: none
};

/// Launches that follow each other and are walked together, some samples at a time, so that what one makes is still in
/// the cache when the next one reads it.
struct Strip {
  std::int64_t samples = 1;  // at a time
};

struct ProgramSlot {
  std::string name;
  int value = -1;
};

/// For one batch size and one backend. Owns kernels and constants, but nothing on a device.
struct Program {
  std::int64_t batch = 0;
  int members = 1;  // of the team that runs it: every one walks all launches in order and does its part
  std::vector<ProgramValue> values;
  std::vector<Launch> launches;
  std::vector<Strip> strips;
  std::vector<ProgramSlot> inputs;   // filled before a run
  std::shared_ptr<FeedOrder> feed;   // of a team: the inputs are there twice, the next run's after this one's
  std::vector<ProgramSlot> outputs;  // read after it
  std::vector<std::shared_ptr<VariableState>> variables;
  std::vector<Array> constants;
  std::size_t arena_bytes = 0;

  const ProgramValue& value(int index) const { return values[static_cast<std::size_t>(index)]; }
  ProgramValue& value(int index) { return values[static_cast<std::size_t>(index)]; }
  /// The value whose memory this one shows: itself, if it is no view.
  int root_of(int index) const;
};

/// One line a launch: for KERATIN_DUMP=program and for tests.
std::string print(const Program& program);

}  // namespace keratin
