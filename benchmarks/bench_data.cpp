// Reading MNIST's four files beside zlib's inflate alone on the same bytes, in turn in one loop; and how long a fresh
// process takes until it could train on them. The files lie in KERATIN_DATA_DIR/mnist or data/mnist (scripts/mnist.sh).
// Quote the ratio: medians of one run.
#include <benchmark/benchmark.h>
#include <zlib.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "keratin/datasets.h"
#include "statistics.h"

namespace {

namespace datasets = keratin::datasets;
using statistics::median;
using Bytes = std::vector<unsigned char>;

constexpr std::array<const char*, 4> names{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                           "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};

std::filesystem::path data_folder() {
  const char* const folder = std::getenv("KERATIN_DATA_DIR");
  return std::filesystem::path(folder != nullptr ? folder : "data") / "mnist";
}

Bytes content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string() + "; scripts/mnist.sh puts it into data/mnist");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Everything at once, into memory that is there already: as fast as zlib goes. Returns how much it was.
std::size_t inflate_at_once(const Bytes& compressed, Bytes& room) {
  z_stream stream = {};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  stream.next_in = const_cast<Bytef*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = room.data();
  stream.avail_out = static_cast<uInt>(room.size());
  const int result = inflate(&stream, Z_FINISH);
  const std::size_t length = stream.total_out;
  inflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("inflate: expected the end of the stream");
  return length;
}

template <class Work> double milliseconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Four files as they were published, from the page cache to checked arrays. read_ms counts opening and finding them,
/// inflate_ms neither that nor memory that is new.
void read_mnist(benchmark::State& state) try {
  const std::filesystem::path folder = data_folder();
  std::vector<Bytes> files;
  files.reserve(names.size());
  for (const char* const name : names) files.push_back(content(folder / name));
  Bytes room(60'000'000);
  std::vector<double> reads, inflates;
  for ([[maybe_unused]] auto _ : state) {
    inflates.push_back(milliseconds([&] {
      for (const Bytes& file : files) benchmark::DoNotOptimize(inflate_at_once(file, room));
    }));
    reads.push_back(milliseconds([&] { benchmark::DoNotOptimize(datasets::mnist({.directory = folder})); }));
    state.SetIterationTime(reads.back() / 1e3);
  }
  state.counters["read_ms"] = median(reads);
  state.counters["inflate_ms"] = median(inflates);
  state.counters["ratio"] = median(reads) / median(inflates);
} catch (const std::exception& error) {
  state.SkipWithError(error.what());
}
BENCHMARK(read_mnist)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(5.0);

/// What keras_mnist trains on: images as bytes, labels as one-hot rows.
int read_once() try {
  const datasets::Pair digits = datasets::mnist({.directory = data_folder()});
  for (const datasets::Split* split : {&digits.train, &digits.test})
    benchmark::DoNotOptimize(datasets::to_categorical(split->y, 10));
  std::puts("ready");
  std::fflush(stdout);
  std::_Exit(0);  // who waits for the line does not wait for memory to be freed
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_data: %s\n", error.what());
  return 1;
}

/// From before a process is made until it says that its data are there; a millisecond of it is the shell's.
void process_until_data_are_ready(benchmark::State& state) {
  const std::string self = "exec '" + std::filesystem::read_symlink("/proc/self/exe").string() + "' --once";
  std::vector<double> times;
  for ([[maybe_unused]] auto _ : state) {
    std::array<char, 16> line{};
    std::FILE* process = nullptr;
    times.push_back(milliseconds([&] {
      process = ::popen(self.c_str(), "r");
      if (process == nullptr || std::fgets(line.data(), line.size(), process) == nullptr) line = {};
    }));
    state.SetIterationTime(times.back() / 1e3);
    if (process != nullptr) ::pclose(process);
    if (line.front() != 'r') return state.SkipWithError("the process did not say that it is ready");
  }
  state.counters["median_ms"] = median(times);
}
BENCHMARK(process_until_data_are_ready)->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(3.0);

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--once") return read_once();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
