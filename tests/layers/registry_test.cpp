// The table of layers: complete, and what it makes is what it says.
#include "layers/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <string>

#include "support/source_folder.h"

namespace keratin {
namespace {

TEST(Registry, MakesLayersOfTheClassThatItNames) {
  for (const std::string_view name : layer_class_names()) {
    const std::shared_ptr<Layer> layer = layer_from_class_name(name);
    ASSERT_NE(layer, nullptr) << name;
    EXPECT_EQ(layer->class_name(), name);
    EXPECT_FALSE(layer->built());
  }
  EXPECT_EQ(layer_from_class_name("dense"), nullptr);
  EXPECT_EQ(layer_from_class_name(""), nullptr);
}

/// "leaky_relu" and "LeakyReLU" alike.
std::string bare(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

TEST(Registry, ListsEveryFileOfALayer) {
  std::set<std::string> files, listed;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(testing::source_folder() / "src/layers")) {
    const std::filesystem::path& path = entry.path();
    const std::filesystem::path folder = path.parent_path().filename();
    if (path.extension() == ".cpp" && folder != "layers" && folder != "configuration")
      files.insert(bare(path.stem().string()));
  }
  files.erase("merge");  // what the merging layers share
  for (const std::string_view name : layer_class_names()) listed.insert(bare(name));
  EXPECT_EQ(listed, files);
}

TEST(Registry, ListsEachLayerOnce) {
  const auto names = layer_class_names();
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
}

}  // namespace
}  // namespace keratin
