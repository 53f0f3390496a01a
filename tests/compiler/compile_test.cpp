// Programs against the interpreter, which knows neither passes nor memory plan.
#include "compiler/compile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "cpu/cpu_backend.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "keratin/losses.h"
#include "keratin/ops.h"
#include "support/interpret.h"

namespace keratin {
namespace {

using testing::Feeds;

Variable variable(const std::string& name, const Array& value) {
  auto state = std::make_shared<VariableState>();
  state->name = state->path = name;
  state->spec = {value.dtype(), value.shape()};
  state->initial = [value](std::uint64_t) { return value.copy(); };
  return VariableAccess::make(state);
}

Array ramp(const Shape& shape, double from, double by) {
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = from + by * static_cast<double>((i * 37) % 101);
  return Array(std::move(values), shape);
}

Tensor input(const std::string& slot, const Spec& spec) { return apply_one(std::make_shared<Input>(slot, spec), {}); }

bool same_bits(const Array& a, const Array& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         (a.size() == 0 || std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0);
}

/// Outlives the variables that it has given places.
const cpu::CpuBackend& the_backend() {
  static const cpu::CpuBackend backend;
  return backend;
}

/// Compiles and runs the graph once as a team; expects the interpreter's outputs and variables, to the bit.
void expect_from_team(int members, const Graph& graph, const Feeds& feeds, std::int64_t batch,
                      const testing::Interpreted& expected, const std::string& what) {
  const cpu::CpuBackend& backend = the_backend();
  Program program = compile(graph, batch, backend, {.threads = members, .least_flops = 0});
  const std::vector<ProgramSlot> slots = program.inputs, outputs = program.outputs;
  Workshop workshop{.team = std::make_shared<Team>(members)};
  const std::unique_ptr<Executable> executable = backend.load(std::move(program), workshop);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::span<std::byte> to = executable->input(i);
    std::memcpy(to.data(), feeds.at(slots[i].name).bytes().data(), to.size());
  }
  executable->run();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Array got = Array::uninitialized(executable->output_spec(i).shape, executable->output_spec(i).dtype);
    executable->read(i, got.bytes());
    EXPECT_TRUE(same_bits(got, expected.outputs.at(outputs[i].name)))
        << what << ": output " << outputs[i].name << "\n"
        << got.to_string() << "\nexpected\n"
        << expected.outputs.at(outputs[i].name).to_string();
  }
  for (const auto& [state, value] : expected.assigned)
    EXPECT_TRUE(same_bits(state->value(), value)) << what << ": variable " << state->path << "\n"
                                                  << state->value().to_string() << "\nexpected\n"
                                                  << value.to_string();
}

/// By teams of one, two and three, each from the same variables.
void expect_as_interpreted(const Graph& graph, const Feeds& feeds, std::int64_t batch, const std::string& what) {
  const testing::Interpreted expected = testing::interpret(graph, feeds, batch);
  std::map<VariableState*, Array> before;
  for (const auto& [state, value] : expected.assigned) before.emplace(&*state, state->value().copy());
  for (const int members : {1, 2, 3}) {
    for (const auto& [state, value] : before) state->assign(value);
    expect_from_team(members, graph, feeds, batch, expected, concat(what, ", ", members, " members"));
  }
}

