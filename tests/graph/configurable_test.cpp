// The default class name of what can be saved.
#include <gtest/gtest.h>

#include "keratin/fields.h"

namespace outer {
struct Scale : keratin::Configurable {};
template <class T> struct Box : keratin::Configurable {};
struct Named : keratin::Configurable {
  std::string class_name() const override { return "Other"; }
};
}  // namespace outer
namespace {
struct Hidden : keratin::Configurable {};
}  // namespace
struct Global : keratin::Configurable {};

TEST(Configurable, IsNamedAsItsClassWithoutNamespaces) {
  EXPECT_EQ(outer::Scale().class_name(), "Scale");
  EXPECT_EQ(Hidden().class_name(), "Hidden");
  EXPECT_EQ(Global().class_name(), "Global");
  EXPECT_EQ(outer::Box<outer::Scale>().class_name(), "Box");
  EXPECT_EQ(outer::Named().class_name(), "Other");
}
