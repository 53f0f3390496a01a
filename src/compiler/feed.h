// Feed: the members of a team gather the next batch while they walk through a step, where the step leaves them time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "compiler/kernel_planner.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Writes rows begin … end − 1 of the next batch. Called by several threads for different rows.
using GatherRows = std::function<void(std::int64_t begin, std::int64_t end)>;

/// In no graph: lower() adds one launch of it to the program of a team. Its rows are the batch's.
class Feed final : public Op {
 public:
  std::string_view name() const override { return "Feed"; }
  Specs infer(std::span<const Spec>) const override { return {}; }
};

/// What a program's Feed is to do in the run that is under way; null: nothing.
struct FeedOrder {
  const GatherRows* next = nullptr;
};

class FeedKernel final : public Kernel {
 public:
  explicit FeedKernel(std::shared_ptr<const FeedOrder> order) : order_(std::move(order)) {}
  void run(const KernelArguments& arguments) const override {
    if (order_->next != nullptr) (*order_->next)(arguments.part.row, arguments.part.row_end);
  }

 private:
  std::shared_ptr<const FeedOrder> order_;
};

}  // namespace keratin
