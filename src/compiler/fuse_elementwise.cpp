// Clusters of elementwise ops of one iteration shape become one ElementwiseProgram each, so that a value between two of
// them stays in the first-level cache instead of travelling through memory.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <utility>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "ops/elementwise_program.h"

namespace keratin {
namespace {

constexpr std::size_t max_members = 32;  // bounds the registers that a kernel keeps in cache
constexpr std::size_t max_inputs = ElementwiseProgram::most_inputs;

struct Cluster {
  std::vector<std::int32_t> members;  // ascending, hence in topological order
  std::vector<Value> inputs;          // what the members read of other units
  DType compute = int64;
};

DType compute_of(const Graph& graph, const Node& node) {
  Specs inputs;
  for (const Value& input : node.inputs) inputs.push_back(graph.spec(input));
  return compute_dtype(inputs, node.outputs);
}

bool is_comparison(const Node& node) {
  const std::optional<Function> function = node.op->traits().function;
  return function && row(*function).result == ResultKind::boolean;
}

/// True if programs of the dtype make the node again, in each that reads it. Comparing takes no time, whereas a mask
/// that is stored is of another dtype than the numbers beside it, which keeps programs from being compiled and from
/// taking in a product.
bool made_again(const Graph& graph, const Node& node, DType compute) {
  const auto is_boolean = [&](const Value& input) { return graph.spec(input).dtype == boolean; };
  return is_comparison(node) &&
         (compute_of(graph, node) == compute || std::all_of(node.inputs.begin(), node.inputs.end(), is_boolean));
}

bool fusable(const Graph& graph, const Node& node) {
  if (!node.op->traits().function || node.op->name() == "Expand") return false;  // others read what an Expand repeats
  // A register neither rounds nor wraps as a narrower dtype would: only results of the compute dtype join.
  return node.outputs[0].dtype == compute_of(graph, node) || is_comparison(node);
}

/// What programs that compute the node read: instead of comparisons what these compare.
std::vector<Value> reads_of(const Graph& graph, const Node& node) {
  if (!fusable(graph, node)) return node.inputs;
  const DType compute = compute_of(graph, node);
  std::vector<Value> all = node.inputs, out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Value value = all[i];
    if (!made_again(graph, graph.node(value), compute)) {
      out.push_back(value);
      continue;
    }
    for (const Value& compared : graph.node(value).inputs)
      if (std::find(all.begin(), all.end(), compared) == all.end()) all.push_back(compared);
  }
  return out;
}

/// The units (a cluster, or a node in none) in a topological order that follows as clusters grow: a unit's number is
/// greater than those of all that it reads. Numbers only rise.
class UnitOrder {
 public:
  UnitOrder(const Graph& graph, const std::vector<Cluster>& clusters, const std::vector<int>& cluster_of)
      : clusters_(clusters),
        cluster_of_(cluster_of),
        readers_(static_cast<std::size_t>(graph.size())),
        number_(static_cast<std::size_t>(graph.size()), 0),
        seen_(static_cast<std::size_t>(graph.size()), 0) {
    for (std::int32_t i = 0; i < graph.size(); ++i) {
      reads_.push_back(reads_of(graph, graph.node(i)));
      for (const Value& input : reads_.back()) readers_[static_cast<std::size_t>(input.node)].push_back(i);
    }
  }

  const std::vector<Value>& reads(std::int32_t node) const { return reads_[static_cast<std::size_t>(node)]; }

  /// Takes the next node in, after it has found its cluster or none: its unit comes after all that it reads.
  void place(std::int32_t node) {
    ++placed_;
    const std::int32_t own = unit(node);
    std::int32_t least = own == node ? node : number(own);
    for_each_input(own, [&](std::int32_t source) { least = std::max(least, number(source) + 1); });
    raise(own, least);
  }

  /// After two units have become one: it comes before the readers of both.
  void merge(std::int32_t one, std::int32_t other) { raise(unit(one), std::max(number(one), number(other)) + 1); }

  std::int32_t number(std::int32_t unit) const { return number_[static_cast<std::size_t>(unit)]; }
  /// A unit goes by its first node.
  std::int32_t unit(std::int32_t node) const {
    const int cluster = cluster_of_[static_cast<std::size_t>(node)];
    return cluster < 0 ? node : clusters_[static_cast<std::size_t>(cluster)].members[0];
  }

