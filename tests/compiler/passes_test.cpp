// What each pass does to small graphs.
#include "compiler/passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "cpu/cpu_backend.h"
#include "graph/differentiate.h"
#include "graph/leaves.h"
#include "graph/print.h"
#include "graph/trace.h"
#include "graph/verify.h"
#include "keratin/losses.h"
#include "keratin/ops.h"
#include "ops/elementwise_program.h"
#include "ops/softmax_crossentropy.h"
#include "support/interpret.h"

namespace keratin {
namespace {

Tensor input(const std::string& slot, const Shape& shape, DType dtype = float64) {
  return apply_one(std::make_shared<Input>(slot, Spec{dtype, shape}), {});
}

Graph finish(Trace& trace, const Tensors& outputs) {
  int index = 0;
  for (const Tensor& output : outputs) trace.graph().add_output(std::to_string(index++), TensorAccess::value(output));
  return trace.finish();
}

std::int64_t count(const Graph& graph, std::string_view op) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [&](const Node& node) { return node.op->name() == op; });
}

/// A planner that has kernels of every op but one, which it lacks for all numbers or for those of one dtype.
class Knows final : public KernelPlanner {
 public:
  explicit Knows(std::string_view missing, std::optional<DType> dtype = std::nullopt)
      : missing_(missing), dtype_(dtype) {}
  bool has_kernel(std::string_view op_name, DType dtype) const override {
    return op_name != missing_ || (dtype_ && dtype != *dtype_);
  }
  KernelPlan plan(const KernelRequest&) const override { return {}; }

 private:
  std::string_view missing_;
  std::optional<DType> dtype_;
};

TEST(ExpandOps, ReplacesAnOpWithoutKernelByItsDefinition) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3}));
  const Graph graph = finish(trace, ops::softmax(x));
  EXPECT_EQ(count(expand_ops(graph, Knows("none")), "Softmax"), 1);
  const Graph expanded = expand_ops(graph, Knows("Softmax"));
  verify(expanded, "expand_ops");
  EXPECT_EQ(count(expanded, "Softmax"), 0);
  EXPECT_EQ(count(expanded, "Exp"), 1);
  const testing::Feeds feeds{{"x", Array(std::vector<double>{0.1, 0.2, 0.3, 5.0, -2.0, 1.0}, Shape({2, 3}))}};
  const Array one = testing::interpret(graph, feeds, 2).outputs.at("0"),
              other = testing::interpret(expanded, feeds, 2).outputs.at("0");
  for (int r = 0; r < 2; ++r)
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(one.at<double>(r, c), other.at<double>(r, c), 1e-15);
}

TEST(ExpandOps, ComputesIn32BitsWhatHasNoKernelFor16) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3}), bfloat16), y = ops::matmul(x, input("y", {3, 2}, bfloat16));
  const Graph graph = finish(trace, {y, ops::argmax(x), ops::transpose(y)});
  EXPECT_EQ(expand_ops(graph, Knows("none")).size(), graph.size());
  EXPECT_EQ(expand_ops(graph, Knows("MatMul", float16)).size(), graph.size());
  const Graph wide = expand_ops(graph, Knows("MatMul", bfloat16));
  verify(wide, "expand_ops");
  EXPECT_EQ(count(wide, "Cast"), 3) << print(wide);
  for (const Node& node : wide.nodes()) {
    const bool computed = node.op->name() == "MatMul", moved = node.op->name() == "Transpose";
    EXPECT_TRUE(!(computed || moved) || node.outputs[0].dtype == (computed ? float32 : bfloat16)) << print(wide);
  }
  EXPECT_EQ(wide.outputs().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(wide.spec(wide.outputs()[i].value), graph.spec(graph.outputs()[i].value)) << i;
  EXPECT_EQ(count(expand_ops(graph, Knows("ArgMax", bfloat16)), "Cast"), 1);  // its result is no 16-bit number
}

