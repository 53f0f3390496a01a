#include "compiler/schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <queue>
#include <unordered_map>

#include "base/check.h"
#include "compiler/work.h"

namespace keratin {
namespace {

struct Access {
  int root;
  Region at;  // of the root
  bool write;
};

/// What of `shape`, which has the elements of `root`, a region is in the root: itself, or what lies between its ends.
Region in_root(const Region& region, const Shape& shape, const Shape& root) {
  const Matrix from(shape), to(root);
  if (from.columns == to.columns || region.empty()) return region;
  const std::int64_t begin = region.row * from.columns + region.column;
  const std::int64_t end = (region.row_end - 1) * from.columns + region.column_end;
  if (to.rows == 1) return {0, 1, begin, end};
  return {begin / to.columns, (end + to.columns - 1) / to.columns, 0, to.columns};
}

/// use(Access) for everything that a member touches in a launch and others may touch, too.
template <class Use> void for_each_access(const Program& program, const Launch& launch, int member, const Use& use) {
  const Division& division = launch.plan.division;
  const Region part = launch.cut.part(division, member);
  if (part.empty()) return;
  const auto visit = [&](const std::vector<int>& operands, const std::vector<Reach>& reaches, bool write) {
    for (std::size_t k = 0; k < operands.size(); ++k) {
      const int root = program.root_of(operands[k]);
      if (program.value(root).per_member) continue;
      const Shape& shape = program.value(operands[k]).spec.shape;
      const Region region = reached(reaches.empty() ? Reach{} : reaches[k], part, shape);
      if (!region.empty()) use(Access{root, in_root(region, shape, program.value(root).spec.shape), write});
    }
  };
  visit(launch.inputs, division.inputs, false);
  visit(launch.outputs, division.outputs, true);
}

// ---- cuts -----------------------------------------------------------------------------------------------------------

/// Multiples of the step, as even as they can be.
std::vector<std::int64_t> even_cuts(std::int64_t extent, std::int64_t step, int members) {
  const std::int64_t steps = (extent + step - 1) / step;
  std::vector<std::int64_t> at;
  for (int m = 0; m <= members; ++m) at.push_back(std::min(steps * m / members * step, extent));
  return at;
}

/// What every member can compute for itself, from what it may read at any time or has computed, too.
bool replicable(const Program& program, const Launch& launch) {
  const auto is_scalar = [&](int value) { return program.value(value).spec.shape.size() == 1; };
  const auto at_hand = [&](int value) {
    const ProgramValue& root = program.value(program.root_of(value));
    return is_scalar(value) && (root.per_member || root.place.space == Place::Space::variable ||
                                root.place.space == Place::Space::constant);
  };
  const auto own = [&](int value) {
    return is_scalar(value) && program.value(program.root_of(value)).place.space == Place::Space::none;
  };
  return !launch.outputs.empty() && std::all_of(launch.inputs.begin(), launch.inputs.end(), at_hand) &&
         std::all_of(launch.outputs.begin(), launch.outputs.end(), own);
}

void choose_cuts(Program& program) {
  for (Launch& launch : program.launches) {
    const Division& division = launch.plan.division;
    launch.cut = {};
    if (program.members == 1) continue;
    if (replicable(program, launch)) {
      launch.cut.along = Cut::Along::replicated;
      for (const int value : launch.outputs) program.value(program.root_of(value)).per_member = true;
    } else if (division.column_step > 0 && division.columns > division.column_step &&
               (division.columns >= wide_columns || division.rows == 1)) {
      launch.cut = {Cut::Along::columns, even_cuts(division.columns, division.column_step, program.members)};
    } else if (division.row_step > 0 && division.rows > division.row_step) {
      // Between samples, where there are enough: what follows on the same samples then needs no barrier.
      const std::int64_t sample = program.batch >= program.members ? rows_of_sample(program, launch) : 0;
      launch.cut = {Cut::Along::rows, even_cuts(division.rows, std::max(sample, division.row_step), program.members)};
    }
  }
}

// ---- order ----------------------------------------------------------------------------------------------------------

/// Which launches have to wait for which: whatever touches a value stays on its side of those that write it.
class Dependences {
 public:
  explicit Dependences(const Program& program)
      : followers_(program.launches.size()), waits_for_(program.launches.size(), 0) {
    std::vector<int> writer(program.values.size(), -1);
    std::vector<std::vector<int>> readers(program.values.size());  // since it was written
    for (int i = 0; i < static_cast<int>(program.launches.size()); ++i) {
      const Launch& launch = program.launches[static_cast<std::size_t>(i)];
      for (const int input : launch.inputs) {
        const auto root = static_cast<std::size_t>(program.root_of(input));
        add(writer[root], i);
        readers[root].push_back(i);
      }
      for (const int output : launch.outputs) {
        const auto root = static_cast<std::size_t>(program.root_of(output));
        add(writer[root], i);
        for (const int reader : readers[root]) add(reader, i);
        readers[root].clear();
        writer[root] = i;
      }
    }
  }
  std::vector<int>& waits_for() { return waits_for_; }
  const std::vector<int>& followers(int launch) const { return followers_[static_cast<std::size_t>(launch)]; }

