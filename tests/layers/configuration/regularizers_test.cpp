// Regularizers: Keras's numbers and gradients, names, bad options.
#include "keratin/regularizers.h"

#include <gtest/gtest.h>

#include <limits>

#include "graph/differentiate.h"
#include "keratin/error.h"
#include "keratin/ops.h"
#include "support/approx.h"
#include "support/interpret.h"
#include "support/npz.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::golden;

std::vector<Array> penalty_and_gradient(const Ref<Regularizer>& regularizer, const Array& weight) {
  const Graph graph = testing::graph_of(
      {{weight.dtype(), weight.shape()}},
      [&](const Tensors& xs) {
        const Tensor penalty = (*regularizer)(xs[0]);
        const std::vector<Tensor> sources{xs[0]};
        return Tensors{penalty, differentiate(*Trace::current(), penalty, sources)[0]};
      },
      true);
  const auto outputs = testing::interpret(graph, {{"x0", weight}}).outputs;
  return {outputs.at("0"), outputs.at("1")};
}

TEST(Regularizers, AreKeras) {
  const testing::Npz expected = golden("regularizers");
  const std::pair<std::string, Ref<Regularizer>> cases[] = {{"l1", regularizers::L1()},
                                                            {"l1_argument", regularizers::L1(0.375)},
                                                            {"l2", regularizers::L2()},
                                                            {"l2_argument", regularizers::L2(0.375)},
                                                            {"l1_l2_l1", regularizers::L1L2(0.375)},
                                                            {"l1_l2_arguments", regularizers::L1L2(0.375, 0.625)},
                                                            {"l1", "l1"},
                                                            {"l2", "L2"}};
  for (const auto& [name, regularizer] : cases) {
    SCOPED_TRACE(name);
    const std::vector<Array> found = penalty_and_gradient(regularizer, expected["x"]);
    EXPECT_CLOSE(found[0], expected[name + "/output"], testing::tolerance::float64);
    EXPECT_CLOSE(found[1], expected[name + "/x_gradient"], testing::tolerance::float64);
  }
}

TEST(Regularizers, OfNoFactorAreZero) {
  EXPECT_EQ(penalty_and_gradient(regularizers::L1L2(), Array::ones({2, 3}, float64))[0].item(), 0.0);
  EXPECT_EQ(penalty_and_gradient(regularizers::L2(0.0), Array::ones({2, 3}, float64))[0].item(), 0.0);
}

TEST(Regularizers, MayBeFunctions) {
  const Ref<Regularizer> regularizer = [](Tensor weight) { return ops::sum(weight) * 2.0; };
  EXPECT_EQ(penalty_and_gradient(regularizer, Array::ones({2, 3}, float64))[0].item(), 12.0);
}

TEST(Regularizers, AreKnownByKerasNames) {
  for (const char* name : {"l1", "l2", "l1_l2", "L1", "L2", "L1L2"}) EXPECT_NO_THROW(Ref<Regularizer>{name}) << name;
  EXPECT_EQ(Ref<Regularizer>("l1_l2")->class_name(), "L1L2");
  EXPECT_EQ(Regularizer::from_class_name("l1"), nullptr);
  EXPECT_THROWS(ValueError, Ref<Regularizer>("l3"), "regularizer: expected one of l1, l2, l1_l2, got \"l3\"");
}

TEST(Regularizers, RefuseFactorsThatCannotBe) {
  EXPECT_THROWS(ValueError, regularizers::L1(-0.1), "L1: expected l1 >= 0 and finite, got -0.1");
  EXPECT_THROWS(ValueError, regularizers::L2(std::numeric_limits<double>::infinity()),
                "L2: expected l2 >= 0 and finite, got inf");
  EXPECT_THROWS(ValueError, regularizers::L1L2(0.1, -1.0), "L1L2: expected l2 >= 0 and finite, got -1");
  EXPECT_THROWS(ValueError, Regularizer::from_function(nullptr), "regularizer: expected a function, got an empty one");
}

}  // namespace
}  // namespace keratin
