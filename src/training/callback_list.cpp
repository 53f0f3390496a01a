#include "training/callback_list.h"

#include "base/check.h"

namespace keratin {

Model& Callback::model() const {
  check_argument(model_ != nullptr,
                 "Callback: expected model() to be called during fit, evaluate or predict; call it in a hook");
  return *model_;
}

CallbackList::CallbackList(std::vector<Ref<Callback>> callbacks, Model& model, const CallbackParams& params)
    : callbacks_(std::move(callbacks)) {
  // Before the first is attached: a constructor that throws has no destructor to detach it.
  for (std::size_t i = 0; i < callbacks_.size(); ++i)
    check_argument(static_cast<bool>(callbacks_[i]), "callbacks: expected callbacks, got an unset Ref at place ", i);
  before_.reserve(callbacks_.size());
  for (const Ref<Callback>& callback : callbacks_) {
    before_.push_back(CallbackAccess::attachment(*callback));
    CallbackAccess::attach(*callback, &model, params);
  }
}

CallbackList::~CallbackList() {
  for (std::size_t i = callbacks_.size(); i-- > 0;)
    CallbackAccess::attach(*callbacks_[i], before_[i].model, before_[i].params);
}

}  // namespace keratin
