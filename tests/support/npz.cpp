// A zip archive of .npy files: https://pkware.cachefly.net/webdocs/APPNOTE/APPNOTE-6.3.9.TXT, sections 4.3.7 to 4.3.16,
// and https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1.0 and 2.0.
#include "support/npz.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/checksum.h"
#include "base/text.h"

namespace keratin::testing {
namespace {

/// Part of a file. Every read outside it throws.
class Section {
 public:
  Section(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::size_t size() const { return bytes_.size(); }
  std::string_view text(std::size_t start, std::size_t count) const {
    check_data(start <= size() && count <= size() - start, file_, ": expected ", count, " bytes at byte ", start,
               ", got ", size() - std::min(start, size()), "; the file may be truncated");
    return bytes_.substr(start, count);
  }
  /// A little-endian number of two or four bytes.
  template <class T> std::size_t number(std::size_t start) const {
    const std::string_view bytes = text(start, sizeof(T));
    std::size_t value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) value = value * 256 + static_cast<unsigned char>(bytes[i]);
    return value;
  }
  Section part(std::size_t start, std::size_t count) const { return {text(start, count), file_}; }
  template <class... Parts> void expect(bool condition, const Parts&... message) const {
    check_data(condition, file_, ": ", message...);
  }

 private:
  std::string_view bytes_;
  const std::string& file_;
};

DType dtype_of_description(const Section& npy, std::string_view description) {
  static constexpr std::pair<std::string_view, DType> known[] = {{"<f4", float32}, {"<f8", float64}, {"|i1", int8},
                                                                 {"|u1", uint8},   {"<i4", int32},   {"<i8", int64},
                                                                 {"|b1", boolean}};
  const auto* found = std::ranges::find(known, description, &std::pair<std::string_view, DType>::first);
  npy.expect(found != std::end(known), "expected numbers that an Array holds, got '", description, "'");
  return found->second;
}

/// The value of a key in the header, a Python dictionary literal: from behind "'key': " to `end`.
std::string_view header_value(const Section& npy, std::string_view header, std::string_view key, char end) {
  const std::string quoted = concat("'", key, "': ");
  const std::size_t start = header.find(quoted);
  const std::size_t stop = start == header.npos ? start : header.find(end, start + quoted.size());
  npy.expect(stop != header.npos, "expected ", quoted, "in the header of an array, got ", header);
  return header.substr(start + quoted.size(), stop - start - quoted.size());
}

/// "(3, 4", as a tuple is written less its last parenthesis.
Shape parse_shape(const Section& npy, std::string_view tuple) {
  std::vector<std::int64_t> extents;
  bool inside = false;  // a number
  for (const char c : tuple.substr(1)) {
    const bool digit = c >= '0' && c <= '9';
    npy.expect(digit || c == ',' || c == ' ', "expected a shape, got ", tuple, ")");
    if (digit && !inside) extents.push_back(0);
    if (digit) extents.back() = extents.back() * 10 + (c - '0');
    inside = digit;
  }
  return Shape(std::move(extents));
}

Array parse_npy(const Section& npy) {
  npy.expect(npy.text(0, 6) == "\x93NUMPY", "expected an array in NumPy's format");
  const bool long_header = npy.text(6, 1)[0] > 1;  // version 2.0 differs from 1.0 in the width of this number
  const std::size_t length = long_header ? npy.number<std::uint32_t>(8) : npy.number<std::uint16_t>(8);
  const std::size_t start = long_header ? 12 : 10;
  const std::string_view header = npy.text(start, length);
  npy.expect(header_value(npy, header, "fortran_order", ',') == "False", "expected an array in row-major order");
  const std::string_view description = header_value(npy, header, "descr", ',');
  const std::string_view shape = header_value(npy, header, "shape", ')');
  npy.expect(description.size() > 2 && !shape.empty() && shape.front() == '(', "expected a dtype and a shape, got ",
             header);
  Array array = Array::uninitialized(parse_shape(npy, shape),
                                     dtype_of_description(npy, description.substr(1, description.size() - 2)));
  const std::string_view numbers = npy.text(start + length, array.bytes().size());
  npy.expect(start + length + numbers.size() == npy.size(), "expected nothing behind an array's numbers");
  if (!numbers.empty()) std::memcpy(array.bytes().data(), numbers.data(), numbers.size());
  return array;
}

/// The bytes of a member that lies at `offset`, behind its local header.
Section member(const Section& archive, std::size_t offset, std::size_t size) {
  archive.expect(archive.text(offset, 4) == "PK\x03\x04", "expected a member of the archive at byte ", offset);
  const std::size_t name = archive.number<std::uint16_t>(offset + 26),
                    extra = archive.number<std::uint16_t>(offset + 28);
  return archive.part(offset + 30 + name + extra, size);
}

Npz::Arrays parse_npz(const Section& archive) {
  constexpr std::size_t end_size = 22, entry_size = 46;
  archive.expect(archive.size() >= end_size, "expected a zip archive, got ", archive.size(), " bytes");
  const Section end = archive.part(archive.size() - end_size, end_size);
  archive.expect(end.text(0, 4) == "PK\x05\x06", "expected a zip archive without a comment; the file may be truncated");
  Npz::Arrays arrays;
  std::size_t entry = end.number<std::uint32_t>(16);
  for (std::size_t left = end.number<std::uint16_t>(10); left > 0; --left) {
    archive.expect(archive.text(entry, 4) == "PK\x01\x02", "expected an entry of the archive's directory at byte ",
                   entry);
    archive.expect(archive.number<std::uint16_t>(entry + 10) == 0, "expected arrays that are not compressed");
    const std::size_t size = archive.number<std::uint32_t>(entry + 24);
    const std::size_t name_size = archive.number<std::uint16_t>(entry + 28);
    const std::string_view name = archive.text(entry + entry_size, name_size);
    if (name.ends_with(".npy")) {
      const Section npy = member(archive, archive.number<std::uint32_t>(entry + 42), size);
      arrays.emplace(name.substr(0, name_size - 4), parse_npy(npy));
      archive.expect(crc32(std::as_bytes(std::span(npy.text(0, size)))) == archive.number<std::uint32_t>(entry + 16),
                     "expected another checksum of ", name, "; the file is damaged");
    }
    entry +=
        entry_size + name_size + archive.number<std::uint16_t>(entry + 30) + archive.number<std::uint16_t>(entry + 32);
  }
  return arrays;
}

}  // namespace

Npz::Npz(const std::filesystem::path& path) : file_(path.filename().string()) {
  std::ifstream in(path, std::ios::binary);
  check_data(in.is_open(), path.string(), ": cannot be opened");
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  arrays_ = parse_npz(Section(bytes, file_));
}

const Array& Npz::operator[](std::string_view name) const {
  const auto found = arrays_.find(name);
  if (found != arrays_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, array] : arrays_) names.push_back(known);
  throw DataError(concat(file_, ": expected one of ", join(names, ", "), ", got ", name));
}

std::filesystem::path golden_path(std::string_view name) {
  return std::filesystem::path(KERATIN_SOURCE_DIR) / "tests" / "golden" / concat(name, ".npz");
}

Npz golden(std::string_view name) { return Npz(golden_path(name)); }

}  // namespace keratin::testing
