// A program that refers to this file allocates through it. glibc's own functions keep their names with __libc_ in
// front.
#include "support/malloc_counter.h"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <stdexcept>

#include "support/sanitizers.h"

#if defined(KERATIN_ADDRESS_SANITIZER) || defined(KERATIN_THREAD_SANITIZER)
#define KERATIN_SANITIZED 1
#endif
#if defined(KERATIN_SANITIZED)  // g++ 12 brings the function, but not its header, sanitizer/allocator_interface.h
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*made)(const volatile void*, std::size_t),
                                                         void (*freed)(const volatile void*));
#endif

namespace {
std::atomic<std::int64_t> count{0};
}  // namespace

#if !defined(KERATIN_SANITIZED)
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

#if defined(KERATIN_SANITIZED)
std::int64_t allocation_count() {  // a sanitizer's malloc cannot be replaced, but tells
  static const int installed = __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void*, std::size_t) { ++count; }, [](const volatile void*) {});
  if (installed == 0) throw std::runtime_error("allocation_count: the sanitizer takes no hooks");
  return count;
}
#else
std::int64_t allocation_count() { return count; }
#endif

}  // namespace keratin::testing
