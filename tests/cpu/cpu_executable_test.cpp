// What an executable tells of its runs.
#include "cpu/cpu_executable.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <numeric>

#include "base/scope_guard.h"
#include "compiler/compile.h"
#include "cpu/cpu_backend.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "keratin/ops.h"
#include "support/sanitizers.h"
#include "support/throws.h"

namespace keratin {
namespace cpu {
namespace {

constexpr std::int64_t kBatch = 40, kFeatures = 64, kUnits = 160;

/// relu(x · c), and its sum, for a constant c.
Graph product_and_sum() {
  Trace trace(true, true);
  const Tensor x = apply_one(std::make_shared<Input>("x", Spec{float32, Shape({unknown, kFeatures})}), {});
  const Tensor y = ops::relu(ops::matmul(x, Tensor(Array::full({kFeatures, kUnits}, 0.5))));
  trace.graph().add_output("y", TensorAccess::value(y));
  trace.graph().add_output("sum", TensorAccess::value(ops::sum(y)));
  return trace.finish();
}

class Runs : public ::testing::TestWithParam<int> {
 protected:
  Runs() {
    executable_ = backend_.load(compile(product_and_sum(), kBatch, backend_, {.threads = GetParam(), .least_flops = 0}),
                                workshop_);
    const std::span<std::byte> x = executable_->input(0);
    std::vector<float> numbers(x.size() / sizeof(float));
    std::iota(numbers.begin(), numbers.end(), -300.0F);
    std::memcpy(x.data(), numbers.data(), x.size());
  }
  std::vector<std::byte> output(std::size_t index) const {
    const Spec& spec = executable_->output_spec(index);
    std::vector<std::byte> bytes(static_cast<std::size_t>(spec.shape.size()) * size_in_bytes(spec.dtype));
    executable_->read(index, bytes);
    return bytes;
  }

