#include "support/interpret.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/check.h"
#include "cpu/kernel_table.h"
#include "graph/leaves.h"
#include "graph/trace.h"

namespace keratin::testing {
namespace {

constexpr std::size_t guard_bytes = 256;
constexpr int guard = 0xff;  // NaN in every floating-point dtype

/// Bytes aligned to 64 between two guard bands, NaN until written.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::size_t bytes)
      : bytes_(bytes), storage_(bytes + 2 * guard_bytes + 64, static_cast<unsigned char>(guard)) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    begin_ = (64 - address % 64) % 64 + guard_bytes;
  }
  explicit GuardedBytes(const Array& array) : GuardedBytes(array.bytes().size()) {
    if (bytes_ != 0) std::memcpy(data(), array.bytes().data(), bytes_);
  }
  void* data() { return storage_.data() + begin_; }
  bool guards_hold() const {
    const auto untouched = [](unsigned char byte) { return byte == guard; };
    return std::all_of(storage_.begin(), storage_.begin() + static_cast<std::ptrdiff_t>(begin_), untouched) &&
           std::all_of(storage_.begin() + static_cast<std::ptrdiff_t>(begin_ + bytes_), storage_.end(), untouched);
  }
  bool holds(const Array& array) { return bytes_ == 0 || std::memcmp(data(), array.bytes().data(), bytes_) == 0; }
  Array array(const Spec& spec) {
    Array out = Array::uninitialized(spec.shape, spec.dtype);
    if (bytes_ != 0) std::memcpy(out.bytes().data(), data(), bytes_);
    return out;
  }

 private:
  std::size_t bytes_;
  std::size_t begin_ = 0;
  std::vector<unsigned char> storage_;
};

std::size_t bytes_of(const Spec& spec) {
  return static_cast<std::size_t>(spec.shape.size()) * size_in_bytes(spec.dtype);
}

const cpu::KernelRow* find_row(std::string_view op_name) {
  const auto& table = cpu::kernel_table();
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const cpu::KernelRow& row) { return row.op == op_name; });
  return found == table.end() ? nullptr : &*found;
}

KernelPlan plan(const Op& op, const Specs& inputs, const Specs& outputs) {
  const cpu::KernelRow* const row = find_row(op.name());
  for (const cpu::KernelFactory factory : row->implementations)
    if (KernelPlan made = factory({op, inputs, outputs}); made.kernel) return made;
  throw UnsupportedError(concat(op.name(), ": no CPU kernel for ", join(inputs, ", ")));
}

/// The work in at most `count` parts, of which the last come first.
std::vector<Region> parts_of(const Division& division, std::int64_t count, bool by_columns) {
  const std::int64_t step = by_columns ? division.column_step : division.row_step;
  const std::int64_t extent = by_columns ? division.columns : division.rows;
  if (step == 0) return {{0, division.rows, 0, division.columns}};
  const std::int64_t steps = (extent + step - 1) / step;
  std::vector<Region> parts;
  for (std::int64_t i = count; i-- > 0;) {
    const std::int64_t begin = steps * i / count * step, end = std::min(steps * (i + 1) / count * step, extent);
    parts.push_back(by_columns ? Region{0, division.rows, begin, end} : Region{begin, end, 0, division.columns});
  }
  std::erase_if(parts, [](const Region& part) { return part.empty(); });
  return parts;
}

std::vector<Array> run_kernel(const KernelPlan& planned, const Op& op, const std::vector<Array>& inputs,
                              const Specs& output_specs, const std::vector<Region>& parts) {
  std::vector<GuardedBytes> sources, targets;
  std::vector<const void*> from;
  std::vector<void*> to;
  for (const Array& input : inputs) from.push_back(sources.emplace_back(input).data());
  for (const Spec& spec : output_specs) to.push_back(targets.emplace_back(bytes_of(spec)).data());
  GuardedBytes workspace(planned.workspace_bytes);
  for (const Region& part : parts) planned.kernel->run({from, to, workspace.data(), part});
  if (!workspace.guards_hold()) throw InternalError(concat(to_string(op), ": writes beside its workspace"));
  for (std::size_t i = 0; i < sources.size(); ++i)
    if (!sources[i].guards_hold() || !sources[i].holds(inputs[i]))
      throw InternalError(concat(to_string(op), ": changes input ", i));
  std::vector<Array> out;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].guards_hold()) throw InternalError(concat(to_string(op), ": writes beside output ", i));
    out.push_back(targets[i].array(output_specs[i]));
  }
  return out;
}