TEST(ExpandOps, ExpandsWhatHasNoKernelIn32BitsEither) {
  Trace trace(false);
  const Graph graph = finish(trace, ops::softmax(input("x", Shape({unknown, 3}), float16)));
  const Graph expanded = expand_ops(graph, Knows("Softmax"));
  EXPECT_EQ(count(expanded, "Softmax"), 0);
  EXPECT_EQ(count(expanded, "Cast"), 2) << print(expanded);
  EXPECT_EQ(expanded.spec(expanded.outputs()[0].value).dtype, float16);
}

TEST(Simplify, DropsWhatChangesNoBit) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3}));
  const Graph graph = simplify(finish(trace, {ops::stop_gradient(x) * 1.0 / 1.0 - 0.0, -(-x)}));
  EXPECT_EQ(graph.size(), 1) << print(graph);
}

TEST(Simplify, KeepsAdditionsOfZeroAndBroadcastingOnes) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 1}));
  const Graph graph = simplify(finish(trace, {x + 0.0, x * ops::ones(Shape({4}), float64)}));
  EXPECT_EQ(count(graph, "Add"), 1) << print(graph);
  EXPECT_EQ(count(graph, "Mul"), 1) << print(graph);
}

TEST(Simplify, ReadsThroughAnExpandThatTheReaderRepeatsItself) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3})), row = input("row", Shape({3}));
  const Graph graph = simplify(finish(trace, x * ops::broadcast_to(row, x.shape())));
  EXPECT_EQ(count(graph, "Expand"), 0) << print(graph);
}

TEST(Simplify, ReadsOneNumberThatIsRepeatedUnderAnyShape) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3})), one = input("one", Shape({1})), row = input("row", Shape({2}));
  const Tensor column = ops::expand_dims(ops::broadcast_to(one, Shape({unknown})), -1);
  const Tensor rows = ops::reshape(ops::broadcast_to(row, Shape({unknown, 2})), Shape({unknown, 1, 1}));
  const Graph graph = simplify(finish(trace, {column * x, rows * 2.0 * x}));
  EXPECT_EQ(count(graph, "Expand"), 1) << print(graph);
  EXPECT_EQ(count(graph, "Reshape"), 1) << print(graph);
}

TEST(Simplify, KeepsAnExpandThatGivesTheShape) {
  Trace trace(false);
  const Tensor row = input("row", Shape({3}));
  const Tensor wide = ops::broadcast_to(row, Shape({unknown, 3}));
  const Graph graph = simplify(finish(trace, wide * wide));
  EXPECT_EQ(count(graph, "Expand"), 1) << print(graph);
}

TEST(Simplify, KeepsInputsThatNobodyReads) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown})), unread = input("y", Shape({unknown}));
  EXPECT_EQ(count(simplify(finish(trace, x)), "Input"), 2);
}

/// What a step of a network that ends in a softmax computes of its logits: loss, gradient, probabilities.
Tensors crossentropy_step(Trace& trace, const Tensor& z, const Tensor& y) {
  const Tensor p = ops::softmax(z);
  const Tensor loss = ops::sum(losses::sparse_categorical_crossentropy(y, p, {}));
  return {loss, differentiate(trace, loss, std::vector<Tensor>{z})[0], ops::argmax(p), p * 2.0};
}

TEST(FuseSoftmaxCrossentropy, ComputesLossGradientAndProbabilitiesAtOnce) {
  Trace trace(false, true);
  const Tensor z = input("z", Shape({unknown, 3})), y = input("y", Shape({unknown}), uint8);
  const Graph graph = finish(trace, crossentropy_step(trace, z, y)), fused = fuse_softmax_crossentropy(graph);
  verify(fused, "fuse_softmax_crossentropy");
  EXPECT_EQ(count(fused, "Softmax"), 0) << print(fused);
  EXPECT_EQ(count(fused, "SparseSoftmaxCrossentropy"), 1) << print(fused);
  const testing::Feeds feeds{{"z", Array(std::vector<double>{0.1, 0.2, 0.3, 5.0, -2.0, 1.0}, Shape({2, 3}))},
                             {"y", Array(std::vector<std::uint8_t>{2, 1}, Shape({2}))}};
  const testing::Interpreted one = testing::interpret(graph, feeds, 2), other = testing::interpret(fused, feeds, 2);
  for (const auto& [name, array] : one.outputs)
    EXPECT_EQ(array.to_string(), other.outputs.at(name).to_string()) << name;
}