  CpuBackend backend_;
  Workshop workshop_{.team = std::make_shared<Team>(GetParam())};
  std::unique_ptr<Executable> executable_;
};

TEST_P(Runs, AreDescribedByWhatEachMemberDoes) {
  const std::shared_ptr<const RunDescription> run = executable_->describe_run();
  EXPECT_EQ(run, executable_->describe_run());
  EXPECT_EQ(run->input_bytes, static_cast<std::size_t>(kBatch * kFeatures) * sizeof(float));
  ASSERT_EQ(run->members.size(), static_cast<std::size_t>(GetParam()));
  EXPECT_EQ(run->launches[0].inputs[0], (Spec{float32, Shape({kBatch, kFeatures})}));
  std::vector<double> flops(run->launches.size()), bytes(run->launches.size());
  double fed = 0;
  for (const RunDescription::Member& member : run->members) {
    ASSERT_FALSE(member.stretches.empty());
    if (GetParam() > 1) {
      EXPECT_EQ(member.stretches.front().kind, Stretch::Kind::wake);
      EXPECT_EQ(member.stretches.back().kind, Stretch::Kind::barrier);
    }
    for (const Stretch& stretch : member.stretches) {
      if (stretch.kind == Stretch::Kind::feed) fed += stretch.bytes;
      if (stretch.kind != Stretch::Kind::launch) continue;
      flops[stretch.launch] += stretch.flops;
      bytes[stretch.launch] += stretch.bytes;
    }
  }
  EXPECT_EQ(fed, GetParam() == 1 ? 0.0 : static_cast<double>(run->input_bytes));
  const double product = 2.0 * kBatch * kFeatures * kUnits;
  EXPECT_GE(flops[0], product);
  EXPECT_LE(flops[0], 1.1 * product);
  // By columns: every member reads all of x, of c and of y only its columns.
  const std::int64_t numbers = kBatch * kFeatures * GetParam() + kFeatures * kUnits + kBatch * kUnits;
  EXPECT_EQ(bytes[0], 4.0 * static_cast<double>(numbers));
}

TEST_P(Runs, AreTheSameWhenTheyAreTimed) {
  const std::shared_ptr<const RunDescription> run = executable_->describe_run();
  executable_->run();
  const std::vector<std::byte> y = output(0), sum = output(1);
  std::vector<std::int64_t> times(run->times, -1);
  executable_->run({.times = times});
  EXPECT_EQ(output(0), y);
  EXPECT_EQ(output(1), sum);
  for (const RunDescription::Member& member : run->members) {
    const std::span<const std::int64_t> own =
        std::span<const std::int64_t>(times).subspan(member.times_at, member.stretches.size() + 1);
    EXPECT_EQ(own.front(), times.front());
    EXPECT_EQ(own.back(), times[run->members[0].times_at + run->members[0].stretches.size()]);
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    EXPECT_GT(own.front(), 0);
  }
}

TEST(Run, ThatCouldNotStartItsThreadsLeavesNothingToGather) {
  if (testing::address_sanitizer || testing::thread_sanitizer)
    GTEST_SKIP() << "not under a sanitizer: the limit would count its memory, too";
  constexpr int members = 300;  // with more stack than the limit below and what is left of earlier threads' stacks
  const CpuBackend backend;
  Workshop workshop{.team = std::make_shared<Team>(members)};
  const std::unique_ptr<Executable> executable =
      backend.load(compile(product_and_sum(), kBatch, backend, {.threads = members, .least_flops = 0}), workshop);
  bool fed = false;
  const GatherRows feed = [&](std::int64_t, std::int64_t) { fed = true; };
  {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
    const ScopeGuard restore([&] { setrlimit(RLIMIT_AS, &before); });
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0;
    ASSERT_TRUE(statm >> pages);
    const rlim_t limit = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + (std::size_t{512} << 20);
    const rlimit less{limit, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_AS, &less), 0);
    EXPECT_THROWS(DeviceError, executable->run({.feed = &feed}), "compile() with fewer threads");
  }
  executable->run();
  EXPECT_FALSE(fed);
}

/// With KERATIN_CHECK_FINITE.
class CheckFinite : public ::testing::TestWithParam<int> {
 protected:
  CheckFinite() { setenv("KERATIN_CHECK_FINITE", "1", 1); }
  ~CheckFinite() override { unsetenv("KERATIN_CHECK_FINITE"); }
  /// Of one input x, float32(batch, kFeatures).
  void load(const std::function<Tensor(const Tensor&)>& function) {
    Trace trace(true, true);
    const Tensor x = apply_one(std::make_shared<Input>("x", Spec{float32, Shape({unknown, kFeatures})}), {});
    const TraceScope scope(trace, "layer");
    trace.graph().add_output("y", TensorAccess::value(function(x)));
    executable_ =
        backend_.load(compile(trace.finish(), kBatch, backend_, {.threads = GetParam(), .least_flops = 0}), workshop_);
  }
  /// All 1 but the last one.
  void run(float last) {
    const std::span<std::byte> to = executable_->input(0);
    std::vector<float> numbers(to.size() / sizeof(float), 1.0F);
    numbers.back() = last;
    std::memcpy(to.data(), numbers.data(), to.size());
    executable_->run();
  }

  CpuBackend backend_;
  Workshop workshop_{.team = std::make_shared<Team>(GetParam())};
  std::unique_ptr<Executable> executable_;
};

TEST_P(CheckFinite, NamesTheLayerThatMadeWhatIsNot) {
  for (const DType dtype : {float16, bfloat16, float32, float64}) {
    SCOPED_TRACE(concat(dtype));
    load([&](const Tensor& x) { return ops::cast(ops::log(ops::cast(x, dtype)), dtype); });
    EXPECT_NO_THROW(run(2.0F));
    EXPECT_THROWS(DataError, run(0.0F), "layer: ");
    EXPECT_THROWS(DataError, run(-1.0F), concat("expected finite numbers, got NaN or infinity in ", dtype));
  }
}

TEST_P(CheckFinite, LooksAtNothingBetweenRows) {
  load([](const Tensor& x) {  // rows of 130 columns lie 144 apart
    return ops::sum(ops::square(ops::relu(ops::matmul(x, Tensor(Array::full({kFeatures, 130}, 0.5))))), {.axis = 0});
  });
  std::memset(workshop_.arena->address(), 0xff, workshop_.arena->bytes());
  EXPECT_NO_THROW(run(1.0F));
}

INSTANTIATE_TEST_SUITE_P(OfMembers, CheckFinite, ::testing::Values(1, 2));
INSTANTIATE_TEST_SUITE_P(OfMembers, Runs, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace cpu
}  // namespace keratin
