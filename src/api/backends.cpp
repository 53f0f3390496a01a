#include "api/backends.h"

#include <charconv>

#include "api/linked_components.h"
#include "base/check.h"
#include "base/environment.h"
#include "cpu/cpu_backend.h"
#include "keratin/device.h"
#include "runtime/device_component.h"

namespace keratin {
namespace {

const Backend& cpu_backend() {
  static const cpu::CpuBackend cpu;  // immutable: nothing that two models could change
  return cpu;
}

const DeviceComponent& cuda_component() {
  return *static_cast<const DeviceComponent*>(load_component("cuda", linked_components(), read_switches().plugin_path));
}

/// The number in "cuda:1", 0 for "cuda"; -1 for other words.
int cuda_number(std::string_view device) {
  if (device == "cuda") return 0;
  if (device.substr(0, 5) != "cuda:") return -1;
  int number = -1;
  const char* const end = device.data() + device.size();
  const auto [parsed, error] = std::from_chars(device.data() + 5, end, number);
  return error == std::errc() && parsed == end && number >= 0 ? number : -1;
}

const Backend& cuda_backend(int number, std::string_view device) {
  const DeviceComponent* component = nullptr;
  FoundDevices found;
  try {
    component = &cuda_component();
    found = component->find();
  } catch (const UnsupportedError& error) {
    found.reason = error.what();
  }
  if (found.devices.empty())
    throw UnsupportedError(concat("device: expected a CUDA device for \"", device, "\", got none (", found.reason,
                                  "); use \"cpu\" or \"auto\""));
  check_argument(static_cast<std::size_t>(number) < found.devices.size(), "device: expected one of ",
                 found.devices.size(), " CUDA devices, from \"cuda:0\", got \"", device, "\"");
  return component->backend(number);
}

}  // namespace

const Backend& backend_for(std::string_view device) {
  if (device == "auto" || device == "cpu") return cpu_backend();
  const int number = cuda_number(device);
  check_argument(number >= 0, "device: expected \"auto\", \"cpu\", \"cuda\" or \"cuda:1\", got \"", device, "\"");
  return cuda_backend(number, device);
}

std::vector<Device> devices() {
  const DeviceInfo cpu = cpu_backend().info();
  std::vector<Device> out{{.name = cpu.name, .description = cpu.description}};
  FoundDevices found;
  try {
    found = cuda_component().find();
  } catch (const UnsupportedError& error) {
    found.reason = error.what();
  }
  for (DeviceInfo& device : found.devices)
    out.push_back({std::move(device.name), std::move(device.description), device.memory_bytes});
  if (found.devices.empty())
    out.push_back({.name = "cuda", .description = "CUDA", .unusable = std::move(found.reason)});
  return out;
}

}  // namespace keratin
