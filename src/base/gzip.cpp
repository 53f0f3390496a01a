#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>

#include "base/check.h"

namespace keratin {
namespace {

constexpr std::size_t kPiece = 64 * 1024;  // bytes of compressed data held at a time
constexpr int kGzipOnly = 16 + MAX_WBITS;  // inflateInit2: expect gzip's header and trailer, not zlib's

}  // namespace

bool begins_as_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

struct GzipReader::State {
  ByteSource source;
  std::string name;
  z_stream stream = {};
  std::array<std::byte, kPiece> piece = {};
  std::uint64_t consumed = 0;  // bytes of compressed data fetched so far
  bool finished = false;

  /// Moves what is left to the front and fetches more behind it. False at the source's end.
  bool fetch() {
    const std::size_t left = stream.avail_in;
    if (left > 0) std::copy_n(reinterpret_cast<const std::byte*>(stream.next_in), left, piece.begin());
    const std::size_t count = source(std::span(piece).subspan(left));
    consumed += count;
    stream.next_in = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_in = static_cast<uInt>(left + count);
    return count > 0;
  }
  std::uint64_t position() const { return consumed - stream.avail_in; }

  /// After a member's end: goes on with the next, or sees that all is over.
  void next_member() {
    while (stream.avail_in < 2 && fetch()) {
    }
    finished = stream.avail_in == 0;
    if (finished) return;
    const std::span next(reinterpret_cast<const std::byte*>(stream.next_in), stream.avail_in);
    check_data(begins_as_gzip(next), name, ": expected the end after the compressed data at byte ", position(),
               ", got more; the file holds something else too");
    inflateReset(&stream);
  }
};

GzipReader::GzipReader(ByteSource compressed, std::string name) : state_(std::make_unique<State>()) {
  state_->source = std::move(compressed);
  state_->name = std::move(name);
  if (inflateInit2(&state_->stream, kGzipOnly) != Z_OK) throw std::bad_alloc();
}

GzipReader::~GzipReader() { inflateEnd(&state_->stream); }

std::size_t GzipReader::read(std::span<std::byte> bytes) {
  State& state = *state_;
  std::size_t filled = 0;
  while (filled < bytes.size() && !state.finished) {
    check_data(state.stream.avail_in > 0 || state.fetch(), state.name,
               ": expected more compressed data, got the end at byte ", state.consumed, "; the file may be truncated");
    const std::size_t room = std::min<std::size_t>(bytes.size() - filled, 1U << 30);  // zlib counts in 32 bits
    state.stream.next_out = reinterpret_cast<Bytef*>(bytes.data() + filled);
    state.stream.avail_out = static_cast<uInt>(room);
    const int result = inflate(&state.stream, Z_NO_FLUSH);
    filled += room - state.stream.avail_out;
    if (result == Z_STREAM_END) {
      state.next_member();
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else {
      check_data(result == Z_OK || result == Z_BUF_ERROR, state.name, ": expected valid compressed data at byte ",
                 state.position(), ", got \"", state.stream.msg != nullptr ? state.stream.msg : "a damaged stream",
                 "\"; the file is damaged");
    }
  }
  return filled;
}

std::vector<std::byte> gunzip(std::span<const std::byte> compressed, std::string_view name) {
  GzipReader reader(
      [compressed](std::span<std::byte> bytes) mutable {
        const std::size_t count = std::min(bytes.size(), compressed.size());
        std::copy_n(compressed.begin(), count, bytes.begin());
        compressed = compressed.subspan(count);
        return count;
      },
      std::string(name));
  std::vector<std::byte> content;
  std::size_t length = 0;
  while (length == content.size()) {
    content.resize(std::max(kPiece, 2 * length));
    length += reader.read(std::span(content).subspan(length));
  }
  content.resize(length);
  return content;
}

}  // namespace keratin
