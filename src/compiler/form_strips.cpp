#include "compiler/form_strips.h"

#include <algorithm>
#include <map>
#include <utility>

#include "compiler/work.h"

namespace keratin {
namespace {

constexpr std::size_t cache_bytes = 256 * 1024;  // half of a small second-level cache

/// How launches touch a value.
struct Touch {
  bool written = false;  // or only read
  bool whole = false;    // more of it than the sample at hand
};
using Touches = std::map<int, Touch>;  // by root

/// What the launch touches, and of what more than its samples.
Touches touches_of(const Program& program, const Launch& launch) {
  const Division& division = launch.plan.division;
  Touches touches;
  const auto visit = [&](const std::vector<int>& operands, const std::vector<Reach>& reaches, bool write) {
    for (std::size_t k = 0; k < operands.size(); ++k) {
      Touch& touch = touches[program.root_of(operands[k])];
      const Reach reach = reaches.empty() ? Reach{} : reaches[k];
      const bool own = reach.rows == Follows::rows &&
                       Matrix(program.value(operands[k]).spec.shape).rows == division.rows * reach.each;
      touch.written = touch.written || write;
      touch.whole = touch.whole || !own;
    }
  };
  visit(launch.inputs, division.inputs, false);
  visit(launch.outputs, division.outputs, true);
  return touches;
}

/// True if the order of the two, or of their pieces, makes a difference.
bool meet(const Touches& one, const Touches& other, bool piece_by_piece) {
  return std::any_of(one.begin(), one.end(), [&](const auto& entry) {
    const auto found = other.find(entry.first);
    if (found == other.end() || (!entry.second.written && !found->second.written)) return false;
    return !piece_by_piece || entry.second.whole || found->second.whole;
  });
}

/// The launches of an epoch on their way into strips.
class StripMaker {
 public:
  StripMaker(Program& program, std::vector<Launch>& out) : program_(program), out_(out) {}

  void add(Launch launch) {
    Candidate next{std::move(launch), {}, number_++};
    next.touches = touches_of(program_, next.launch);
    if (!walks_samples(next)) {
      later_.push_back(std::move(next));
      return;
    }
    const auto apart_from = [&](const std::vector<Candidate>& others, bool piece_by_piece) {
      return std::none_of(others.begin(), others.end(),
                          [&](const Candidate& other) { return meet(next.touches, other.touches, piece_by_piece); });
    };
    const bool fits = (strip_.empty() || samples_of(strip_[0].launch) == samples_of(next.launch)) &&
                      apart_from(strip_, true) && apart_from(later_, false);
    if (!fits) close();
    strip_.push_back(std::move(next));
  }

  /// Ends the strip. What was held back follows it, or stands where it stood if it is none.
  void close() {
    const std::int64_t samples = samples_at_once();
    if (samples > 0) {
      for (Candidate& candidate : strip_) candidate.launch.strip = static_cast<int>(program_.strips.size());
      program_.strips.push_back({samples});
    }
    std::vector<Candidate> all = std::exchange(strip_, {});
    for (Candidate& candidate : later_) all.push_back(std::move(candidate));
    later_.clear();
    if (samples == 0)
      std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.number < b.number; });
    for (Candidate& candidate : all) out_.push_back(std::move(candidate.launch));
  }

 private:
  struct Candidate {
    Launch launch;
    Touches touches;
    int number;  // in the epoch
  };

  /// Where the members' samples begin and end.
  std::vector<std::int64_t> samples_of(const Launch& launch) const {
    const std::int64_t rows = rows_of_sample(program_, launch);
    std::vector<std::int64_t> cuts = launch.cut.at;
    for (std::int64_t& cut : cuts) cut /= rows;
    return cuts;
  }

  bool walks_samples(const Candidate& candidate) const {
    const Launch& launch = candidate.launch;
    const std::int64_t rows = rows_of_sample(program_, launch);
    if (!launch.plan.division.row_by_row || rows == 0) return false;
    if (launch.cut.along != (program_.members == 1 ? Cut::Along::whole : Cut::Along::rows)) return false;
    if (!std::all_of(launch.cut.at.begin(), launch.cut.at.end(), [&](auto cut) { return cut % rows == 0; }))
      return false;
    return std::none_of(candidate.touches.begin(), candidate.touches.end(),
                        [](const auto& entry) { return entry.second.written && entry.second.whole; });
  }

  /// As many as fit the cache; 0 if all do, or not even one.
  std::int64_t samples_at_once() const {
    if (strip_.size() < 2) return 0;
    std::map<int, std::size_t> bytes;
    for (const Candidate& candidate : strip_)
      for (const auto& [root, touch] : candidate.touches)
        if (!touch.whole) bytes[root] = program_.value(root).bytes();
    std::size_t all = 0;
    for (const auto& [root, size] : bytes) all += size;
    const auto batch = static_cast<std::size_t>(program_.batch);
    if (all <= cache_bytes * static_cast<std::size_t>(program_.members)) return 0;
    return static_cast<std::int64_t>(cache_bytes * batch / all);
  }

  Program& program_;
  std::vector<Launch>& out_;
  std::vector<Candidate> strip_;
  std::vector<Candidate> later_;  // since the strip began, but none of it: they follow it
  int number_ = 0;
};

}  // namespace

void form_strips(Program& program) {
  std::vector<Launch> launches;
  StripMaker maker(program, launches);
  int epoch = 0;
  for (Launch& launch : program.launches) {
    if (std::exchange(epoch, launch.epoch) != launch.epoch) maker.close();
    maker.add(std::move(launch));
  }
  maker.close();
  program.launches = std::move(launches);
}

}  // namespace keratin
