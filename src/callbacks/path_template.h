// PathTemplate: a path with places for numbers, "{epoch:02d}-{val_loss:.2f}", in the form of Python's str.format.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "keratin/callbacks.h"

namespace keratin::callbacks {

class PathTemplate {
 public:
  /// {name} or {name:format} with format [<|>][0][width][.digits][d|e|f|g]; {{ and }} are braces. ValueError for
  /// anything else.
  explicit PathTemplate(const std::string& text);

  /// Fills in counts, then logs. ValueError lists the names there are.
  std::string fill(const std::vector<std::pair<std::string, std::int64_t>>& counts, const Logs& logs) const;

 private:
  struct Place {
    std::string name;
    bool left = false;  // else right, as Python has numbers
    bool zeros = false;
    std::size_t width = 0;
    int digits = -1;  // -1: not given
    char kind = 0;    // 0: a count as it is, a log with all its digits
  };
  static Place parse_place(const std::string& text);
  static std::string format(const Place& place, double value, bool is_count);

  std::vector<std::variant<std::string, Place>> pieces_;
};

}  // namespace keratin::callbacks
