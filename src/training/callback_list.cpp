#include "training/callback_list.h"

#include "base/check.h"

namespace keratin {

Model& Callback::model() const {
  check_argument(model_ != nullptr, "Callback: expected model() to be called during fit, evaluate or predict");
  return *model_;
}

CallbackList::CallbackList(std::vector<Ref<Callback>> callbacks, Model& model, const CallbackParams& params)
    : callbacks_(std::move(callbacks)) {
  for (const Ref<Callback>& callback : callbacks_) CallbackAccess::attach(*callback, &model, params);
}

CallbackList::~CallbackList() {
  for (const Ref<Callback>& callback : callbacks_) CallbackAccess::attach(*callback, nullptr, {});
}

}  // namespace keratin