TEST(Compile, RunsATrainingStepAsTheInterpreterDoes) {
  for (const std::int64_t batch : {1, 3, 8}) {
    const Variable w = variable("w", ramp(Shape({5, 4}), -0.5, 0.01)), b = variable("b", ramp(Shape({4}), 0.1, 0.02));
    const Variable m = variable("m", ramp(Shape({5, 4}), 0.0, 0.001));
    Trace trace(true, true);
    const Tensor x = input("x", {float64, Shape({unknown, 5})}), y = input("y", {int64, Shape({unknown})});
    const Tensor logits = ops::tanh(ops::matmul(x, w) + b);
    const Tensor loss = ops::mean(-ops::sum(ops::one_hot(y, 4, float64) * ops::log_softmax(logits), {.axis = -1}));
    const Tensors gradient = gradients(loss, {w, b});
    m.assign(Tensor(m) * 0.9 + gradient[0]);
    w.assign(Tensor(w) - Tensor(m) * 0.1);
    b.assign(Tensor(b) - gradient[1] * 0.1);
    trace.graph().add_output("loss", TensorAccess::value(loss));
    trace.graph().add_output("logits", TensorAccess::value(logits));
    const Graph graph = trace.finish();
    std::vector<std::int64_t> classes;
    for (std::int64_t i = 0; i < batch; ++i) classes.push_back(i % 4);
    expect_as_interpreted(graph, {{"x", ramp(Shape({batch, 5}), -1.0, 0.02)}, {"y", Array(classes, Shape({batch}))}},
                          batch, "batch " + std::to_string(batch));
  }
}

TEST(Compile, UpdatesAWeightInTheProductOfItsGradient) {
  const Variable w = variable("w", ramp(Shape({40, 20}), -0.5, 0.01).astype(float32)),
                 v = variable("v", ramp(Shape({20, 20}), -0.2, 0.002).astype(float32));
  Trace trace(true, true);
  const Tensor x = input("x", {float32, Shape({unknown, 40})});
  const Tensor hidden = ops::relu(ops::matmul(x, w));
  const Tensor loss = ops::mean(ops::square(ops::matmul(hidden, v)));
  const Tensors gradient = gradients(loss, {w, v});
  v.assign(Tensor(v) - gradient[1] * 0.1);  // before w's gradient has read v
  w.assign(Tensor(w) - gradient[0] * 0.1);
  trace.graph().add_output("loss", TensorAccess::value(loss));
  const Graph graph = trace.finish();
  const cpu::CpuBackend backend;
  const Program program = compile(graph, 30, backend);
  const auto launches = [&](std::string_view op) {
    return std::count_if(program.launches.begin(), program.launches.end(),
                         [&](const Launch& launch) { return launch.op->name() == op; });
  };
  EXPECT_EQ(launches("ProductProgram"), 4);  // relu, its gradient, two updates
  EXPECT_EQ(launches("Assign"), 0);
  expect_as_interpreted(graph, {{"x", ramp(Shape({30, 40}), -1.0, 0.02).astype(float32)}}, 30, "updates");
}

TEST(Compile, WalksImagesInStrips) {
  constexpr std::int64_t batch = 13;
  const Variable k = variable("k", ramp(Shape({3, 3, 1, 6}), -0.5, 0.01).astype(float32)),
                 l = variable("l", ramp(Shape({3, 3, 6, 8}), -0.4, 0.007).astype(float32)),
                 bias = variable("bias", ramp(Shape({6}), 0.1, 0.02).astype(float32));
  Trace trace(true, true);
  const Tensor x = input("x", {float32, Shape({unknown, 30, 30, 1})});
  const Tensor first = ops::relu(ops::conv(x, k, {.padding = "same"}) + bias);
  const Tensor second = ops::tanh(ops::conv(ops::max_pool(first, 2), l, {.strides = 2}));
  const Tensor loss = ops::mean(ops::square(second));
  const Tensors gradient = gradients(loss, {k, l, bias});
  k.assign(Tensor(k) - gradient[0]);
  l.assign(Tensor(l) - gradient[1]);
  bias.assign(Tensor(bias) - gradient[2]);
  trace.graph().add_output("loss", TensorAccess::value(loss));
  const Graph graph = trace.finish();
  EXPECT_EQ(compile(graph, batch, the_backend()).strips.size(), 2u);  // forward and backward
  expect_as_interpreted(graph, {{"x", ramp(Shape({batch, 30, 30, 1}), -1.0, 0.02).astype(float32)}}, batch, "images");
}

