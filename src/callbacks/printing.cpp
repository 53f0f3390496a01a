#include "callbacks/printing.h"

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

std::string format_metrics(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs) text += " - " + name + ": " + format_metric(value);
  return text;
}

}  // namespace keratin::callbacks
