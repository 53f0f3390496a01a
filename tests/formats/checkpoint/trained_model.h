// A model with something of everything that a file must keep, trained on the same numbers wherever it is.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "keratin/callbacks.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/saving.h"
#include "support/integer_generator.h"
#include "support/temporary_folder.h"

namespace keratin::testing {

inline constexpr std::int64_t samples = 50;

inline Array numbers(const char* name, const Shape& shape) {
  return Array(IntegerGenerator(name).uniform_values<float>(static_cast<std::size_t>(shape.size())), shape);
}
inline Array x() { return numbers("checkpoint/x", {samples, 6}); }
inline Array y() { return numbers("checkpoint/y", {samples, 2}); }

inline Sequential network(bool with_input = true) {
  Sequential model({.name = "network"});
  if (with_input) model.add(Input({6}));
  model.add(layers::Dense(8, {.activation = "relu", .kernel_regularizer = "l2"}));
  model.add(layers::Dropout(0.25));
  model.add(layers::Dense(8, {.activation = "tanh", .trainable = false}));
  model.add(layers::Dropout(0.5));
  model.add(layers::Dense(2));
  return model;
}

inline Ref<Optimizer> optimizer(const std::string& name) {
  if (name == "sgd") return optimizers::SGD(0.05, {.momentum = 0.5, .nesterov = true, .weight_decay = 0.01});
  if (name == "rmsprop") return optimizers::RMSprop(0.01, {.momentum = 0.5, .centered = true, .clipnorm = 1.0});
  if (name == "adagrad") return optimizers::Adagrad(0.05);
  return optimizers::Adam(0.01, {.amsgrad = true});
}

inline Sequential compiled(const std::string& name = "adam", bool with_input = true, std::uint64_t seed = 7) {
  Sequential model = network(with_input);
  model.compile({.optimizer = optimizer(name), .loss = "mse", .metrics = {"mae"}, .seed = seed});
  return model;
}

/// Shuffled, the last batch partial, the learning rate another one in every epoch.
inline History train(Model& model, int from, int to) {
  return model.fit(x(), y(),
                   {.batch_size = 8,
                    .epochs = to,
                    .verbose = 0,
                    .callbacks = {callbacks::LearningRateScheduler([](int, double rate) { return rate * 0.875; })},
                    .validation_split = 0.125,
                    .initial_epoch = from});
}

inline std::string bytes_of(const Model& model) {
  const TemporaryFolder folder;
  model.save(folder / "model.keratin");
  return folder.read("model.keratin");
}

inline void expect_equal_weights(const Model& a, const Model& b) {
  ASSERT_EQ(a.weights().size(), b.weights().size());
  for (std::size_t i = 0; i < a.weights().size(); ++i)
    EXPECT_TRUE(std::ranges::equal(a.get_weights()[i].bytes(), b.get_weights()[i].bytes())) << a.weights()[i].path();
}

}  // namespace keratin::testing
