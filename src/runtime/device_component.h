// What a component with devices of its own, as cuda is one, offers to the rest of the library.
#pragma once

#include <string>
#include <vector>

#include "runtime/backend.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct FoundDevices {
  std::vector<DeviceInfo> devices = {};
  std::string reason = {};  // why there is none: no driver, no device, a driver too old
};

/// The component's interface. Its functions may be called by several threads.
struct DeviceComponent {
  FoundDevices (*find)();
  /// The backend of a device that find() named, by its number; the same object for as long as the process lives.
  const Backend& (*backend)(int device);
};

}  // namespace keratin
