#include "compiler/compile.h"

#include <cstdio>
#include <functional>
#include <unordered_map>

#include "base/check.h"
#include "base/environment.h"
#include "compiler/form_strips.h"
#include "compiler/passes.h"
#include "compiler/plan_kernels.h"
#include "compiler/plan_memory.h"
#include "compiler/rewrite.h"
#include "compiler/schedule.h"
#include "graph/leaves.h"
#include "graph/print.h"
#include "graph/verify.h"

namespace keratin {
namespace {

struct Pass {
  const char* name;
  std::function<Graph(const Graph&)> run;
};

/// The passes in their order. Each can be left out by its name, but for those that the backend cannot do without.
Graph run_passes(Graph graph, const KernelPlanner& planner, const Switches& switches) {
  const Pass passes[] = {
      {"expand_ops", [&](const Graph& g) { return expand_ops(g, planner); }},
      {"simplify", simplify},
      {"fuse_softmax_crossentropy", fuse_softmax_crossentropy},
      {"turn_factors", [&](const Graph& g) { return turn_factors(g, planner); }},
      {"fuse_elementwise", fuse_elementwise},
      {"fuse_products", fuse_products},
  };
  verify(graph, "tracing");
  for (const Pass& pass : passes) {
    if (std::string_view(pass.name) != "expand_ops" && switches.disables(pass.name)) continue;
    graph = pass.run(graph);
    verify(graph, pass.name);
  }
  return graph;
}

/// Turns nodes into values and launches, with the batch bound.
class Lowering {
 public:
  Lowering(const Graph& graph, std::int64_t batch) : graph_(graph), values_(static_cast<std::size_t>(graph.size())) {
    program_.batch = batch;
  }

  Program lower() {
    for (std::int32_t i = 0; i < graph_.size(); ++i)
      if (graph_.node(i).op->name() != "Assign") add_node(i);
    for (std::int32_t i = 0; i < graph_.size(); ++i)  // after everything that reads the variables' old values
      if (graph_.node(i).op->name() == "Assign") add_assign(graph_.node(i));
    for (const NamedValue& output : graph_.outputs())
      program_.outputs.push_back({output.name, saved(value_of(output.value), "output")});
    for (Launch& copy : copies_) program_.launches.push_back(std::move(copy));
    return std::move(program_);
  }

 private:
  int value_of(const Value& value) const {
    return values_[static_cast<std::size_t>(value.node)][static_cast<std::size_t>(value.output)];
  }

  int add_value(const Spec& spec, Place place = {}) {
    program_.values.push_back({bind(spec, program_.batch), place});
    ProgramValue& value = program_.values.back();
    value.pitch = place.space == Place::Space::variable ? row_pitch(value.spec) : Matrix(value.spec.shape).columns;
    return static_cast<int>(program_.values.size()) - 1;
  }

  int value_of_variable(const std::shared_ptr<VariableState>& variable) {
    const auto [found, fresh] = variables_.emplace(variable.get(), static_cast<int>(program_.values.size()));
    if (fresh) {
      program_.variables.push_back(variable);
      add_value(variable->spec, {Place::Space::variable, program_.variables.size() - 1});
    }
    return found->second;
  }

  int add_constant(Array array) {
    program_.constants.push_back(std::move(array));
    const Array& kept = program_.constants.back();
    return add_value({kept.dtype(), kept.shape()}, {Place::Space::constant, program_.constants.size() - 1});
  }

  /// The value of a leaf; -1 for other ops.
  int leaf(const Node& node) {
    const std::string_view name = node.op->name();
    if (name == "Constant") return add_constant(static_cast<const Constant&>(*node.op).value());
    if (name == "BatchSize")
      return add_constant(Array::full({}, static_cast<double>(program_.batch), node.outputs[0].dtype));
    if (name == "ReadVariable") return value_of_variable(static_cast<const ReadVariable&>(*node.op).variable());
    if (name != "Input") return -1;
    const int value = add_value(node.outputs[0]);
    program_.inputs.push_back({static_cast<const Input&>(*node.op).slot(), value});
    return value;
  }

