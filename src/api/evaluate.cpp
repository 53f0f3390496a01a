// Tensor::evaluate: computes a constant expression on the CPU.
#include "api/evaluate.h"

#include <algorithm>

#include "api/backends.h"
#include "base/check.h"
#include "compiler/compile.h"
#include "graph/trace.h"

namespace keratin {

std::vector<Array> run_once(const Graph& graph) {
  const Backend& backend = backend_for("cpu");
  Workshop workshop;
  const std::unique_ptr<Executable> program = backend.load(compile(graph, 1, backend), workshop);
  program->run();
  std::vector<Array> outputs;
  for (std::size_t i = 0; i < program->output_count(); ++i) {
    outputs.push_back(Array::uninitialized(program->output_spec(i).shape, program->output_spec(i).dtype));
    program->read(i, outputs.back().bytes());
  }
  return outputs;
}

namespace {

bool depends_on_batch(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(), [](const Node& node) {
    return node.op->name() == "BatchSize" ||
           std::any_of(node.outputs.begin(), node.outputs.end(), [](const Spec& spec) { return !spec.shape.known(); });
  });
}

}  // namespace

Array Tensor::evaluate() const {
  Graph graph;
  {
    const TraceSuspension outside;  // inside a trace, too, the value is computed now or refused
    Trace trace(false);
    const Value value = TensorAccess::value(trace.import(*this));
    trace.graph().add_output("value", value);
    graph = trace.finish();
  }
  check_argument(!depends_on_batch(graph),
                 "evaluate: expected known extents, got a tensor that depends on the batch: ", shape(),
                 "; give the numbers instead of -1");
  return run_once(graph)[0];
}

}  // namespace keratin
