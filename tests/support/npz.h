// The arrays of uncompressed .npz files, as NumPy writes them: what golden values are stored in
// (tests/golden/README.md).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "keratin/array.h"

namespace keratin::testing {

class Npz {
 public:
  using Arrays = std::map<std::string, Array, std::less<>>;

  /// Reads every array of the file; members that are none are passed over. Throws DataError for anything that an
  /// uncompressed .npz of row-major, little-endian numbers cannot hold.
  explicit Npz(const std::filesystem::path& path);

  /// The array of that name. Throws DataError that lists the names there are.
  const Array& operator[](std::string_view name) const;
  bool contains(std::string_view name) const { return arrays_.contains(name); }
  const Arrays& arrays() const { return arrays_; }

 private:
  std::string file_;
  Arrays arrays_;
};

/// tests/golden/<name>.npz: where it lies, and what it holds.
std::filesystem::path golden_path(std::string_view name);
Npz golden(std::string_view name);

}  // namespace keratin::testing
