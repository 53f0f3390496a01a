// EXPECT_THROWS(DataError, statement, "part of the message"): the exception's type and what it tells the user.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Expects the statement to throw exactly this type, with a message that contains the text.
#define EXPECT_THROWS(type, statement, text)         \
  EXPECT_THAT([&] { static_cast<void>(statement); }, \
              ::testing::Throws<type>(::testing::Property("what", &type::what, ::testing::HasSubstr(text))))
