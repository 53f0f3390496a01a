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
    std::byte* const to = out.bytes().data();
    for_each_run([&](std::size_t dense, std::size_t stored, std::size_t bytes) {
      backend_.download(to + dense, *buffer_, stored, bytes);
    });
    return out;
  }
  void write(const Array& value) override {
    KERATIN_ASSERT(value.shape() == spec_.shape && value.dtype() == spec_.dtype);
    const std::byte* const from = value.bytes().data();
    for_each_run([&](std::size_t dense, std::size_t stored, std::size_t bytes) {
      backend_.upload(*buffer_, stored, from + dense, bytes);
    });
  }
  const Backend& backend() const { return backend_; }
  void* address() const override { return static_cast<std::byte*>(buffer_->address()) + offset_; }

 private:
  /// use(bytes in the dense array, bytes in the buffer, how many) for what lies together in both.
  template <class Use> void for_each_run(const Use& use) const {
    const Matrix matrix(spec_.shape);
    const std::size_t size = size_in_bytes(spec_.dtype);
    const std::size_t row = static_cast<std::size_t>(matrix.columns) * size;
    const std::size_t pitch = static_cast<std::size_t>(row_pitch(spec_)) * size;
    if (row == pitch) return use(0, offset_, static_cast<std::size_t>(matrix.rows) * row);
    for (std::size_t r = 0; r < static_cast<std::size_t>(matrix.rows); ++r) use(r * row, offset_ + r * pitch, row);
  }

  const Backend& backend_;  // backends outlive everything: api/backends.cpp owns them
  std::shared_ptr<Buffer> buffer_;
  std::size_t offset_;
  Spec spec_;
};

std::size_t padded_bytes(const Spec& spec) {
  return aligned_bytes(static_cast<std::size_t>(Matrix(spec.shape).rows * row_pitch(spec)) * size_in_bytes(spec.dtype));
}

/// False for one that is on the host or on another device.
bool is_placed(const VariableState& variable, const Backend& backend) {
  const auto* const storage = static_cast<const StorageInBuffer*>(variable.storage().get());  // there is no other kind
  return storage != nullptr && &storage->backend() == &backend;
}

}  // namespace

void place_variables(const std::vector<std::shared_ptr<VariableState>>& variables, const Backend& backend) {
  std::size_t bytes = 0;
  for (const auto& variable : variables)
    if (!is_placed(*variable, backend)) bytes += padded_bytes(variable->spec);
  if (bytes == 0) return;
  const std::shared_ptr<Buffer> buffer = backend.allocate(bytes);
  std::size_t offset = 0;
  for (const auto& variable : variables) {
    if (is_placed(*variable, backend)) continue;
    variable->place(std::make_shared<StorageInBuffer>(backend, buffer, offset, variable->spec));
    offset += padded_bytes(variable->spec);
  }
}

std::size_t stored_bytes(const std::vector<std::shared_ptr<VariableState>>& variables) {
  std::size_t bytes = 0;
  for (const auto& variable : variables) bytes += padded_bytes(variable->spec);
  return bytes;
}

}  // namespace keratin
