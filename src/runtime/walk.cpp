#include "runtime/walk.h"

#include <algorithm>
#include <utility>

#include "compiler/work.h"

namespace keratin {

Walk walk_of(const Program& program, int member) {
  Walk walk;
  int passed = 0;
  const auto add = [&](std::size_t index, const Region& at) {
    const int epoch = program.launches[index].epoch;
    if (!at.empty()) walk.parts.push_back({index, at, epoch - std::exchange(passed, epoch)});
  };
  const std::vector<Launch>& launches = program.launches;
  for (std::size_t begin = 0, end; begin < launches.size(); begin = end) {
    end = begin + 1;
    const Launch& first = launches[begin];
    const Region part = first.cut.part(first.plan.division, member);
    if (first.strip < 0) {
      add(begin, part);
      continue;
    }
    while (end < launches.size() && launches[end].strip == first.strip) ++end;
    const std::int64_t rows = rows_of_sample(program, first);
    const std::int64_t at_once = program.strips[static_cast<std::size_t>(first.strip)].samples;
    for (std::int64_t sample = part.row / rows, last = part.row_end / rows; sample < last; sample += at_once)
      for (std::size_t i = begin; i < end; ++i) {
        const std::int64_t each = rows_of_sample(program, launches[i]);
        add(i, {sample * each, std::min(sample + at_once, last) * each, 0, launches[i].plan.division.columns});
      }
  }
  walk.barriers = launches.empty() ? 0 : launches.back().epoch - passed;
  return walk;
}

}  // namespace keratin
