// The table of layers: complete, and what it makes is what it says.
#include "layers/registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

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

TEST(Registry, ListsEachLayerOnce) {
  const auto names = layer_class_names();
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
}

}  // namespace
}  // namespace keratin
