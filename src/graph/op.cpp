#include "graph/op.h"

#include <functional>

#include "base/check.h"

namespace keratin {

void FieldWriter::operator()(std::string_view name, double value) {
  std::ostringstream out;
  out.precision(17);
  out << value;
  (*this)(name, out.str());
}

void Op::fields(FieldWriter&) const {}

Tensors Op::gradient(const GradientRequest&) const {
  throw InternalError(concat(name(), ": has no gradient rule; please report it"));
}

Tensors Op::expand(std::span<const Tensor>) const {
  throw InternalError(concat(name(), ": has no expansion; please report it"));
}

void Op::to_onnx(OnnxNode&) const {
  throw UnsupportedError(concat(name(), ": cannot be exported to ONNX; ask for it or replace it in the model"));
}

std::string to_string(const Op& op) {
  FieldWriter writer;
  op.fields(writer);
  return writer.text().empty() ? std::string(op.name()) : concat(op.name(), "(", writer.text(), ")");
}

void Op::write_key() const {
  std::call_once(key_written_, [this] {
    FieldWriter writer;
    fields(writer);
    key_ = std::string(name()) + "|" + writer.key();
    key_hash_ = std::hash<std::string>{}(key_);
  });
}

const std::string& Op::key() const {
  write_key();
  return key_;
}

std::size_t Op::key_hash() const {
  write_key();
  return key_hash_;
}

}  // namespace keratin
