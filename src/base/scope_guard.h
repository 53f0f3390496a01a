// A function that runs when a scope ends: for C resources, and for undoing what a thrown exception leaves half done.
#pragma once

#include <utility>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// const ScopeGuard close([&] { dlclose(library); }); The function must not throw.
template <class Function> class ScopeGuard {
 public:
  explicit ScopeGuard(Function function) : function_(std::move(function)) {}
  ~ScopeGuard() {
    if (armed_) function_();
  }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;
  /// Everything went well: the function is not to run.
  void dismiss() { armed_ = false; }

 private:
  Function function_;
  bool armed_ = true;
};

}  // namespace keratin
