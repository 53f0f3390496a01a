// What callbacks print and how numbers look in it: the one place of the library that writes to standard output.
#pragma once

#include <string>

#include "keratin/callbacks.h"

namespace keratin::callbacks {

/// Writes to standard output at once; a closed output is nobody's error.
void print(const std::string& text);
/// printf with one number: format_number("%.4f", 0.5). NaN is "nan", whatever its sign bit.
std::string format_number(const char* format, double value);
/// As Keras shows a metric: 4 decimals, or 4 and an exponent where |value| <= 1e-3.
std::string format_metric(double value);
/// The shortest text that reads back as the same number, in Python's form: 0.1, 1.0, 1e-05.
std::string format_exactly(double value);
/// " - loss: 0.1234 - accuracy: 0.9876"
std::string format_metrics(const Logs& logs);

}  // namespace keratin::callbacks
