#include "runtime/variables.h"

#include "base/check.h"
#include "compiler/plan_memory.h"

namespace keratin {
namespace {

/// A range of a buffer that several variables share.
class StorageInBuffer final : public VariableStorage {
 public:
  StorageInBuffer(const Backend& backend, std::shared_ptr<Buffer> buffer, std::size_t offset, Spec spec)
      : backend_(backend), buffer_(std::move(buffer)), offset_(offset), spec_(std::move(spec)) {}
  Array read() const override {
    Array out = Array::uninitialized(spec_.shape, spec_.dtype);
    backend_.download(out.bytes().data(), *buffer_, offset_, out.bytes().size());
    return out;
  }
  void write(const Array& value) override {
    KERATIN_ASSERT(value.shape() == spec_.shape && value.dtype() == spec_.dtype);
    backend_.upload(*buffer_, offset_, value.bytes().data(), value.bytes().size());
  }
  void* address() const override { return static_cast<std::byte*>(buffer_->address()) + offset_; }

 private:
  const Backend& backend_;  // backends outlive everything: api/backends.cpp owns them
  std::shared_ptr<Buffer> buffer_;
  std::size_t offset_;
  Spec spec_;
};

std::size_t padded_bytes(const Spec& spec) {
  const auto bytes = static_cast<std::size_t>(spec.shape.size()) * size_in_bytes(spec.dtype);
  return (bytes + arena_alignment - 1) / arena_alignment * arena_alignment;
}

}  // namespace

void place_variables(const std::vector<std::shared_ptr<VariableState>>& variables, const Backend& backend) {
  std::size_t bytes = 0;
  for (const auto& variable : variables)
    if (!variable->storage()) bytes += padded_bytes(variable->spec);
  if (bytes == 0) return;
  const std::shared_ptr<Buffer> buffer = backend.allocate(bytes);
  std::size_t offset = 0;
  for (const auto& variable : variables) {
    if (variable->storage()) continue;
    variable->place(std::make_shared<StorageInBuffer>(backend, buffer, offset, variable->spec));
    offset += padded_bytes(variable->spec);
  }
}

}  // namespace keratin
