// Crossentropies beyond the golden values: differences, fusion, extreme numbers, classes of every dtype, errors.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "losses/loss_on_numbers.h"
#include "support/approx.h"
#include "support/integer_generator.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

using namespace losses;

const auto sigmoid = [](Tensor x) { return ops::sigmoid(x); };
const auto softmax = [](Tensor x) { return ops::softmax(x); };

Array numbers(std::string_view stream, const Shape& shape, double scale = 1.0) {
  return Array(IntegerGenerator(stream).uniform_values<double>(static_cast<std::size_t>(shape.size()), scale), shape);
}

/// ⟨t, gradient⟩ against the central difference along t, in float64.
void check_gradient(const Loss& loss, const Array& y_true, const Array& y_pred,
                    const std::function<Tensor(Tensor)>& activation) {
  const Array t = numbers("direction", y_pred.shape());
  const double epsilon = 1e-6;
  Array ahead = y_pred.copy(), behind = y_pred.copy();
  const Array gradient = evaluate(loss, y_true, y_pred, std::nullopt, activation).gradient;
  double slope = 0.0;
  for (std::size_t i = 0; i < t.values<double>().size(); ++i) {
    ahead.values<double>()[i] += epsilon * t.values<double>()[i];
    behind.values<double>()[i] -= epsilon * t.values<double>()[i];
    slope += t.values<double>()[i] * gradient.values<double>()[i];
  }
  const double difference = evaluate(loss, y_true, ahead, std::nullopt, activation).output.item<double>() -
                            evaluate(loss, y_true, behind, std::nullopt, activation).output.item<double>();
  EXPECT_NEAR(difference / (2 * epsilon), slope, 1e-8 * std::abs(slope)) << loss.name();
}

TEST(Crossentropy, HasTheGradientOfItsDifferences) {
  const Array z = numbers("logits", {3, 4}, 2.0), classes = Array::of<std::int64_t>({2, 0, 3});
  const Array y = ops::softmax(Tensor(numbers("targets", {3, 4}))).evaluate();
  for (const auto& activation : {std::function<Tensor(Tensor)>(sigmoid), std::function<Tensor(Tensor)>(softmax)}) {
    for (const bool clip : {false, true}) {
      check_gradient(*BinaryCrossentropy({.label_smoothing = 0.1, .clip_probabilities = clip}), y, z, activation);
      check_gradient(*CategoricalCrossentropy({.label_smoothing = 0.1, .clip_probabilities = clip}), y, z, activation);
      check_gradient(*SparseCategoricalCrossentropy({.clip_probabilities = clip}), classes, z, activation);
      check_gradient(*SparseCategoricalCrossentropy({.ignore_class = 0, .clip_probabilities = clip}), classes, z,
                     activation);
    }
  }
}

bool has_op(const Graph& graph, std::string_view name) {
  for (const Node& node : graph.nodes())
    if (node.op->name() == name) return true;
  return false;
}

Graph graph_of_loss(const Loss& loss, DType labels, const Shape& label_shape,
                    const std::function<Tensor(Tensor)>& activation) {
  return graph_of({{labels, label_shape}, {float32, {unknown, 4}}},
                  [&](const Tensors& x) -> Tensors { return loss(x[0], activation(x[1])); });
}

TEST(Crossentropy, StartsFromTheLogitsBehindAnActivation) {
  const Graph dense = graph_of_loss(*CategoricalCrossentropy(), float32, {unknown, 4}, softmax);
  EXPECT_TRUE(has_op(dense, "SoftmaxCrossentropy"));
  EXPECT_FALSE(has_op(dense, "Log"));
  const Graph sparse = graph_of_loss(*SparseCategoricalCrossentropy(), uint8, {unknown}, softmax);
  EXPECT_TRUE(has_op(sparse, "SparseSoftmaxCrossentropy"));
  EXPECT_FALSE(has_op(sparse, "Log"));
  EXPECT_FALSE(has_op(graph_of_loss(*BinaryCrossentropy(), float32, {unknown, 4}, sigmoid), "Log"));
}

