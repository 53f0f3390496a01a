// Factories: required arguments by position, everything else by name in one options struct.
#include "keratin/layers/core.h"
#include "keratin/layers/regularization.h"
#include "keratin/losses.h"
#include "keratin/optimizers.h"

namespace layers = keratin::layers;
namespace losses = keratin::losses;
namespace optimizers = keratin::optimizers;

[[maybe_unused]] const auto dense = layers::Dense(10, {.activation = "relu", .use_bias = false});
[[maybe_unused]] const auto adam = optimizers::Adam(1e-3, {.beta_1 = 0.8});
[[maybe_unused]] const auto loss = losses::SparseCategoricalCrossentropy({.from_logits = true});

#if MISUSE == 1  // no units: no matching function|too few arguments
const auto unitless = layers::Dense();
#elif MISUSE == 2   // options where the units belong: Count|no matching function
const auto unitless = layers::Dense({.activation = "relu"});
#elif MISUSE == 3   // a fraction of units: Count
const auto half = layers::Dense(0.5);
#elif MISUSE == 4   // a mistyped option: could not convert|no matching function|activaton
const auto typo = layers::Dense(10, {.activaton = "relu"});
#elif MISUSE == 5   // a mistyped option of a named type, where the error is exact: .activaton
const auto typo = layers::Dense(10, layers::DenseOptions{.activaton = "relu"});
#elif MISUSE == 6   // another layer's option: could not convert|no matching function|from_logits
const auto foreign = layers::Dense(10, {.from_logits = true});
#elif MISUSE == 7   // nullptr for no activation: could not convert|deleted|no matching function
const auto linear = layers::Dense(10, {.activation = nullptr});
#elif MISUSE == 8   // a word for a rate: cannot convert|cannot initialize
const auto dropout = layers::Dropout("half");
#elif MISUSE == 9   // a loss's name for a learning rate: could not convert|no matching function
const auto named = optimizers::Adam("adam");
#elif MISUSE == 10  // options by position: too many arguments|could not convert|no matching function
const auto positional = layers::Dense(10, "relu", false);
#endif
