// Policies: their names, whom they hold for, and what a mixed one does to a layer. check_layer() tries them on every
// layer.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

TEST(DTypePolicy, RefusesWhatIsNotThere) {
  EXPECT_THROWS(ValueError, DTypePolicy("mixed_float64"),
                "dtype: expected mixed_float16, mixed_bfloat16 or the name of a dtype, got \"mixed_float64\"");
  EXPECT_THROWS(ValueError, DTypePolicy(int32), "dtype: expected float32, float64, float16 or bfloat16, got int32");
  EXPECT_THROWS(ValueError, set_floatx(uint8), "expected float32, float64, float16 or bfloat16");
  EXPECT_EQ(floatx(), float32);
}

TEST(DTypePolicy, KnowsKerasNames) {
  for (const char* const name : {"float32", "float64", "float16", "bfloat16"}) {
    EXPECT_EQ(DTypePolicy(name).name(), name);
    EXPECT_EQ(DTypePolicy(name), DTypePolicy(dtype_from_name(name)));
    EXPECT_EQ(DTypePolicy(name).compute_dtype(), DTypePolicy(name).variable_dtype());
  }
  const DTypePolicy mixed("mixed_bfloat16");
  EXPECT_EQ(mixed.name(), "mixed_bfloat16");
  EXPECT_EQ(mixed.compute_dtype(), bfloat16);
  EXPECT_EQ(mixed.variable_dtype(), float32);
  EXPECT_EQ(DTypePolicy("mixed_float16").compute_dtype(), float16);
}

TEST(DTypePolicy, IsThatOfLayersMadeLater) {
  const Ref<Layer> before = layers::Dense(1);
  {
    const testing::Policy policy("mixed_float16");
    EXPECT_EQ(dtype_policy().name(), "mixed_float16");
    EXPECT_EQ(floatx(), float32);
    EXPECT_EQ(layers::Dense(1)->dtype_policy().name(), "mixed_float16");
    EXPECT_EQ(layers::Dense(1, {.dtype = "float32"})->compute_dtype(), float32);
    EXPECT_EQ(before->compute_dtype(), float32);
    EXPECT_EQ(Input({1}).dtype(), float32);
    set_floatx(float64);  // the last of the two holds
    EXPECT_EQ(dtype_policy().name(), "float64");
    set_floatx(float32);
  }
  EXPECT_EQ(dtype_policy().name(), "float32");
}

TEST(MixedPolicy, CastsInputsAndWhatIsReadOfWeights) {
  class Reads final : public Layer {
   public:
    explicit Reads(std::vector<DType>& read) : read_(read) { set_dtype("mixed_bfloat16"); }
    void build(const Shape&) override {
      cast_ = add_weight("cast", {1});
      exact_ = add_weight("exact", {1}, {.autocast = false});
      count_ = add_weight("count", {1}, {.initializer = "zeros", .dtype = int64});
    }
    Tensor call(const Tensor& x, const CallContext&) override {
      const Tensor inside = layers::Dense(1, {.dtype = float32})(x), after = cast_;
      read_ = {x.dtype(),      Tensor(cast_).dtype(), Tensor(exact_).dtype(), Tensor(count_).dtype(),
               inside.dtype(), after.dtype()};
      return x;
    }

   private:
    std::vector<DType>& read_;
    Variable cast_, exact_, count_;
  };
  std::vector<DType> read;
  const Ref<Layer> layer = make<Reads>(read);
  layer(Input({1}));
  EXPECT_EQ(read, (std::vector<DType>{bfloat16, bfloat16, float32, int64, float32, bfloat16}));
  EXPECT_EQ(layer->weight("cast").dtype(), float32);
}

/// 2^-12 would be lost in bfloat16.
TEST(MixedPolicy, AddsToWeightsExactly) {
  class Counts final : public Layer {
   public:
    void build(const Shape&) override {
      sum_ = add_weight("sum", {}, {.initializer = initializers::Constant(1.0 + 0x1p-12), .trainable = false});
    }
    Tensor call(const Tensor& x, const CallContext&) override {
      sum_.assign_add(Tensor(Array::ones({}, bfloat16)));
      return x;
    }

   private:
    Variable sum_;
  };
  const testing::Policy policy("mixed_bfloat16");
  const testing::LayerRun run = testing::run_layer(make<Counts>(), {Array::ones({1, 1})});
  EXPECT_EQ(run.assigned.at(0).second.item<double>(), 2.0 + 0x1p-12);
}

TEST(MixedPolicy, LeavesStatisticsInFloat32) {
  const testing::Policy policy("mixed_float16");
  Sequential model({Input({1}), layers::BatchNormalization({.momentum = 0.0})});
  model.compile({.optimizer = optimizers::SGD(0.0), .loss = "mse"});
  model.train_on_batch(Array::of<float>({{1.0f}, {1.0f + 0x1p-10f}}), Array::ones({2, 1}));
  EXPECT_EQ(model.get_layer("batch_normalization")->weight("moving_mean").value().item<double>(), 1.0 + 0x1p-11);
}

}  // namespace
}  // namespace keratin
