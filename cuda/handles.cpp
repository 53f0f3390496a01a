#include "cuda/handles.h"

#include "cuda/check.h"

namespace keratin::cuda {

OwnedStream make_stream() {
  cudaStream_t stream = nullptr;
  KERATIN_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return OwnedStream(stream);
}

OwnedEvent make_event() {
  cudaEvent_t event = nullptr;
  KERATIN_CUDA_CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  return OwnedEvent(event);
}

}  // namespace keratin::cuda
