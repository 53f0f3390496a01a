// The IDX format of MNIST's files (http://yann.lecun.com/exdb/mnist): two zero bytes, a type, a rank, the extents as
// big-endian uint32, then the numbers, big-endian and row-major.
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file.h"
#include "base/gzip.h"
#include "keratin/datasets.h"

namespace keratin::datasets {
namespace {

constexpr std::size_t kGuess = 8;               // what gzip makes of images at most; MNIST's are 4.7 times as large
constexpr std::uint64_t kSmallest = 64 * 1024;  // bytes

struct Type {
  unsigned code;
  std::size_t bytes;
  DType dtype;  // what the numbers are read into
};
constexpr unsigned kInt16 = 0x0b;
constexpr std::array<Type, 6> kTypes{{{0x08, 1, uint8},
                                      {0x09, 1, int8},
                                      {kInt16, 2, uint8},  // for want of an int16
                                      {0x0c, 4, int32},
                                      {0x0d, 4, float32},
                                      {0x0e, 8, float64}}};

struct Header {
  Type type = {};
  Shape shape = {};
  std::uint64_t header_bytes = 0;
  std::uint64_t data_bytes = 0;
  std::uint64_t total_bytes() const { return header_bytes + data_bytes; }
};

/// The int16 in these bytes, as int32.
Array widened(const Array& bytes, const Shape& shape) {
  Array wide = Array::uninitialized(shape, int32);
  const std::span<std::int32_t> numbers = wide.values<std::int32_t>();
  const std::byte* narrow = bytes.bytes().data();
  for (std::size_t i = 0; i < numbers.size(); ++i, narrow += sizeof(std::int16_t)) {
    std::int16_t number = 0;
    std::memcpy(&number, narrow, sizeof number);
    numbers[i] = number;
  }
  return wide;
}

/// One file, read from front to back, inflated if it is gzip.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : file_(path), name_(path.string()) {
    std::array<std::byte, 2> start{};
    if (begins_as_gzip(std::span(start).first(file_.read(start))))
      gzip_ = std::make_unique<GzipReader>([this](std::span<std::byte> bytes) { return file_.read(bytes); }, name_);
    file_.rewind();
  }

  Array read() {
    const Header header = read_header();
    Array numbers = read_numbers(header);
    swap_to_native(numbers.bytes(), header.type.bytes, std::endian::big);
    return header.type.code == kInt16 ? widened(numbers, header.shape) : numbers.reshape(header.shape);
  }

 private:
  std::size_t fill(std::span<std::byte> bytes) { return gzip_ ? gzip_->read(bytes) : file_.read(bytes); }

  /// The next bytes of the header, of which `before` have been read.
  template <std::size_t count> std::array<std::byte, count> header_bytes(std::size_t before) {
    std::array<std::byte, count> bytes{};
    const std::size_t got = fill(bytes);
    check_data(got == count, name_, ": expected an IDX header of at least ", before + count, " bytes, got ",
               before + got, after(), "; the file may be truncated");
    return bytes;
  }

  Header read_header() {
    const auto magic = header_bytes<4>(0);
    check_data(magic[0] == std::byte{0} && magic[1] == std::byte{0}, name_,
               ": expected an IDX file, which begins with two zero bytes, got ", std::to_integer<int>(magic[0]),
               " and ", std::to_integer<int>(magic[1]), "; was something else downloaded?");
    Header header;
    const auto code = std::to_integer<unsigned>(magic[2]);
    const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& row) { return row.code == code; });
    check_data(type != kTypes.end(), name_, ": expected an IDX type of 8, 9, 11, 12, 13 or 14, got ", code);
    header.type = *type;
    const auto rank = std::to_integer<std::size_t>(magic[3]);
    check_data(1 <= rank && rank <= 4, name_, ": expected an IDX file of 1 to 4 axes, got ", rank);
    std::vector<std::int64_t> extents;
    for (std::size_t axis = 0; axis < rank; ++axis)
      extents.push_back(read_big_endian<std::uint32_t>(header_bytes<4>(4 + 4 * axis)));
    header.shape = Shape(std::move(extents));
    header.header_bytes = 4 + 4 * rank;
    header.data_bytes = data_bytes(header);
    return header;
  }

  std::uint64_t data_bytes(const Header& header) const {
    std::uint64_t bytes = header.type.bytes;
    const auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto& shape = header.shape;
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
    for (const std::int64_t extent : shape) {
      const auto factor = static_cast<std::uint64_t>(extent);
      check_data(bytes <= (limit - header.header_bytes) / factor, name_,
                 ": expected fewer than 2^63 bytes, got a header that says ", shape, "; the file is damaged");
      bytes *= factor;
    }
    return bytes;
  }

  const char* after() const { return gzip_ ? " after decompression" : ""; }

  /// One axis of them, as they lie in the file. Room grows with what has come, not with what the header promises, and
  /// is left as it comes: writing zeros into it first would take a tenth of the time that inflating takes.
  Array read_numbers(const Header& header) {
    if (!gzip_) check_plain_size(header);
    const DType dtype = header.type.dtype;
    const std::uint64_t wanted = header.data_bytes, width = size_in_bytes(dtype);
    Array numbers = Array::uninitialized({std::min(wanted, std::max(kSmallest, kGuess * file_.size())) / width}, dtype);
    std::uint64_t filled = 0;
    while (true) {
      filled += fill(numbers.bytes().subspan(filled));
      if (filled < numbers.bytes().size() || filled == wanted) break;
      Array more = Array::uninitialized({std::min(wanted, 2 * filled) / width}, dtype);
      std::copy_n(numbers.bytes().begin(), filled, more.bytes().begin());
      numbers = more;
    }
    check_data(filled == wanted, name_, ": expected ", header.total_bytes(), " bytes", after(), ", got ",
               header.header_bytes + filled, "; the file may be truncated");
    std::array<std::byte, 1> next{};
    check_data(fill(next) == 0, name_, ": expected ", header.total_bytes(), " bytes", after(),
               ", got more; the file holds something else too");
    return numbers;
  }

  void check_plain_size(const Header& header) const {
    check_data(
        file_.size() == header.total_bytes(), name_, ": expected ", header.total_bytes(), " bytes, got ", file_.size(),
        file_.size() < header.total_bytes() ? "; the file may be truncated" : "; the file holds something else too");
  }

  InputFile file_;
  std::string name_;
  std::unique_ptr<GzipReader> gzip_;  // none: the file is plain
};

}  // namespace

Array read_idx(const std::filesystem::path& path) { return Reader(path).read(); }

}  // namespace keratin::datasets
