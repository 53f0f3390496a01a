#include "accuracy_chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace {

// Six by three inches at 100 pixels an inch, as the tutorial's; the frame inside of it.
constexpr double kWidth = 600, kHeight = 300;
constexpr double kLeft = 50, kRight = 585, kTop = 35, kBottom = 265;

std::string number(double value, int decimals = 2) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// 1, 2 or 5 times a power of ten: about `count` of them cover the range.
double step_between_ticks(double range, int count) {
  const double raw = range / count, power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double digit : {1.0, 2.0, 5.0})
    if (digit * power >= raw) return digit * power;
  return 10.0 * power;
}

/// One axis: numbers to pixels, and where its grid lines are.
class Axis {
 public:
  Axis(double low, double high, double first_pixel, double last_pixel, double smallest_step = 0.0)
      : first_pixel_(first_pixel), last_pixel_(last_pixel) {
    const double margin = high > low ? 0.05 * (high - low) : 0.5;
    low_ = low - margin;
    high_ = high + margin;
    step_ = std::max(smallest_step, step_between_ticks(high_ - low_, 6));
  }
  double pixel(double value) const {
    return first_pixel_ + (value - low_) / (high_ - low_) * (last_pixel_ - first_pixel_);
  }
  std::vector<double> ticks() const {
    std::vector<double> out;
    for (double n = std::ceil(low_ / step_); n * step_ <= high_; ++n) out.push_back(n * step_);
    return out;
  }
  std::string label(double tick) const {
    return number(tick, std::max(0, static_cast<int>(-std::floor(std::log10(step_) + 1e-9))));
  }

 private:
  double first_pixel_, last_pixel_;
  double low_ = 0, high_ = 1, step_ = 1;
};

std::string line(double x1, double y1, double x2, double y2, const std::string& style) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) +
         "\" " + style + "/>\n";
}

std::string text(double x, double y, const char* anchor, int size, const std::string& words) {
  std::string escaped;
  for (const char character : words)
    escaped += character == '&' ? "&amp;" : character == '<' ? "&lt;" : std::string(1, character);
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\" font-size=\"" +
         std::to_string(size) + "\">" + escaped + "</text>\n";
}

/// A polyline, interrupted where a value is not finite.
std::string curve(const std::vector<double>& values, const Axis& x, const Axis& y, const std::string& style) {
  std::string path;
  bool drawing = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]))
      path += (drawing ? " L" : " M") + number(x.pixel(static_cast<double>(i + 1))) + "," + number(y.pixel(values[i]));
    drawing = std::isfinite(values[i]);
  }
  return path.empty() ? "" : "<path d=\"" + path.substr(1) + "\" fill=\"none\" " + style + "/>\n";
}

constexpr const char* kAccuracyStyle = R"(stroke="blue" stroke-width="4" stroke-opacity="0.5" stroke-linecap="square")";
constexpr const char* kLossStyle = R"(stroke="red" stroke-width="4" stroke-opacity="0.5" stroke-dasharray="15,6")";

std::string legend() {
  const double left = kRight - 110, top = (kTop + kBottom) / 2 - 24;
  return "<rect x=\"" + number(left) + "\" y=\"" + number(top) +
         "\" width=\"105\" height=\"48\" rx=\"3\" fill=\"white\" fill-opacity=\"0.8\" stroke=\"#cccccc\"/>\n" +
         line(left + 8, top + 15, left + 34, top + 15, kAccuracyStyle) +
         text(left + 42, top + 19, "start", 12, "Accuracy") +
         line(left + 8, top + 34, left + 34, top + 34, kLossStyle) + text(left + 42, top + 38, "start", 12, "Loss");
}

}  // namespace

std::string accuracy_chart(const std::string& title, const std::vector<double>& accuracy,
                           const std::vector<double>& loss) {
  std::vector<double> finite;
  for (const auto* values : {&accuracy, &loss})
    std::copy_if(values->begin(), values->end(), std::back_inserter(finite),
                 [](double value) { return std::isfinite(value); });
  if (finite.empty()) finite = {0.0, 1.0};
  const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
  const Axis x(1, static_cast<double>(accuracy.size()), kLeft, kRight, 1.0), y(*low, *high, kBottom, kTop);

  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(kWidth, 0) + "\" height=\"" +
                    number(kHeight, 0) +
                    "\" font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  const std::string grid = R"(stroke="#b0b0b0" stroke-width="0.8")";
  for (const double tick : x.ticks()) {
    svg += line(x.pixel(tick), kTop, x.pixel(tick), kBottom, grid);
    svg += text(x.pixel(tick), kBottom + 16, "middle", 11, x.label(tick));
  }
  for (const double tick : y.ticks()) {
    svg += line(kLeft, y.pixel(tick), kRight, y.pixel(tick), grid);
    svg += text(kLeft - 6, y.pixel(tick) + 4, "end", 11, y.label(tick));
  }
  svg += "<rect x=\"" + number(kLeft) + "\" y=\"" + number(kTop) + "\" width=\"" + number(kRight - kLeft) +
         "\" height=\"" + number(kBottom - kTop) + "\" fill=\"none\" stroke=\"black\" stroke-width=\"0.8\"/>\n";
  svg += curve(accuracy, x, y, kAccuracyStyle) + curve(loss, x, y, kLossStyle);
  svg += text(kWidth / 2, 22, "middle", 14, title) + text((kLeft + kRight) / 2, kHeight - 5, "middle", 11, "epoch") +
         legend();
  return svg + "</svg>\n";
}