TEST(FuseSoftmaxCrossentropy, AsksForNothingThatNobodyReads) {
  Trace trace(false, true);
  const Tensor z = input("z", Shape({unknown, 3})), y = input("y", Shape({unknown}), uint8);
  const Tensors step = crossentropy_step(trace, z, y);
  const Graph fused = fuse_softmax_crossentropy(simplify(finish(trace, {step[0], step[1]})));
  EXPECT_NE(print(fused).find("loss=true, gradient=true, probabilities=false"), std::string::npos) << print(fused);
}

TEST(FuseSoftmaxCrossentropy, LeavesASoftmaxThatIsReadBeforeTheLoss) {
  Trace trace(false);
  const Tensor z = input("z", Shape({unknown, 3}));
  const Tensor p = ops::softmax(z), smooth = ops::stop_gradient(p) * 0.9 + 0.1 / 3.0;
  const Graph graph = finish(trace, {make_op<SoftmaxCrossentropy>({z, smooth}), p});
  const Graph fused = fuse_softmax_crossentropy(graph);
  verify(fused, "fuse_softmax_crossentropy");
  EXPECT_EQ(count(fused, "Softmax"), 1) << print(fused);
  EXPECT_NE(print(fused).find("probabilities=false"), std::string::npos) << print(fused);
}

TEST(FuseSoftmaxCrossentropy, LeavesASoftmaxAlongAnotherAxisOrOfOtherLogits) {
  Trace trace(false);
  const Tensor z = input("z", Shape({3, 3})), t = input("t", Shape({3, 3}));
  const Tensor loss = make_op<SoftmaxCrossentropy>({z, t});
  const Graph fused =
      fuse_softmax_crossentropy(finish(trace, {loss, ops::softmax(z, {.axis = 0}) + 1.0, ops::softmax(t) + 1.0}));
  EXPECT_EQ(count(fused, "Softmax"), 2) << print(fused);
}

TEST(FuseSoftmaxCrossentropy, KeepsCrossentropiesWithOtherTargetsApart) {
  Trace trace(false);
  const Tensor z = input("z", Shape({unknown, 3})), t = input("t", Shape({unknown, 3})),
               u = input("u", Shape({unknown, 3}));
  const Tensor one = make_op<SoftmaxCrossentropy>({z, t}), other = make_op<SoftmaxCrossentropy>({z, u});
  const Graph fused = fuse_softmax_crossentropy(finish(trace, {one, other, ops::softmax(z) + 1.0}));
  verify(fused, "fuse_softmax_crossentropy");
  EXPECT_EQ(count(fused, "SoftmaxCrossentropy"), 2) << print(fused);
  EXPECT_EQ(count(fused, "Softmax"), 0) << print(fused);
}

TEST(FuseElementwise, MakesOneProgramOfAChain) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3})), y = input("y", Shape({unknown, 3}));
  const Graph graph = fuse_elementwise(finish(trace, ops::exp(x * y + x) - y));
  verify(graph, "fuse_elementwise");
  EXPECT_EQ(count(graph, "ElementwiseProgram"), 1) << print(graph);
  EXPECT_EQ(graph.size(), 3) << print(graph);
}

TEST(FuseElementwise, MergesTheClustersThatMeetInOneNode) {
  Trace trace(false);
  const Tensor g = input("g", Shape({unknown, 3})), v = input("v", Shape({unknown, 3}));
  const Graph graph = fuse_elementwise(finish(trace, ops::sqrt(ops::square(g) * 0.1 + v * 0.9)));
  EXPECT_EQ(count(graph, "ElementwiseProgram"), 1) << print(graph);
  EXPECT_EQ(count(graph, "Mul"), 0) << print(graph);
}

