// Clusters of elementwise ops of one iteration shape become one ElementwiseProgram each, so that a value between two of
// them stays in the first-level cache instead of travelling through memory.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "compiler/passes.h"
#include "ops/elementwise_program.h"

namespace keratin {
namespace {

constexpr std::size_t max_members = 32;  // bounds the registers that a kernel keeps in cache
constexpr std::size_t max_inputs = 24;

struct Cluster {
  std::vector<std::int32_t> members;  // ascending, hence in topological order
  DType compute = int64;
  bool undecided = true;    // only booleans so far: any compute dtype will do
  bool comparisons = true;  // every member's result is boolean
};

class Clustering {
 public:
  explicit Clustering(const Graph& graph) : graph_(graph), cluster_of_(static_cast<std::size_t>(graph.size()), -1) {
    for (std::int32_t i = 0; i < graph.size(); ++i)
      if (fusable(graph.node(i))) place(i);
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
  }

  bool joins(std::int32_t index, int cluster) const {
    const Node& node = graph_.node(index);
    const Cluster& target = clusters_[static_cast<std::size_t>(cluster)];
    if (target.members.size() >= max_members || shape_of(target) != node.outputs[0].shape) return false;
    // A comparison goes to who reads it: storing a mask beside its operand costs more than comparing again where both
    // are read.
    if (node.outputs[0].dtype == boolean && !target.comparisons) return false;
    if (!target.undecided && !only_booleans(node) && target.compute != compute_dtype(input_specs(node), node.outputs))
      return false;
    std::set<Value> outside = inputs_of(target);
    for (const Value& input : node.inputs) {
      if (cluster_of(input.node) == cluster) continue;
      outside.insert(input);
      if (depends_on(input.node, cluster)) return false;
    }
    return outside.size() <= max_inputs;
  }

  bool mergeable(int a, int b) const {
    const Cluster &one = clusters_[static_cast<std::size_t>(a)], &other = clusters_[static_cast<std::size_t>(b)];
    if (one.members.size() + other.members.size() >= max_members || shape_of(one) != shape_of(other)) return false;
    if (!one.undecided && !other.undecided && one.compute != other.compute) return false;
    std::set<Value> outside = inputs_of(one);
    outside.merge(inputs_of(other));
    if (outside.size() > max_inputs) return false;
    return std::none_of(outside.begin(), outside.end(), [&](const Value& input) {
      const int unit = cluster_of(input.node);
      return unit != a && unit != b && (depends_on(input.node, a) || depends_on(input.node, b));
    });
  }

  void merge(int target, int emptied) {
    Cluster &one = clusters_[static_cast<std::size_t>(target)], &other = clusters_[static_cast<std::size_t>(emptied)];
    for (const std::int32_t member : other.members) cluster_of_[static_cast<std::size_t>(member)] = target;
    one.members.insert(one.members.end(), other.members.begin(), other.members.end());
    std::sort(one.members.begin(), one.members.end());
    if (one.undecided) one.compute = other.compute;
    one.undecided = one.undecided && other.undecided;
    one.comparisons = one.comparisons && other.comparisons;
    other.members.clear();
  }

  const Shape& shape_of(const Cluster& cluster) const { return graph_.node(cluster.members[0]).outputs[0].shape; }

  /// What the members read of other units.
  std::set<Value> inputs_of(const Cluster& cluster) const {
    std::set<Value> outside;
    const int own = cluster_of(cluster.members[0]);
    for (const std::int32_t member : cluster.members)
      for (const Value& input : graph_.node(member).inputs)
        if (cluster_of(input.node) != own) outside.insert(input);
    return outside;
  }

  /// True if the node's unit can be reached from the cluster: joining them would close a circle.
  bool depends_on(std::int32_t node, int cluster) const {
    std::vector<std::int32_t> open{node};
    std::vector<bool> seen(static_cast<std::size_t>(graph_.size()), false);
    const auto visit = [&](std::int32_t next) {
      if (!seen[static_cast<std::size_t>(next)]) open.push_back(next);
      seen[static_cast<std::size_t>(next)] = true;
    };
    while (!open.empty()) {
      const std::int32_t at = open.back();
      open.pop_back();
      const int unit = cluster_of(at);
      if (unit == cluster) return true;
      if (unit >= 0)
        for (const std::int32_t member : clusters_[static_cast<std::size_t>(unit)].members)
          if (member != at) visit(member);
      for (const Value& input : graph_.node(at).inputs) visit(input.node);
    }
    return false;
  }

  const Graph& graph_;
  std::vector<Cluster> clusters_;
  std::vector<int> cluster_of_;  // -1: none
};

/// Writes the graph anew, unit by unit, each after all that it reads.
class Emitter {
 public:
  Emitter(const Graph& graph, const Clustering& clustering)
      : graph_(graph),
        clustering_(clustering),
        now_(static_cast<std::size_t>(graph.size())),
        read_outside_(static_cast<std::size_t>(graph.size()), false) {
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
  bool done(std::int32_t node) const { return emitted_.count(unit_of(node)) != 0; }
  /// A number per unit: the cluster's, or beyond them the node's.
  std::int64_t unit_of(std::int32_t node) const {
    const int cluster = clustering_.cluster_of(node);
    return cluster >= 0 ? cluster : static_cast<std::int64_t>(clustering_.clusters().size()) + node;
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
      emitted_.insert(unit_of(at));
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
  std::set<std::int64_t> emitted_;
};

}  // namespace

Graph fuse_elementwise(const Graph& graph) {
  const Clustering clustering(graph);
  return Emitter(graph, clustering).emit();
}

}  // namespace keratin
