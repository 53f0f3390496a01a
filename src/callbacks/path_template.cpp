#include "callbacks/path_template.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

#include "callbacks/printing.h"
#include "keratin/error.h"

namespace keratin::callbacks {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw ValueError(
      "ModelCheckpoint: expected {name} or {name:format} in the path, like {epoch:02d} or {val_loss:.2f}, got " + text);
}

}  // namespace

PathTemplate::PathTemplate(const std::string& text) {
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char character = text[i];
    if (character != '{' && character != '}') {
      literal += character;
    } else if (i + 1 < text.size() && text[i + 1] == character) {
      literal += text[i++];
    } else {
      const std::size_t end = text.find('}', i);
      if (character == '}' || end == std::string::npos) refuse(text);
      pieces_.emplace_back(std::exchange(literal, ""));
      pieces_.emplace_back(parse_place(text.substr(i + 1, end - i - 1)));
      i = end;
    }
  }
  pieces_.emplace_back(literal);
}

PathTemplate::Place PathTemplate::parse_place(const std::string& text) {
  std::size_t at = 0;
  const auto take = [&](auto accepts, std::size_t most = std::string::npos) {
    const std::size_t begin = at;
    while (at < text.size() && at - begin < most && accepts(text[at])) ++at;
    return text.substr(begin, at - begin);
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto one_of = [](const char* choices) {
    return [choices](char c) { return std::strchr(choices, c) != nullptr; };
  };

  Place place;
  place.name = take([](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
  if (!take(one_of(":"), 1).empty()) {
    place.left = take(one_of("<>"), 1) == "<";
    place.zeros = !take(one_of("0"), 1).empty();
    if (const std::string width = take(is_digit, 2); !width.empty()) place.width = std::stoul(width);
    if (!take(one_of("."), 1).empty()) {
      const std::string digits = take(is_digit, 2);
      if (digits.empty()) refuse("{" + text + "}");
      place.digits = std::stoi(digits);
    }
    if (const std::string kind = take(one_of("defg"), 1); !kind.empty()) place.kind = kind[0];
  }
  if (place.name.empty() || at < text.size()) refuse("{" + text + "}");
  return place;
}

std::string PathTemplate::fill(const std::vector<std::pair<std::string, std::int64_t>>& counts,
                               const Logs& logs) const {
  std::string out;
  for (const auto& piece : pieces_) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      out += *literal;
      continue;
    }
    const Place& place = std::get<Place>(piece);
    const auto count =
        std::find_if(counts.begin(), counts.end(), [&](const auto& known) { return known.first == place.name; });
    if (count == counts.end() && !logs.contains(place.name)) {
      std::string names;
      for (const auto& [name, value] : counts) names += (names.empty() ? "" : ", ") + name;
      for (const auto& [name, value] : logs) names += ", " + name;
      throw ValueError("ModelCheckpoint: expected the path to name one of " + names + ", got {" + place.name + "}");
    }
    out += count != counts.end() ? format(place, static_cast<double>(count->second), true)
                                 : format(place, logs.at(place.name), false);
  }
  return out;
}

std::string PathTemplate::format(const Place& place, double value, bool is_count) {
  std::string text;
  if (place.kind == 'd' || (is_count && place.kind == 0 && place.digits < 0)) {
    if (!is_count) refuse("the format d for " + place.name + ", which is no whole number");
    text = format_number("%.0f", value);
  } else if (place.kind == 0 && place.digits < 0) {
    text = format_exactly(value);
  } else {
    const int digits = place.digits < 0 ? 6 : place.digits;
    text = format_number(("%." + std::to_string(digits) + (place.kind == 0 ? 'g' : place.kind)).c_str(), value);
  }
  const std::size_t spare = place.width - std::min(place.width, text.size());
  if (place.left) return text + std::string(spare, ' ');
  if (!place.zeros) return std::string(spare, ' ') + text;
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  return text.substr(0, sign) + std::string(spare, '0') + text.substr(sign);
}

}  // namespace keratin::callbacks
