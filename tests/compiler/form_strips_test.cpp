// Strips: launches that work on images are walked some samples at a time, each sample once and in order.
#include "compiler/form_strips.h"

#include <gtest/gtest.h>

#include <map>

#include "compiler/compile.h"
#include "compiler/work.h"
#include "cpu/cpu_backend.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "keratin/ops.h"
#include "runtime/walk.h"

namespace keratin {
namespace {

constexpr std::int64_t batch = 48;

/// Two convolutions with what stands between them; of images so large that a batch leaves the cache.
Program images(int members, std::int64_t extent = 32) {
  static const cpu::CpuBackend backend;
  Trace trace(true, true);
  const auto input = [](const std::string& slot, const Shape& shape) {
    return apply_one(std::make_shared<Input>(slot, Spec{float32, shape}), {});
  };
  const Tensor x = input("x", {unknown, extent, extent, 1});
  const Tensor first = ops::relu(ops::conv(x, input("k", {3, 3, 1, 8})));
  const Tensor y = ops::relu(ops::conv(ops::max_pool(first, 2), input("l", {3, 3, 8, 8})));
  trace.graph().add_output("sums", TensorAccess::value(ops::sum(y, {.axis = {1, 2}})));
  return compile(trace.finish(), batch, backend, {.threads = members, .least_flops = 0});
}

TEST(FormStrips, TakesWhatFollowsOnTheSameImages) {
  for (const int members : {1, 2, 3}) {
    const Program program = images(members);
    ASSERT_EQ(program.strips.size(), 1u) << print(program);
    std::vector<std::string> names;
    for (const Launch& launch : program.launches)
      if (launch.strip == 0) names.emplace_back(launch.op->name());
    const std::vector<std::string> expected = {"Conv2D", "Relu", "MaxPool2D", "Conv2D", "Relu"};
    EXPECT_EQ(names, expected) << members << " members\n" << print(program);
    EXPECT_GT(program.strips[0].samples, 0);
    EXPECT_LT(program.strips[0].samples, batch / members);
  }
}

TEST(FormStrips, LeavesAloneWhatStaysInTheCacheAnyway) { EXPECT_TRUE(images(1, 8).strips.empty()); }

TEST(FormStrips, WalksEveryRowOfAMembersPartOnceAndInOrder) {
  for (const int members : {1, 2, 3}) {
    const Program program = images(members);
    for (int m = 0; m < members; ++m) {
      std::map<std::size_t, std::int64_t> next;  // of a launch: the row that comes
      std::int64_t sample = 0;
      for (const Walk::Part& part : walk_of(program, m).parts) {
        const Launch& launch = program.launches[part.launch];
        const Region whole = launch.cut.part(launch.plan.division, m);
        EXPECT_EQ(part.at.row, next.try_emplace(part.launch, whole.row).first->second);
        next[part.launch] = part.at.row_end;
        if (launch.strip < 0) continue;
        const std::int64_t rows = rows_of_sample(program, launch);
        EXPECT_EQ(part.at.row % rows, 0);
        EXPECT_GE(part.at.row / rows, sample);  // the strip's launches go through the samples together
        sample = part.at.row / rows;
      }
      for (const auto& [launch, row] : next)
        EXPECT_EQ(row, program.launches[launch].cut.part(program.launches[launch].plan.division, m).row_end);
    }
  }
}

TEST(FormStrips, LetsNoTwoValuesOfAStripShareMemory) {
  const Program program = images(1);
  std::vector<std::pair<std::size_t, std::size_t>> blocks;  // begin and end
  for (const Launch& launch : program.launches) {
    if (launch.strip < 0 || launch.op->name() == "Relu") continue;  // relu may write over what it reads
    const ProgramValue& value = program.value(program.root_of(launch.outputs[0]));
    blocks.emplace_back(value.place.at, value.place.at + value.bytes());
  }
  ASSERT_EQ(blocks.size(), 3u);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_TRUE(blocks[i].second <= blocks[j].first || blocks[j].second <= blocks[i].first) << print(program);
}

}  // namespace
}  // namespace keratin
