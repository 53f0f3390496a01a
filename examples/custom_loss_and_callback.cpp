// A loss is a function of tensors, traced once and differentiated by the library. A callback is called while training
// goes on: this one ends it when the loss is small enough.
#include <keratin/keratin.h>

#include <cmath>
#include <cstdio>

namespace layers = keratin::layers;
namespace ops = keratin::ops;
using keratin::Array;
using keratin::Tensor;

/// Quadratic where the error is below 1, linear beyond: outliers pull less.
Tensor huber(Tensor y_true, Tensor y_pred) {
  const Tensor error = y_true - y_pred, magnitude = ops::abs(error);
  return ops::mean(ops::where(ops::less(magnitude, 1.0), ops::square(error) * 0.5, magnitude - 0.5), {.axis = -1});
}

class StopBelow final : public keratin::Callback {
 public:
  explicit StopBelow(double loss) : loss_(loss) {}
  void on_epoch_end(int epoch, keratin::Logs& logs) override {
    if (logs.at("loss") >= loss_) return;
    std::printf("epoch %d: the loss is %.4f, which will do\n", epoch + 1, logs.at("loss"));
    model().stop_training();
  }

 private:
  double loss_;
};

int main() try {
  // A sine with an outlier every 16 points.
  constexpr std::int64_t points = 256;
  Array x = Array::zeros({points, 1}), y = Array::zeros({points, 1});
  for (std::int64_t i = 0; i < points; ++i) {
    const double angle = 6.28 * static_cast<double>(i) / points;
    x.at(i, 0) = static_cast<float>(angle - 3.14);
    y.at(i, 0) = static_cast<float>(std::sin(angle) + (i % 16 == 0 ? 3.0 : 0.0));
  }

  keratin::Sequential model({keratin::Input({1}), layers::Dense(32, {.activation = "tanh"}),
                             layers::Dense(32, {.activation = "tanh"}), layers::Dense(1)});
  model.compile({.optimizer = keratin::optimizers::Adam(0.01), .loss = huber, .metrics = {"mae"}, .seed = 1});
  const keratin::History history =
      model.fit(x, y, {.epochs = 200, .verbose = 0, .callbacks = {keratin::make<StopBelow>(0.19)}});
  std::printf("%zu epochs, mean absolute error %.4f\n", history.epoch.size(), history.at("mae").back());
} catch (const keratin::Error& error) {
  std::fprintf(stderr, "custom_loss_and_callback: %s\n", error.what());
  return 1;
}
