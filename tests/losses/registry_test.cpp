#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keratin/losses.h"
#include "support/field_list.h"
#include "support/throws.h"

namespace keratin {
namespace {

TEST(LossRegistry, KnowsKerasNames) {
  for (const char* name : {"mse", "MSE", "mean_squared_error", "MeanSquaredError"})
    EXPECT_EQ(Loss::from_name(name)->class_name(), "MeanSquaredError") << name;
  for (const char* name : {"mae", "MAE", "mean_absolute_error"})
    EXPECT_EQ(Loss::from_name(name)->class_name(), "MeanAbsoluteError") << name;
  for (const char* name : {"bce", "BCE", "binary_crossentropy"})
    EXPECT_EQ(Loss::from_name(name)->class_name(), "BinaryCrossentropy") << name;
  EXPECT_EQ(Loss::from_name("categorical_crossentropy")->class_name(), "CategoricalCrossentropy");
  EXPECT_EQ(Loss::from_name("sparse_categorical_crossentropy")->class_name(), "SparseCategoricalCrossentropy");
}

TEST(LossRegistry, NamesALossAsItWasAskedFor) {
  EXPECT_EQ(Loss::from_name("mse")->name(), "mse");
  EXPECT_EQ(Loss::from_name("MeanSquaredError")->name(), "mean_squared_error");
  EXPECT_EQ(losses::MeanSquaredError({.name = "distance"})->name(), "distance");
}

TEST(LossRegistry, ListsTheNamesThereAre) {
  EXPECT_THROWS(ValueError, Loss::from_name("rmse"),
                "loss: expected one of binary_crossentropy, categorical_crossentropy, mean_absolute_error, "
                "mean_squared_error, sparse_categorical_crossentropy, got \"rmse\"");
  EXPECT_THROWS(ValueError, Loss::from_name(""), "got \"\"");
}

TEST(LossRegistry, MakesFreshObjectsByClass) {
  const auto a = Loss::from_class_name("BinaryCrossentropy"), b = Loss::from_class_name("BinaryCrossentropy");
  EXPECT_NE(a, b);
  EXPECT_EQ(a->class_name(), "BinaryCrossentropy");
  EXPECT_EQ(Loss::from_class_name("mse"), nullptr);
}

TEST(LossRegistry, DescribesLossesInKerasWords) {
  using testing::FieldList;
  const auto loss = losses::SparseCategoricalCrossentropy({.from_logits = true, .reduction = LossReduction::sum});
  const std::vector<std::string> names{"name",         "reduction", "from_logits",
                                       "ignore_class", "axis",      "clip_probabilities"};
  EXPECT_EQ(testing::fields_of(*loss).names(), names);
  const auto read = Loss::from_class_name("SparseCategoricalCrossentropy");
  auto fields =
      FieldList::of({{"reduction", "sum"}, {"ignore_class", "-1"}, {"from_logits", "true"}, {"name", "masked"}});
  read->describe(fields);
  EXPECT_EQ(read->reduction(), LossReduction::sum);
  EXPECT_EQ(read->name(), "masked");
  EXPECT_EQ(testing::fields_of(*read).at("ignore_class"), "-1");
  EXPECT_EQ(testing::fields_of(*loss).at("ignore_class"), "None");
  const auto smooth = losses::CategoricalCrossentropy({.label_smoothing = 0.125});
  EXPECT_EQ(testing::fields_of(*smooth).at("label_smoothing"), "0.125");
}

TEST(LossRegistry, RefusesAReductionThatAFileMisspells) {
  auto fields = testing::FieldList::of({{"reduction", "average"}});
  EXPECT_THROWS(ValueError, Loss::from_class_name("MeanSquaredError")->describe(fields), "got \"average\"");
}

}  // namespace
}  // namespace keratin
