#include "cuda/kernel_table.h"

#include <gtest/gtest.h>

#include <set>

#include "ops/op_list.h"

namespace keratin {
namespace {

std::set<std::string_view> known() {
  std::set<std::string_view> names;
  for (const cuda::KernelRow& row : cuda::kernel_table()) names.insert(row.op);
  return names;
}

TEST(CudaKernelTable, ComputesEveryOpThatDoesNotExpand) {
  const std::set<std::string_view> names = known();
  for (const OpRow& row : op_list()) {
    const bool computed = row.kind == OpKind::elementwise || row.kind == OpKind::kernel;
    EXPECT_TRUE(!computed || names.contains(row.name)) << row.name;
  }
}

TEST(CudaKernelTable, KnowsNoOpThatIsNot) {
  std::set<std::string_view> listed;
  for (const OpRow& row : op_list()) listed.insert(row.name);
  EXPECT_EQ(known().size(), cuda::kernel_table().size());
  for (const cuda::KernelRow& row : cuda::kernel_table()) {
    EXPECT_TRUE(listed.contains(row.op)) << row.op;
    EXPECT_FALSE(row.implementations.empty()) << row.op;
  }
}

}  // namespace
}  // namespace keratin
