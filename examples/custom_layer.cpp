// A layer of your own: build() makes the weights, call() says what to compute. Gradients, devices and files follow from
// call(); describe() names what a saved model must remember.
#include <keratin/keratin.h>

#include <cstdio>

namespace layers = keratin::layers;
using keratin::Tensor;

/// y = x · initial_scale · scale + shift, with a scale and a shift for each feature.
class ScaleShift final : public keratin::Layer {
 public:
  explicit ScaleShift(double initial_scale = 1.0) : initial_scale_(initial_scale) {}
  std::string class_name() const override { return "ScaleShift"; }
  void describe(keratin::Fields& fields) override {
    Layer::describe(fields);
    fields("initial_scale", initial_scale_);
  }
  void build(const keratin::Shape& input) override {
    scale_ = add_weight("scale", {input.back()}, {.initializer = "ones"});
    shift_ = add_weight("shift", {input.back()}, {.initializer = "zeros"});
  }
  Tensor call(const Tensor& x, const keratin::CallContext&) override { return x * scale_ * initial_scale_ + shift_; }

 private:
  double initial_scale_;
  keratin::Variable scale_, shift_;
};

int main() try {
  const auto digits = keratin::datasets::synthetic_digits({.train = 256, .test = 0, .seed = 1});

  keratin::Sequential model({
      keratin::Input({28, 28}, {.dtype = keratin::uint8}),
      layers::Rescaling(1.0 / 255),
      layers::Flatten(),
      layers::Dense(64, {.activation = "relu"}),
      keratin::make<ScaleShift>(0.5),
      layers::Dense(10, {.activation = "softmax"}),
  });
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .seed = 1});
  std::printf("%s", model.summary().c_str());
  model.fit(digits.train.x, digits.train.y, {.batch_size = 32, .epochs = 5, .verbose = 2});

  const keratin::Array scale = model.get_layer("scale_shift")->weight("scale").value();
  std::printf("the first scales: %s\n", scale.slice(0, 4).to_string().c_str());
} catch (const keratin::Error& error) {
  std::fprintf(stderr, "custom_layer: %s\n", error.what());
  return 1;
}
