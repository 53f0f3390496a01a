// The exceptions that Keratin throws. Messages read: who: what was expected, got what; what to do.
#pragma once

#include <stdexcept>

#include "keratin/export.h"

namespace KERATIN_EXPORT keratin {

/// The base of every exception that the library throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
/// An argument has a value that cannot be.
class ValueError : public Error {
 public:
  using Error::Error;
};
/// Shapes or dtypes do not fit together.
class ShapeError : public Error {
 public:
  using Error::Error;
};
/// A file or an array holds something else than it should; the message names the file and, where known, the byte.
class DataError : public Error {
 public:
  using Error::Error;
};
/// This build, device or format cannot do what was asked.
class UnsupportedError : public Error {
 public:
  using Error::Error;
};
/// A device or its driver failed.
class DeviceError : public Error {
 public:
  using Error::Error;
};
/// A bug of ours: please report it.
class InternalError : public Error {
 public:
  using Error::Error;
};

}  // namespace keratin
