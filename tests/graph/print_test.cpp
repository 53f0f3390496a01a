#include "graph/print.h"

#include <gtest/gtest.h>

#include "graph/leaves.h"
#include "graph/trace.h"
#include "keratin/array.h"
#include "ops/functions.h"
#include "ops/matmul.h"

namespace keratin {
namespace {

TEST(Print, ShowsOneLineForEachNode) {
  Trace trace(false);
  const Tensor x = make_op<Input>({}, "x", Spec{float32, {-1, 4}});
  Tensor y;
  {
    const TraceScope outer(trace, "encoder"), inner(trace, "dense");
    y = make_op<MatMul>({x, Tensor(Array::ones({4, 3}))});
  }
  trace.graph().add_output("loss", TensorAccess::value(ops::sum(y * 2.0, {.axis = -1})));
  EXPECT_EQ(print(trace.finish()),
            "%0 = Input(slot=x, spec=float32(batch, 4)) : float32(batch, 4)\n"
            "%1 = Constant(spec=float32(4, 3)) : float32(4, 3)  # encoder/dense\n"
            "%2 = MatMul(transpose_a=false, transpose_b=false) %0, %1 : float32(batch, 3)  # encoder/dense\n"
            "%3 = Constant(dtype=float32, shape=(), value=2) : float32()\n"
            "%4 = Mul %2, %3 : float32(batch, 3)\n"
            "%5 = ReduceSum(axes=[1], keepdims=false) %4 : float32(batch,)\n"
            "output loss = %5\n");
}

/// Two outputs, none of which is the only one.
class Halves final : public Op {
 public:
  std::string_view name() const override { return "Halves"; }
  Specs infer(std::span<const Spec> inputs) const override { return {inputs[0], inputs[0]}; }
};

TEST(Print, NumbersTheOutputsOfANodeWithSeveral) {
  Trace trace(false);
  const Tensor x = make_op<Input>({}, "x", Spec{float32, {}});
  const Tensors halves = keratin::apply(std::make_shared<Halves>(), x);
  trace.graph().add_output("sum", TensorAccess::value(halves[0] + halves[1]));
  EXPECT_EQ(print(trace.finish()),
            "%0 = Input(slot=x, spec=float32()) : float32()\n"
            "%1 = Halves %0 : float32(), float32()\n"
            "%2 = Add %1.0, %1.1 : float32()\n"
            "output sum = %2\n");
}

}  // namespace
}  // namespace keratin
