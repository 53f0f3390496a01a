// Where tests find the real data sets, which are not part of the tree.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

namespace keratin::testing {

/// The folder of a real data set ("mnist", "fashion-mnist"): in KERATIN_DATA_DIR if that is set, else in ../shared/data
/// beside the sources. Nothing if it is not there.
std::optional<std::filesystem::path> find_data_folder(const std::string& name);

/// True with CI=true in the environment, where nothing but runs on a GPU may be skipped.
bool may_not_skip();

}  // namespace keratin::testing

/// Defines `folder`, the data set's; without it skips the test aloud, or fails it with CI=true.
#define KERATIN_DATA_FOLDER_OR_SKIP(folder, name)                                                                 \
  const auto folder##_found = ::keratin::testing::find_data_folder(name);                                         \
  if (!folder##_found && ::keratin::testing::may_not_skip())                                                      \
    FAIL() << "the data set " << (name) << " is missing; set KERATIN_DATA_DIR to the folder that holds it";       \
  if (!folder##_found)                                                                                            \
    GTEST_SKIP() << "the data set " << (name) << " is missing; set KERATIN_DATA_DIR to the folder that holds it"; \
  const std::filesystem::path folder = *folder##_found
