// Monitor: the value that a callback watches, and what counts as better.
#pragma once

#include <optional>
#include <string>

#include "keratin/callbacks.h"

namespace keratin::callbacks {

class Monitor {
 public:
  /// who: the callback's name, for messages. ValueError unless mode is "auto", "min" or "max".
  Monitor(std::string who, std::string name, const std::string& mode, double min_delta = 0.0);

  const std::string& name() const { return name_; }
  /// The watched value; none if it is a validation's and this epoch had none. ValueError if there is no such name.
  std::optional<double> value(const Callback& callback, const Logs& logs) const;
  /// Keras's rule: value - min_delta against the reference, with the sign of the direction; anything is better than
  /// nothing. ValueError if mode is "auto" and no metric of the model tells the direction.
  bool improves(const Callback& callback, double value, std::optional<double> reference);

 private:
  enum class Direction { none, down, up };
  Direction direction_in(const Callback& callback) const;

  std::string who_;
  std::string name_;
  double min_delta_;
  Direction direction_ = Direction::none;
};

}  // namespace keratin::callbacks