TEST(Compile, SwapsTwoVariables) {
  const Variable a = variable("a", ramp(Shape({3}), 1.0, 1.0)), b = variable("b", ramp(Shape({3}), -1.0, -1.0));
  Trace trace(true);
  const Tensor old_a = a, old_b = b;
  a.assign(old_b);
  b.assign(old_a);
  expect_as_interpreted(trace.finish(), {}, 1, "swap");
}

TEST(Compile, KeepsTheOldValueForWhoReadsItLater) {
  const Variable a = variable("a", ramp(Shape({2, 3}), 1.0, 0.5));
  Trace trace(true);
  const Tensor old = a;
  a.assign(old * 2.0 + 1.0);
  trace.graph().add_output("old", TensorAccess::value(old));
  trace.graph().add_output("sum of old rows", TensorAccess::value(ops::sum(old, {.axis = 0})));
  trace.graph().add_output("new", TensorAccess::value(Tensor(a)));
  expect_as_interpreted(trace.finish(), {}, 1, "old value");
}

TEST(Compile, DoesNotOverwriteAVariableThatItsOwnLaunchBroadcasts) {
  const Variable a = variable("a", ramp(Shape({1}), 2.0, 1.0)), wide = variable("wide", ramp(Shape({4}), 1.0, 1.0));
  Trace trace(true);
  const Tensor product = Tensor(wide) * Tensor(a);
  wide.assign(product);
  a.assign(ops::sum(product, {.axis = 0, .keepdims = true}));
  expect_as_interpreted(trace.finish(), {}, 1, "broadcast variable");
}

TEST(Compile, AssignsOneValueToTwoVariables) {
  const Variable a = variable("a", ramp(Shape({3}), 1.0, 1.0)), b = variable("b", ramp(Shape({3}), 5.0, 1.0));
  Trace trace(true);
  const Tensor sum = Tensor(a) + Tensor(b);
  a.assign(sum);
  b.assign(sum);
  expect_as_interpreted(trace.finish(), {}, 1, "one value, two variables");
}

TEST(Compile, HandsOutViewsAndInputsAsOutputs) {
  Trace trace(false);
  const Tensor x = input("x", {float64, Shape({unknown, 2, 3})});
  trace.graph().add_output("x", TensorAccess::value(x));
  trace.graph().add_output("flat", TensorAccess::value(ops::reshape(x, Shape({unknown, 6}))));
  trace.graph().add_output("twice", TensorAccess::value(ops::reshape(x + x, Shape({unknown, 6}))));
  trace.graph().add_output("constant", TensorAccess::value(ops::full(Shape({2}), 3.0)));
  expect_as_interpreted(trace.finish(), {{"x", ramp(Shape({2, 2, 3}), 0.0, 0.1)}}, 2, "views");
}

TEST(Compile, LaysRowsDenseForWhomCannotReadThemApart) {
  // Rows of 200 columns would lie 208 apart.
  const auto expect_runs = [](const std::string& what, const Shape& shape, const auto& function) {
    Trace trace(false);
    trace.graph().add_output("y", TensorAccess::value(function(input("x", {float32, shape}))));
    expect_as_interpreted(trace.finish(), {{"x", ramp(bind(shape, 3), -0.5, 0.01).astype(float32)}}, 3, what);
  };
  const Tensor indices = Array(std::vector<std::int32_t>{3, 0, 199}, Shape({3}));
  expect_runs("mean over a middle axis", Shape({unknown, 3, 200}),
              [](const Tensor& x) { return ops::mean(x * 2.0, {.axis = 1}); });
  expect_runs("mean squared error of a cube", Shape({unknown, 200, 3}),
              [](const Tensor& x) { return ops::mean(losses::mean_squared_error(ops::zeros_like(x), x) * 2.0); });
  expect_runs("take along the last axis", Shape({unknown, 7}), [&](const Tensor& x) {
    return ops::take(ops::matmul(x, ops::ones(Shape({7, 200}))), indices, {.axis = -1});
  });
  for (const std::int64_t channels : {200, 1000})  // as GlobalAveragePooling2D does
    expect_runs(concat("global average of ", channels), Shape({unknown, 2, 3, channels}), [](const Tensor& x) {
      return ops::tanh(ops::mean(x, {.axis = {1, 2}}));
    });
}

