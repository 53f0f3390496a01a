// LogSource: what a batch's Logs are read from when somebody asks.
#pragma once

#include <vector>

#include "keratin/callbacks.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class LogSource {
 public:
  virtual ~LogSource() = default;
  /// Replaces the entries. What is there is of the last batch: names that stay need not be made again.
  virtual void read(std::vector<Logs::Entry>& entries) const = 0;

 protected:
  /// From now on the logs are this source's, which must outlive them. They are not to be returned: a copy is read.
  void feed(Logs& logs) const { logs.source_ = this; }
  Logs read() const {
    Logs logs;
    read(logs.entries_);
    return logs;
  }
};

}  // namespace keratin
