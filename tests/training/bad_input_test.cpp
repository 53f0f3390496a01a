// What fit, evaluate and predict say to data and options that cannot be; they say it before anything runs.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/text.h"
#include "keratin/callbacks.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin {
namespace {

const Array kX = Array::ones({6, 4}), kClasses = Array::of<std::int32_t>({0, 1, 2, 0, 1, 2});

/// Three classes by four features. Whatever is refused leaves its weights alone and calls no hook.
class BadInput : public ::testing::Test {
 protected:
  BadInput() : model_({Input({4}), layers::Dense(3, {.activation = "softmax", .name = "probabilities"})}) {
    model_.compile({.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  }
  ~BadInput() override {
    EXPECT_EQ(hooks_, 0);
    EXPECT_CLOSE(model_.get_weights()[0], kernel_, 0.0);
  }
  History fit(const Data& x, const Data& y, FitOptions options = {}) {
    const auto count = [this](Logs&) { ++hooks_; };
    options.verbose = 0;
    options.callbacks = {callbacks::LambdaCallback({.on_train_begin = count, .on_test_begin = count})};
    return model_.fit(x, y, options);
  }
  Logs evaluate(const Data& x, const Data& y, EvaluateOptions options = {}) {
    options.verbose = 0;
    return model_.evaluate(x, y, options);
  }
  Array predict(const Data& x, PredictOptions options = {}) {
    options.verbose = 0;
    return model_.predict(x, options);
  }

  Sequential model_;
  int hooks_ = 0;
  Array kernel_ = model_.get_weights()[0];
};

// ---- data
// -----------------------------------------------------------------------------------------------------------------

TEST_F(BadInput, OfDifferentLengths) {
  EXPECT_THROWS(DataError, fit(kX, kClasses.slice(0, 5)), "fit: x has 6 samples but y has 5");
  EXPECT_THROWS(DataError, fit(kX, kClasses, {.sample_weight = Array::ones({5})}),
                "fit: x has 6 samples but sample_weight has 5");
  EXPECT_THROWS(DataError, fit(kX, kClasses, {.validation_data = {kX, kClasses.slice(0, 2)}}),
                "fit: validation_data: x has 6 samples but y has 2");
  EXPECT_THROWS(DataError, evaluate(kX, kClasses.slice(0, 5)), "evaluate: x has 6 samples but y has 5");
  EXPECT_THROWS(DataError, model_.train_on_batch(kX, kClasses.slice(0, 5)),
                "train_on_batch: x has 6 samples but y has 5");
}

TEST_F(BadInput, ThatIsEmpty) {
  EXPECT_THROWS(DataError, fit(Array::zeros({0, 4}), Array::zeros({0}, int32)),
                "fit: expected at least one sample, got none in x");
  EXPECT_THROWS(DataError, fit(Array(), kClasses), "fit: expected an array of samples as x, got none");
  EXPECT_THROWS(ValueError, fit(Data(), kClasses), "fit: expected x, got no array");
  EXPECT_THROWS(DataError, fit(Array::ones({}), kClasses), "fit: expected an array of samples as x, got a scalar");
  EXPECT_THROWS(DataError, predict(Array::zeros({0, 4})), "predict: expected at least one sample, got none in x");
  EXPECT_THROWS(ValueError, model_.predict_on_batch(Data()), "predict: expected x, got no array");
}

TEST_F(BadInput, WithANaN) {
  Array x = kX.copy();
  x.at(4, 1) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROWS(DataError, fit(x, kClasses), "fit: expected numbers, got NaN in x at sample 4; remove or replace it");
  for (const DType dtype : {float64, float16, bfloat16})
    EXPECT_THROWS(DataError, predict(x.astype(dtype)), "predict: expected numbers, got NaN in x at sample 4");
  EXPECT_THROWS(DataError, fit(kX, kClasses, {.sample_weight = Array::of<float>({1, 1, NAN, 1, 1, 1})}),
                "got NaN in sample_weight at sample 2");
  EXPECT_THROWS(DataError, fit(kX, kClasses, {.validation_data = {x, kClasses}}),
                "fit: validation_data: expected numbers, got NaN in x at sample 4");
}

TEST_F(BadInput, OfClassesThatTheOutputHasNot) {
  const auto classes = [](std::int32_t last) { return Array::of<std::int32_t>({0, 1, 2, 0, 1, last}); };
  const std::string expected = "sparse_categorical_crossentropy: expected classes from 0 to 2 in y, got ";
  EXPECT_THROWS(DataError, fit(kX, classes(3)),
                expected + "3 at sample 5; the model's output needs an entry for every class");
  EXPECT_THROWS(DataError, fit(kX, classes(-1)), expected + "-1 at sample 5");
  EXPECT_THROWS(DataError, fit(kX, classes(7).astype(uint8)), expected + "7");
  EXPECT_THROWS(DataError, fit(kX, classes(7).astype(float32)), expected + "7");
  EXPECT_THROWS(DataError, fit(kX, classes(7).reshape({6, 1})), expected + "7");
  EXPECT_THROWS(DataError, fit(kX, classes(3), {.validation_split = 0.5}), expected + "3 at sample 2");
  EXPECT_THROWS(DataError, fit(kX, kClasses, {.validation_data = {kX, classes(3)}}), expected + "3");
  EXPECT_THROWS(DataError, evaluate(kX, classes(3)), expected + "3");
  EXPECT_THROWS(DataError, model_.train_on_batch(kX, classes(3)), expected + "3");
  EXPECT_THROWS(DataError, model_.test_on_batch(kX, classes(3)), expected + "3");
}

TEST_F(BadInput, OfWrongTargets) {
  EXPECT_THROWS(ShapeError, fit(kX, Array::ones({6, 3})),
                "sparse_categorical_crossentropy: expected class indices of shape (batch,), got (batch, 3); for "
                "one-hot rows use categorical_crossentropy");
  EXPECT_THROWS(ShapeError, fit(kX, Array::ones({6, 2})), "got (batch, 2); give one index per sample");
  EXPECT_THROWS(ValueError, fit(kX, Data()),
                "compute_loss: expected targets for the output probabilities, got 0 arrays; give y to fit");
  EXPECT_THROWS(ValueError, fit(kX, {kClasses, kClasses}), "fit: y: expected 1 array (probabilities), got 2");
  EXPECT_THROWS(ShapeError, fit(kX, kClasses, {.validation_data = {kX, Array::ones({6, 3})}}),
                "expected class indices of shape (batch,)");
}

TEST_F(BadInput, OfWrongShape) {
  EXPECT_THROWS(ShapeError, fit(Array::ones({6, 5}), kClasses),
                "sequential: expected the input input_layer to have shape (batch, 4), got (batch, 5)");
  EXPECT_THROWS(ShapeError, fit(kX, kClasses, {.validation_data = {Array::ones({6, 5}), kClasses}}), "got (batch, 5)");
  EXPECT_THROWS(ShapeError, predict(Array::ones({6, 2, 2})), "got (batch, 2, 2)");
}

TEST_F(BadInput, OfWeightsThatAreNotOnePerSample) {
  EXPECT_THROWS(DataError, fit(kX, kClasses, {.sample_weight = Array::ones({6, 2})}),
                "fit: expected one weight a sample, got sample_weight of shape (6, 2)");
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.sample_weight = {Array::ones({6}), Array::ones({6})}}),
                "expected one array, got 2");
}

