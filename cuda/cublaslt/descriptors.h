// What cuBLASLt hands out, freed when its holder goes. The functions must outlive it.
#pragma once

#include <utility>

#include "cuda/cublaslt/library.h"

namespace keratin::cuda {

/// Of the three functions that make, free and describe one kind of thing.
template <class Handle, auto create, auto destroy, auto set_attribute> class CublasLtDescriptor {
 public:
  template <class... Arguments>
  explicit CublasLtDescriptor(const CublasLt& cublaslt, Arguments... arguments) : cublaslt_(&cublaslt) {
    check(cublaslt, (cublaslt.*create)(&handle_, arguments...), "the creation of a descriptor");
  }
  ~CublasLtDescriptor() { (cublaslt_->*destroy)(handle_); }
  CublasLtDescriptor(const CublasLtDescriptor&) = delete;
  CublasLtDescriptor& operator=(const CublasLtDescriptor&) = delete;

  /// Of the type that cuBLASLt's header names beside the attribute.
  template <class Attribute, class Value> void set(Attribute attribute, const Value& value) const {
    check(*cublaslt_, (cublaslt_->*set_attribute)(handle_, attribute, &value, sizeof value),
          "the setting of an attribute");
  }
  Handle get() const { return handle_; }

 private:
  const CublasLt* cublaslt_;
  Handle handle_ = nullptr;
};

using MatmulDescriptor = CublasLtDescriptor<cublasLtMatmulDesc_t, &CublasLt::operation_create,
                                            &CublasLt::operation_destroy, &CublasLt::operation_set>;
using MatrixDescriptor = CublasLtDescriptor<cublasLtMatrixLayout_t, &CublasLt::layout_create, &CublasLt::layout_destroy,
                                            &CublasLt::layout_set>;
using MatmulPreference = CublasLtDescriptor<cublasLtMatmulPreference_t, &CublasLt::preference_create,
                                            &CublasLt::preference_destroy, &CublasLt::preference_set>;

/// The library's state for the device that is the calling thread's.
class CublasLtHandle {
 public:
  explicit CublasLtHandle(const CublasLt& cublaslt) : cublaslt_(&cublaslt) {
    check(cublaslt, cublaslt.create(&handle_), "cublasLtCreate");
  }
  ~CublasLtHandle() { cublaslt_->destroy(handle_); }
  CublasLtHandle(const CublasLtHandle&) = delete;
  CublasLtHandle& operator=(const CublasLtHandle&) = delete;
  cublasLtHandle_t get() const { return handle_; }

 private:
  const CublasLt* cublaslt_;
  cublasLtHandle_t handle_ = nullptr;
};

}  // namespace keratin::cuda
