// Clusters of elementwise ops of one iteration shape become one ElementwiseProgram each, so that a value between two of
// them stays in the first-level cache instead of travelling through memory.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <utility>

#include "compiler/passes.h"
#include "ops/elementwise_program.h"

namespace keratin {
namespace {

constexpr std::size_t max_members = 32;  // bounds the registers that a kernel keeps in cache
constexpr std::size_t max_inputs = 24;

struct Cluster {
  std::vector<std::int32_t> members;  // ascending, hence in topological order
  std::vector<Value> inputs;          // what the members read of other units
  DType compute = int64;
  bool undecided = true;    // only booleans so far: any compute dtype will do
  bool comparisons = true;  // every member's result is boolean
};

/// The units (a cluster, or a node in none) in a topological order that follows as clusters grow: a unit's number is
/// greater than those of all that it reads. Numbers only rise.
class UnitOrder {
 public:
  UnitOrder(const Graph& graph, const std::vector<Cluster>& clusters, const std::vector<int>& cluster_of)
      : graph_(graph),
        clusters_(clusters),
        cluster_of_(cluster_of),
        readers_(static_cast<std::size_t>(graph.size())),
        number_(static_cast<std::size_t>(graph.size()), 0),
        seen_(static_cast<std::size_t>(graph.size()), 0) {
    for (std::int32_t i = 0; i < graph.size(); ++i)
      for (const Value& input : graph.node(i).inputs) readers_[static_cast<std::size_t>(input.node)].push_back(i);
  }

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
        cluster < 0 ? graph_.node(unit_read_by).inputs : clusters_[static_cast<std::size_t>(cluster)].inputs;
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

  const Graph& graph_;
  const std::vector<Cluster>& clusters_;
  const std::vector<int>& cluster_of_;
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
      if (fusable(graph.node(i))) place(i);
      order_.place(i);
    }
  }

  const std::vector<Cluster>& clusters() const { return clusters_; }
  int cluster_of(std::int32_t node) const { return cluster_of_[static_cast<std::size_t>(node)]; }

 private:
  Specs input_specs(const Node& node) const {
    Specs specs;
    for (const Value& input : node.inputs) specs.push_back(graph_.spec(input));
    return specs;
  }

  bool fusable(const Node& node) const {
    const std::optional<Function> function = node.op->traits().function;
    if (!function || node.op->name() == "Expand") return false;  // other kernels read what an Expand repeats
    // A register neither rounds nor wraps as a narrower dtype would: only results of the compute dtype join, and
    // comparisons.
    return node.outputs[0].dtype == compute_dtype(input_specs(node), node.outputs) ||
           row(*function).result == ResultKind::boolean;
  }

  bool only_booleans(const Node& node) const {
    return node.outputs[0].dtype == boolean &&
           std::all_of(node.inputs.begin(), node.inputs.end(),
                       [&](const Value& input) { return graph_.spec(input).dtype == boolean; });
  }

  /// Joins the clusters that make the node's inputs, and each other where that is legal; else begins one of its own.
  void place(std::int32_t index) {
    int target = -1;
    for (const Value& input : graph_.node(index).inputs) {
      const int candidate = cluster_of(input.node);
      if (candidate < 0 || candidate == target || !joins(index, candidate)) continue;
      if (target < 0) {
        target = candidate;
      } else if (mergeable(target, candidate)) {
        merge(target, candidate);
      }
    }
    if (target < 0) {
      clusters_.push_back({});
      target = static_cast<int>(clusters_.size()) - 1;
    }
    join(index, target);
  }

  void join(std::int32_t index, int cluster) {
    const Node& node = graph_.node(index);
    Cluster& target = clusters_[static_cast<std::size_t>(cluster)];
    target.members.push_back(index);
    if (!only_booleans(node)) {
      target.compute = compute_dtype(input_specs(node), node.outputs);
      target.undecided = false;
    }
    target.comparisons = target.comparisons && node.outputs[0].dtype == boolean;
    cluster_of_[static_cast<std::size_t>(index)] = cluster;
    target.inputs = with_others(target.inputs, node.inputs, cluster);
  }

  bool joins(std::int32_t index, int cluster) {
    const Node& node = graph_.node(index);
    const Cluster& target = clusters_[static_cast<std::size_t>(cluster)];
    if (target.members.size() >= max_members || shape_of(target) != node.outputs[0].shape) return false;
    // A comparison goes to who reads it: storing a mask beside its operand costs more than comparing again where both
    // are read.
    if (node.outputs[0].dtype == boolean && !target.comparisons) return false;
    if (!target.undecided && !only_booleans(node) && target.compute != compute_dtype(input_specs(node), node.outputs))
      return false;
    return with_others(target.inputs, node.inputs, cluster).size() <= max_inputs &&
           !order_.depends(node.inputs, target.members[0], target.members[0]);
  }

