#include "callbacks/printing.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace keratin::callbacks {

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string format_number(const char* format, double value) {
  if (std::isnan(value)) return "nan";
  char text[400];  // %f of the largest double has 309 digits before the point
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string format_metric(double value) { return format_number(std::abs(value) > 1e-3 ? "%.4f" : "%.4e", value); }

std::string format_exactly(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const double size = std::abs(value);
  const bool plain = size == 0.0 || (size >= 1e-4 && size < 1e16);
  char text[64];
  const auto end =
      std::to_chars(text, text + sizeof text, value, plain ? std::chars_format::fixed : std::chars_format::scientific)
          .ptr;
  std::string shortest(text, end);
  if (plain && shortest.find('.') == std::string::npos) shortest += ".0";
  return shortest;
}

std::string format_metrics(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs) text += " - " + name + ": " + format_metric(value);
  return text;
}

}  // namespace keratin::callbacks