  void add_node(std::int32_t index) {
    const Node& node = graph_.node(index);
    std::vector<int>& outputs = values_[static_cast<std::size_t>(index)];
    if (node.op->traits().leaf) {
      outputs.push_back(leaf(node));
      KERATIN_ASSERT(outputs.back() >= 0);
      return;
    }
    Launch launch{.op = node.op, .inputs = {}, .outputs = {}, .scope = node.scope};
    for (const Value& input : node.inputs) launch.inputs.push_back(value_of(input));
    for (const Spec& spec : node.outputs) outputs.push_back(add_value(spec));
    if (node.op->traits().view) {
      program_.value(outputs[0]).view_of = dense(launch.inputs[0], node.scope);
      return;
    }
    launch.outputs = outputs;
    program_.launches.push_back(std::move(launch));
  }

  bool shows_variable(int value) const {
    return program_.value(program_.root_of(value)).place.space == Place::Space::variable;
  }

  int copied(int value, const std::string& scope) {
    const int copy = add_value(program_.value(value).spec);
    program_.launches.push_back(copy_launch(value, copy, scope));
    return copy;
  }
  /// A value that outlives the assignments: a copy of it if it is a variable's memory.
  int saved(int value, const std::string& scope) { return shows_variable(value) ? copied(value, scope) : value; }
  /// A value that can be shown under another shape.
  int dense(int value, const std::string& scope) {
    const ProgramValue& own = program_.value(value);
    return own.pitch == Matrix(own.spec.shape).columns ? value : copied(value, scope);
  }

  void add_assign(const Node& node) {
    // a ← b, b ← a: the old values are saved before either is overwritten.
    const int source = saved(value_of(node.inputs[0]), node.scope);
    const int variable = value_of_variable(static_cast<const Assign&>(*node.op).variable());
    copies_.push_back({.op = node.op, .inputs = {source}, .outputs = {variable}, .scope = node.scope});
  }

  const Graph& graph_;
  Program program_;
  std::vector<std::vector<int>> values_;  // per node: its outputs' values
  std::unordered_map<const VariableState*, int> variables_;
  std::vector<Launch> copies_;  // Assign launches: the program's last
};

/// All of the threads, or one if they have too little to do.
int members_for(const Program& program, const TeamLimits& limits) {
  double flops = 0;
  for (const Launch& launch : program.launches) flops += launch.plan.division.flops;
  return flops >= limits.threads * limits.least_flops ? limits.threads : 1;
}

/// A team gathers the next batch where the step leaves it time.
void add_feed(Program& program) {
  constexpr double delay = 10;  // of a byte that comes from memory, in operations
  if (program.inputs.empty() || program.batch < 1) return;
  program.feed = std::make_shared<FeedOrder>();
  Division division{.rows = program.batch, .row_step = 1};
  for (const ProgramSlot& input : program.inputs)
    division.delay += delay * static_cast<double>(program.value(input.value).bytes());
  program.launches.push_back({.op = std::make_shared<Feed>(),
                              .inputs = {},
                              .outputs = {},
                              .plan = {std::make_unique<FeedKernel>(program.feed), 0, std::move(division)}});
}

}  // namespace

Graph apply_passes(const Graph& graph, const KernelPlanner& planner) {
  const Switches switches = read_switches();
  Graph rewritten = run_passes(without_dead_nodes(graph), planner, switches);
  if (switches.dumps("graph")) std::fputs(print(rewritten).c_str(), stderr);
  return rewritten;
}

Program lower(const Graph& rewritten, std::int64_t batch, const KernelPlanner& planner, const TeamLimits& limits) {
  Program program = Lowering(rewritten, batch).lower();
  plan_kernels(program, planner);
  assign_in_place(program);
  const int members = planner.runs_on_threads() ? members_for(program, limits) : 1;
  if (members > 1) add_feed(program);
  schedule(program, members);
  const Switches switches = read_switches();
  if (!switches.disables("form_strips") && !switches.check_finite) form_strips(program);  // a check sees whole values
  plan_memory(program);
  if (switches.dumps("program")) std::fputs(print(program).c_str(), stderr);
  return program;
}

Program compile(const Graph& graph, std::int64_t batch, const KernelPlanner& planner, const TeamLimits& limits) {
  return lower(apply_passes(graph, planner), batch, planner, limits);
}

}  // namespace keratin