  bool mergeable(int a, int b) {
    const Cluster &one = clusters_[static_cast<std::size_t>(a)], &other = clusters_[static_cast<std::size_t>(b)];
    if (one.members.size() + other.members.size() >= max_members || shape_of(one) != shape_of(other)) return false;
    if (!one.undecided && !other.undecided && one.compute != other.compute) return false;
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
    if (one.undecided) one.compute = other.compute;
    one.undecided = one.undecided && other.undecided;
    one.comparisons = one.comparisons && other.comparisons;
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
        read_outside_(static_cast<std::size_t>(graph.size()), false),
        emitted_(clustering.clusters().size() + static_cast<std::size_t>(graph.size()), false) {
    for (std::int32_t i = 0; i < graph.size(); ++i)
      for (const Value& input : graph.node(i).inputs)
        if (clustering.cluster_of(i) < 0 || clustering.cluster_of(i) != clustering.cluster_of(input.node))
          read_outside_[static_cast<std::size_t>(input.node)] = true;
    for (const NamedValue& output : graph.outputs()) read_outside_[static_cast<std::size_t>(output.value.node)] = true;
  }

  Graph emit() {
    for (std::int32_t i = 0; i < graph_.size(); ++i) require(i);
    for (const NamedValue& output : graph_.outputs()) made_.add_output(output.name, follow(output.value));
    return std::move(made_);
  }

 private:
  Value follow(const Value& value) const {
    return now_[static_cast<std::size_t>(value.node)][static_cast<std::size_t>(value.output)];
  }
  bool done(std::int32_t node) const { return emitted_[unit_of(node)]; }
  /// A number per unit: the cluster's, or beyond them the node's.
  std::size_t unit_of(std::int32_t node) const {
    const int cluster = clustering_.cluster_of(node);
    return cluster >= 0 ? static_cast<std::size_t>(cluster)
                        : clustering_.clusters().size() + static_cast<std::size_t>(node);
  }
  std::vector<std::int32_t> members_of(std::int32_t node) const {
    const int cluster = clustering_.cluster_of(node);
    return cluster >= 0 ? clustering_.clusters()[static_cast<std::size_t>(cluster)].members
                        : std::vector<std::int32_t>{node};
  }

  /// Depth first without recursion: networks may be deep.
  void require(std::int32_t node) {
    std::vector<std::int32_t> open{node};
    while (!open.empty()) {
      const std::int32_t at = open.back();
      if (done(at)) {
        open.pop_back();
        continue;
      }
      bool ready = true;
      for (const std::int32_t member : members_of(at))
        for (const Value& input : graph_.node(member).inputs)
          if (unit_of(input.node) != unit_of(at) && !done(input.node)) {
            open.push_back(input.node);
            ready = false;
          }
      if (!ready) continue;
      emit_unit(at);
      emitted_[unit_of(at)] = true;
      open.pop_back();
    }
  }

  void emit_unit(std::int32_t index) {
    const std::vector<std::int32_t> members = members_of(index);
    if (members.size() > 1) return emit_cluster(members);
    const Node& node = graph_.node(index);
    std::vector<Value> inputs;
    for (const Value& input : node.inputs) inputs.push_back(follow(input));
    const std::int32_t made = made_.add(node.op, std::move(inputs), node.scope);
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      now_[static_cast<std::size_t>(index)].push_back({made, static_cast<std::int32_t>(i)});
  }

  void emit_cluster(const std::vector<std::int32_t>& members) {
    std::vector<Value> inputs;  // in the old graph
    std::map<Value, int> registers;
    for (const std::int32_t member : members)
      for (const Value& input : graph_.node(member).inputs)
        if (unit_of(input.node) != unit_of(member) && registers.emplace(input, static_cast<int>(inputs.size())).second)
          inputs.push_back(input);
    std::vector<Instruction> instructions;
    std::vector<ElementwiseProgram::Output> outputs;
    std::vector<std::int32_t> written;
    for (const std::int32_t member : members) {
      const Node& node = graph_.node(member);
      Instruction instruction{node.op->traits().function.value(), {-1, -1, -1}};
      for (std::size_t k = 0; k < node.inputs.size(); ++k) instruction.operands[k] = registers.at(node.inputs[k]);
      const int made_register = static_cast<int>(inputs.size() + instructions.size());
      registers.emplace(Value{member, 0}, made_register);
      instructions.push_back(instruction);
      if (!read_outside_[static_cast<std::size_t>(member)]) continue;
      outputs.push_back({made_register, node.outputs[0]});
      written.push_back(member);
    }
    std::vector<Value> sources;
    sources.reserve(inputs.size());
    for (const Value& input : inputs) sources.push_back(follow(input));
    const int cluster = clustering_.cluster_of(members[0]);
    auto op = std::make_shared<ElementwiseProgram>(clustering_.clusters()[static_cast<std::size_t>(cluster)].compute,
                                                   static_cast<int>(inputs.size()), std::move(instructions),
                                                   std::move(outputs));
    const std::int32_t made = made_.add(std::move(op), std::move(sources), graph_.node(members.back()).scope);
    for (std::size_t i = 0; i < written.size(); ++i)
      now_[static_cast<std::size_t>(written[i])] = {{made, static_cast<std::int32_t>(i)}};
  }

  const Graph& graph_;
  const Clustering& clustering_;
  Graph made_;
  std::vector<std::vector<Value>> now_;  // per old node: its outputs in the new graph
  std::vector<bool> read_outside_;       // by another unit, or by whoever runs the program
  std::vector<bool> emitted_;            // per unit
};

}  // namespace

Graph fuse_elementwise(const Graph& graph) {
  const Clustering clustering(graph);
  return Emitter(graph, clustering).emit();
}

}  // namespace keratin
