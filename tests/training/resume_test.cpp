// Training that goes on after a save and a load, to the bit.
#include <gtest/gtest.h>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/saving.h"
#include "support/temporary_folder.h"
#include "tiny_model.h"

namespace keratin {
namespace {

Sequential network() {
  Sequential model({Input({1}), layers::Dense(4, {.activation = "tanh"}), layers::Dense(1)});
  model.compile({.optimizer = optimizers::Adam(0.05), .loss = "mse", .seed = 3});
  return model;
}

/// Three of the five batches of a pass an epoch: an epoch in two ends in the middle of one.
void train(Model& model, int from, int to) {
  model.fit(testing::column(10), testing::column(10, 2.0F),
            {.batch_size = 2, .epochs = to, .verbose = 0, .initial_epoch = from, .steps_per_epoch = 3});
}

class Resume : public ::testing::Test {
 protected:
  std::vector<Array> resumed_after(int epochs) const {
    Sequential model = network();
    train(model, 0, epochs);
    const auto path = folder_ / "model.keratin";
    model.save(path);
    Model loaded = load_model(path);
    train(loaded, epochs, 4);
    return loaded.get_weights();
  }
  testing::TemporaryFolder folder_;
};

TEST_F(Resume, InTheMiddleOfAPassGivesTheBitsOfOneRun) {
  Sequential whole = network();
  train(whole, 0, 4);
  for (const int epochs : {1, 2, 3}) EXPECT_TRUE(testing::same(resumed_after(epochs), whole.get_weights())) << epochs;
}

TEST_F(Resume, InTheSameProgramGivesTheBitsOfOneRun) {
  Sequential whole = network(), twice = network();
  train(whole, 0, 4);
  train(twice, 0, 1);
  train(twice, 1, 4);
  EXPECT_TRUE(testing::same(twice.get_weights(), whole.get_weights()));
}

TEST_F(Resume, WithOtherBatchesBeginsAPass) {
  Sequential model = network();
  train(model, 0, 1);
  const History history =
      model.fit(testing::column(10), testing::column(10),
                {.batch_size = 1, .epochs = 2, .verbose = 0, .initial_epoch = 1, .steps_per_epoch = 10});
  EXPECT_EQ(model.optimizer().iterations(), 3 + 10);
}

}  // namespace
}  // namespace keratin