TEST(FuseElementwise, ComparesWhereTheComparisonIsRead) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3})), w = input("w", Shape({3, 3}));
  const Tensor y = ops::relu(x * 2.0), product = ops::matmul(y, w);
  const Graph graph = fuse_elementwise(finish(trace, {ops::where(ops::greater(y, 0.0), product, product * 0.5), y}));
  for (const Node& node : graph.nodes())
    for (const Spec& output : node.outputs) EXPECT_NE(output.dtype, boolean) << print(graph);
}

TEST(FuseElementwise, ComparesAgainWhereAnotherProgramReadsTheComparison) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3}), float32), noise = input("noise", Shape({unknown, 3}), float32),
               w = input("w", Shape({3, 3}), float32);
  const Tensor a = ops::exp(x);
  const Tensor kept = ops::logical_and(ops::not_equal(noise, 0.25), ops::less(noise, a));
  const Tensor y = ops::where(kept, a * 2.0, 0.0);
  const Graph graph = finish(trace, {ops::where(kept, ops::matmul(y, w) * 2.0, 1.0)}), fused = fuse_elementwise(graph);
  verify(fused, "fuse_elementwise");
  EXPECT_EQ(count(fused, "ElementwiseProgram"), 2) << print(fused);
  for (const Node& node : fused.nodes())
    for (const Spec& output : node.outputs) EXPECT_NE(output.dtype, boolean) << print(fused);
  const testing::Feeds feeds{{"x", Array(std::vector<float>{0.1f, -0.2f, 0.3f, 5.0f, -2.0f, 1.0f}, Shape({2, 3}))},
                             {"noise", Array(std::vector<float>{0.1f, 0.9f, 0.25f, 0.9f, 0.9f, 0.3f}, Shape({2, 3}))},
                             {"w", Array::ones({3, 3})}};
  EXPECT_EQ(testing::interpret(graph, feeds, 2).outputs.at("0").to_string(),
            testing::interpret(fused, feeds, 2).outputs.at("0").to_string());
}

TEST(FuseElementwise, ReadsNoMoreThanAProgramMayWhereManyNumbersAreCompared) {
  for (const int many : {7, 70}) {
    Trace trace(false);
    const Tensor x = input("x", Shape({unknown, 3}), float32), w = input("w", Shape({3, 3}), float32);
    testing::Feeds feeds{{"x", Array(std::vector<float>{0.5f, -0.25f, 2.0f}, Shape({1, 3}))},
                         {"w", Array::ones({3, 3})}};
    std::optional<Tensor> all;
    for (int i = 0; i < many; ++i) {
      const std::string name = concat("x", i);
      const Tensor less = ops::less(input(name, Shape({unknown, 3}), float32), 0.0);
      all = all ? ops::logical_and(*all, less) : less;
      feeds.emplace(name, Array(std::vector<float>{-1.0f, i == many / 2 ? 1.0f : -1.0f, -2.0f}, Shape({1, 3})));
    }
    const Graph graph = finish(trace, {ops::where(*all, ops::matmul(x, w), 0.0)});
    const Graph fused = fuse_products(fuse_elementwise(graph));
    verify(fused, "fuse_products");
    for (const Node& node : fused.nodes()) EXPECT_LE(node.inputs.size(), ElementwiseProgram::most_inputs);
    EXPECT_EQ(count(fused, "ProductProgram"), many == 7 ? 1 : 0) << print(fused);
    EXPECT_EQ(testing::interpret(graph, feeds, 1).outputs.at("0").to_string(),
              testing::interpret(fused, feeds, 1).outputs.at("0").to_string());
  }
}

