#include "support/interpret.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/check.h"
#include "compiler/work.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "support/backend_under_test.h"

namespace keratin::testing {
namespace {

constexpr std::size_t guard_bytes = 256;

/// Bytes aligned to 64 between two guard bands, NaN until written: every other byte is 0xff, which makes a NaN of each
/// floating-point dtype, whatever the ones between.
class GuardedBytes {
 public:
  /// What lies between: not the same in inputs and outputs, so that copying beside the one into beside the other shows.
  enum Mark : unsigned char { of_input = 0xfd, of_output = 0xfe };

  GuardedBytes(Mark mark, std::size_t bytes)
      : mark_(mark), bytes_(bytes), size_(bytes + 2 * guard_bytes + 64), storage_(memory_under_test(size_)) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.get());
    begin_ = (64 - address % 64) % 64 + guard_bytes;
    for (std::size_t i = 0; i < size_; ++i) storage_.get()[i] = unwritten(i);
  }
  /// An array's rows, `pitch` bytes apart.
  GuardedBytes(const Array& array, std::size_t row, std::size_t pitch)
      : GuardedBytes(of_input, stored(array, row, pitch)) {
    for (std::size_t from = 0, to = 0; from < array.bytes().size(); from += row, to += pitch)
      std::memcpy(bytes() + to, array.bytes().data() + from, row);
  }
  GuardedBytes(GuardedBytes&&) = default;  // hence no copies
  void* data() { return storage_.get() + begin_; }
  std::vector<unsigned char> between_guards() const {
    return {storage_.get() + begin_, storage_.get() + begin_ + bytes_};
  }
  bool guards_hold() const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (i == begin_) i += bytes_;
      if (storage_.get()[i] != unwritten(i)) return false;
    }
    return true;
  }
  /// True if between the guards is what was before but for columns begin … end − 1, in bytes, of rows that lie `pitch`
  /// apart.
  bool changed_only(const std::vector<unsigned char>& before, const Region& rows, std::size_t begin, std::size_t end,
                    std::size_t pitch) const {
    std::int64_t row = 0;
    for (std::size_t at = 0; at < bytes_; at += pitch, ++row) {
      const auto same = [&](std::size_t from, std::size_t to) {
        return std::memcmp(&storage_.get()[begin_ + at + from], before.data() + at + from, to - from) == 0;
      };
      const bool touched = row >= rows.row && row < rows.row_end;
      if (!(touched ? same(0, begin) && same(end, pitch) : same(0, pitch))) return false;
    }
    return true;
  }
  bool holds(const Array& array, std::size_t row, std::size_t pitch) {
    for (std::size_t from = 0, at = 0; from < array.bytes().size(); from += row, at += pitch)
      if (std::memcmp(bytes() + at, array.bytes().data() + from, row) != 0) return false;
    return true;
  }
  Array array(const Spec& spec, std::size_t row, std::size_t pitch) {
    Array out = Array::uninitialized(spec.shape, spec.dtype);
    for (std::size_t to = 0, from = 0; to < out.bytes().size(); to += row, from += pitch)
      std::memcpy(out.bytes().data() + to, bytes() + from, row);
    return out;
  }
  static std::size_t stored(const Array& array, std::size_t row, std::size_t pitch) {
    return row == 0 ? 0 : array.bytes().size() / row * pitch;
  }

 private:
  unsigned char* bytes() { return static_cast<unsigned char*>(data()); }
  unsigned char unwritten(std::size_t at) const { return (at + begin_) % 2 == 0 ? mark_ : 0xff; }
  Mark mark_;
  std::size_t bytes_;
  std::size_t begin_ = 0;
  std::size_t size_;  // with both guards
  std::shared_ptr<unsigned char[]> storage_;
};

std::size_t row_bytes(const Spec& spec) {
  return static_cast<std::size_t>(Matrix(spec.shape).columns) * size_in_bytes(spec.dtype);
}

bool may_lie_apart(const Spec& spec) { return spec.shape.rank() == 2 && spec.shape[1] > 1 && spec.dtype == float32; }

/// How far apart rows lie: where they may, farther than they are long.
std::vector<std::int64_t> pitches_of(const Specs& inputs, const Specs& outputs, std::int64_t more) {
  std::vector<std::int64_t> pitches;
  for (const Specs* specs : {&inputs, &outputs})
    for (const Spec& spec : *specs) pitches.push_back(Matrix(spec.shape).columns + (may_lie_apart(spec) ? more : 0));
  return pitches;
}