  /// True if one of these values depends on one of two units: joining them would close a circle. Values of the two
  /// units themselves do not count. Looks at no unit with a smaller number than the two, smallest first: the way from
  /// a gradient to what it belongs to is short by way of the forward pass and long by way of the loss.
  bool depends(std::span<const Value> values, std::int32_t one, std::int32_t other) {
    const std::int32_t bound = std::min(number(one), number(other));
    ++search_;
    std::priority_queue<Numbered, std::vector<Numbered>, std::greater<>> open;
    const auto visit = [&](std::int32_t at) {
      if (number(at) <= bound || std::exchange(seen_[static_cast<std::size_t>(at)], search_) == search_) return;
      open.emplace(number(at), at);
    };
    for (const Value& value : values)
      if (const std::int32_t at = unit(value.node); at != one && at != other) visit(at);
    while (!open.empty()) {
      const std::int32_t at = open.top().second;
      open.pop();
      bool found = false;
      for_each_input(at, [&](std::int32_t source) {
        found = found || source == one || source == other;
        visit(source);
      });
      if (found) return true;
    }
    return false;
  }

 private:
  using Numbered = std::pair<std::int32_t, std::int32_t>;  // number, unit

  /// The units that a unit reads.
  template <class Use> void for_each_input(std::int32_t unit_read_by, const Use& use) const {
    const int cluster = cluster_of_[static_cast<std::size_t>(unit_read_by)];
    const std::vector<Value>& inputs =
        cluster < 0 ? reads(unit_read_by) : clusters_[static_cast<std::size_t>(cluster)].inputs;
    for (const Value& input : inputs) use(unit(input.node));
  }

  /// Raises a unit to the number, and those that read it above it.
  void raise(std::int32_t raised, std::int32_t to) {
    std::vector<Numbered> open{{to, raised}};
    while (!open.empty()) {
      const auto [least, at] = open.back();
      open.pop_back();
      std::int32_t& now = number_[static_cast<std::size_t>(at)];
      if (now >= least) continue;
      now = least;
      const auto follow = [&, next = least + 1, from = at](std::int32_t member) {
        for (const std::int32_t reader : readers_[static_cast<std::size_t>(member)])
          if (reader < placed_ && unit(reader) != from) open.emplace_back(next, unit(reader));
      };
      const int cluster = cluster_of_[static_cast<std::size_t>(at)];
      if (cluster < 0) {
        follow(at);
      } else {
        for (const std::int32_t member : clusters_[static_cast<std::size_t>(cluster)].members) follow(member);
      }
    }
  }

  const std::vector<Cluster>& clusters_;
  const std::vector<int>& cluster_of_;
  std::vector<std::vector<Value>> reads_;           // per node
  std::vector<std::vector<std::int32_t>> readers_;  // per node
  std::vector<std::int32_t> number_;                // per unit, at its first node
  std::vector<std::int32_t> seen_;                  // per unit: the search that met it last
  std::int32_t search_ = 0;
  std::int32_t placed_ = 0;  // nodes below this one have a unit and a number
};

class Clustering {
 public:
  explicit Clustering(const Graph& graph)
      : graph_(graph), cluster_of_(static_cast<std::size_t>(graph.size()), -1), order_(graph, clusters_, cluster_of_) {
    for (std::int32_t i = 0; i < graph.size(); ++i) {
      if (fusable(graph, graph.node(i))) place(i);
      order_.place(i);
    }
  }

  const std::vector<Cluster>& clusters() const { return clusters_; }
  int cluster_of(std::int32_t node) const { return cluster_of_[static_cast<std::size_t>(node)]; }

 private:
  /// Joins the clusters that make the node's inputs, and each other where that is legal; else begins one of its own.
  /// Comparisons stay alone: others make them again.
  void place(std::int32_t index) {
    int target = -1;
    for (const Value& input : graph_.node(index).inputs) {
      const int candidate = cluster_of(input.node);
      if (is_comparison(graph_.node(index)) || is_comparison(graph_.node(input))) continue;
      if (candidate < 0 || candidate == target || !joins(index, candidate, target)) continue;
      if (target >= 0 && mergeable(target, candidate)) merge(target, candidate);
      if (target < 0) target = candidate;
    }
    if (target < 0 && order_.reads(index).size() > max_inputs) return;  // it reads what is compared as it is stored
    if (target < 0) target = static_cast<int>(clusters_.size()), clusters_.emplace_back();
    join(index, target);
  }

