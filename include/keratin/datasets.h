// Data sets as arrays on the host: MNIST and its relatives from files, digits drawn by the library, labels as one-hot
// rows.
#pragma once

#include <cstdint>
#include <filesystem>

#include "keratin/array.h"
#include "keratin/export.h"
#include "keratin/types.h"

namespace KERATIN_EXPORT keratin {
namespace datasets {

/// Samples and their labels: x is (n, …), y is (n,).
struct Split {
  Array x = {};
  Array y = {};
};
struct Pair {
  Split train = {};
  Split test = {};
};

struct Options {
  std::filesystem::path directory = {};  // empty: data/mnist or data/fashion-mnist below the working folder
};
/// MNIST's handwritten digits (LeCun and Cortes) as they were published: x uint8 (n, 28, 28), 0 is paper and 255 ink; y
/// uint8 (n,), 0 to 9. The four files may lie in any folder below the directory, compressed or not, as
/// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte or as train-images,
/// train-labels, test-images, test-labels, each with or without .gz. Of several, those of one folder that has all four
/// come first, then those less deep, then by name. Throws DataError for a folder or file that is missing or holds
/// something else.
Pair mnist(Options options = {});
/// Fashion-MNIST's articles of clothing (Xiao, Rasul and Vollgraf 2017): files and arrays as MNIST's.
Pair fashion_mnist(Options options = {});

struct SyntheticOptions {
  Count train = 60'000;
  Count test = 10'000;
  std::uint64_t seed = 0;
};
/// Digits drawn by the library: strokes bent, thickened, mapped and noised at random; arrays as MNIST's. Where no data
/// set is at hand: in a few epochs a network of 784-300-100-10 learns 60,000 to about 98.8 %, 10,000 to about 97 %.
/// Every machine draws the same bits, and a sample depends only on the seed and its place, so that fewer samples are
/// the first of more. Throws ValueError for negative counts.
Pair synthetic_digits(SyntheticOptions options = {});

/// An IDX file, plain or gzip: uint8, int8, int16 (stored as int32), int32, float32 or float64 with one to four axes.
/// Throws DataError for a file that cannot be read, is damaged, or holds more or fewer bytes than its header says.
/// Whatever the header says, it holds at most eight times the file's bytes, or three times what they have inflated to.
Array read_idx(const std::filesystem::path& path);

/// Labels as rows with a one: labels (…) or (…, 1) in [0, classes) become float32 (…, classes). As Keras's
/// to_categorical. Throws ValueError for labels that are not whole numbers in the range, and for fewer than one class.
Array to_categorical(const Array& labels, Count classes);

}  // namespace datasets
}  // namespace keratin
