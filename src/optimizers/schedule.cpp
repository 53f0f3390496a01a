// A schedule made of a function of the step.
#include <utility>

#include "base/check.h"
#include "keratin/schedules.h"

namespace keratin {
namespace {

class FunctionSchedule final : public Schedule {
 public:
  explicit FunctionSchedule(std::function<Tensor(Tensor)> function) : function_(std::move(function)) {}
  std::optional<std::string> function_name() const override { return ""; }
  Tensor rate(const Tensor& step) const override { return function_(step); }

 private:
  std::function<Tensor(Tensor)> function_;
};

}  // namespace

std::shared_ptr<Schedule> Schedule::from_function(std::function<Tensor(Tensor)> function) {
  check_argument(function != nullptr, "Schedule: expected a function of the step, got an empty one");
  return std::make_shared<FunctionSchedule>(std::move(function));
}

}  // namespace keratin