  void join(std::int32_t index, int cluster) {
    Cluster& target = clusters_[static_cast<std::size_t>(cluster)];
    target.members.push_back(index);
    target.compute = compute_of(graph_, graph_.node(index));
    cluster_of_[static_cast<std::size_t>(index)] = cluster;
    target.inputs = with_others(target.inputs, order_.reads(index), cluster);
  }

  /// beside: the cluster that the node is going to join, with which this one would be merged; -1 if there is none yet.
  bool joins(std::int32_t index, int cluster, int beside) {
    const Node& node = graph_.node(index);
    const Cluster& target = clusters_[static_cast<std::size_t>(cluster)];
    if (target.members.size() >= max_members || shape_of(target) != node.outputs[0].shape) return false;
    if (target.compute != compute_of(graph_, node)) return false;
    const Cluster& other = clusters_[static_cast<std::size_t>(beside < 0 ? cluster : beside)];
    return with_others(target.inputs, order_.reads(index), cluster).size() <= max_inputs &&
           !order_.depends(order_.reads(index), target.members[0], other.members[0]);
  }

  bool mergeable(int a, int b) {
    const Cluster &one = clusters_[static_cast<std::size_t>(a)], &other = clusters_[static_cast<std::size_t>(b)];
    if (one.members.size() + other.members.size() >= max_members || shape_of(one) != shape_of(other)) return false;
    if (one.compute != other.compute) return false;
    const std::vector<Value> outside = with_others(one.inputs, other.inputs, -1);
    return outside.size() <= max_inputs && !order_.depends(outside, one.members[0], other.members[0]);
  }

  void merge(int target, int emptied) {
    Cluster &one = clusters_[static_cast<std::size_t>(target)], &other = clusters_[static_cast<std::size_t>(emptied)];
    const std::int32_t first = one.members[0], second = other.members[0];
    for (const std::int32_t member : other.members) cluster_of_[static_cast<std::size_t>(member)] = target;
    one.members.insert(one.members.end(), other.members.begin(), other.members.end());
    std::sort(one.members.begin(), one.members.end());
    one.inputs = with_others(with_others({}, one.inputs, target), other.inputs, target);
    other.members.clear();
    other.inputs.clear();
    order_.merge(first, second);
  }

  const Shape& shape_of(const Cluster& cluster) const { return graph_.node(cluster.members[0]).outputs[0].shape; }

  /// The values and more of them, each once, but for those that the cluster makes itself (-1: none does).
  std::vector<Value> with_others(std::vector<Value> values, const std::vector<Value>& more, int cluster) const {
    for (const Value& value : more)
      if ((cluster < 0 || cluster_of(value.node) != cluster) &&
          std::find(values.begin(), values.end(), value) == values.end())
        values.push_back(value);
    return values;
  }

  const Graph& graph_;
  std::vector<Cluster> clusters_;
  std::vector<int> cluster_of_;  // -1: none
  UnitOrder order_;              // of what the two above say
};

/// Writes the graph anew, unit by unit, each after all that it reads.
class Emitter {
 public:
  Emitter(const Graph& graph, const Clustering& clustering)
      : graph_(graph),
        clustering_(clustering),
        now_(static_cast<std::size_t>(graph.size())),
        computed_(clustering.clusters().size() + static_cast<std::size_t>(graph.size())),
        read_outside_(static_cast<std::size_t>(graph.size()), false),
        emitted_(computed_.size(), false) {
    for (std::int32_t i = 0; i < graph.size(); ++i)
      if (graph.node(i).op->traits().effect) need(i);
    for (const NamedValue& output : graph.outputs()) {
      need(output.value.node);
      read_outside_[static_cast<std::size_t>(output.value.node)] = true;
    }
  }

  Graph emit() {
    for (std::int32_t i = 0; i < graph_.size(); ++i)
      if (computes(unit_of(i), i)) require(i);
    for (const NamedValue& output : graph_.outputs()) made_.add_output(output.name, follow(output.value));
    return std::move(made_);
  }

 private:
  Value follow(const Value& value) const {
    return now_[static_cast<std::size_t>(value.node)][static_cast<std::size_t>(value.output)];
  }
  std::vector<Value> follow(const std::vector<Value>& values) const {
    std::vector<Value> out;
    for (const Value& value : values) out.push_back(follow(value));
    return out;
  }
  /// A number per unit: the cluster's, or beyond them the node's.
  std::size_t unit_of(std::int32_t node) const {
    const int cluster = clustering_.cluster_of(node);
    return cluster >= 0 ? static_cast<std::size_t>(cluster)
                        : clustering_.clusters().size() + static_cast<std::size_t>(node);
  }
  bool computes(std::size_t unit, std::int32_t node) const { return computed_[unit].contains(node); }

