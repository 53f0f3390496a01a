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

inline Floats multiply_add(Floats y, Floats x, Floats sum) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_fmadd_ps(reinterpret_cast<__m512>(y), reinterpret_cast<__m512>(x), reinterpret_cast<__m512>(sum)));
#elif defined(__FMA__)
  return reinterpret_cast<Floats>(
      _mm256_fmadd_ps(reinterpret_cast<__m256>(y), reinterpret_cast<__m256>(x), reinterpret_cast<__m256>(sum)));
#elif defined(__aarch64__)
  return vfmaq_f32(sum, x, y);
#else
  return y * x + sum;
#endif
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/// The first `count` of four lanes, 0 … 4, and zeros.
inline __m128 load_first_of_four(const float* from, int count) {
  if (count == 4) return _mm_loadu_ps(from);
  const __m128 last = (count & 1) != 0 ? _mm_load_ss(from + (count & 2)) : _mm_setzero_ps();
  if (count < 2) return last;
  return _mm_movelh_ps(_mm_castpd_ps(_mm_load_sd(reinterpret_cast<const double*>(from))), last);
}
#endif

/// The first `count` of the lanes, 1 … lanes, and zeros; nothing beyond them is read, or written.
inline Floats load_first(const float* from, int count) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_maskz_loadu_ps(static_cast<__mmask16>(0xffff >> (lanes - count)), from));
#elif defined(__AVX2__)
  // Not by vmaskmovps: where data come from memory AMD's cores before Zen 4 take twice the time, and to store, 20
  // cycles.
  if (count == lanes) return load(from);
  const __m128 low = load_first_of_four(from, count < 4 ? count : 4);
  if (count <= 4) return reinterpret_cast<Floats>(_mm256_zextps128_ps256(low));
  return reinterpret_cast<Floats>(
      _mm256_insertf128_ps(_mm256_castps128_ps256(low), load_first_of_four(from + 4, count - 4), 1));
#else
  if (count == lanes) return load(from);
  Floats out{};
  for (int i = 0; i < count; ++i) out[i] = from[i];
  return out;
#endif
}
inline void store_first(float* to, Floats value, int count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>(0xffff >> (lanes - count)), reinterpret_cast<__m512>(value));
#elif defined(__AVX2__)
  if (count == lanes) return store(to, value);
  __m128 part = _mm256_castps256_ps128(reinterpret_cast<__m256>(value));
  if ((count & 4) != 0) {
    _mm_storeu_ps(to, part);
    part = _mm256_extractf128_ps(reinterpret_cast<__m256>(value), 1), to += 4;
  }
  if ((count & 2) != 0) {
    _mm_storel_pi(reinterpret_cast<__m64*>(to), part);
    part = _mm_movehl_ps(part, part), to += 2;
  }
  if ((count & 1) != 0) _mm_store_ss(to, part);
#else
  if (count == lanes) return store(to, value);
  for (int i = 0; i < count; ++i) to[i] = value[i];
#endif
}

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