TEST(FuseElementwise, StoresAComparisonThatSomethingElseReads) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3}), float32);
  const Tensor positive = ops::greater(ops::exp(x) - 2.0, 0.0);
  const Graph graph =
      finish(trace, {positive, ops::where(positive, x * 2.0, 0.0), ops::reshape(positive, Shape({unknown}))});
  const Graph fused = fuse_elementwise(graph);
  verify(fused, "fuse_elementwise");
  const testing::Feeds feeds{{"x", Array(std::vector<float>{0.1f, 0.9f, 0.3f}, Shape({1, 3}))}};
  const testing::Interpreted one = testing::interpret(graph, feeds, 1), other = testing::interpret(fused, feeds, 1);
  for (const auto& [name, array] : one.outputs)
    EXPECT_EQ(array.to_string(), other.outputs.at(name).to_string()) << name;
}

TEST(FuseElementwise, MakesOneProgramOfABranchAndWhatItComparesWith) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3}), float32), b = input("b", Shape({3}), float32);
  const Tensor a = x + b;
  const Graph fused = fuse_elementwise(finish(trace, {ops::where(ops::greater(a, 0.0), a, ops::expm1(a))}));
  EXPECT_EQ(count(fused, "ElementwiseProgram"), 1) << print(fused);
  EXPECT_EQ(count(fused, "Add") + count(fused, "Less"), 0) << print(fused);
}

TEST(FuseElementwise, DoesNotCloseACircle) {
  // b reads the sum of a: a and c = a + b cannot be one launch.
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 3}));
  const Tensor a = ops::exp(x);
  const Tensor b = ops::broadcast_to(ops::sum(a, {.axis = -1, .keepdims = true}), a.shape());
  const Graph graph = fuse_elementwise(finish(trace, a + b));
  verify(graph, "fuse_elementwise");
  EXPECT_EQ(count(graph, "ElementwiseProgram"), 0) << print(graph);
}

TEST(FuseElementwise, KeepsIntegersOutOfFloatRegisters) {
  Trace trace(false);
  const Tensor n = input("n", Shape({unknown}), int64), x = input("x", Shape({unknown}), float32);
  const Tensor odd = ops::equal(n + 1.0, n * 3.0);
  const Graph graph = fuse_elementwise(finish(trace, ops::where(odd, x, x * 2.0)));
  const testing::Feeds feeds{{"n", Array(std::vector<std::int64_t>{(1LL << 53) + 1, 0}, Shape({2}))},
                             {"x", Array(std::vector<float>{1.5f, 2.5f}, Shape({2}))}};
  EXPECT_EQ(testing::interpret(graph, feeds, 2).outputs.at("0").at(0), 3.0f);
  EXPECT_EQ(testing::interpret(graph, feeds, 2).outputs.at("0").at(1), 5.0f);
}

TEST(FuseElementwise, WrapsNarrowIntegersAndKeepsBooleansBoolean) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown}), uint8), n = input("n", Shape({unknown}), int32);
  const Tensor yes = ops::equal(x, x);
  const Graph graph = finish(trace, {ops::relu(x - 1.0), ops::cast(x + 200.0, int64) + 0.0, ops::square(n) + 1.0,
                                     ops::equal(yes + yes, yes), ops::cast(ops::cast(n, boolean), int64) * 2.0});
  const testing::Feeds feeds{{"x", Array(std::vector<std::uint8_t>{0, 100}, Shape({2}))},
                             {"n", Array(std::vector<std::int32_t>{70000, -3}, Shape({2}))}};
  const testing::Interpreted one = testing::interpret(graph, feeds, 2),
                             other = testing::interpret(fuse_elementwise(graph), feeds, 2);
  for (const auto& [name, array] : one.outputs)
    EXPECT_EQ(array.to_string(), other.outputs.at(name).to_string()) << name;
}

TEST(Simplify, KeepsTheSubtractionOfANegativeZero) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown}));
  EXPECT_EQ(count(simplify(finish(trace, x - -0.0)), "Sub"), 1);
}

