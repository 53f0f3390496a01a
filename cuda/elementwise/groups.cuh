// Neighbouring numbers, as generated kernels read and write them. Also text for NVRTC, hence includes nothing.
#pragma once

namespace keratin::cuda {

/// n numbers at once, by one access to memory: where they lie is aligned to all their bytes.
template <class T, int n> struct alignas(n * sizeof(T)) Group { T of[n]; };
template <int n, class T> __device__ inline Group<T, n> read(const T* from) {
  return *reinterpret_cast<const Group<T, n>*>(from);
}
template <class T, int n> __device__ inline void write(T* to, const Group<T, n>& group) {
  *reinterpret_cast<Group<T, n>*>(to) = group;
}

}  // namespace keratin::cuda
