// Whether this is compiled with a sanitizer: g++ says so by macros, clang by features.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KERATIN_ADDRESS_SANITIZER 1
#endif
#if __has_feature(thread_sanitizer)
#define KERATIN_THREAD_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define KERATIN_ADDRESS_SANITIZER 1
#endif
#if defined(__SANITIZE_THREAD__)
#define KERATIN_THREAD_SANITIZER 1
#endif

namespace keratin::testing {

#if defined(KERATIN_ADDRESS_SANITIZER)
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif
#if defined(KERATIN_THREAD_SANITIZER)
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif

}  // namespace keratin::testing
