// The example of docs/architecture.md, section 5, without the layers and the file format that are not there yet.
#include <gtest/gtest.h>

#include <filesystem>

#include "keratin/keratin.h"
#include "support/temporary_folder.h"

namespace layers = keratin::layers;
namespace optimizers = keratin::optimizers;
using keratin::Tensor;

namespace {

class ScaleShift final : public keratin::Layer {
 public:
  explicit ScaleShift(double initial_scale = 1.0) : initial_scale_(initial_scale) {}
  void describe(keratin::Fields& fields) override { fields("initial_scale", initial_scale_); }
  void build(const keratin::Shape& input) override {
    scale_ = add_weight("scale", {input.back()}, {.initializer = "ones"});
    shift_ = add_weight("shift", {input.back()}, {.initializer = "zeros"});
  }
  Tensor call(const Tensor& x, const keratin::CallContext&) override { return x * scale_ * initial_scale_ + shift_; }

 private:
  double initial_scale_;
  keratin::Variable scale_, shift_;
};

Tensor huber(Tensor y_true, Tensor y_pred) {
  const Tensor error = y_true - y_pred, magnitude = keratin::ops::abs(error);
  return keratin::ops::mean(
      keratin::ops::where(keratin::ops::less(magnitude, 1.0), keratin::ops::square(error) * 0.5, magnitude),
      {.axis = -1});
}

class CountEpochs final : public keratin::Callback {
 public:
  int epochs = 0;

 private:
  void on_epoch_end(int, keratin::Logs& logs) override { epochs += logs.contains("loss") ? 1 : 0; }
};

TEST(ArchitectureExample, TrainsASequential) {
  const auto digits = keratin::datasets::synthetic_digits({.train = 300, .test = 50});
  const keratin::testing::TemporaryFolder folder;

  keratin::Sequential model({
      keratin::Input({28, 28}),
      layers::Rescaling(1.0 / 255),
      layers::Flatten(),
      layers::Dense(30, {.activation = "relu"}),
      layers::Dropout(0.2),
      layers::Dense(10, {.activation = "softmax", .name = "probabilities"}),
  });
  model.compile({.optimizer = optimizers::Adam(1e-3),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy", keratin::metrics::SparseTopKCategoricalAccuracy(3)},
                 .device = "cpu",
                 .seed = 42});
  const auto counter = keratin::make<CountEpochs>();
  const keratin::History history = model.fit(
      digits.train.x, digits.train.y,
      {.batch_size = 128,
       .epochs = 3,
       .verbose = 0,
       .callbacks = {keratin::callbacks::EarlyStopping({.patience = 3, .restore_best_weights = true}),
                     keratin::callbacks::ModelCheckpoint(folder / "best.keratin", {.save_best_only = true}), counter},
       .validation_split = 0.1});
  EXPECT_EQ(counter->epochs, 3);
  EXPECT_EQ(history.at("val_loss").size(), 3U);
  EXPECT_GT(model.evaluate(digits.test.x, digits.test.y, {.verbose = 0}).at("accuracy"), 0.0);
  EXPECT_TRUE(std::filesystem::exists(folder / "best.keratin"));
}

TEST(ArchitectureExample, SharesALayerAndSavesWhatIsItsOwn) {
  const keratin::testing::TemporaryFolder folder;
  const Tensor image = keratin::Input({8}, {.name = "image"});
  Tensor x = layers::Dense(4, {.activation = "relu"})(image);
  const auto shared = layers::Dense(4);
  x = layers::add({shared(x), shared(shared(x))});
  x = keratin::make<ScaleShift>(0.5)(x);
  keratin::Model tiny(image, layers::Dense(1)(x), {.name = "tiny"});
  tiny.compile({.optimizer = optimizers::Adam({.clipnorm = 1.0}), .loss = huber});
  tiny.fit(keratin::Array::ones({4, 8}), keratin::Array::zeros({4, 1}), {.verbose = 0});

  tiny.compile({.loss = "mse"});  // no file can hold a function of the program
  tiny.save(folder / "tiny.keratin");
  const auto again = keratin::load_model(folder / "tiny.keratin",
                                         {.custom_objects = keratin::CustomObjects().add<ScaleShift>("ScaleShift")});
  EXPECT_EQ(again.summary(), tiny.summary());
}

}  // namespace
