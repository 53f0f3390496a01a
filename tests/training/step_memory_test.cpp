// What model.memory() states before training, against what a step then takes from its device.
#include "training/step_memory.h"

#include <gtest/gtest.h>

#include "cpu/cpu_backend.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/throws.h"
#include "training/model_state.h"

namespace keratin {
namespace {

/// Counts the bytes that it hands out.
class CountingBackend final : public cpu::CpuBackend {
 public:
  std::shared_ptr<Buffer> allocate(std::size_t bytes) const override {
    std::shared_ptr<Buffer> buffer = CpuBackend::allocate(bytes);
    handed_out += buffer->bytes();
    return buffer;
  }
  mutable std::size_t handed_out = 0;
};

const CountingBackend& counting_backend() {
  static const CountingBackend backend;  // outlives the models' variables, as backends do
  return backend;
}

struct Case {
  const char* name;
  Sequential (*network)();
  std::int64_t batch;
  friend void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }
};

Sequential tutorial_network() {
  return Sequential({Input({784}), layers::Dense(300, {.activation = "relu"}),
                     layers::Dense(100, {.activation = "relu"}), layers::Dense(10, {.activation = "softmax"})});
}
Sequential images_of_bytes() {
  return Sequential({Input({13, 7}, {.dtype = uint8}), layers::Rescaling(1.0 / 255), layers::Flatten(),
                     layers::Dense(129, {.activation = "tanh", .kernel_regularizer = "l2"}), layers::Dropout(0.3),
                     layers::Dense(10, {.activation = "softmax"})});
}
Sequential one_number() { return Sequential({Input({1}), layers::Dense(2, {.use_bias = false})}); }
Sequential with_a_frozen_layer() {
  Sequential model({Input({40}), layers::Dense(257), layers::Dense(33), layers::Dense(3)});
  model.layers()[1]->set_trainable(false);
  return model;
}

class StepMemoryOf : public ::testing::TestWithParam<std::tuple<Case, const char*, int>> {};

TEST_P(StepMemoryOf, IsWhatTheStepUses) {
  const auto [tested, optimizer, threads] = GetParam();
  Sequential model = tested.network();
  model.compile({.optimizer = optimizer,
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"},
                 .threads = threads,
                 .seed = 1});
  ModelState& state = ModelAccess::state(model);
  state.compiled->backend = &counting_backend();
  const std::size_t before = counting_backend().handed_out;
  const StepMemory stated = model.memory(tested.batch);
  EXPECT_EQ(counting_backend().handed_out, before) << "telling takes nothing";
  const Tensor input = model.inputs()[0];
  const Array x = Array::zeros(Shape({tested.batch}) + input.shape().from(1), input.dtype());
  model.train_on_batch(x, Array::zeros({tested.batch}, int32));
  EXPECT_EQ(counting_backend().handed_out - before, stated.total());
  EXPECT_EQ(state.steps.front().programs.front()->memory_bytes(), stated.values);
  EXPECT_EQ(model.memory(tested.batch).total(), stated.total());
}

INSTANTIATE_TEST_SUITE_P(
    Networks, StepMemoryOf,
    ::testing::Combine(::testing::Values(Case{"tutorial", tutorial_network, 50}, Case{"bytes", images_of_bytes, 17},
                                         Case{"one_number", one_number, 1}, Case{"frozen", with_a_frozen_layer, 64}),
                       ::testing::Values("sgd", "rmsprop", "adam"), ::testing::Values(1, 2, 3)),
    [](const auto& test) {
      return std::string(std::get<0>(test.param).name) + "_" + std::get<1>(test.param) + "_" +
             std::to_string(std::get<2>(test.param));
    });

TEST(StepMemory, IsOfDataAsThoseOfTheLastStep) {
  Sequential model = tutorial_network();
  model.compile({.optimizer = "adam", .loss = "mse", .threads = 2});
  ModelState& state = ModelAccess::state(model);
  state.compiled->backend = &counting_backend();
  const StepMemory floats = model.memory(20);
  const std::size_t before = counting_backend().handed_out;
  model.train_on_batch(Array::zeros({20, 784}), Array::zeros({20, 10}));
  EXPECT_EQ(counting_backend().handed_out - before, floats.total());
  model.train_on_batch(Array::zeros({8, 784}, uint8), Array::zeros({8, 10}, uint8));
  const StepMemory bytes = model.memory(50);
  model.train_on_batch(Array::zeros({50, 784}, uint8), Array::zeros({50, 10}, uint8));
  EXPECT_EQ(state.workshop.arena->bytes(), bytes.values);
  EXPECT_EQ(bytes.variables, floats.variables);
}

TEST(StepMemory, IsRefusedWhereItCannotBeKnown) {
  Sequential model({Input({4}), layers::Dense(3)});
  EXPECT_THROWS(ValueError, model.memory(50),
                "memory: expected a compiled model to tell the memory of a training step; call compile() first");
  model.compile({.loss = "mse"});
  EXPECT_THROWS(ValueError, model.memory(0), "memory: expected batch_size > 0, got 0");
  Sequential unbuilt({layers::Dense(3)});
  unbuilt.compile({.loss = "mse"});
  EXPECT_THROWS(ValueError, unbuilt.memory(50), "expected a model with known inputs");
}

}  // namespace
}  // namespace keratin
