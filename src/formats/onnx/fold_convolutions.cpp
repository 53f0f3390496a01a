// Conv · factor + summand, a number of each for every filter, is a Conv: a bias, or a BatchNormalization in inference.
#include <optional>

#include "base/check.h"
#include "formats/onnx/passes.h"

namespace keratin {
namespace {

/// A number for each filter, of an initializer that broadcasts so with (batch, filters, rows, columns).
std::optional<std::vector<double>> by_filter(const onnx_ir::TensorProto& tensor, std::int64_t filters) {
  const Extents extents = extents_of(tensor);
  if (!is_floating(tensor)) return std::nullopt;
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    if (extents[axis] != 1 && (extents[axis] != filters || axis + 3 != extents.size())) return std::nullopt;
  std::vector<double> numbers = numbers_of(tensor);
  if (numbers.size() == 1) numbers.assign(static_cast<std::size_t>(filters), numbers[0]);
  if (numbers.size() != static_cast<std::size_t>(filters)) return std::nullopt;
  return numbers;
}

/// What a Conv will be, and what of the nodes behind it it has taken in.
class Convolution {
 public:
  Convolution(GraphEditor& editor, onnx_ir::NodeProto& node) : editor_(editor), node_(node) {}

  /// The name of what now is the bias: "conv2d/bias" if that is what was added.
  bool take(const onnx_ir::NodeProto& reader) {
    const onnx_ir::TensorProto* const kernel = editor_.initializer(node_.input(1));
    const bool sum = reader.op_type() == "Add", product = reader.op_type() == "Mul";
    if (kernel == nullptr || reader.input_size() != 2 || !(sum || product)) return false;
    const std::string& name = reader.input(reader.input(0) == node_.output(0) ? 1 : 0);
    const onnx_ir::TensorProto* const other = editor_.initializer(name);
    if (other == nullptr || other->data_type() != kernel->data_type()) return false;
    const auto numbers = by_filter(*other, kernel->dims(0));
    if (!numbers || !(sum ? add(*numbers, *other) : multiply(*numbers))) return false;
    node_.set_output(0, reader.output(0));
    return true;
  }

 private:
  bool add(const std::vector<double>& numbers, const onnx_ir::TensorProto& summand) {
    std::vector<double> bias = numbers;
    std::string name = summand.name();
    if (node_.input_size() > 2) {
      const onnx_ir::TensorProto* const old = editor_.initializer(node_.input(2));
      if (old == nullptr) return false;
      name = old->name();
      const std::vector<double> before = numbers_of(*old);
      for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += before[i];
    }
    set_bias(name, summand.data_type(), bias);
    return true;
  }

  bool multiply(const std::vector<double>& factors) {
    if (node_.input_size() > 2 && editor_.initializer(node_.input(2)) == nullptr) return false;
    const onnx_ir::TensorProto kernel = *editor_.initializer(node_.input(1));
    std::vector<double> numbers = numbers_of(kernel);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] *= factors[i / (numbers.size() / factors.size())];
    onnx_ir::TensorProto made = tensor_of(kernel.name(), kernel.data_type(), extents_of(kernel), numbers);
    made.set_doc_string("times the factors that follow; " + kernel.doc_string());
    node_.set_input(1, editor_.add_initializer(std::move(made)));
    if (node_.input_size() > 2) {
      const onnx_ir::TensorProto bias = *editor_.initializer(node_.input(2));
      std::vector<double> product = numbers_of(bias);
      for (std::size_t i = 0; i < product.size(); ++i) product[i] *= factors[i];
      set_bias(bias.name(), bias.data_type(), product);
    }
    return true;
  }

  void set_bias(const std::string& name, std::int32_t dtype, const std::vector<double>& numbers) {
    const std::string made =
        editor_.add_initializer(tensor_of(name, dtype, {static_cast<std::int64_t>(numbers.size())}, numbers));
    if (node_.input_size() > 2) {
      node_.set_input(2, made);
    } else {
      node_.add_input(made);
    }
  }

  GraphEditor& editor_;
  onnx_ir::NodeProto& node_;
};

}  // namespace

void fold_convolutions(GraphEditor& editor) {
  std::vector<onnx_ir::NodeProto> kept;
  std::map<std::string, std::size_t> made_by;  // by a Conv, in kept
  for (const onnx_ir::NodeProto& node : editor.graph().node()) {
    std::optional<std::size_t> before;
    for (const std::string& input : node.input())
      if (const auto found = made_by.find(input); found != made_by.end()) before = found->second;
    if (before) {
      const std::string old = kept[*before].output(0);
      if (editor.readers(old) == 1 && !editor.is_output(old) && Convolution(editor, kept[*before]).take(node)) {
        made_by.erase(old);
        made_by[node.output(0)] = *before;
        continue;
      }
    }
    kept.push_back(node);
    if (node.op_type() == "Conv") made_by[node.output(0)] = kept.size() - 1;
  }
  editor.set_nodes(std::move(kept));
}

}  // namespace keratin
