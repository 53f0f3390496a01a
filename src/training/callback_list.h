// CallbackList: the callbacks of one call, in order, with the model and the parameters handed to each.
#pragma once

#include <vector>

#include "keratin/callbacks.h"
#include "keratin/model.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct CallbackAccess {
  /// What a callback knows of the call it is in.
  struct Attachment {
    Model* model = nullptr;
    CallbackParams params;
  };
  static Attachment attachment(const Callback& callback) { return {callback.model_, callback.params_}; }
  static void attach(Callback& callback, Model* model, const CallbackParams& params) {
    callback.model_ = model;
    callback.params_ = params;
  }
};

/// Attaches the callbacks for its lifetime; a callback may be in the lists of calls that are in one another.
class CallbackList {
 public:
  CallbackList(std::vector<Ref<Callback>> callbacks, Model& model, const CallbackParams& params);
  CallbackList(const CallbackList&) = delete;
  CallbackList& operator=(const CallbackList&) = delete;
  ~CallbackList();

  template <class... Parameters, class... Arguments>
  void call(void (Callback::*hook)(Parameters...), Arguments&&... arguments) {
    for (const Ref<Callback>& callback : callbacks_) ((*callback).*hook)(arguments...);
  }

 private:
  std::vector<Ref<Callback>> callbacks_;
  std::vector<CallbackAccess::Attachment> before_;  // a callback may hand itself to a call of its own
};

}  // namespace keratin
