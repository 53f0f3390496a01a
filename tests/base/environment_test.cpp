#include "base/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "keratin/error.h"
#include "support/throws.h"

namespace keratin {
namespace {

using ::testing::ElementsAre;

class Environment : public ::testing::Test {
 protected:
  ~Environment() override {
    for (const char* name : {"KERATIN_DUMP", "KERATIN_DISABLE", "KERATIN_CHECK_FINITE", "KERATIN_INSTRUCTION_SET",
                             "KERATIN_PROFILE", "KERATIN_KERNEL_CACHE", "KERATIN_PLUGIN_PATH"})
      unsetenv(name);
  }
};

TEST_F(Environment, AsksForNothingByDefault) {
  const Switches switches = read_switches();
  EXPECT_TRUE(switches.dump.empty());
  EXPECT_TRUE(switches.disable.empty());
  EXPECT_FALSE(switches.check_finite);
  EXPECT_TRUE(switches.instruction_set.empty());
  EXPECT_TRUE(switches.profile.empty());
  EXPECT_TRUE(switches.kernel_cache.empty());
  EXPECT_TRUE(switches.plugin_path.empty());
}

TEST_F(Environment, NamesTheFileOfAProfile) {
  setenv("KERATIN_PROFILE", "a folder/trace.json", 1);
  EXPECT_EQ(read_switches().profile, "a folder/trace.json");
}

TEST_F(Environment, SaysWhereCompiledKernelsAreKept) {
  setenv("KERATIN_KERNEL_CACHE", "off", 1);
  EXPECT_EQ(read_switches().kernel_cache, "off");
}

TEST_F(Environment, NamesAnInstructionSet) {
  setenv("KERATIN_INSTRUCTION_SET", "avx2", 1);
  EXPECT_EQ(read_switches().instruction_set, "avx2");
}

TEST_F(Environment, SplitsLists) {
  setenv("KERATIN_DUMP", "graph,,program,", 1);
  setenv("KERATIN_DISABLE", "fuse_elementwise", 1);
  setenv("KERATIN_PLUGIN_PATH", "/a:/b c", 1);
  const Switches switches = read_switches();
  EXPECT_THAT(switches.dump, ElementsAre("graph", "program"));
  EXPECT_TRUE(switches.dumps("program"));
  EXPECT_THROWS(InternalError, switches.dumps("prog"), "contains(texts, what)");
  EXPECT_TRUE(switches.disables("fuse_elementwise"));
  EXPECT_FALSE(switches.disables("simplify"));
  EXPECT_THAT(switches.plugin_path, ElementsAre("/a", "/b c"));
}

TEST_F(Environment, RefusesNamesThatNothingHas) {
  setenv("KERATIN_DUMP", "graph,programme", 1);
  EXPECT_THROWS(ValueError, read_switches(), "KERATIN_DUMP: expected names among graph, program, got \"programme\"");
  unsetenv("KERATIN_DUMP");
  setenv("KERATIN_DISABLE", "fuse-elementwise", 1);
  EXPECT_THROWS(ValueError, read_switches(),
                "KERATIN_DISABLE: expected names among simplify, fuse_softmax_crossentropy, turn_factors, "
                "fuse_elementwise, fuse_products, form_strips, got \"fuse-elementwise\"");
}

TEST_F(Environment, IsReadAnewEachTime) {
  setenv("KERATIN_CHECK_FINITE", "1", 1);
  EXPECT_TRUE(read_switches().check_finite);
  setenv("KERATIN_CHECK_FINITE", "0", 1);
  EXPECT_FALSE(read_switches().check_finite);
}

TEST_F(Environment, RefusesAFlagThatIsNeitherZeroNorOne) {
  setenv("KERATIN_CHECK_FINITE", "yes", 1);
  EXPECT_THROWS(ValueError, read_switches(), "KERATIN_CHECK_FINITE: expected 0 or 1, got \"yes\"");
}

}  // namespace
}  // namespace keratin
