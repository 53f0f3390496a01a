// EXPECT_THROWS(DataError, statement, "part of the message"): the exception's type and what it tells the user.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <string_view>
#include <typeinfo>

namespace keratin::testing {

/// Whether body(state) throws exactly this type, with a message that contains the text. Inline, for tests that link no
/// test support.
inline ::testing::AssertionResult throws(const std::type_info& type, void (*body)(void*), void* state,
                                         std::string_view text) {
  ::testing::AssertionResult failure = ::testing::AssertionFailure()
                                       << "expected " << type.name() << ": " << text << "\ngot ";
  try {
    body(state);
  } catch (const std::exception& error) {
    const std::string_view message = error.what();
    if (typeid(error) == type && message.find(text) != std::string_view::npos) return ::testing::AssertionSuccess();
    return failure << typeid(error).name() << ": " << message;
  }
  return failure << "no exception";
}

/// The same for what is called without arguments. All that is compiled for each lambda is this: gmock's matcher of its
/// type made up half of what the tests took to compile.
template <typename Body>
::testing::AssertionResult throws(const std::type_info& type, Body body, std::string_view text) {
  return throws(
      type, [](void* state) { (*static_cast<Body*>(state))(); }, &body, text);
}

}  // namespace keratin::testing

/// Expects the statement to throw exactly this type, with a message that contains the text.
#define EXPECT_THROWS(type, statement, text) \
  EXPECT_TRUE(::keratin::testing::throws(    \
      typeid(type), [&] { static_cast<void>(statement); }, text))
