// Backend: a device as the rest of the library sees it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/team.h"
#include "compiler/kernel_planner.h"
#include "compiler/program.h"
#include "runtime/buffer.h"
#include "runtime/executable.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct DeviceInfo {
  std::string name;  // "cpu", "cuda:0"
  std::string description;
  std::size_t memory_bytes = 0;  // of its own; 0: it uses the host's
};

/// What the programs of one model share: one of them runs at a time.
struct Workshop {
  std::shared_ptr<Buffer> arena = {};
  std::shared_ptr<Team> team = {};  // of the host's threads: as many as programs for more than one are planned for
};

/// Chooses kernels, owns memory, runs programs. Safe to use from several threads; what it makes is not.
class Backend : public KernelPlanner {
 public:
  virtual DeviceInfo info() const = 0;
  /// Throws DeviceError if there is not so much memory.
  virtual std::shared_ptr<Buffer> allocate(std::size_t bytes) const = 0;
  virtual void upload(const Buffer& to, std::size_t offset, const void* from, std::size_t bytes) const = 0;
  virtual void download(void* to, const Buffer& from, std::size_t offset, std::size_t bytes) const = 0;
  /// Binds a program to memory; variables that have no place on the device yet get one. Programs that never need each
  /// other's values share one arena: the workshop's is used if it is large enough, else replaced by one that is.
  /// Earlier programs keep theirs.
  virtual std::unique_ptr<Executable> load(Program program, Workshop& workshop) const = 0;
};

}  // namespace keratin
