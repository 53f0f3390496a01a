// Array as text, laid out as NumPy 1.14 and later lay it out (numpy/core/arrayprint.py): eight digits after the point
// at most, columns aligned, 75 columns to a line, "..." where more than 1000 numbers leave something out.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <ostream>

#include "base/check.h"
#include "keratin/array.h"

namespace keratin {
namespace {

constexpr std::int64_t kSummaryAbove = 1000;  // numbers
constexpr std::int64_t kEdge = 3;             // rows kept at either end of a summarised axis
constexpr std::size_t kLineWidth = 75;        // columns
constexpr int kDigits = 8;                    // after the point

/// One number in text, cut where columns are aligned: the point or the exponent.
struct Digits {
  std::string whole;     // "-12." or "nan"
  std::string fraction;  // "5"
  std::string exponent;  // "e-05", empty in positional notation
};

/// The shortest digits that read back as the same number, or kDigits after the point if those are fewer.
template <std::floating_point T>
std::string shortest(T value, std::chars_format format) {
  char text[400];  // -1.8e308 in positional notation has 310 characters
  auto end = std::to_chars(text, text + sizeof text, value, format).ptr;
  const char* const point = std::find(text, end, '.');
  if (std::find(point, static_cast<const char*>(end), 'e') - point > kDigits + 1)
    end = std::to_chars(text, text + sizeof text, value, format, kDigits).ptr;
  return {text, end};
}

template <std::floating_point T>
Digits digits_of(T value, std::chars_format format) {
  if (!std::isfinite(value)) return {std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf", "", ""};
  const std::string text = shortest(value, format);
  const std::size_t e = std::min(text.find('e'), text.size());
  const std::size_t point = std::min(text.find('.'), e);
  Digits digits{text.substr(0, point) + ".", point < e ? text.substr(point + 1, e - point - 1) : "", text.substr(e)};
  digits.fraction.erase(digits.fraction.find_last_not_of('0') + 1);
  return digits;
}

/// NumPy's rule: powers of ten where positional digits would hide small numbers or draw out large ones.
bool needs_exponent(const std::vector<double>& numbers) {
  double smallest = 0.0, largest = 0.0;
  for (const double number : numbers) {
    const double magnitude = std::abs(number);
    if (magnitude == 0.0 || !std::isfinite(magnitude)) continue;
    smallest = smallest == 0.0 ? magnitude : std::min(smallest, magnitude);
    largest = std::max(largest, magnitude);
  }
  return largest != 0.0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000.0);
}

/// Every number as text of one width.
std::vector<std::string> aligned(const std::vector<double>& numbers, bool single_precision) {
  const auto format = needs_exponent(numbers) ? std::chars_format::scientific : std::chars_format::fixed;
  std::vector<Digits> all;
  std::size_t left = 0, fraction = 0, exponent = 0;
  for (const double number : numbers) {
    all.push_back(single_precision ? digits_of(static_cast<float>(number), format) : digits_of(number, format));
    if (!std::isfinite(number)) continue;
    left = std::max(left, all.back().whole.size());
    fraction = std::max(fraction, all.back().fraction.size());
    exponent = std::max(exponent, all.back().exponent.size());
  }
  const std::size_t right = fraction + exponent;
  std::size_t width = left + right;
  for (const Digits& digits : all) {
    if (!digits.whole.ends_with('.')) width = std::max(width, digits.whole.size());
  }
  std::vector<std::string> texts;
  for (const Digits& digits : all) {
    const bool finite = digits.whole.ends_with('.');
    std::string text(width - (finite ? right : 0) - digits.whole.size(), ' ');
    text += digits.whole + digits.fraction;
    if (finite) text.append(fraction - digits.fraction.size(), exponent > 0 ? '0' : ' ');
    texts.push_back(text + digits.exponent);
  }
  return texts;
}

std::vector<std::string> aligned_right(std::vector<std::string> texts) {
  std::size_t width = 0;
  for (const std::string& text : texts) width = std::max(width, text.size());
  for (std::string& text : texts) text.insert(0, width - text.size(), ' ');
  return texts;
}

/// The positions of an axis that are printed; -1 stands for "...".
std::vector<std::int64_t> shown(std::int64_t extent, bool summarised) {
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < extent; ++i) {
    if (summarised && extent > 2 * kEdge && i == kEdge) {
      positions.push_back(-1);
      i = extent - kEdge;
    }
    positions.push_back(i);
  }
  return positions;
}

class Printer {
 public:
  explicit Printer(const Array& array) : array_(array), summarised_(array.size() > kSummaryAbove) {}

  std::string text() {
    if (array_.size() == 0) return "[]";
    collect(array_);
    texts_ = formatted();
    next_ = 0;
    return print(0, " ", kLineWidth);
  }

 private:
  /// The numbers that will be printed, in order.
  void collect(const Array& part) {
    if (part.shape().empty()) {
      if (is_floating(array_.dtype())) {
        numbers_.push_back(part.item());
      } else {
        integers_.push_back(part.item<std::int64_t>());
      }
      return;
    }
    for (const std::int64_t i : shown(part.shape()[0], summarised_)) {
      if (i >= 0) collect(part[i]);
    }
  }

  std::vector<std::string> formatted() const {
    if (is_floating(array_.dtype())) return aligned(numbers_, array_.dtype() != DType::float64);
    std::vector<std::string> texts;
    for (const std::int64_t value : integers_) {
      if (array_.dtype() == DType::boolean) {
        texts.emplace_back(value != 0 ? (array_.shape().empty() ? "True" : " True") : "False");
      } else {
        texts.push_back(std::to_string(value));
      }
    }
    return aligned_right(std::move(texts));
  }

  std::string print(int axis, const std::string& indent, std::size_t width) {
    const int axes_left = array_.shape().rank() - axis;
    if (axes_left == 0) return texts_[next_++];
    const std::vector<std::int64_t> positions = shown(array_.shape()[axis], summarised_);
    std::string all, line = indent;
    for (std::size_t k = 0; k < positions.size(); ++k) {
      const std::string word = positions[k] < 0 ? "..." : print(axis + 1, indent + ' ', width - 1);
      if (axes_left == 1) {
        if (line.size() + word.size() > width - 1 && line.size() > indent.size()) {
          all += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
          line = indent;
        }
        line += word;
        if (k + 1 < positions.size()) line += ' ';
      } else {
        all += indent + word;
        if (k + 1 < positions.size()) all.append(static_cast<std::size_t>(axes_left - 1), '\n');
      }
    }
    if (axes_left == 1) all += line;
    return '[' + all.substr(indent.size()) + ']';
  }

  const Array& array_;
  const bool summarised_;
  std::vector<double> numbers_;
  std::vector<std::int64_t> integers_;
  std::vector<std::string> texts_;
  std::size_t next_ = 0;
};

}  // namespace

std::string Array::to_string() const { return empty() ? "no array" : Printer(*this).text(); }

std::ostream& operator<<(std::ostream& out, const Array& array) { return out << array.to_string(); }

}  // namespace keratin