TEST(FuseElementwise, RoundsWhereACastNarrows) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown}), float64);
  const Tensor narrow = ops::cast(x, float32);
  const Graph graph = finish(trace, ops::cast(narrow, float64) - x);
  const testing::Feeds feeds{{"x", Array(std::vector<double>{0.1}, Shape({1}))}};
  EXPECT_EQ(testing::interpret(fuse_elementwise(graph), feeds, 1).outputs.at("0").at<double>(0),
            static_cast<double>(0.1f) - 0.1);
}

TEST(FuseElementwise, GivesTheBitsOfTheUnfusedGraph) {
  Trace trace(true, true);
  const Tensor x = input("x", Shape({unknown, 5}), float32), scale = input("s", Shape({5}), float32),
               column = input("c", Shape({unknown, 1}), float32);
  const Tensor a = ops::tanh(x * scale + column), b = ops::where(ops::greater(a, 0.1), a, a * 0.3),
               c = ops::maximum(b, x) / (ops::abs(a) + 1.0);
  const Graph graph = finish(trace, {ops::sum(c, {.axis = 0}), b, c * ops::sum(c, {.axis = -1, .keepdims = true})});
  std::vector<float> xs(35), ss(5), cs(7);
  for (std::size_t i = 0; i < xs.size(); ++i) xs[i] = static_cast<float>(i % 11) * 0.3f - 1.5f;
  for (std::size_t i = 0; i < ss.size(); ++i) ss[i] = 0.2f * static_cast<float>(i) - 0.3f;
  for (std::size_t i = 0; i < cs.size(); ++i) cs[i] = 0.1f * static_cast<float>(i);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  xs[5] = std::numeric_limits<float>::quiet_NaN(), xs[11] = infinity, xs[17] = -infinity;  // of rows 1, 2, 3
  const testing::Feeds feeds{
      {"x", Array(xs, Shape({7, 5}))}, {"s", Array(ss, Shape({5}))}, {"c", Array(cs, Shape({7, 1}))}};
  const Graph fused = fuse_elementwise(graph);
  EXPECT_GT(count(fused, "ElementwiseProgram"), 0);
  const testing::Interpreted one = testing::interpret(graph, feeds, 7), other = testing::interpret(fused, feeds, 7);
  for (const auto& [name, array] : one.outputs)
    EXPECT_EQ(array.to_string(), other.outputs.at(name).to_string()) << name;
}

TEST(FuseProducts, TakesInTheProductThatAProgramAloneReads) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 4}), float32), w = input("w", Shape({4, 3}), float32),
               b = input("b", Shape({3}), float32);
  const Graph graph = fuse_products(fuse_elementwise(finish(trace, {ops::relu(ops::matmul(x, w) + b)})));
  verify(graph, "fuse_products");
  EXPECT_EQ(count(graph, "ProductProgram"), 1);
  EXPECT_EQ(count(graph, "MatMul") + count(graph, "ElementwiseProgram"), 0);
}

TEST(FuseProducts, LeavesAProductThatOthersRead) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 4}), float32), w = input("w", Shape({4, 3}), float32);
  const Tensor product = ops::matmul(x, w);
  const Graph graph = fuse_products(fuse_elementwise(finish(trace, {ops::relu(product) + 1.0, product})));
  EXPECT_EQ(count(graph, "ProductProgram"), 0);
  EXPECT_EQ(count(graph, "MatMul"), 1);
}

TEST(FuseProducts, LeavesProductsOfOtherDtypesAndBroadcastOnes) {
  Trace trace(false);
  const Tensor x = input("x", Shape({unknown, 4})), w = input("w", Shape({4, 3})),
               row = input("row", Shape({1, 4}), float32), v = input("v", Shape({4, 3}), float32),
               wide = input("wide", Shape({5, 3}), float32);
  const Graph graph =
      fuse_products(fuse_elementwise(finish(trace, {ops::relu(ops::matmul(x, w)), wide + ops::matmul(row, v)})));
  EXPECT_EQ(count(graph, "ProductProgram"), 0);
}

}  // namespace
}  // namespace keratin
