#include "base/plugin.h"

#include <gtest/gtest.h>

#include "keratin/error.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin {
namespace {

const std::vector<std::filesystem::path> kFolders{KERATIN_TEST_LIBRARIES};

const void* linked_entry() {
  static const int number = 7;
  return &number;
}
constexpr ComponentEntry kLinked[] = {{"linked", linked_entry}};

TEST(Plugin, OpensTheLibraryOfAComponent) {
  const void* const component = open_component("answer", kFolders);
  EXPECT_EQ(*static_cast<const int*>(component), 42);
  EXPECT_EQ(open_component("answer", kFolders), component);
}

TEST(Plugin, TakesTheFirstFolderThatHasIt) {
  const testing::TemporaryFolder folder;
  const std::vector<std::filesystem::path> folders{folder.path(), KERATIN_TEST_LIBRARIES};
  EXPECT_EQ(*static_cast<const int*>(open_component("answer", folders)), 42);
  folder.write("libkeratin_answer.so", "not a library");
  EXPECT_THROWS(UnsupportedError, open_component("answer", folders),
                "component answer: expected to open " + (folder / "libkeratin_answer.so").string() + ", got \"");
}

TEST(Plugin, SaysHowToGetAComponentThatIsAbsent) {
  EXPECT_THROWS(UnsupportedError, open_component("onnx", kFolders),
                "component onnx: expected libkeratin_onnx.so in " KERATIN_TEST_LIBRARIES
                ", got none; build Keratin with KERATIN_ONNX=ON, or set KERATIN_PLUGIN_PATH to the folder that has it");
}

TEST(Plugin, RefusesAComponentOfAnotherBuild) {
  EXPECT_THROWS(UnsupportedError, open_component("stranger", kFolders),
                std::string("to be of the build \"") + kBuildId + "\", got \"0.0.0 another build\"");
}

TEST(Plugin, RefusesALibraryWithoutTheEntry) {
  EXPECT_THROWS(UnsupportedError, open_component("mute", kFolders),
                "component mute: expected the entry keratin_component_1");
}

TEST(Plugin, PrefersWhatIsLinked) { EXPECT_EQ(*static_cast<const int*>(load_component("linked", kLinked, {})), 7); }

TEST(Plugin, OpensLibrariesOnlyWhereTheCoreIsOne) {
  if (kComponentsAreLibraries) {
    EXPECT_EQ(*static_cast<const int*>(load_component("answer", kLinked, kFolders)), 42);
    EXPECT_THROWS(UnsupportedError, load_component("absent", kLinked, kFolders),
                  "got none; build Keratin with KERATIN_ABSENT=ON");
  } else {
    EXPECT_THROWS(UnsupportedError, load_component("answer", kLinked, kFolders),
                  "component answer: expected it to be linked, got a static build without it; build Keratin with "
                  "KERATIN_ANSWER=ON");
  }
}

}  // namespace
}  // namespace keratin
