// ONNX has channels before rows and columns, and we have them last, so that every rule of an op on images turns its
// input and its output over. Here those Transposes are taken back where nobody between two such ops can tell.
#include <array>
#include <optional>
#include <utility>

#include "base/check.h"
#include "formats/onnx/names.h"
#include "formats/onnx/passes.h"

namespace keratin {
namespace {

constexpr std::array elementwise{
    "Abs",     "Add",       "And",         "Cast",       "Ceil",     "Celu",           "Clip",    "Cos",
    "Div",     "Elu",       "Equal",       "Erf",        "Exp",      "Floor",          "Greater", "Max",
    "Less",    "Log",       "LessOrEqual", "Identity",   "IsInf",    "IsNaN",          "Min",     "Mul",
    "Neg",     "Not",       "Or",          "Pow",        "Relu",     "GreaterOrEqual", "Round",   "Selu",
    "Sigmoid", "Sign",      "Sin",         "Softplus",   "Softsign", "Sqrt",           "Sub",     "Tanh",
    "Where",   "LeakyRelu", "Mod",         "Reciprocal",
};

bool is_elementwise(const std::string& type) {
  for (const char* const name : elementwise)
    if (type == name) return true;
  return false;
}

/// A value that is Transpose(source, order): axis i of it is axis order[i] of the source.
struct Turned {
  std::string source;
  Extents order;
};

Extents inverse(const Extents& order) {
  Extents out(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) out[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  return out;
}

bool is_identity(const Extents& order) {
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

class Mover {
 public:
  explicit Mover(GraphEditor& editor) : editor_(editor) {
    for (const auto& node : editor.graph().node()) names_.make(node.name());
  }

  void run() {
    const auto nodes = editor_.graph().node();  // a copy
    for (onnx_ir::NodeProto node : nodes) {
      for (std::string& input : *node.mutable_input())
        if (const auto same = alias_.find(input); same != alias_.end()) input = same->second;
      if (node.op_type() == "Transpose") {
        take(node);
        continue;
      }
      if (move_behind(node)) continue;
      for (std::string& input : *node.mutable_input()) input = in_order(input);
      nodes_.push_back(std::move(node));
    }
    give_names_back();
    editor_.set_nodes(std::move(nodes_));
  }

 private:
  const Turned* turned(const std::string& value) const {
    const auto found = turned_.find(value);
    return found == turned_.end() ? nullptr : &found->second;
  }

  /// A Transpose is not written but remembered; with one before it that it undoes, it is nothing.
  void take(const onnx_ir::NodeProto& node) {
    const auto& perm = find_attribute(node, "perm")->ints();
    Extents order(perm.begin(), perm.end());
    std::string source = node.input(0);
    if (const Turned* const before = turned(source)) {
      for (std::int64_t& axis : order) axis = before->order[static_cast<std::size_t>(axis)];
      source = before->source;
    }
    set_value(node.output(0), source, order);
    transposes_.emplace(node.output(0), node);
    if (editor_.is_output(node.output(0))) write_output(node.output(0));
  }

  void set_value(const std::string& value, const std::string& source, const Extents& order) {
    if (is_identity(order)) {
      alias_[value] = source;
    } else {
      turned_[value] = {source, order};
    }
  }

  /// An output of the graph keeps its name.
  void write_output(const std::string& value) {
    if (const auto same = alias_.find(value); same != alias_.end()) {
      onnx_ir::NodeProto node = transposes_.at(value);
      node.set_op_type("Identity");
      node.clear_attribute();
      node.set_input(0, in_order(same->second));
      nodes_.push_back(std::move(node));
      alias_.erase(value);
    } else {
      const Turned& from = turned_.at(value);  // who reads it later may still read what it was turned from
      write_transpose(value, from);
      written_.emplace(std::pair(from.source, from.order), value);
    }
  }

  void write_transpose(const std::string& value, const Turned& from) {
    onnx_ir::NodeProto node;
    if (const auto found = transposes_.find(value); found != transposes_.end()) {
      node = found->second;
    } else {
      node.set_op_type("Transpose");
      node.set_name(names_.make(concat(value, "/transpose")));
      node.add_input();
      node.add_output(value);
    }
    node.set_input(0, from.source);
    node.clear_attribute();
    onnx_ir::AttributeProto& perm = *node.add_attribute();
    perm.set_name("perm");
    perm.set_type(onnx_ir::AttributeProto_AttributeType_INTS);
    for (const std::int64_t axis : from.order) perm.add_ints(axis);
    nodes_.push_back(std::move(node));
  }

  /// The value itself, for who must have its axes as they are: the Transpose is written where it was not yet.
  std::string in_order(const std::string& value) {
    const Turned* const from = turned(value);
    if (from == nullptr) return value;
    const auto [found, fresh] = written_.emplace(std::pair(from->source, from->order), value);
    if (fresh) write_transpose(value, *from);
    return found->second;
  }

  /// Writes the node on what its inputs were turned from, if it can work on that: the Transpose then comes behind it.
  bool move_behind(const onnx_ir::NodeProto& node) {
    if (node.output_size() != 1) return false;
    const Turned* first = nullptr;
    for (const std::string& input : node.input())
      if (first == nullptr) first = turned(input);
    if (first == nullptr) return false;
    const Extents order = first->order;
    onnx_ir::NodeProto moved = node;
    if (is_elementwise(node.op_type())) {
      if (!move_elementwise(moved, order)) return false;
    } else if (node.op_type() == "Pad") {
      if (!move_pad(moved, order)) return false;
    } else if (node.op_type() == "Concat") {
      if (!move_concat(moved, order)) return false;
    } else if (node.op_type() == "ReduceSum" || node.op_type() == "ReduceMax" || node.op_type() == "ReduceMin") {
      return move_reduction(moved, order);
    } else {
      return false;
    }
    write_moved(std::move(moved), order);
    return true;
  }

  void write_moved(onnx_ir::NodeProto node, const Extents& order) {
    const std::string value = node.output(0), source = editor_.fresh(value + "/channels_first");
    node.set_output(0, source);
    nodes_.push_back(std::move(node));
    set_value(value, source, order);
    if (editor_.is_output(value)) write_output(value);
  }

  bool move_elementwise(onnx_ir::NodeProto& node, const Extents& order) {
    std::vector<std::string> inputs;
    for (const std::string& input : node.input()) {
      const Turned* const own = turned(input);
      const std::optional<std::string> source =
          own == nullptr ? turn_constant(input, order) : std::optional(own->source);
      if (!source || (own != nullptr && own->order != order)) return false;
      inputs.push_back(*source);
    }
    for (int i = 0; i < node.input_size(); ++i) node.set_input(i, inputs[static_cast<std::size_t>(i)]);
    return true;
  }

  /// What a constant is where the other operand is not turned; none if the value is no constant.
  std::optional<std::string> turn_constant(const std::string& name, const Extents& order) {
    if (name.empty()) return name;
    const onnx_ir::TensorProto* const tensor = editor_.initializer(name);
    if (tensor == nullptr || static_cast<std::size_t>(tensor->dims_size()) > order.size()) return std::nullopt;
    Extents extents = extents_of(*tensor);
    bool single = true;
    for (const std::int64_t extent : extents) single = single && extent == 1;
    if (single && extents.empty()) return name;
    extents.insert(extents.begin(), order.size() - extents.size(), 1);
    const auto [found, fresh] = constants_.emplace(std::pair(name, order), "");
    if (fresh) {
      onnx_ir::TensorProto made = transposed(reshaped(*tensor, extents), inverse(order));
      made.set_doc_string(concat("as it broadcasts there: (", join(extents_of(made), ", "), ")"));
      found->second = editor_.add_initializer(std::move(made));
    }
    return found->second;
  }

  bool move_pad(onnx_ir::NodeProto& node, const Extents& order) {
    const onnx_ir::TensorProto* const pads = editor_.initializer(node.input(1));
    if (pads == nullptr || turned(node.input(0)) == nullptr || node.input_size() > 3) return false;
    const Extents before = integers_of(*pads);
    Extents after(before.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      for (const std::size_t side : {std::size_t{0}, order.size()})
        after[side + static_cast<std::size_t>(order[i])] = before[side + i];
    node.set_input(0, turned(node.input(0))->source);
    node.set_input(1, add_integers(pads->name(), after));
    return true;
  }

  /// If all inputs are turned alike: the axis is another in the sources.
  bool move_concat(onnx_ir::NodeProto& node, const Extents& order) const {
    for (std::string& input : *node.mutable_input()) {
      const Turned* const own = turned(input);
      if (own == nullptr || own->order != order) return false;
      input = own->source;
    }
    for (onnx_ir::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.name() != "axis") continue;
      const std::int64_t axis = attribute.i() + (attribute.i() < 0 ? static_cast<std::int64_t>(order.size()) : 0);
      attribute.set_i(order[static_cast<std::size_t>(axis)]);
    }
    return true;
  }

  std::string add_integers(const std::string& name, const Extents& numbers) {
    onnx_ir::TensorProto tensor;
    tensor.set_name(name);
    tensor.set_data_type(onnx_ir::TensorProto_DataType_INT64);
    tensor.add_dims(static_cast<std::int64_t>(numbers.size()));
    tensor.set_raw_data(numbers.data(), numbers.size() * sizeof(std::int64_t));
    return editor_.add_initializer(std::move(tensor));
  }

  /// Over the axes that those are in the source. What is left may be in order: nothing remains to turn.
  bool move_reduction(onnx_ir::NodeProto node, const Extents& order) {
    onnx_ir::AttributeProto* in_attribute = nullptr;
    bool keepdims = true;
    for (onnx_ir::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.name() == "axes") in_attribute = &attribute;
      if (attribute.name() == "keepdims") keepdims = attribute.i() != 0;
    }
    const onnx_ir::TensorProto* const in_input = node.input_size() > 1 ? editor_.initializer(node.input(1)) : nullptr;
    if ((in_attribute == nullptr) == (in_input == nullptr)) return false;
    Extents axes = in_input != nullptr ? integers_of(*in_input)
                                       : Extents(in_attribute->ints().begin(), in_attribute->ints().end());
    std::vector<bool> reduced(order.size(), false);  // of the source
    for (std::int64_t& axis : axes) {
      if (axis < 0) return false;
      axis = order[static_cast<std::size_t>(axis)];
      reduced[static_cast<std::size_t>(axis)] = true;
    }
    Extents left;  // how the source's remaining axes are ordered
    for (const std::int64_t axis : order) {
      std::int64_t place = axis;
      for (std::int64_t i = 0; i < axis && !keepdims; ++i) place -= reduced[static_cast<std::size_t>(i)] ? 1 : 0;
      if (keepdims || !reduced[static_cast<std::size_t>(axis)]) left.push_back(place);
    }
    node.set_input(0, turned(node.input(0))->source);
    if (in_input != nullptr) {
      node.set_input(1, add_integers(in_input->name(), axes));
    } else {
      in_attribute->clear_ints();
      for (const std::int64_t axis : axes) in_attribute->add_ints(axis);
    }
    if (is_identity(left)) {
      nodes_.push_back(std::move(node));
    } else {
      write_moved(std::move(node), left);
    }
    return true;
  }

  /// What became of a value whose Transpose was never written has its name, and its shape in the new order.
  void give_names_back() {
    std::map<std::string, std::string> names;  // new ones, by old
    std::map<std::string, Extents> orders;
    std::set<std::string> written;
    for (const auto& node : nodes_) written.insert(node.output().begin(), node.output().end());
    for (const auto& [value, from] : turned_)
      if (!written.contains(value) && written.contains(from.source) && !editor_.is_output(from.source) &&
          !known(from.source) && names.emplace(from.source, value).second)
        orders[value] = inverse(from.order);
    for (onnx_ir::NodeProto& node : nodes_)
      for (auto* const values : {node.mutable_input(), node.mutable_output()})
        for (std::string& value : *values)
          if (const auto found = names.find(value); found != names.end()) value = found->second;
    for (auto& value : *editor_.graph().mutable_value_info())
      if (const auto found = orders.find(value.name()); found != orders.end()) turn_shape(value, found->second);
  }

  bool known(const std::string& value) const {
    for (const auto& info : editor_.graph().value_info())
      if (info.name() == value) return true;
    return false;
  }

  static void turn_shape(onnx_ir::ValueInfoProto& value, const Extents& order) {
    onnx_ir::TensorShapeProto& shape = *value.mutable_type()->mutable_tensor_type()->mutable_shape();
    const onnx_ir::TensorShapeProto before = shape;
    for (std::size_t i = 0; i < order.size(); ++i)
      *shape.mutable_dim(static_cast<int>(i)) = before.dim(static_cast<int>(order[i]));
  }

  GraphEditor& editor_;
  UniqueNames names_;  // of nodes
  std::vector<onnx_ir::NodeProto> nodes_;
  std::map<std::string, Turned> turned_;
  std::map<std::string, std::string> alias_;                        // values that are others
  std::map<std::string, onnx_ir::NodeProto> transposes_;            // those taken, by their outputs
  std::map<std::pair<std::string, Extents>, std::string> written_;  // Transposes that are there
  std::map<std::pair<std::string, Extents>, std::string> constants_;
};

}  // namespace

void move_transposes(GraphEditor& editor) { Mover(editor).run(); }

}  // namespace keratin