/// Without kernel if none takes rows that lie so far apart.
KernelPlan plan(const Op& op, const Specs& inputs, const Specs& outputs, const std::vector<std::int64_t>& pitches) {
  const bool apart = pitches != pitches_of(inputs, outputs, 0);
  return backend_under_test().plan({op, inputs, outputs, apart ? std::span(pitches) : std::span<const std::int64_t>()});
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

/// Of output i a part writes what the planner thinks that it does: what others touch meanwhile depends on it. What lies
/// between rows belongs to their last column.
void expect_reached(const Op& op, const Division& division, const Region& part, const Spec& spec, std::size_t i,
                    std::size_t pitch, const std::vector<unsigned char>& before, const GuardedBytes& after) {
  const Region region = reached(division.outputs.empty() ? Reach{} : division.outputs[i], part, spec.shape);
  const std::size_t size = size_in_bytes(spec.dtype);
  const bool to_the_end = region.column_end == Matrix(spec.shape).columns;
  if (!after.changed_only(before, region, static_cast<std::size_t>(region.column) * size,
                          to_the_end ? pitch : static_cast<std::size_t>(region.column_end) * size, pitch))
    throw InternalError(concat(to_string(op), ": writes more of output ", i, " (", spec, ") than rows ", region.row,
                               " to ", region.row_end, ", columns ", region.column, " to ", region.column_end));
}

std::vector<Array> run_kernel(const KernelPlan& planned, const Op& op, const std::vector<Array>& inputs,
                              const Specs& output_specs, const std::vector<std::int64_t>& pitches,
                              const std::vector<Region>& parts) {
  std::vector<GuardedBytes> sources, targets;
  std::vector<const void*> from;
  std::vector<void*> to;
  std::vector<std::size_t> rows, steps;  // bytes
  const auto add = [&](const Spec& spec) {
    steps.push_back(static_cast<std::size_t>(pitches[rows.size()]) * size_in_bytes(spec.dtype));
    rows.push_back(row_bytes(spec));
  };
  for (const Array& input : inputs) {
    add({input.dtype(), input.shape()});
    from.push_back(sources.emplace_back(input, rows.back(), steps.back()).data());
  }
  for (const Spec& spec : output_specs) {
    add(spec);
    const auto count = static_cast<std::size_t>(Matrix(spec.shape).rows);
    const std::size_t bytes = count * (rows.back() == 0 ? 0 : steps.back());
    to.push_back(targets.emplace_back(GuardedBytes::of_output, bytes).data());
  }
  GuardedBytes workspace(GuardedBytes::of_output, planned.workspace_bytes);
  for (const Region& part : parts) {
    std::vector<std::vector<unsigned char>> before;
    for (const GuardedBytes& target : targets) before.push_back(target.between_guards());
    run_under_test(*planned.kernel, {from, to, workspace.data(), part});
    for (std::size_t i = 0; i < targets.size(); ++i)
      expect_reached(op, planned.division, part, output_specs[i], i, steps[inputs.size() + i], before[i], targets[i]);
  }
  if (!workspace.guards_hold()) throw InternalError(concat(to_string(op), ": writes beside its workspace"));
  for (std::size_t i = 0; i < sources.size(); ++i)
    if (!sources[i].guards_hold() || !sources[i].holds(inputs[i], rows[i], steps[i]))
      throw InternalError(concat(to_string(op), ": changes input ", i));
  std::vector<Array> out;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].guards_hold()) throw InternalError(concat(to_string(op), ": writes beside output ", i));
    out.push_back(targets[i].array(output_specs[i], rows[inputs.size() + i], steps[inputs.size() + i]));
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

bool has_kernel(std::string_view op_name, DType dtype) { return backend_under_test().has_kernel(op_name, dtype); }

std::vector<Array> run_op(const Op& op, const std::vector<Array>& inputs, const Specs& input_specs,
                          const Specs& output_specs, std::int64_t batch) {
  if (op.traits().view) return {inputs[0].reshape(bind(output_specs[0].shape, batch))};
  if (!has_kernel(op.name(), output_specs[0].dtype)) {
    if (!op.traits().expansion) throw UnsupportedError(concat(op.name(), ": has neither a kernel nor an expansion"));
    return run_expansion(op, inputs, input_specs, batch);
  }
  const Specs outputs = bind_all(output_specs, batch);
  const Specs bound = bind_all(input_specs, batch);
  const std::vector<std::int64_t> dense = pitches_of(bound, outputs, 0);
  const KernelPlan planned = plan(op, bound, outputs, dense);
  const auto whole = [](const Division& division) { return Region{0, division.rows, 0, division.columns}; };
  const std::vector<Array> first = run_kernel(planned, op, inputs, outputs, dense, {whole(planned.division)});
  const auto expect_same = [&](const std::vector<Array>& again, const std::string& how) {
    for (std::size_t i = 0; i < first.size(); ++i)
      if (!std::ranges::equal(first[i].bytes(), again[i].bytes()))
        throw InternalError(concat(to_string(op), " of ", join(bound, ", "), ": another result ", how));
  };
  for (const bool by_columns : {false, true})
    for (const std::int64_t count : {1, 3})
      expect_same(run_kernel(planned, op, inputs, outputs, dense, parts_of(planned.division, count, by_columns)),
                  concat("in ", count, " parts"));
  // A reduction of all rows to one number takes another order where they lie apart.
  const bool reduces_rows = op.name().starts_with("Reduce") && outputs[0].shape.size() == 1;
  for (const std::int64_t more : {3, 37}) {
    const std::vector<std::int64_t> apart = pitches_of(bound, outputs, more);
    const KernelPlan other = plan(op, bound, outputs, apart);
    if (other.kernel && !reduces_rows)
      expect_same(run_kernel(other, op, inputs, outputs, apart, {whole(other.division)}), "where rows lie apart");
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