TEST(Crossentropy, ClipsIfAskedTo) {
  EXPECT_TRUE(has_op(
      graph_of_loss(*CategoricalCrossentropy({.clip_probabilities = true}), float32, {unknown, 4}, softmax), "Log"));
  EXPECT_TRUE(has_op(
      graph_of_loss(*SparseCategoricalCrossentropy({.clip_probabilities = true}), uint8, {unknown}, softmax), "Log"));
  EXPECT_TRUE(
      has_op(graph_of_loss(*BinaryCrossentropy({.clip_probabilities = true}), float32, {unknown, 4}, sigmoid), "Log"));
}

TEST(Crossentropy, DoesNotTakeASoftmaxAlongAnotherAxisForItsOwn) {
  const auto along_batch = [](Tensor x) { return ops::softmax(x, {.axis = 0}); };
  EXPECT_FALSE(
      has_op(graph_of_loss(*CategoricalCrossentropy(), float32, {unknown, 4}, along_batch), "SoftmaxCrossentropy"));
}

TEST(Crossentropy, StaysFiniteForSurePredictions) {
  const Array z = Array::of<float>({{200, -200, 0}}), wrong = Array::of<float>({{0, 1, 0}});
  const LossOnNumbers fused = evaluate(*CategoricalCrossentropy(), wrong, z, std::nullopt, softmax);
  EXPECT_FLOAT_EQ(fused.output.item<float>(), 400.0f);
  EXPECT_CLOSE(fused.gradient, Array::of<float>({{1, -1, 0}}), tolerance::float32);
  const LossOnNumbers clipped =
      evaluate(*CategoricalCrossentropy({.clip_probabilities = true}), wrong, z, std::nullopt, softmax);
  EXPECT_NEAR(clipped.output.item<double>(), 16.118, 1e-3);
  EXPECT_CLOSE(clipped.gradient, Array::zeros({1, 3}), 0.0);
  const LossOnNumbers binary =
      evaluate(*BinaryCrossentropy(), Array::of<float>({{0, 1}}), Array::of<float>({{90, -90}}), std::nullopt, sigmoid);
  EXPECT_FLOAT_EQ(binary.output.item<float>(), 90.0f);
  EXPECT_CLOSE(binary.gradient, Array::of<float>({{0.5f, -0.5f}}), tolerance::float32);
}

TEST(BinaryCrossentropy, HasItsSlopeAtZero) {
  // Where relu(z) and |z| have a kink, the loss has none: sigmoid(0) - y.
  const auto result =
      evaluate(*BinaryCrossentropy({.from_logits = true}), Array::of<float>({{0, 1}}), Array::zeros({1, 2}));
  EXPECT_CLOSE(result.gradient, Array::of<float>({{0.25f, -0.25f}}), tolerance::float32);
  EXPECT_NEAR(result.output.item<double>(), std::log(2.0), 1e-7);
}

template <class T> Array labels(std::initializer_list<T> values) { return Array::of<T>(values); }

TEST(SparseCategoricalCrossentropy, TakesClassesOfAnyDType) {
  const Array z = numbers("logits", {3, 300}).astype(float32);
  const auto loss = SparseCategoricalCrossentropy({.from_logits = true});
  const Array expected = evaluate(*loss, labels<std::int64_t>({0, 200, 7}), z).output;
  for (const Array& classes : {labels<std::uint8_t>({0, 200, 7}), labels<std::int32_t>({0, 200, 7}),
                               labels<float>({0, 200, 7}), labels<double>({0, 200, 7})})
    EXPECT_CLOSE(evaluate(*loss, classes, z).output, expected, 0.0);
}

TEST(SparseCategoricalCrossentropy, IsNotANumberForAClassThatDoesNotExist) {
  const Array z = numbers("logits", {2, 3});
  for (const auto& loss :
       {SparseCategoricalCrossentropy({.reduction = LossReduction::none}),
        SparseCategoricalCrossentropy({.from_logits = true, .reduction = LossReduction::none}),
        SparseCategoricalCrossentropy({.reduction = LossReduction::none, .clip_probabilities = true})}) {
    for (const std::int64_t wrong : {-1, 3}) {
      const Array output = evaluate(*loss, labels<std::int64_t>({wrong, 1}), z, std::nullopt, softmax).output;
      EXPECT_TRUE(std::isnan(output.at<double>(0))) << wrong;
      EXPECT_TRUE(std::isfinite(output.at<double>(1)));
    }
  }
}

