#include "formats/onnx/graph_export.h"

#include "base/check.h"
#include "graph/leaves.h"
#include "graph/onnx_node.h"
#include "graph/trace.h"

namespace keratin {
namespace {

/// What the rule of one op writes into.
class RuleTarget final : public OnnxNode {
 public:
  RuleTarget(ExportSession& session, const Graph& graph, const Node& node, std::vector<std::string> inputs,
             std::vector<std::string> outputs)
      : session_(session),
        graph_(graph),
        node_(node),
        scope_(session.local(node.scope)),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)) {}

  int input_count() const override { return static_cast<int>(inputs_.size()); }
  std::string input(int index) const override { return inputs_.at(static_cast<std::size_t>(index)); }
  const Spec& input_spec(int index) const override {
    return graph_.spec(node_.inputs.at(static_cast<std::size_t>(index)));
  }
  std::string output(int index) const override { return outputs_.at(static_cast<std::size_t>(index)); }
  const Spec& output_spec(int index) const override { return node_.outputs.at(static_cast<std::size_t>(index)); }
  std::string constant(const Array& value) override { return session_.constant(value, scope_); }
  std::string shape(const Shape& extents) override { return session_.shape(extents, scope_); }
  std::string temporary() override { return session_.value_name(scoped_name(scope_, node_.op->name()) + "/part"); }
  using OnnxNode::emit;
  void emit(std::string_view type, std::vector<std::string> inputs, std::vector<std::string> outputs,
            std::vector<OnnxAttribute> attributes) override {
    session_.add_node(type, scope_, inputs, outputs, attributes);
  }

 private:
  ExportSession& session_;
  const Graph& graph_;
  const Node& node_;
  std::string scope_;
  std::vector<std::string> inputs_;
  std::vector<std::string> outputs_;
};

/// The op's expansion as a graph of its own: inputs in the slots "0", "1", …, outputs in order.
Graph expansion_of(const Graph& graph, const Node& node) {
  Trace trace(false);
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    inputs.push_back(trace.apply(std::make_shared<Input>(concat(i), graph.spec(node.inputs[i])), {})[0]);
  if (!node.scope.empty()) trace.push_scope(node.scope);
  for (const Tensor& output : node.op->expand(inputs))
    trace.graph().add_output("", TensorAccess::value(trace.import(output)));
  return trace.finish();
}

}  // namespace

GraphExport::GraphExport(ExportSession& session, const Graph& graph, const std::map<std::string, std::string>& inputs,
                         const std::vector<std::string>& outputs)
    : session_(session), graph_(graph), inputs_(inputs), outputs_(outputs), plan_(plan_export(graph)) {
  name_outputs();
}

/// A value that is one output and made by a node has the output's name; the rest become copies.
void GraphExport::name_outputs() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Value value = plan_.source(graph_.outputs()[i].value);
    if (!graph_.node(value).op->traits().leaf) names_.emplace(value, outputs_[i]);
  }
}

void GraphExport::write_nodes() {
  for (std::int32_t i = 0; i < graph_.size(); ++i) {
    if (!plan_.needed[static_cast<std::size_t>(i)] || graph_.node(i).op->traits().leaf) continue;
    name_values(i);
    write_node(graph_.node(i), i);
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const std::string name = name_of(graph_.outputs()[i].value);
    if (name != outputs_[i]) session_.add_node("Identity", "", {name}, {outputs_[i]});
  }
}

void GraphExport::name_values(std::int32_t index) {
  const Node& node = graph_.node(index);
  const auto product = plan_.products.find(index);
  const std::string_view type = product == plan_.products.end() ? node.op->name()
                                : product->second.bias          ? "Gemm"
                                                                : "MatMul";
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const Value value{index, static_cast<std::int32_t>(i)};
    if (names_.count(value) != 0) continue;
    const std::string name = names_[value] = session_.value_name(scoped_name(session_.local(node.scope), type));
    session_.model().add_value(name, node.outputs[i]);
  }
}

void GraphExport::write_node(const Node& node, std::int32_t index) {
  const auto product = plan_.products.find(index);
  if (product != plan_.products.end())
    return write_product(product->second, session_.local(node.scope), names_.at({index, 0}));
  if (!node.op->traits().onnx && node.op->traits().expansion) return write_expansion(node, index);
  RuleTarget target(session_, graph_, node, input_names(node), output_names(index));
  try {
    node.op->to_onnx(target);
  } catch (const UnsupportedError& error) {
    throw UnsupportedError(concat(node.scope, node.scope.empty() ? "" : ": ", error.what()));
  }
}

/// ONNX's runtimes know a Dense layer best as Gemm with transB = 1 and the kernel as (units, inputs).
void GraphExport::write_product(const Product& product, const std::string& scope, const std::string& output) {
  if (!product.bias) return session_.add_node("MatMul", scope, {name_of(product.x), name_of(product.weight)}, {output});
  const std::string weight = product.transposed ? name_of(product.weight) : transposed_name_of(product.weight);
  session_.add_node("Gemm", scope, {name_of(product.x), weight, name_of(*product.bias)}, {output},
                    {{"transB", std::int64_t{1}}});
}

void GraphExport::write_expansion(const Node& node, std::int32_t index) {
  const Graph expansion = expansion_of(graph_, node);
  std::map<std::string, std::string> inputs;
  for (const std::string& name : input_names(node)) inputs.emplace(concat(inputs.size()), name);
  const std::vector<std::string> outputs = output_names(index);
  GraphExport(session_, expansion, inputs, outputs).write_nodes();
}

std::string GraphExport::name_of(Value value) {
  const Value source = plan_.source(value);
  const Node& node = graph_.node(source);
  const std::string_view op = node.op->name();
  if (op == "Input") return inputs_.at(static_cast<const Input&>(*node.op).slot());
  if (op == "Constant")
    return session_.constant(static_cast<const Constant&>(*node.op).value(), session_.local(node.scope));
  if (op == "ReadVariable")
    return session_.variable(*static_cast<const ReadVariable&>(*node.op).variable(), session_.local(node.scope));
  if (op == "BatchSize") return session_.batch_size(node.outputs[0].dtype);
  return names_.at(source);
}

std::string GraphExport::transposed_name_of(Value value) {
  const Node& node = graph_.node(value);
  if (node.op->name() == "ReadVariable")
    return session_.transposed(*static_cast<const ReadVariable&>(*node.op).variable(), session_.local(node.scope));
  return session_.transposed_constant(static_cast<const Constant&>(*node.op).value(), session_.local(node.scope));
}

std::vector<std::string> GraphExport::input_names(const Node& node) {
  std::vector<std::string> names;
  for (const Value& input : node.inputs) names.push_back(name_of(input));
  return names;
}

std::vector<std::string> GraphExport::output_names(std::int32_t index) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < graph_.node(index).outputs.size(); ++i)
    names.push_back(names_.at({index, static_cast<std::int32_t>(i)}));
  return names;
}

}  // namespace keratin
