// Ref: a shared reference to what Keras shares: layers, losses, metrics, optimizers, callbacks.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "keratin/error.h"
#include "keratin/export.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {

struct CallOptions;
template <class T> class Ref;
template <class> inline constexpr bool is_ref = false;
template <class T> inline constexpr bool is_ref<Ref<T>> = true;

/// A shared reference to a T: copies are the same object, as Python's names. Converts from Ref<Derived>, and where T
/// has them from a name ("relu") and from a function. nullptr does not compile. Default-constructed it is unset and
/// throws ValueError when used, so that build() may set a member.
template <class T> class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) = delete;
  template <std::derived_from<T> D> Ref(std::shared_ptr<D> object) : object_(std::move(object)) {}
  template <std::derived_from<T> D>
    requires(!std::same_as<D, T>)
  Ref(const Ref<D>& other) : object_(other.shared()) {}
  Ref(const char* name) requires requires {
    T::from_name(std::string_view(name));
  } : object_(T::from_name(text(name))) {
  }
  Ref(const std::string& name) requires requires {
    T::from_name(std::string_view(name));
  } : object_(T::from_name(name)) {
  }
  template <class F>
    requires(!is_ref<F> && !std::is_convertible_v<F, std::string_view> &&
             requires(F f) { T::from_function(std::move(f)); })
  Ref(F function) : object_(T::from_function(std::move(function))) {}

  explicit operator bool() const { return object_ != nullptr; }
  T* operator->() const { return &checked(); }
  T& operator*() const { return checked(); }
  const std::shared_ptr<T>& shared() const { return object_; }
  /// Calls the T: dense(x), add({x, y}), attention(query, value), dropout(x, {.training = false}).
  template <class... Args>
    requires std::invocable<T&, Args...>
  decltype(auto) operator()(Args&&... args) const { return checked()(std::forward<Args>(args)...); }
  template <class U = T, class Options = CallOptions>
  requires std::invocable<U&, const Tensors&, const Options&> Tensor operator()(const Tensors& xs,
                                                                                const Options& options = {}) const {
    return checked()(xs, options);
  }

 private:
  static std::string_view text(const char* name) {
    if (name == nullptr) throw ValueError("Ref: expected a name, got a null pointer");
    return name;
  }
  T& checked() const {
    if (!object_) throw ValueError("Ref: expected an object, got an unset Ref; assign one first");
    return *object_;
  }
  std::shared_ptr<T> object_;
};

/// layer.h: a layer must override call() or call_many().
template <class T> struct CheckAuthor { static constexpr bool value = true; };

/// One maker for layers, losses, metrics, callbacks and models of your own; the result keeps its type.
template <class T, class... Args>
  requires std::constructible_from<T, Args...> Ref<T> make(Args&&... args) {
    static_assert(CheckAuthor<T>::value,
                  "a layer must override call(const Tensor&, const CallContext&) or call_many(const Tensors&, const "
                  "CallContext&), "
                  "both public");
    return std::make_shared<T>(std::forward<Args>(args)...);
  }

}  // namespace keratin
