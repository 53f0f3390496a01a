// A program that refers to this file allocates through it. glibc's own functions keep their names with __libc_ in
// front.
#include "support/malloc_counter.h"

#include <atomic>
#include <cerrno>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KERATIN_COUNT_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KERATIN_COUNT_ALLOCATIONS 0
#endif
#endif
#ifndef KERATIN_COUNT_ALLOCATIONS
#define KERATIN_COUNT_ALLOCATIONS 1
#endif

namespace {
std::atomic<std::int64_t> count{0};
}  // namespace

#if KERATIN_COUNT_ALLOCATIONS
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* old, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);

void* malloc(std::size_t bytes) {
  ++count;
  return __libc_malloc(bytes);
}
void* calloc(std::size_t items, std::size_t bytes) {
  ++count;
  return __libc_calloc(items, bytes);
}
void* realloc(void* old, std::size_t bytes) {
  ++count;
  return __libc_realloc(old, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) {
  ++count;
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** out, std::size_t alignment, std::size_t bytes) {
  *out = memalign(alignment, bytes);
  return *out == nullptr ? ENOMEM : 0;
}
}
#endif

namespace keratin::testing {

bool counts_allocations() { return KERATIN_COUNT_ALLOCATIONS != 0; }
std::int64_t allocation_count() { return count; }

}  // namespace keratin::testing
