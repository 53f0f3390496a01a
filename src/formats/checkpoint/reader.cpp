#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/check.h"
#include "base/checksum.h"
#include "base/file.h"
#include "formats/checkpoint/checkpoint_file.h"
#include "formats/checkpoint/layout.h"
#include "graph/config.h"
#include "graph/spec.h"

namespace keratin {
namespace {

using checkpoint::aligned, checkpoint::alignment, checkpoint::magic, checkpoint::preamble_bytes;
using Json = nlohmann::ordered_json;

constexpr std::int64_t most_elements = std::int64_t{1} << 60;
constexpr std::size_t most_axes = 32;

/// What the header says of one array, checked against the file's size.
struct Entry {
  std::string name;
  Spec spec;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t bytes = 0;
  std::uint32_t checksum = 0;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : file_(path) {}

  CheckpointFile read() {
    const std::string header = read_header();
    CheckpointFile content;
    std::vector<Entry> entries;
    try {
      const Json document = parse_json(header);
      content.metadata = document.at("metadata").dump();
      for (const Json& array : document.at("arrays")) entries.push_back(entry(array));
    } catch (const ValueError& error) {
      fail("a header of this format, got ", error.what());
    } catch (const Json::exception& error) {
      fail("a header of this format, got ", error.what());
    }
    for (const Entry& next : entries) content.arrays.push_back({next.name, read_array(next)});
    if (at_ != size()) fail(at_, " bytes, got ", size());
    return content;
  }

 private:
  template <class... Parts> [[noreturn]] void fail(const Parts&... got) const {
    throw DataError(
        concat(file_.path().string(), ": expected ", got..., "; the file is damaged or not a Keratin checkpoint"));
  }
  std::uint64_t size() const { return file_.size(); }

  void fill(std::span<std::byte> bytes) {
    if (file_.read(bytes) != bytes.size()) fail("its ", size(), " bytes to be there, got an end before");
    at_ += bytes.size();
  }

  std::string read_header() {
    std::array<std::byte, preamble_bytes> preamble{};
    if (size() < preamble_bytes) fail("at least ", preamble_bytes, " bytes, got ", size());
    fill(preamble);
    if (!std::ranges::equal(std::span(preamble).first(magic.size()), bytes_of_text(magic)))
      fail("the first bytes KERATIN, got others");
    const auto version = read_little_endian<std::uint32_t>(preamble, 8),
               checksum = read_little_endian<std::uint32_t>(preamble, 12);
    const auto header_bytes = read_little_endian<std::uint64_t>(preamble, 16),
               file_bytes = read_little_endian<std::uint64_t>(preamble, 24);
    if (version == 0 || version > checkpoint_version) fail("version ", checkpoint_version, " at most, got ", version);
    if (file_bytes != size()) fail(file_bytes, " bytes, got ", size());
    if (header_bytes > size() - preamble_bytes)
      fail("a header inside of the file's ", size(), " bytes, got one of ", header_bytes);
    std::string header(static_cast<std::size_t>(header_bytes), '\0');
    fill(std::as_writable_bytes(std::span(header)));
    if (crc32(bytes_of_text(header)) != checksum) fail("a header with the checksum ", checksum, ", got another");
    start_ = aligned(at_);
    if (size() > at_) skip_zeros(std::min(start_, size()));
    return header;
  }

  Entry entry(const Json& array) const {
    Entry out{array.at("name").get<std::string>(),
              {},
              0,
              array.at("bytes").get<std::uint64_t>(),
              array.at("crc32").get<std::uint32_t>()};
    const auto extents = array.at("shape").get<std::vector<std::int64_t>>();
    if (extents.size() > most_axes) fail(most_axes, " axes at most in ", out.name, ", got ", extents.size());
    try {
      out.spec.dtype = dtype_from_name(array.at("dtype").get<std::string>());
    } catch (const ValueError& error) {
      fail("a dtype in ", out.name, ", got ", error.what());
    }
    std::int64_t elements = 1;
    for (const std::int64_t extent : extents) {
      if (extent < 0 || (extent > 0 && elements > most_elements / extent))
        fail("a shape that fits into memory in ", out.name, ", got ", join(extents, ", "));
      elements *= extent;
    }
    out.spec.shape = Shape(extents);
    const auto offset = array.at("offset").get<std::uint64_t>();
    if (offset % alignment != 0 || offset > size() || start_ + offset > size() || out.bytes > size() - start_ - offset)
      fail(out.name, " inside of the file's ", size(), " bytes, got offset ", offset, " and ", out.bytes, " bytes");
    if (out.bytes != static_cast<std::uint64_t>(elements) * size_in_bytes(out.spec.dtype))
      fail(out.spec.shape, " of ", to_string(out.spec.dtype), " in ", out.name, ", got ", out.bytes, " bytes");
    out.offset = start_ + offset;
    return out;
  }

  Array read_array(const Entry& next) {
    if (next.offset < at_) fail(next.name, " behind the arrays before it, got an overlap");
    skip_zeros(next.offset);
    Array value = Array::uninitialized(next.spec.shape, next.spec.dtype);
    fill(value.bytes());
    if (crc32(std::as_const(value).bytes()) != next.checksum)
      fail(next.name, " with the checksum ", next.checksum, ", got another");
    swap_to_native(value.bytes(), size_in_bytes(next.spec.dtype), std::endian::little);
    return next.spec.dtype == boolean ? value.copy() : value;  // a copy's booleans are 0 and 1, whatever the file says
  }

  void skip_zeros(std::uint64_t until) {
    std::array<std::byte, alignment> bytes{};
    while (at_ < until) {
      const auto part =
          std::span(bytes).first(static_cast<std::size_t>(std::min<std::uint64_t>(alignment, until - at_)));
      fill(part);
      if (std::ranges::any_of(part, [](std::byte byte) { return byte != std::byte{0}; }))
        fail("zeros between its parts, got something at byte ", at_);
    }
  }

  InputFile file_;
  std::uint64_t at_ = 0;     // the byte that is read next
  std::uint64_t start_ = 0;  // of the blobs
};

}  // namespace

const Array& CheckpointFile::at(std::string_view name) const {
  std::vector<std::string> names;
  for (const CheckpointArray& array : arrays) {
    if (array.name == name) return array.value;
    names.push_back(array.name);
  }
  throw DataError(concat("checkpoint: expected one of the arrays ", join(names, ", "), ", got ", name));
}

CheckpointFile read_checkpoint(const std::filesystem::path& path) { return Reader(path).read(); }

}  // namespace keratin
