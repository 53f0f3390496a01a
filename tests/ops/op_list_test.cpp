#include "ops/op_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "cpu/kernel_table.h"
#include "graph/leaves.h"
#include "ops/arg_max.h"
#include "ops/concat.h"
#include "ops/conv2d.h"
#include "ops/elementwise.h"
#include "ops/elementwise_program.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/pad.h"
#include "ops/pool2d.h"
#include "ops/product_program.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/reshape.h"
#include "ops/slice.h"
#include "ops/softmax.h"
#include "ops/softmax_crossentropy.h"
#include "ops/transpose.h"
#include "support/interpret.h"
#include "support/source_folder.h"

namespace keratin {
namespace {

std::vector<std::shared_ptr<const Op>> examples() {
  const auto variable = std::make_shared<VariableState>();
  std::vector<std::shared_ptr<const Op>> ops{
      std::make_shared<Input>("x", Spec{}),
      std::make_shared<Placeholder>(0, Spec{}),
      std::make_shared<Constant>(Array::zeros({})),
      std::make_shared<BatchSize>(float32),
      std::make_shared<ReadVariable>(variable),
      std::make_shared<Assign>(variable),
      std::make_shared<Reshape>(Shape{}),
      std::make_shared<StopGradient>(),
      std::make_shared<Cast>(float32),
      std::make_shared<Broadcast>(Shape{}),
      std::make_shared<ElementwiseProgram>(float32, 1, std::vector<Instruction>{},
                                           std::vector<ElementwiseProgram::Output>{{0, {}}}),
      std::make_shared<ProductProgram>(
          false, false,
          std::make_shared<ElementwiseProgram>(float32, 1, std::vector<Instruction>{},
                                               std::vector<ElementwiseProgram::Output>{{0, {}}}),
          0),
      std::make_shared<ArgMax>(0),
      std::make_shared<Concat>(0),
      std::make_shared<Gather>(0),
      std::make_shared<MatMul>(),
      std::make_shared<Pad>(std::vector<std::int64_t>{0}, Shape{1}, 0.0),
      std::make_shared<Random>(Distribution::uniform, Spec{}),
      std::make_shared<Random>(Distribution::normal, Spec{}),
      std::make_shared<ScatterAdd>(0, Shape{1}),
      std::make_shared<StridedSlice>(std::vector<std::int64_t>{0}, Shape{1}, std::vector<std::int64_t>{1}),
      std::make_shared<Transpose>(std::vector<int>{0}),
      std::make_shared<AveragePool2D>(Window{{1, 1}}),
      std::make_shared<AveragePool2DGradient>(Window{{1, 1}}, Shape{1, 1, 1, 1}),
      std::make_shared<Conv2D>(Window{{1, 1}}, 1),
      std::make_shared<Conv2DInputGradient>(Window{{1, 1}}, 1, Shape{1, 1, 1, 1}),
      std::make_shared<Conv2DKernelGradient>(Window{{1, 1}}, 1),
      std::make_shared<MaxPool2D>(Window{{1, 1}}),
      std::make_shared<MaxPool2DGradient>(Window{{1, 1}}),
      std::make_shared<Softmax>(0),
      std::make_shared<SoftmaxCrossentropy>(),
      std::make_shared<SparseSoftmaxCrossentropy>(),
  };
  for (const Reduction reduction : {Reduction::sum, Reduction::max, Reduction::min, Reduction::prod})
    ops.push_back(std::make_shared<Reduce>(reduction, std::vector<int>{0}, false));
  for (int i = 0; i < function_count; ++i) ops.push_back(std::make_shared<Elementwise>(static_cast<Function>(i)));
  return ops;
}

std::map<std::string_view, OpKind> listed() {
  std::map<std::string_view, OpKind> out;
  for (const OpRow& row : op_list()) EXPECT_TRUE(out.emplace(row.name, row.kind).second) << row.name << " twice";
  return out;
}

/// What stands between quotation marks after name(): nothing, or all the names that the line may return.
std::vector<std::string> names_in(const std::string& line) {
  std::vector<std::string> names;
  std::size_t at = line.find("name() const override {");
  while (at != std::string::npos) {
    const std::size_t open = line.find('"', at);
    const std::size_t close = open == std::string::npos ? open : line.find('"', open + 1);
    if (close == std::string::npos) break;
    names.push_back(line.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  return names;
}

TEST(OpList, NamesEveryOpOfTheSources) {
  const auto listed_names = listed();
  int found = 0;
  for (const char* folder : {"src/ops", "src/graph"})
    for (const auto& file : std::filesystem::directory_iterator(testing::source_folder() / folder)) {
      if (file.path().extension() != ".h") continue;
      std::ifstream in(file.path());
      for (std::string line; std::getline(in, line);)
        for (const std::string& name : names_in(line)) {
          EXPECT_TRUE(listed_names.contains(name)) << name << " of " << file.path() << " is not in ops/op_list.cpp";
          ++found;
        }
    }
  EXPECT_GT(found, 20);
}

TEST(OpList, SaysOfEveryOpWhatItIs) {
  auto rest = listed();
  for (const auto& op : examples()) {
    SCOPED_TRACE(std::string(op->name()));
    const auto row = rest.find(op->name());
    ASSERT_NE(row, rest.end());
    const OpKind kind = row->second;
    const Traits traits = op->traits();
    EXPECT_EQ(traits.leaf, kind == OpKind::leaf);
    EXPECT_EQ(traits.view, kind == OpKind::view);
    EXPECT_EQ(traits.elementwise, kind == OpKind::elementwise || kind == OpKind::view);
    EXPECT_EQ(traits.expansion, kind == OpKind::expansion);
    rest.erase(row);
  }
  for (const auto& [name, kind] : rest) ADD_FAILURE() << name << " is listed, but has no example here";
}

TEST(OpList, IsWithinTheBudgetOfCoarseOps) {
  const auto coarse = std::count_if(op_list().begin(), op_list().end(),
                                    [](const OpRow& row) { return row.kind != OpKind::elementwise; });
  EXPECT_LE(coarse, 60);  // docs/architecture.md, section 2
}

TEST(CpuKernelTable, ComputesEveryOpThatDoesNotExpand) {
  for (const OpRow& row : op_list()) {
    const bool computed = row.kind == OpKind::elementwise || row.kind == OpKind::kernel;
    EXPECT_TRUE(!computed || testing::has_kernel(row.name)) << row.name;
  }
}

TEST(CpuKernelTable, KnowsNoOpThatIsNot) {
  const auto names = listed();
  std::set<std::string_view> seen;
  for (const cpu::KernelRow& row : cpu::kernel_table()) {
    EXPECT_TRUE(names.contains(row.op)) << row.op;
    EXPECT_TRUE(seen.insert(row.op).second) << row.op << " twice";
    EXPECT_FALSE(row.implementations.empty()) << row.op;
  }
}

}  // namespace
}  // namespace keratin
