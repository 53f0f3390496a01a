// Who does what and when: barriers, and loads that are even.
#include "compiler/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/compile.h"
#include "compiler/work.h"
#include "cpu/cpu_backend.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "keratin/ops.h"

namespace keratin {
namespace {

constexpr std::int64_t kBatch = 50;

Tensor input(const std::string& slot, const Shape& shape) {
  return apply_one(std::make_shared<Input>(slot, Spec{float32, shape}), {});
}

Graph finish(Trace& trace, const Tensors& outputs) {
  int index = 0;
  for (const Tensor& output : outputs) trace.graph().add_output(std::to_string(index++), TensorAccess::value(output));
  return trace.finish();
}

Program planned(const Graph& graph, std::int64_t batch, int members) {
  return compile(graph, batch, cpu::CpuBackend(), {.threads = members, .least_flops = 0});
}

/// Barriers before the one that ends every step.
int barriers(const Graph& graph, int members) { return planned(graph, kBatch, members).launches.back().epoch; }

TEST(Schedule, WaitsForNobodyWhereEachRowGoesItsOwnWay) {
  Trace trace(false);
  const Tensor x = input("x", {unknown, 20});
  const Graph graph = finish(trace, {ops::softmax(ops::relu(ops::matmul(x, Tensor(Array::full({20, 30}, 0.5)))))});
  for (const int members : {2, 3}) EXPECT_EQ(barriers(graph, members), 0);
}

TEST(Schedule, WaitsBeforeAllIsReadOfWhatSeveralHaveWritten) {
  Trace trace(false);
  const Graph graph = finish(trace, {ops::sum(ops::softmax(input("x", {unknown, 20})))});
  for (const int members : {2, 3}) EXPECT_EQ(barriers(graph, members), 1);
}

/// What a member does in all, in the scheduler's measure.
double load_of(const Program& program, int member) {
  double load = 0;
  for (const Launch& launch : program.launches) {
    const Region part = launch.cut.part(launch.plan.division, member);
    load += flops_of(launch, part) + launch.plan.division.delay * share_of(launch, part) +
            2 * bytes_of(program, launch, part);
  }
  return load;
}

TEST(Schedule, GivesLessToWhomALaunchHasAlone) {
  for (const std::int64_t batch : {1000, 1'000'000'000}) {  // in no more time
    Trace trace(false);
    const Tensor x = input("x", {unknown, 16}), u = input("u", {20'000});
    const Program program = planned(finish(trace, {ops::relu(x), ops::sum(u)}), batch, 3);
    ASSERT_EQ(program.launches.back().epoch, 0);
    const double first = load_of(program, 0);
    EXPECT_GT(first, 0);
    for (const int member : {1, 2}) EXPECT_NEAR(load_of(program, member) / first, 1.0, 0.01) << print(program);
    for (const Launch& launch : program.launches)
      if (launch.cut.along == Cut::Along::rows) {
        EXPECT_TRUE(std::is_sorted(launch.cut.at.begin(), launch.cut.at.end()));
        EXPECT_EQ(launch.cut.at.back(), batch);
      }
  }
}

}  // namespace
}  // namespace keratin
