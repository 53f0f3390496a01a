// How wide the registers are for which this source is compiled. (g++'s __BIGGEST_ALIGNMENT__ says so too; clang's does
// not.)
#pragma once

// Not inline: sources compiled for different registers may be linked together.
#if defined(__AVX512F__)
constexpr int register_bytes = 64;
#elif defined(__AVX2__)
constexpr int register_bytes = 32;
#else
constexpr int register_bytes = 16;
#endif