std::vector<Array> run_expansion(const Op& op, const std::vector<Array>& inputs, const Specs& input_specs,
                                 std::int64_t batch) {
  const Graph graph = graph_of(input_specs, [&](const Tensors& x) { return op.expand({x.begin(), x.size()}); });
  Feeds feeds;
  for (std::size_t i = 0; i < inputs.size(); ++i) feeds.emplace(concat("x", i), inputs[i]);
  const Interpreted result = interpret(graph, feeds, batch);
  std::vector<Array> out;
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) out.push_back(result.outputs.at(concat(i)));
  return out;
}

/// What a leaf stands for; an empty array if the op is none.
Array leaf(const Op& op, const Spec& spec, const Feeds& feeds, std::int64_t batch) {
  if (op.name() == "Constant") return static_cast<const Constant&>(op).value();
  if (op.name() == "BatchSize") return Array::full({}, static_cast<double>(batch), spec.dtype);
  if (op.name() == "ReadVariable") return static_cast<const ReadVariable&>(op).variable()->value();
  if (op.name() != "Input") return {};
  const std::string& slot = static_cast<const Input&>(op).slot();
  const auto found = feeds.find(slot);
  check_argument(found != feeds.end(), "interpret: expected numbers for the input ", slot);
  check_shape(found->second.shape() == spec.shape && found->second.dtype() == spec.dtype, "interpret: expected ", spec,
              " for ", slot, ", got ", found->second.dtype(), found->second.shape());
  return found->second.contiguous() ? found->second : found->second.copy();
}

Specs bind_all(const Specs& specs, std::int64_t batch) {
  Specs out;
  for (const Spec& spec : specs) out.push_back(bind(spec, batch));
  return out;
}

}  // namespace

bool has_kernel(std::string_view op_name) { return find_row(op_name) != nullptr; }

std::vector<Array> run_op(const Op& op, const std::vector<Array>& inputs, const Specs& input_specs,
                          const Specs& output_specs, std::int64_t batch) {
  if (op.traits().view) return {inputs[0].reshape(bind(output_specs[0].shape, batch))};
  if (!has_kernel(op.name())) {
    if (!op.traits().expansion)
      throw UnsupportedError(concat(op.name(), ": has neither a CPU kernel nor an expansion"));
    return run_expansion(op, inputs, input_specs, batch);
  }
  const Specs outputs = bind_all(output_specs, batch);
  const KernelPlan planned = plan(op, bind_all(input_specs, batch), outputs);
  const Division& division = planned.division;
  const Region whole{0, division.rows, 0, division.columns};
  const std::vector<Array> first = run_kernel(planned, op, inputs, outputs, {whole});
  for (const bool by_columns : {false, true})
    for (const std::int64_t count : {1, 3}) {
      const std::vector<Array> again = run_kernel(planned, op, inputs, outputs, parts_of(division, count, by_columns));
      for (std::size_t i = 0; i < first.size(); ++i)
        if (!std::ranges::equal(first[i].bytes(), again[i].bytes()))
          throw InternalError(concat(to_string(op), ": another result in ", count, " parts"));
    }
  return first;
}

std::vector<Array> run_op(const Op& op, const std::vector<Array>& inputs) {
  Specs specs;
  for (const Array& input : inputs) specs.push_back({input.dtype(), input.shape()});
  return run_op(op, inputs, specs, op.infer(specs));
}

Interpreted interpret(const Graph& graph, const Feeds& feeds, std::int64_t batch) {
  Interpreted result;
  for (const Node& node : graph.nodes()) {
    std::vector<Array> inputs;
    Specs input_specs;
    for (const Value& input : node.inputs) {
      inputs.push_back(result.at(input));
      input_specs.push_back(graph.spec(input));
    }
    if (node.op->traits().leaf) {
      result.nodes.push_back({leaf(*node.op, bind(node.outputs[0], batch), feeds, batch)});
    } else if (node.op->name() == "Assign") {
      result.assigned.emplace_back(static_cast<const Assign&>(*node.op).variable(), inputs[0]);
      result.nodes.emplace_back();
    } else {
      result.nodes.push_back(run_op(*node.op, inputs, input_specs, node.outputs, batch));
    }
  }
  for (const NamedValue& output : graph.outputs()) result.outputs.emplace(output.name, result.at(output.value));
  return result;
}

Graph graph_of(const Specs& arguments, const std::function<Tensors(const Tensors&)>& function, bool differentiable) {
  Trace trace(false, differentiable);
  Tensors inputs;
  for (std::size_t i = 0; i < arguments.size(); ++i) inputs.push_back(make_op<Input>({}, concat("x", i), arguments[i]));
  const Tensors results = function(inputs);
  std::vector<Value> values;
  for (const Tensor& result : results) values.push_back(TensorAccess::value(trace.import(result)));
  Graph graph = trace.finish();
  for (std::size_t i = 0; i < values.size(); ++i) graph.add_output(concat(i), values[i]);
  return graph;
}

}  // namespace keratin::testing
