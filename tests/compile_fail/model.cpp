// keratin/model.h: models are handles that are not sliced, verbosity is no pointer, data are values.
#include "keratin/keratin.h"

class Author : public keratin::Model {
 public:
  Author() : Model(keratin::ModelOptions{}) {}
};

[[maybe_unused]] keratin::Model copy(const keratin::Model& model) { return model; }
[[maybe_unused]] keratin::Model view(const keratin::Sequential& model) { return model; }
[[maybe_unused]] keratin::FitOptions silent() { return {.epochs = 2, .verbose = 0}; }
[[maybe_unused]] keratin::FitOptions validated(const keratin::Array& x, const keratin::Array& y) {
  return {.validation_data = {x, y}};
}

#if MISUSE == 1  // slicing a model of one's own, which would lose its train_step: deleted|delete
keratin::Model sliced(const Author& author) { return author; }
#elif MISUSE == 2  // nullptr for verbose: deleted|delete
keratin::FitOptions null() { return {.verbose = nullptr}; }
#elif MISUSE == 3  // a fraction of a batch: Count|could not convert
keratin::FitOptions fraction() { return {.batch_size = 0.5}; }
#elif MISUSE == 4  // a fraction of epochs: narrowing|cannot be narrowed
keratin::FitOptions epochs() { return {.epochs = 1.5}; }
#elif MISUSE == 5  // a mistyped option: epoch
keratin::FitOptions typo() { return {.epoch = 2}; }
#elif MISUSE == 6  // compile's option in fit: optimizer
keratin::FitOptions foreign() { return {.optimizer = "adam"}; }
#elif MISUSE == 7  // a loss for an optimizer: Ref|could not convert
keratin::CompileOptions loss() { return {.optimizer = keratin::losses::MeanSquaredError()}; }
#elif MISUSE == 8  // a number for data: no matching|no viable
keratin::Logs number(keratin::Model& model) { return model.evaluate(1.0, 2.0); }
#endif
