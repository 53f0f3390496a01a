#include "cuda/cublaslt/library.h"

#include "base/check.h"

namespace keratin::cuda {

OpenLibrary open_cublaslt() {
  return open_library({"cuBLASLt", {"libcublasLt.so.13"}, "the CUDA Toolkit (its package libcublas)"});
}

CublasLt load_cublaslt() {
  const OpenLibrary library = open_cublaslt();
  CublasLt out = {};
  find(out.status_name, library, "cublasLtGetStatusName");
  find(out.status_string, library, "cublasLtGetStatusString");
  find(out.create, library, "cublasLtCreate");
  find(out.destroy, library, "cublasLtDestroy");
  find(out.operation_create, library, "cublasLtMatmulDescCreate");
  find(out.operation_destroy, library, "cublasLtMatmulDescDestroy");
  find(out.operation_set, library, "cublasLtMatmulDescSetAttribute");
  find(out.layout_create, library, "cublasLtMatrixLayoutCreate");
  find(out.layout_destroy, library, "cublasLtMatrixLayoutDestroy");
  find(out.layout_set, library, "cublasLtMatrixLayoutSetAttribute");
  find(out.preference_create, library, "cublasLtMatmulPreferenceCreate");
  find(out.preference_destroy, library, "cublasLtMatmulPreferenceDestroy");
  find(out.preference_set, library, "cublasLtMatmulPreferenceSetAttribute");
  find(out.algorithms, library, "cublasLtMatmulAlgoGetHeuristic");
  find(out.matmul, library, "cublasLtMatmul");
  return out;
}

void check(const CublasLt& cublaslt, cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw DeviceError(concat("cuBLASLt: expected ", call, " to succeed, got ", cublaslt.status_name(status), " (",
                           static_cast<int>(status), "): ", cublaslt.status_string(status)));
}

}  // namespace keratin::cuda