// ---- options
// --------------------------------------------------------------------------------------------------------------

TEST_F(BadInput, OfCountsBelowOne) {
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.batch_size = 0}), "fit: expected batch_size > 0, got 0");
  EXPECT_THROWS(ValueError, evaluate(kX, kClasses, {.batch_size = 0}), "evaluate: expected batch_size > 0, got 0");
  EXPECT_THROWS(ValueError, predict(kX, {.batch_size = -1}), "predict: expected batch_size > 0, got -1");
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.epochs = -1}), "fit: expected epochs >= 0, got -1");
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.initial_epoch = -1}), "fit: expected initial_epoch >= 0, got -1");
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.steps_per_epoch = 0}), "fit: expected steps_per_epoch > 0, got 0");
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.validation_split = 0.5, .validation_steps = 0}),
                "fit: expected validation_steps > 0, got 0");
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.validation_batch_size = 0}),
                "fit: expected validation_batch_size > 0, got 0");
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.validation_freq = 0}), "fit: expected validation_freq > 0, got 0");
  EXPECT_THROWS(ValueError, evaluate(kX, kClasses, {.steps = 0}), "evaluate: expected steps > 0, got 0");
  EXPECT_THROWS(ValueError, predict(kX, {.steps = 0}), "predict: expected steps > 0, got 0");
}