TEST(Compile, RunsAnEmptyBatch) {
  for (const DType dtype : {float32, float64})
    for (const std::int64_t columns : {2, 200}) {
      Trace trace(false);
      const Tensor x = input("x", {dtype, Shape({unknown, 3})});
      const Tensor y = ops::matmul(x, ops::ones(Shape({3, columns}), dtype));
      trace.graph().add_output("y", TensorAccess::value(y * 2.0));
      trace.graph().add_output("turned", TensorAccess::value(ops::tanh(ops::transpose(ops::exp(y)))));
      expect_as_interpreted(trace.finish(), {{"x", Array::zeros(Shape({0, 3}), dtype)}}, 0,
                            concat("empty ", dtype, " ", columns));
    }
}

TEST(Compile, RunsAProductOfNoTerms) {
  for (const DType dtype : {float32, float64}) {
    Trace trace(false);
    const Tensor x = input("x", {dtype, Shape({unknown, 0})});
    const Tensor y = ops::matmul(x, ops::ones(Shape({0, 200}), dtype));
    trace.graph().add_output("y", TensorAccess::value(ops::exp(y * 2.0) + 1.0));
    expect_as_interpreted(trace.finish(), {{"x", Array::zeros(Shape({5, 0}), dtype)}}, 5, concat("no terms ", dtype));
  }
}

TEST(Compile, ReusesMemoryWithoutMixingLiveValues) {
  // A chain of many values of which each is read by the next two: wrong lifetimes would show.
  Trace trace(false);
  Tensor before = input("x", {float64, Shape({unknown, 7})});
  Tensor now = ops::softmax(before);
  for (int i = 0; i < 20; ++i) {
    const Tensor next = ops::softmax(now * 1.5 + ops::transpose(ops::transpose(before)));
    before = now;
    now = next;
  }
  trace.graph().add_output("y", TensorAccess::value(now));
  const Graph graph = trace.finish();
  expect_as_interpreted(graph, {{"x", ramp(Shape({5, 7}), -1.0, 0.03)}}, 5, "chain");
  const cpu::CpuBackend backend;
  EXPECT_LT(compile(graph, 5, backend).arena_bytes, 12u * 5 * 7 * sizeof(double) + 12 * 64 + 65536);
}

TEST(Compile, DoesNotOverwriteWhatTheSameLaunchReadsUnderAnotherShape) {
  Trace trace(false);
  const Tensor h = ops::matmul(input("x", {float64, Shape({2, 2})}), ops::ones(Shape({2, 2}), float64));
  const Tensor y = ops::relu(ops::expand_dims(h, 0));
  trace.graph().add_output("z", TensorAccess::value(y + h));
  trace.graph().add_output("y", TensorAccess::value(y));
  expect_as_interpreted(trace.finish(), {{"x", ramp(Shape({2, 2}), -1.0, 0.01)}}, 1, "two shapes of one value");
}

TEST(Compile, LeavesNothingUnplaced) {
  Trace trace(false);
  const Tensor x = input("x", {float64, Shape({unknown, 3})});
  trace.graph().add_output("y", TensorAccess::value(ops::logsumexp(x)));
  const cpu::CpuBackend backend;
  const Program program = compile(trace.finish(), 4, backend);
  for (const Launch& launch : program.launches)
    for (const std::vector<int>* side : {&launch.inputs, &launch.outputs})
      for (const int value : *side)
        EXPECT_NE(program.values[static_cast<std::size_t>(value)].place.space, Place::Space::none) << print(program);
}

}  // namespace
}  // namespace keratin
