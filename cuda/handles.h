// What CUDA's runtime hands out, freed when its holder goes.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <type_traits>

namespace keratin::cuda {

template <auto destroy> struct Destroy {
  template <class T> void operator()(T* handle) const noexcept { destroy(handle); }
};
template <class Handle, auto destroy> using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Destroy<destroy>>;

using OwnedStream = Owned<cudaStream_t, cudaStreamDestroy>;
using OwnedEvent = Owned<cudaEvent_t, cudaEventDestroy>;
using OwnedGraph = Owned<cudaGraph_t, cudaGraphDestroy>;
using OwnedGraphExec = Owned<cudaGraphExec_t, cudaGraphExecDestroy>;

/// One that waits for no other stream.
OwnedStream make_stream();
/// For waiting, not for timing.
OwnedEvent make_event();

}  // namespace keratin::cuda
