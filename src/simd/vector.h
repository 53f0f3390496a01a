// Floats: as many float32 as a register of the instruction set holds, for the kernels that are compiled once for each.
#pragma once

#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#ifndef KERATIN_INSTRUCTION_SET
#define KERATIN_INSTRUCTION_SET baseline
#endif

namespace keratin::cpu {
namespace KERATIN_INSTRUCTION_SET {

#if defined(__AVX512F__)
inline constexpr int lanes = 16;
inline constexpr int vector_registers = 32;
#elif defined(__AVX2__)
inline constexpr int lanes = 8;
inline constexpr int vector_registers = 16;
#elif defined(__aarch64__)
inline constexpr int lanes = 4;
inline constexpr int vector_registers = 32;
#else
inline constexpr int lanes = 4;
inline constexpr int vector_registers = 16;
#endif

/// Arithmetic is lane by lane; a number beside a Floats stands for all lanes.
using Floats __attribute__((vector_size(lanes * sizeof(float)))) = float;

inline Floats load(const float* from) {
  Floats out;
  __builtin_memcpy(&out, from, sizeof(out));
  return out;
}
inline void store(float* to, Floats value) { __builtin_memcpy(to, &value, sizeof(value)); }

/// y · x + sum, rounded once where the set has an instruction for it.
inline Floats multiply_add(float y, Floats x, Floats sum) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_fmadd_ps(_mm512_set1_ps(y), reinterpret_cast<__m512>(x), reinterpret_cast<__m512>(sum)));
#elif defined(__FMA__)
  return reinterpret_cast<Floats>(
      _mm256_fmadd_ps(_mm256_set1_ps(y), reinterpret_cast<__m256>(x), reinterpret_cast<__m256>(sum)));
#elif defined(__aarch64__)
  return vfmaq_n_f32(sum, x, y);
#else
  return y * x + sum;
#endif
}

#if defined(__AVX2__) && !defined(__AVX512F__)
inline __m256i first_lanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

/// The first `count` of the lanes, 1 … lanes, and zeros; nothing beyond them is read, or written.
inline Floats load_first(const float* from, int count) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_maskz_loadu_ps(static_cast<__mmask16>(0xffff >> (lanes - count)), from));
#elif defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_maskload_ps(from, first_lanes(count)));
#else
  Floats out{};
  for (int i = 0; i < count; ++i) out[i] = from[i];
  return out;
#endif
}
inline void store_first(float* to, Floats value, int count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>(0xffff >> (lanes - count)), reinterpret_cast<__m512>(value));
#elif defined(__AVX2__)
  _mm256_maskstore_ps(to, first_lanes(count), reinterpret_cast<__m256>(value));
#else
  for (int i = 0; i < count; ++i) to[i] = value[i];
#endif
}

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