TEST_F(BadInput, OfSplitsThatLeaveNothing) {
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.validation_split = 1.0}),
                "fit: expected validation_split in (0, 1), got 1");
  EXPECT_THROWS(ValueError, fit(kX, kClasses, {.validation_split = -0.5}),
                "fit: expected validation_split in (0, 1), got -0.5");
  EXPECT_THROWS(ValueError, fit(kX.slice(0, 1), kClasses.slice(0, 1), {.validation_split = 0.5}),
                "fit: expected enough samples to train and to validate with");
}

TEST_F(BadInput, OfVerbosity) {
  EXPECT_THROWS(ValueError, Verbose(3), "verbose: expected 0, 1, 2 or \"auto\", got 3");
  EXPECT_THROWS(ValueError, Verbose("quiet"), "verbose: expected 0, 1, 2 or \"auto\", got quiet");
}

TEST_F(BadInput, OfDevicesAndThreadsThatAreNotThere) {
  EXPECT_THROWS(ValueError, model_.compile({.device = "abacus"}),
                "device: expected \"auto\", \"cpu\", \"cuda\" or \"cuda:1\", got \"abacus\"");
  for (const int threads : {0, -1, 5000})
    EXPECT_THROWS(ValueError, model_.compile({.threads = threads}),
                  concat("compile: expected threads in [1, 1024], got ", threads, "; leave them unset for one a core"));
  EXPECT_GT(evaluate(kX, kClasses).at("loss"), 0.0) << "as it was compiled before";
}

TEST_F(BadInput, OfCompileOptions) {
  EXPECT_THROWS(ValueError, model_.compile({.optimizer = "gradient_descent"}), "got \"gradient_descent\"");
  EXPECT_THROWS(ValueError, model_.compile({.loss = "surprise"}), "got \"surprise\"");
  EXPECT_THROWS(ValueError, model_.compile({.metrics = {"luck"}}), "got \"luck\"");
  model_.compile({.loss = losses::SparseCategoricalCrossentropy({.reduction = LossReduction::none})});
  EXPECT_THROWS(ShapeError, fit(kX, kClasses),
                "compile: expected a loss that is one number, got (batch,) of sparse_categorical_crossentropy; give it "
                "a reduction");
  model_.compile({});
  EXPECT_THROWS(ValueError, fit(kX, kClasses),
                "compile: expected a loss, got none; give .loss or call add_loss() in a layer");
}

TEST(IgnoredClass, IsNoBadTarget) {
  Sequential model({Input({4}), layers::Dense(3)});
  model.compile({.loss = losses::SparseCategoricalCrossentropy({.from_logits = true, .ignore_class = -1})});
  const Array classes = Array::of<std::int32_t>({0, 1, 2, -1, 1, 2});
  EXPECT_FALSE(std::isnan(model.test_on_batch(kX, classes).at("loss")));
  EXPECT_THROWS(DataError, model.test_on_batch(kX, Array::of<std::int32_t>({0, 1, 2, -2, 1, 2})), "got -2 at sample 3");
}

TEST(Targets, OfASequenceAreCheckedForEachOfItsSteps) {
  Sequential model({Input({2, 4}), layers::Dense(3)});
  model.compile({.loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
  EXPECT_THROWS(DataError, model.test_on_batch(Array::ones({2, 2, 4}), Array::of<std::int32_t>({{0, 1}, {2, 3}})),
                "got 3 at sample 1");
}

}  // namespace
}  // namespace keratin