 private:
  void add(int before, int after) {
    if (before < 0 || before == after) return;
    followers_[static_cast<std::size_t>(before)].push_back(after);
    ++waits_for_[static_cast<std::size_t>(after)];
  }
  std::vector<std::vector<int>> followers_;
  std::vector<int> waits_for_;
};

/// What has been touched since the last barrier.
class Epoch {
 public:
  explicit Epoch(const Program& program) : program_(program), touched_(program.values.size()) {}

  bool conflicts(const Launch& launch) const {
    bool found = false;
    for (int m = 0; m < program_.members && !found; ++m)
      for_each_access(program_, launch, m, [&](const Access& access) {
        for (const Touch& touch : touched_[static_cast<std::size_t>(access.root)])
          found = found || (touch.member != m && (access.write || touch.write) && touch.at.meets(access.at));
      });
    return found;
  }
  void take(const Launch& launch) {
    if (program_.members == 1) return;
    for (int m = 0; m < program_.members; ++m)
      for_each_access(program_, launch, m, [&](const Access& access) {
        touched_[static_cast<std::size_t>(access.root)].push_back({m, access.at, access.write});
        roots_.push_back(access.root);
      });
  }
  void end() {
    for (const int root : roots_) touched_[static_cast<std::size_t>(root)].clear();
    roots_.clear();
  }

