// MNIST and Fashion-MNIST: finding the four files, and checking that they belong together.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/check.h"
#include "keratin/datasets.h"

namespace keratin::datasets {
namespace {

/// The names that a file is known by, the published one first.
using Names = std::array<std::string_view, 4>;
constexpr std::array<Names, 4> kFiles{{
    {"train-images-idx3-ubyte.gz", "train-images-idx3-ubyte", "train-images.gz", "train-images"},
    {"train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte", "train-labels.gz", "train-labels"},
    {"t10k-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte", "test-images.gz", "test-images"},
    {"t10k-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte", "test-labels.gz", "test-labels"},
}};
using Paths = std::array<std::filesystem::path, kFiles.size()>;

/// Every folder from the directory down, those less deep first, then by name. Links to folders are not followed: they
/// may form circles. A folder that cannot be read counts as empty.
std::vector<std::filesystem::path> folders_below(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> folders{directory};
  for (std::size_t i = 0; i < folders.size(); ++i) {
    std::vector<std::filesystem::path> inner;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folders[i], error), end; !error && entry != end;
         entry.increment(error)) {
      std::error_code ignored;
      if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) inner.push_back(entry->path());
    }
    std::sort(inner.begin(), inner.end());
    folders.insert(folders.end(), inner.begin(), inner.end());
  }
  return folders;
}

/// The file in this folder under the first of its names, or an empty path.
std::filesystem::path find_in(const std::filesystem::path& folder, const Names& names) {
  for (const std::string_view name : names) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder / name, ignored)) return folder / name;
  }
  return {};
}

Paths find_files(std::string_view who, const std::filesystem::path& directory) {
  std::error_code ignored;
  check_data(std::filesystem::is_directory(directory, ignored), who, ": expected the data set in the folder ",
             directory.string(), ", got no such folder; put the four files there or name another folder");
  Paths found;
  for (const std::filesystem::path& folder : folders_below(directory)) {
    Paths here;
    for (std::size_t i = 0; i < kFiles.size(); ++i) {
      here[i] = find_in(folder, kFiles[i]);
      if (found[i].empty()) found[i] = here[i];
    }
    if (std::none_of(here.begin(), here.end(), [](const auto& path) { return path.empty(); })) return here;
  }
  for (std::size_t i = 0; i < kFiles.size(); ++i) {
    const Names& names = kFiles[i];
    check_data(!found[i].empty(), who, ": expected ", names[0], " (or ", names[1], ", ", names[2], ", ", names[3],
               ") in ", directory.string(), " or a folder below it, got no such file; put the four files there");
  }
  return found;
}

Split read_split(const std::filesystem::path& images, const std::filesystem::path& labels) {
  Split split{read_idx(images), read_idx(labels)};
  check_data(split.x.dtype() == uint8 && split.x.shape().rank() == 3 && split.x.shape().from(1) == Shape({28, 28}),
             images.string(), ": expected images of shape (n, 28, 28) and dtype uint8, got ", split.x.shape(), " and ",
             split.x.dtype());
  check_data(split.y.dtype() == uint8 && split.y.shape().rank() == 1, labels.string(),
             ": expected labels of shape (n,) and dtype uint8, got ", split.y.shape(), " and ", split.y.dtype());
  check_data(split.x.length() > 0, images.string(), ": expected images, got none");
  check_data(split.x.length() == split.y.length(), labels.string(), ": expected ", split.x.length(),
             " labels, as many as there are images in ", images.string(), ", got ", split.y.length(),
             "; are they of two data sets?");
  const auto values = split.y.values<std::uint8_t>();
  const auto wrong = std::find_if(values.begin(), values.end(), [](std::uint8_t label) { return label > 9; });
  check_data(wrong == values.end(), labels.string(), ": expected labels of 0 to 9, got ",
             wrong == values.end() ? 0 : int{*wrong}, " at index ", wrong - values.begin());
  return split;
}

Pair read(std::string_view who, const Options& options, std::string_view usual_directory) {
  const Paths paths = find_files(who, options.directory.empty() ? usual_directory : options.directory);
  return {read_split(paths[0], paths[1]), read_split(paths[2], paths[3])};
}

}  // namespace

Pair mnist(Options options) { return read("mnist", options, "data/mnist"); }
Pair fashion_mnist(Options options) { return read("fashion_mnist", options, "data/fashion-mnist"); }

}  // namespace keratin::datasets