TEST(SparseCategoricalCrossentropy, IgnoresAClassThatNeedNotExist) {
  const Array z = numbers("logits", {3, 4});
  const Array kept = evaluate(*SparseCategoricalCrossentropy({.from_logits = true}), labels<std::int64_t>({2, 1}),
                              z.slice(0, 2).copy())
                         .output;
  const auto ignoring = SparseCategoricalCrossentropy({.from_logits = true, .ignore_class = 255});
  EXPECT_CLOSE(evaluate(*ignoring, labels<std::uint8_t>({2, 1, 255}), z).output, kept, tolerance::float64);
  EXPECT_DOUBLE_EQ(evaluate(*ignoring, labels<std::uint8_t>({255, 255, 255}), z).output.item<double>(), 0.0);
}

TEST(SparseCategoricalCrossentropy, SaysWhatItExpectsInstead) {
  const auto loss = SparseCategoricalCrossentropy();
  EXPECT_THROWS(
      ShapeError, evaluate(*loss, Array::zeros({4, 10}), Array::zeros({4, 10})),
      "sparse_categorical_crossentropy: expected class indices of shape (batch,), got (batch, 10); for one-hot rows "
      "use categorical_crossentropy");
  EXPECT_THROWS(ShapeError, evaluate(*loss, Array::zeros({4, 3}), Array::zeros({4, 10})), "give one index per sample");
}

TEST(CategoricalCrossentropy, SaysWhatItExpectsInstead) {
  const auto loss = CategoricalCrossentropy();
  EXPECT_THROWS(
      ShapeError, evaluate(*loss, Array::zeros({4, 3}), Array::zeros({4, 10})),
      "categorical_crossentropy: expected targets of shape (batch, 10), got (batch, 3); y has one column per class, as "
      "ops::one_hot makes them");
  EXPECT_THROWS(ShapeError, evaluate(*loss, Array::zeros({4}), Array::zeros({4, 10})),
                "got (batch,); for class indices use sparse_categorical_crossentropy, or ops::one_hot");
  EXPECT_THROWS(ShapeError, evaluate(*loss, Array::zeros({4, 1}), Array::zeros({4, 10})),
                "for class indices use sparse_");
}

TEST(CategoricalCrossentropy, SmoothsOverTheClassesOfItsAxis) {
  // Two classes along axis 1, three places: smoothing by 0.5 makes (1, 0) into (0.75, 0.25).
  const Array y = Array(std::vector<double>{1, 1, 1, 0, 0, 0}, {1, 2, 3}), z = numbers("logits", {1, 2, 3});
  const Array soft = Array(std::vector<double>{0.75, 0.75, 0.75, 0.25, 0.25, 0.25}, {1, 2, 3});
  EXPECT_CLOSE(
      evaluate(*CategoricalCrossentropy({.from_logits = true, .label_smoothing = 0.5, .axis = 1}), y, z).output,
      evaluate(*CategoricalCrossentropy({.from_logits = true, .axis = 1}), soft, z).output, tolerance::float64);
}

TEST(BinaryCrossentropy, SaysWhatItExpectsInstead) {
  EXPECT_THROWS(
      ShapeError, evaluate(*BinaryCrossentropy(), Array::zeros({4}), Array::zeros({4, 10})),
      "binary_crossentropy: expected targets of shape (batch, 10), got (batch,); for class indices use sparse_");
  EXPECT_THROWS(ShapeError, evaluate(*BinaryCrossentropy(), Array::zeros({4, 3}), Array::zeros({4, 10})),
                "y has to be shaped as the model's output");
}

TEST(Crossentropy, RefusesSmoothingOutsideZeroToOne) {
  EXPECT_THROWS(ValueError, BinaryCrossentropy({.label_smoothing = -0.1}),
                "BinaryCrossentropy: expected label_smoothing in [0, 1], got -0.1");
  EXPECT_THROWS(ValueError, CategoricalCrossentropy({.label_smoothing = 1.5}),
                "CategoricalCrossentropy: expected label_smoothing");
}

TEST(Crossentropy, RefusesAnAxisThatIsNotThere) {
  EXPECT_THROWS(ShapeError, evaluate(*CategoricalCrossentropy({.axis = 2}), Array::zeros({4, 3}), Array::zeros({4, 3})),
                "categorical_crossentropy: expected an axis in [-2, 2), got 2");
}

}  // namespace
}  // namespace keratin::testing
