// The tables are what Keras 3.15.1 printed for the same models on a wide terminal.
#include <gtest/gtest.h>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/throws.h"

namespace keratin {
namespace {

Sequential mlp() {
  return Sequential({Input({784}), layers::Dense(300, {.activation = "relu"}),
                     layers::Dense(100, {.activation = "relu"}), layers::Dense(10, {.activation = "softmax"})});
}

const std::string kTableOfMlp = R"(
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                         ┃ Output Shape                ┃         Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
│ dense (Dense)                        │ (None, 300)                 │         235,500 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dense_1 (Dense)                      │ (None, 100)                 │          30,100 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dense_2 (Dense)                      │ (None, 10)                  │           1,010 │
└──────────────────────────────────────┴─────────────────────────────┴─────────────────┘
)";

TEST(Summary, IsKerasTable) {
  EXPECT_EQ("\n" + mlp().summary(), kTableOfMlp + R"( Total params: 266,610 (1.02 MB)
 Trainable params: 266,610 (1.02 MB)
 Non-trainable params: 0 (0.00 B)
)");
}

TEST(Summary, CountsTheOptimizersStateOnceItIsThere) {
  Sequential model = mlp();
  model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy"});
  EXPECT_EQ(model.summary(), mlp().summary());
  model.fit(Array::zeros({4, 784}), Array::zeros({4, 10}), {.verbose = 0});
  EXPECT_EQ("\n" + model.summary(), kTableOfMlp + R"( Total params: 533,222 (2.03 MB)
 Trainable params: 266,610 (1.02 MB)
 Non-trainable params: 0 (0.00 B)
 Optimizer params: 266,612 (1.02 MB)
)");
}

TEST(Summary, SaysWhereInputsComeFrom) {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Ref<Layer> shared = layers::Dense(8, {.name = "shared"});
  const Tensor x =
      layers::Dense(1, {.name = "a_very_long_name_of_a_layer_that_does_not_fit_into_the_column_of_the_table"})(
          layers::Concatenate()({shared(a), shared(b)}));
  const Model model({a, b}, {x, layers::Dense(2, {.name = "dense_4"})(x)}, {.name = "two"});
  EXPECT_EQ("\n" + model.summary(), R"(
Model: "two"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                  ┃ Output Shape              ┃         Param # ┃ Connected to               ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ a (InputLayer)                │ (None, 4)                 │               0 │ -                          │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ b (InputLayer)                │ (None, 4)                 │               0 │ -                          │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ shared (Dense)                │ (None, 8)                 │              40 │ a[0][0], b[0][0]           │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ concatenate (Concatenate)     │ (None, 16)                │               0 │ shared[0][0], shared[1][0] │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ a_very_long_name_of_a_layer_… │ (None, 1)                 │              17 │ concatenate[0][0]          │
│ (Dense)                       │                           │                 │                            │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ dense_4 (Dense)               │ (None, 2)                 │               4 │ a_very_long_name_of_a_lay… │
└───────────────────────────────┴───────────────────────────┴─────────────────┴────────────────────────────┘
 Total params: 61 (244.00 B)
 Trainable params: 61 (244.00 B)
 Non-trainable params: 0 (0.00 B)
)");
}

TEST(Summary, ExpandsModelsInside) {
  const Sequential inner({Input({8}), layers::Dense(4, {.name = "inner_1"}), layers::Dense(2, {.name = "inner_2"})},
                         {.name = "inner"});
  const Sequential model({Input({8}), layers::Dense(8, {.name = "first"}), inner, layers::Dense(1, {.name = "last"})},
                         {.name = "outer"});
  EXPECT_EQ("\n" + model.summary({.expand_nested = true}), R"(
Model: "outer"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                         ┃ Output Shape                ┃         Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
│ first (Dense)                        │ (None, 8)                   │              72 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ inner (Sequential)                   │ (None, 2)                   │              46 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│    └ inner_1 (Dense)                 │ (None, 4)                   │              36 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│    └ inner_2 (Dense)                 │ (None, 2)                   │              10 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ last (Dense)                         │ (None, 1)                   │               3 │
└──────────────────────────────────────┴─────────────────────────────┴─────────────────┘
 Total params: 121 (484.00 B)
 Trainable params: 121 (484.00 B)
 Non-trainable params: 0 (0.00 B)
)");
}

TEST(Summary, ShowsWhatIsTrained) {
  const Sequential model = mlp();
  model.layers()[0]->set_trainable(false);
  EXPECT_EQ("\n" + model.summary({.show_trainable = true}), R"(
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ Layer (type)                          ┃ Output Shape                  ┃        Param # ┃ Traina… ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━┩
│ dense (Dense)                         │ (None, 300)                   │        235,500 │    N    │
├───────────────────────────────────────┼───────────────────────────────┼────────────────┼─────────┤
│ dense_1 (Dense)                       │ (None, 100)                   │         30,100 │    Y    │
├───────────────────────────────────────┼───────────────────────────────┼────────────────┼─────────┤
│ dense_2 (Dense)                       │ (None, 10)                    │          1,010 │    Y    │
└───────────────────────────────────────┴───────────────────────────────┴────────────────┴─────────┘
 Total params: 266,610 (1.02 MB)
 Trainable params: 31,110 (121.52 KB)
 Non-trainable params: 235,500 (919.92 KB)
)");
}

TEST(Summary, KnowsNoShapesBeforeTheModelIsBuilt) {
  const Sequential model({layers::Dense(3)});
  const std::string table = model.summary();
  EXPECT_NE(table.find("│ dense (Dense)                        │ ?                           │     0 (unbuilt) │"),
            std::string::npos)
      << table;
}

TEST(Summary, CallsAnOperatorByItsOp) {
  const Tensor x = Input({4}, {.name = "x"});
  const Model model(x, layers::Dense(2)(x * 2.0 + 1.0));
  const std::string table = model.summary();
  EXPECT_NE(table.find("│ mul (Mul)                            │ (None, 4)                   │               0 │"),
            std::string::npos)
      << table;
}

/// The line of the memory of a step.
std::string memory(Sequential& model, std::int64_t batch_size) {
  const std::string text = model.summary({.batch_size = batch_size});
  return text.substr(text.find(" Memory of a training step"));
}

TEST(Summary, TellsTheMemoryOfATrainingStep) {
  Sequential model = mlp();
  model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy", .threads = 1});
  // Weights and slots of float32: 4 · 2 · 266,610 bytes, rows of 300 stored as 304, and a few numbers beside. The
  // batch alone is 50 · 784 · 4 bytes.
  const std::string before = memory(model, 50);
  EXPECT_EQ(before.find(" Memory of a training step at batch size 50: 2."), 0u) << before;
  EXPECT_NE(before.find("(params 2.06 MB, batch and values 4"), std::string::npos) << before;
  model.fit(Array::zeros({4, 784}), Array::zeros({4, 10}), {.verbose = 0});
  EXPECT_EQ(memory(model, 50), before);
  EXPECT_NE(memory(model, 500), memory(model, 50));
}

TEST(Summary, LeavesNothingBehindOfTheMemory) {
  Sequential model = mlp();
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const std::size_t before = model.optimizer().variables().size(), metrics = model.all_metrics().size();
  memory(model, 50);
  EXPECT_EQ(model.optimizer().variables().size(), before);
  EXPECT_EQ(model.all_metrics().size(), metrics);
}

TEST(Summary, TellsTheMemoryOfTheStepThatWouldComeNext) {
  Sequential model = mlp();
  model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy"});
  model.fit(Array::zeros({4, 784}), Array::zeros({4, 10}), {.verbose = 0});
  const std::string whole = memory(model, 50);
  model.layers()[0]->set_trainable(false);
  const std::string frozen = memory(model, 50);
  EXPECT_NE(frozen.find("(params 1.15 MB"), std::string::npos) << frozen;  // the slots of the 235,500 are not used
  model.layers()[0]->set_trainable(true);
  EXPECT_EQ(memory(model, 50), whole);
  model.fit(Array::zeros({4, 784}, uint8), Array::zeros({4, 10}), {.verbose = 0});
  EXPECT_NE(memory(model, 50), whole) << "images of bytes";
}

TEST(Summary, TellsTheMemoryWhereTargetsAreIndices) {
  Sequential model = mlp();
  model.compile({.loss = "sparse_categorical_crossentropy"});
  EXPECT_EQ(memory(model, 50).find(" Memory of a training step at batch size 50: 2."), 0u);
}

TEST(Summary, RefusesTheMemoryOfWhatCannotBeKnown) {
  Sequential model = mlp();
  EXPECT_THROWS(ValueError, model.summary({.batch_size = 50}),
                "summary: expected a compiled model to tell the memory of a training step; call compile() first");
  model.compile({.loss = "mse"});
  EXPECT_THROWS(ValueError, model.summary({.batch_size = 0}), "summary: expected batch_size > 0, got 0");
}

}  // namespace
}  // namespace keratin
