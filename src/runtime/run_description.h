// What a program's run consists of, for who takes down how long each part of it takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct LaunchDescription {
  std::string op;     // "MatMul"
  std::string text;   // with its attributes
  std::string scope;  // "sequential/dense": the layer's, or another maker's
  Specs inputs, outputs;
};

/// A stretch of a member's run. One follows the other without a gap, the first begins with the run, the last ends with
/// it: the members' stretches differ, their sums do not.
struct Stretch {
  enum class Kind : std::uint8_t {
    wake,  // until the member begins
    launch,
    feed,    // gathers rows of the next batch, if the run is asked to
    barrier  // waits for the others
  };
  Kind kind = Kind::launch;
  std::size_t launch = 0;  // which; of the member's part:
  double flops = 0;        // floating-point operations
  double bytes = 0;        // that it reads and writes, each operand counted once
};

/// The same in every run of an executable.
struct RunDescription {
  /// Its times: when it begins and when each of its stretches ends, by steady_ns() of base/clock.h.
  struct Member {
    std::vector<Stretch> stretches;
    std::size_t times_at = 0;  // its first number among the times of a run
  };
  std::vector<LaunchDescription> launches;
  std::vector<Member> members;
  std::size_t times = 0;        // numbers that tell of a run
  std::size_t input_bytes = 0;  // that are fed before it
};

/// Of a program that a team runs: every member walks the launches of which it has a part, and waits for the others
/// between epochs.
RunDescription describe_run(const Program& program);

}  // namespace keratin
