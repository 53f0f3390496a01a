// Where batches come from beside arrays: a DataSource, one batch by hand, samples and classes that weigh.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "keratin/callbacks.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/approx.h"
#include "support/throws.h"
#include "tiny_model.h"

namespace keratin {
namespace {

using testing::column;
using testing::mean_of_x;

/// 0 … 6 in batches of 3, 3 and 1.
class Source final : public DataSource {
 public:
  std::int64_t length() const override { return 3; }
  Batch get_batch(std::int64_t index) override {
    asked.push_back(index);
    const std::int64_t rows = index == 2 ? 1 : 3;
    const Array x = column(rows, static_cast<float>(3 * index));
    return {x, x, weights ? Data(Array::full(Shape({rows}), 2.0)) : Data()};
  }
  void on_epoch_end() override { ++epochs; }
  std::vector<std::int64_t> asked;
  int epochs = 0;
  bool weights = false;
};

TEST(DataSource, GivesBatchesOnDemand) {
  Sequential model = mean_of_x();
  Source source;
  const History history = model.fit(source, {.epochs = 2, .verbose = 0});
  EXPECT_EQ(history.at("loss"), (std::vector<double>{3.0, 3.0}));
  EXPECT_EQ(history.params.steps, 3);
  EXPECT_EQ(source.asked, (std::vector<std::int64_t>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(source.epochs, 2);
  EXPECT_EQ(model.evaluate(source, {.verbose = 0}).at("loss"), 3.0);
  EXPECT_EQ(model.evaluate(source, {.verbose = 0, .steps = 1}).at("loss"), 1.0);
}

TEST(DataSource, BringsWeightsAndValidates) {
  Sequential model = mean_of_x();
  Source source, validation;
  const FitOptions by_class{.verbose = 0, .validation_data = validation, .class_weight = {{0, 0.0}, {6, 3.0}}};
  const History history = model.fit(source, by_class);
  EXPECT_EQ(history.at("loss")[0], (0 + 1 + 2 + 3 + 4 + 5 + 3 * 6) / 7.0);
  EXPECT_EQ(history.at("val_loss")[0], 3.0);
  source.weights = true;
  EXPECT_EQ(model.fit(source, {.verbose = 0}).at("loss")[0], 2.0 * 21 / 7);
  EXPECT_THROWS(ValueError, model.fit(source, by_class), "fit: expected class_weight or sample_weight, got both");
}

TEST(DataSource, GoesOnWhereAnEpochOfFewerStepsEnded) {
  Sequential model = mean_of_x();
  Source source;
  model.fit(source, {.epochs = 3, .verbose = 0, .steps_per_epoch = 2});
  EXPECT_EQ(source.asked, (std::vector<std::int64_t>{0, 1, 2, 0, 1}));
}

TEST(DataSource, ReportsBadBatches) {
  class Bad final : public DataSource {
   public:
    std::int64_t length() const override { return 1; }
    Batch get_batch(std::int64_t) override { return {column(2), column(3)}; }
  };
  class Empty final : public DataSource {
   public:
    std::int64_t length() const override { return 0; }
    Batch get_batch(std::int64_t) override { return {}; }
  };
  Sequential model = mean_of_x();
  EXPECT_THROWS(DataError, model.fit(Bad(), {.verbose = 0}), "get_batch: x has 2 samples but y has 3");
  EXPECT_THROWS(ValueError, model.fit(Empty(), {.verbose = 0}), "fit: expected at least one batch, got none");
  EXPECT_THROWS(ValueError, model.fit(Source(), {.verbose = 0, .validation_split = 0.5}),
                "fit: expected arrays to split for validation, got a DataSource; give validation_data");
  EXPECT_THROWS(ValueError, model.fit(Source(), {.verbose = 0, .sample_weight = column(7)}),
                "fit: expected the DataSource to give the sample weights, got sample_weight");
}

// ---- one batch
// ------------------------------------------------------------------------------------------------------------

TEST(OnBatch, TrainsTestsAndPredicts) {
  Sequential model = mean_of_x(0.5);
  EXPECT_EQ(model.train_on_batch(column(3), column(3)).at("loss"), 1.0);
  EXPECT_EQ(model.get_weights()[0].item<float>(), 0.5F);
  EXPECT_EQ(model.test_on_batch(column(3), column(3)).at("loss"), 0.5);
  EXPECT_EQ(model.get_weights()[0].item<float>(), 0.5F);
  EXPECT_EQ(model.train_on_batch(column(2), column(2)).at("loss"), 0.25) << "metrics start anew";
  EXPECT_CLOSE(model.predict_on_batch(column(2))[0], Array::of<float>({{0}, {0.25}}), 0.0);
  EXPECT_EQ(model.test_on_batch(column(2), column(2), Array::of<float>({0, 4})).at("loss"), 0.5);
}

// ---- samples that weigh
// ---------------------------------------------------------------------------------------------------

TEST(Weights, AreOfClassesOrOfSamples) {
  Sequential model = mean_of_x();
  const Array x = Array::ones({4, 1}), y = Array::of<std::int32_t>({0, 1, 2, 1});
  const auto loss = [&](const FitOptions& options) { return model.fit(x, y, options).at("loss")[0]; };
  EXPECT_EQ(loss({.verbose = 0, .class_weight = {{1, 3.0}}}), (1 + 3 + 1 + 3) / 4.0);
  EXPECT_EQ(loss({.verbose = 0, .sample_weight = Array::of<double>({1, 2, 0, 0})}), 3 / 4.0);
  EXPECT_THROWS(ValueError,  // as Keras
                loss({.verbose = 0, .class_weight = {{1, 3.0}}, .sample_weight = Array::of<float>({1, 2, 0, 0})}),
                "fit: expected class_weight or sample_weight, got both; multiply them into sample_weight");
}

TEST(Weights, OfClassesAreThoseOfOneHotRowsToo) {
  Sequential model = mean_of_x();
  const Array x = Array::ones({3, 1});
  const auto loss = [&](const Array& y) {
    return model.fit(x, y, {.verbose = 0, .class_weight = {{0, 4.0}, {2, 7.0}}}).at("loss")[0];
  };
  EXPECT_EQ(loss(Array::of<float>({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})), (4 + 1 + 7) / 3.0);
  EXPECT_EQ(loss(Array::of<float>({{0}, {1}, {2}})), (4 + 1 + 7) / 3.0);
  EXPECT_EQ(loss(Array::of<double>({0, 0.9999999, 2})), (4 + 1 + 7) / 3.0) << "rounded, as Keras does";
}

TEST(DataSource, MeetsMetricsThatBeginAnew) {
  const Ref<Metric> metric = metrics::MeanAbsoluteError();
  Source source;
  const auto evaluated = [&] {
    Sequential model = mean_of_x();
    model.compile({.loss = [](Tensor, Tensor y) { return y + 1.0; }, .metrics = {metric}});
    model.set_weights({Array::full({1, 1}, 2.0)});
    return model.evaluate(source, {.verbose = 0, .steps = 1}).at("mean_absolute_error");
  };
  const double first = evaluated();
  Sequential other = mean_of_x();
  other.compile({.loss = "mse", .metrics = {metric}});
  other.evaluate(source, {.verbose = 0});
  EXPECT_EQ(evaluated(), first);
}

TEST(DataSource, RefusesWeightsBesideItsOwn) {
  Sequential model = mean_of_x();
  Source source;
  EXPECT_THROWS(ValueError, model.evaluate(source, {.verbose = 0, .sample_weight = Array::ones({7})}),
                "evaluate: expected the DataSource to give the sample weights, got sample_weight");
}

TEST(ClassWeight, IsOfOneClassASample) {
  Sequential model = mean_of_x();
  const auto fit = [&](const Array& y, double weight) {
    model.fit(column(2), y, {.verbose = 0, .class_weight = {{1, weight}}});
  };
  EXPECT_THROWS(DataError, fit(Array::ones({2, 2, 2}), 1.0),
                "fit: expected one class index or one one-hot row a sample");
  EXPECT_THROWS(DataError, fit(Array::ones({2, 2, 1}), 1.0), "got y of shape (2, 2, 1)");
  EXPECT_THROWS(DataError, fit(Array::ones({2, 1, 2}), 1.0), "got y of shape (2, 1, 2)");
  for (const double weight :
       {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity(), 1e300})
    EXPECT_THROWS(ValueError, fit(Array::ones({2}), weight), "fit: expected finite numbers as class_weight, got ");
}

TEST(Batches, MayBeLargerThanAnyNumberOfSamples) {
  Sequential model = mean_of_x();
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const Array x = column(5);
  EXPECT_EQ(model.fit(x, x, {.batch_size = huge, .verbose = 0, .validation_data = {x, x}}).params.steps, 1);
  EXPECT_EQ(model.evaluate(x, x, {.batch_size = huge, .verbose = 0}).at("loss"), 2.0);
  EXPECT_EQ(model.predict(x, {.batch_size = huge, .verbose = 0}).length(), 5);
}

}  // namespace
}  // namespace keratin