 private:
  struct Touch {
    int member;
    Region at;
    bool write;
  };
  const Program& program_;
  std::vector<std::vector<Touch>> touched_;  // by root
  std::vector<int> roots_;
};

/// List scheduling: whatever needs no barrier runs before one is placed. A launch that needs one is looked at once an
/// epoch.
void order(Program& program) {
  Dependences dependences(program);
  std::vector<int>& waits_for = dependences.waits_for();
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < static_cast<int>(waits_for.size()); ++i)
    if (waits_for[static_cast<std::size_t>(i)] == 0) ready.push(i);
  std::vector<int> blocked, sorted;
  Epoch epoch(program);
  int number = 0;
  while (!ready.empty()) {
    const int next = ready.top();
    ready.pop();
    Launch& launch = program.launches[static_cast<std::size_t>(next)];
    if (epoch.conflicts(launch)) {
      blocked.push_back(next);
    } else {
      epoch.take(launch);
      launch.epoch = number;
      sorted.push_back(next);
      for (const int follower : dependences.followers(next))
        if (--waits_for[static_cast<std::size_t>(follower)] == 0) ready.push(follower);
    }
    if (!ready.empty() || blocked.empty()) continue;
    epoch.end();
    ++number;
    for (const int waiting : blocked) ready.push(waiting);
    blocked.clear();
  }
  KERATIN_ASSERT(sorted.size() == program.launches.size());
  std::vector<Launch> launches;
  for (const int index : sorted) launches.push_back(std::move(program.launches[static_cast<std::size_t>(index)]));
  program.launches = std::move(launches);
}

// ---- balance --------------------------------------------------------------------------------------------------------

using Launches = std::span<Launch>;

/// By root: how many operands of some launches are read from it, and written to it.
using Touched = std::unordered_map<int, std::array<int, 2>>;
Touched touched_by(const Program& program, std::span<const Launch> launches) {
  Touched out;
  for (const Launch& launch : launches) {
    for (const int input : launch.inputs) ++out[program.root_of(input)][0];
    for (const int output : launch.outputs) ++out[program.root_of(output)][1];
  }
  return out;
}

/// True if nothing else in the epoch touches what the launch writes, or writes what it reads: any cut will do.
bool stands_alone(const Program& program, const Launch& launch, const Touched& epoch) {
  const Touched own = touched_by(program, {&launch, 1});
  return std::all_of(own.begin(), own.end(), [&](const auto& of_root) {
    const std::array<int, 2>&all = epoch.at(of_root.first), &mine = of_root.second;
    return all[1] == mine[1] && (mine[1] == 0 || all[0] == mine[0]);
  });
}

/// About how long a member takes, in floating-point operations: a core does some 2 in the time that a byte takes.
double work_of(const Program& program, const Launch& launch, int member) {
  const Region part = launch.cut.part(launch.plan.division, member);
  return flops_of(launch, part) + launch.plan.division.delay * share_of(launch, part) +
         2 * bytes_of(program, launch, part);
}

/// Cuts the rows of launches that stand alone so that all members have the same to do in the epoch.
void balance(const Program& program, Launches epoch) {
  std::vector<double> load(static_cast<std::size_t>(program.members), 0.0);
  std::vector<std::pair<double, Launch*>> loose;  // with their work
  const Touched touched = touched_by(program, epoch);
  for (Launch& launch : epoch) {
    const bool any_cut_will_do = launch.cut.along == Cut::Along::rows && stands_alone(program, launch, touched);
    if (any_cut_will_do) loose.emplace_back(1, &launch);  // never no work
    for (int m = 0; m < program.members; ++m)
      (any_cut_will_do ? loose.back().first : load[static_cast<std::size_t>(m)]) += work_of(program, launch, m);
  }
  std::stable_sort(loose.begin(), loose.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [work, launch] : loose) {
    // Those who have least to do get as much of it as brings them to one level.
    std::vector<double> sorted(load);
    std::sort(sorted.begin(), sorted.end());
    double level = sorted[0] + work, sum = work, taken = 0;
    for (std::size_t m = 0; m < sorted.size() && sorted[m] < level; ++m)
      level = (sum += sorted[m]) / static_cast<double>(m + 1);
    const Division& division = launch->plan.division;
    const std::int64_t steps = (division.rows + division.row_step - 1) / division.row_step;
    for (std::size_t m = 0; m + 1 < load.size(); ++m) {
      taken += std::max(0.0, level - load[m]) / work;
      launch->cut.at[m + 1] =
          std::min(std::lround(taken * static_cast<double>(steps)) * division.row_step, division.rows);
    }
    for (double& own : load) own = std::max(own, level);
  }
}

}  // namespace

void schedule(Program& program, int members) {
  program.members = members;
  choose_cuts(program);
  order(program);
  if (members == 1) return;
  const Launches launches(program.launches);
  for (std::size_t begin = 0, end; begin < launches.size(); begin = end) {
    for (end = begin; end < launches.size() && launches[end].epoch == launches[begin].epoch;) ++end;
    balance(program, launches.subspan(begin, end - begin));
  }
  order(program);  // other cuts may need fewer barriers
}

}  // namespace keratin
