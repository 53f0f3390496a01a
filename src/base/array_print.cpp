// Array as text, laid out as NumPy 1.14 and later lay it out (numpy/core/arrayprint.py): eight digits after the point
// at most, columns aligned, 75 columns to a line, "..." where more than 1000 numbers leave something out.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <ostream>

#include "base/check.h"
#include "base/half.h"
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

template <std::floating_point T, class... Precision>
std::string text_of(T value, std::chars_format format, Precision... precision) {
  char text[400];  // -1.8e308 in positional notation has 310 characters
  return {text, std::to_chars(text, text + sizeof text, value, format, precision...).ptr};
}

/// The number of fewest decimal digits that rounds to the same Float16 or BFloat16.
template <class Narrow> double of_fewest_digits(double value) {
  double decimal = value;
  for (int precision = 0; precision < kDigits; ++precision) {
    const std::string text = text_of(value, std::chars_format::scientific, precision);
    std::from_chars(text.data(), text.data() + text.size(), decimal);
    if (Narrow(decimal).bits == Narrow(value).bits) return decimal;
  }
  return value;
}

/// The fewest digits that read back as the same number of this dtype.
std::string shortest(double value, DType dtype, std::chars_format format) {
  if (dtype == DType::float32) return text_of(static_cast<float>(value), format);
  if (dtype == DType::float16) value = of_fewest_digits<Float16>(value);
  if (dtype == DType::bfloat16) value = of_fewest_digits<BFloat16>(value);
  return text_of(value, format);
}

Digits cut(const std::string& text) {
  const std::size_t e = std::min(text.find('e'), text.size());
  const std::size_t point = std::min(text.find('.'), e);
  return {text.substr(0, point) + ".", point < e ? text.substr(point + 1, e - point - 1) : "", text.substr(e)};
}

Digits digits_of(double value, DType dtype, std::chars_format format) {
  if (!std::isfinite(value)) return {std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf", "", ""};
  Digits digits = cut(shortest(value, dtype, format));
  if (digits.fraction.size() > kDigits) digits = cut(text_of(value, format, kDigits));
  digits.fraction.erase(digits.fraction.find_last_not_of('0') + 1);
  return digits;
}

/// One number alone, as Python prints it: "2.5", "1e-05".
std::string scalar(double value, DType dtype) {
  const double magnitude = std::abs(value);
  const bool positional = magnitude == 0.0 || !std::isfinite(value) || (1e-4 <= magnitude && magnitude < 1e16);
  if (!positional) return shortest(value, dtype, std::chars_format::scientific);
  const std::string text = shortest(value, dtype, std::chars_format::fixed);
  return std::isfinite(value) && text.find('.') == text.npos ? text + ".0" : text;
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
std::vector<std::string> aligned(const std::vector<double>& numbers, DType dtype) {
  const bool powers = needs_exponent(numbers);
  const auto format = powers ? std::chars_format::scientific : std::chars_format::fixed;
  std::vector<Digits> all;
  std::size_t left = 0, fraction = 0, exponent = 0;
  for (const double number : numbers) {
    all.push_back(digits_of(number, dtype, format));
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
  for (std::size_t i = 0; i < all.size(); ++i) {
    Digits& digits = all[i];
    const bool finite = digits.whole.ends_with('.');
    if (finite && powers && digits.fraction.size() < fraction)
      digits = cut(text_of(numbers[i], format, static_cast<int>(fraction)));
    std::string text(width - (finite ? right : 0) - digits.whole.size(), ' ');
    text += digits.whole + digits.fraction;
    if (finite) text.append(fraction - digits.fraction.size(), ' ');
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
    if (is_floating(array_.dtype()))
      return array_.shape().empty() ? std::vector{scalar(numbers_[0], array_.dtype())}
                                    : aligned(numbers_, array_.dtype());
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