  /// Has the node's unit compute it, and whatever that takes.
  void need(std::int32_t node) {
    std::vector<std::pair<std::size_t, std::int32_t>> open{{unit_of(node), node}};
    while (!open.empty()) {
      const auto [unit, at] = open.back();
      open.pop_back();
      if (!computed_[unit].insert(at).second) continue;
      for (const Value& input : graph_.node(at).inputs) {
        const bool own = unit < clustering_.clusters().size() &&
                         (unit_of(input.node) == unit ||
                          made_again(graph_, graph_.node(input), clustering_.clusters()[unit].compute));
        if (!own) read_outside_[static_cast<std::size_t>(input.node)] = true;
        open.emplace_back(own ? unit : unit_of(input.node), input.node);
      }
    }
  }

  /// Depth first without recursion: networks may be deep.
  void require(std::int32_t node) {
    std::vector<std::int32_t> open{node};
    while (!open.empty()) {
      const std::size_t unit = unit_of(open.back());
      if (emitted_[unit]) {
        open.pop_back();
        continue;
      }
      bool ready = true;
      for (const std::int32_t computed : computed_[unit])
        for (const Value& input : graph_.node(computed).inputs)
          if (!computes(unit, input.node) && !emitted_[unit_of(input.node)]) {
            open.push_back(input.node);
            ready = false;
          }
      if (!ready) continue;
      computed_[unit].size() > 1 ? emit_cluster(unit) : emit_node(open.back());
      emitted_[unit] = true;
      open.pop_back();
    }
  }

  void emit_node(std::int32_t index) {
    const Node& node = graph_.node(index);
    now_[static_cast<std::size_t>(index)] = outputs_of(made_, made_.add(node.op, follow(node.inputs), node.scope));
  }

  void emit_cluster(std::size_t unit) {
    std::vector<Value> inputs;  // in the old graph
    std::map<Value, int> registers;
    for (const std::int32_t computed : computed_[unit])
      for (const Value& input : graph_.node(computed).inputs)
        if (!computes(unit, input.node) && registers.emplace(input, static_cast<int>(inputs.size())).second)
          inputs.push_back(input);
    std::vector<Instruction> instructions;
    std::vector<ElementwiseProgram::Output> outputs;
    std::vector<std::int32_t> written;
    for (const std::int32_t computed : computed_[unit]) {
      const Node& node = graph_.node(computed);
      Instruction instruction{node.op->traits().function.value(), {-1, -1, -1}};
      for (std::size_t k = 0; k < node.inputs.size(); ++k) instruction.operands[k] = registers.at(node.inputs[k]);
      const int made_register = static_cast<int>(inputs.size() + instructions.size());
      registers.emplace(Value{computed, 0}, made_register);
      instructions.push_back(instruction);
      if (unit_of(computed) != unit || !read_outside_[static_cast<std::size_t>(computed)]) continue;
      outputs.push_back({made_register, node.outputs[0]});
      written.push_back(computed);
    }
    auto op =
        std::make_shared<ElementwiseProgram>(clustering_.clusters()[unit].compute, static_cast<int>(inputs.size()),
                                             std::move(instructions), std::move(outputs));
    const std::int32_t made = made_.add(std::move(op), follow(inputs), graph_.node(written.back()).scope);
    for (std::size_t i = 0; i < written.size(); ++i)
      now_[static_cast<std::size_t>(written[i])] = {{made, static_cast<std::int32_t>(i)}};
  }

  const Graph& graph_;
  const Clustering& clustering_;
  Graph made_;
  std::vector<std::vector<Value>> now_;           // per old node: its outputs in the new graph
  std::vector<std::set<std::int32_t>> computed_;  // per unit: the nodes that are needed
  std::vector<bool> read_outside_;                // by another unit, or by whoever runs the program
  std::vector<bool> emitted_;                     // per unit
};

}  // namespace

Graph fuse_elementwise(const Graph& graph) {
  const Clustering clustering(graph);
  return Emitter(graph, clustering).emit();
}

}  // namespace keratin
