// Writes program_table.h, the elementwise programs that are compiled ahead of time: plans the steps of the models below
// and lists each program that a kernel asks for. A tool of the build, linked from the library's objects with a
// compiled_program() of its own; it is not installed.
#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "compiler/compile.h"
#include "cpu/cpu_backend.h"
#include "keratin/keratin.h"
#include "simd/compiled_program.h"
#include "training/step.h"

namespace keratin {
namespace {

// ---- what is compiled ahead of time ---------------------------------------------------------------------------------
//
// One thing at a time on a small network, for a program knows neither shapes nor numbers, and what an application
// combines are mostly the same programs again: every activation, every loss that is no coarse op, every optimizer with
// each option of its own. What multiplies these is there for the usual ones alone, or the table would double: layers
// without bias, weighted samples, and what all optimizers accept.

/// A network and how it is trained.
struct Training {
  std::string name;
  Model model;
  CompileOptions options;
  Spec y = {int32, {unknown}};
  bool sample_weight = false;
  bool tiles = false;  // of products with their programs, too
  Spec x = {float32, {unknown, 40}};
};

using Trainings = std::vector<Training>;

Ref<Loss> class_loss() { return losses::SparseCategoricalCrossentropy({.from_logits = true}); }

Training with_hidden(const std::string& name, const Ref<Layer>& hidden) {
  return {name, Sequential({Input({40}), hidden, layers::Dense(10)}), {.optimizer = "sgd", .loss = class_loss()}};
}

void add_activations(Trainings& out) {
  for (const char* name : {"celu",           "elu",          "exponential", "gelu",        "glu",
                           "hard_shrink",    "hard_sigmoid", "hard_silu",   "hard_tanh",   "leaky_relu",
                           "linear",         "log_sigmoid",  "log_softmax", "mish",        "relu",
                           "relu6",          "selu",         "sigmoid",     "silu",        "soft_shrink",
                           "softmax",        "softplus",     "softsign",    "sparse_plus", "sparsemax",
                           "sparse_sigmoid", "squareplus",   "tanh",        "tanh_shrink"})
    out.push_back(with_hidden(name, layers::Dense(30, {.activation = name})));
  for (const char* name : {"relu", "sigmoid", "tanh", "gelu", "silu"})
    out.push_back(with_hidden(concat(name, ", no bias"), layers::Dense(30, {.activation = name, .use_bias = false})));
}

void add_layers(Trainings& out) {
  out.push_back(with_hidden("Rescaling", layers::Rescaling(1.0 / 255)));
  out.push_back(with_hidden("Rescaling with offset", layers::Rescaling(1.0 / 127.5, {.offset = -1.0})));
  out.push_back(with_hidden("Dropout", layers::Dropout(0.5)));
  // A rate that is none of gelu's numbers: equal ones would be one input.
  for (const char* name : {"elu", "gelu", "leaky_relu", "relu", "tanh"})
    out.push_back(
        {concat(name, ", Dropout"),
         Sequential({Input({40}), layers::Dense(30, {.activation = name}), layers::Dropout(0.3), layers::Dense(10)}),
         {.optimizer = "sgd", .loss = class_loss()}});
  const Tensor x = Input({40});
  const Tensor sum = layers::add({x, layers::Dense(40, {.activation = "relu"})(x)});
  out.push_back({"Add", Model(x, layers::Dense(10)(sum)), {.optimizer = "sgd", .loss = class_loss()}});
}

/// Of images, as the ready-made networks: convolutions that read images, and those that pass a gradient on.
void add_convolutions(Trainings& out) {
  const auto add = [&](const std::string& name, const std::vector<Ref<Layer>>& hidden) {
    Sequential model({Input({16, 16, 3})});
    for (const Ref<Layer>& layer : hidden) model.add(layer);
    model.add(layers::Flatten());
    model.add(layers::Dense(10));
    out.push_back({.name = name,
                   .model = model,
                   .options = {.optimizer = "sgd", .loss = class_loss()},
                   .x = {float32, {unknown, 16, 16, 3}}});
  };
  const auto convolution = [](const char* activation, bool use_bias) {
    return layers::Conv2D(8, 3, {.padding = "same", .activation = activation, .use_bias = use_bias});
  };
  add("Conv2D",
      {convolution("relu", true), layers::MaxPooling2D(2), convolution("relu", true), layers::MaxPooling2D(2)});
  add("Conv2D, BatchNormalization",
      {convolution("linear", false), layers::BatchNormalization(), layers::Activation("relu"),
       convolution("linear", false), layers::BatchNormalization(), layers::Activation("relu"),
       layers::MaxPooling2D(2)});
}

void add_losses(Trainings& out) {
  using losses::BinaryCrossentropy, losses::CategoricalCrossentropy;
  const auto add = [&](const char* activation, const Ref<Loss>& loss, bool weighted = false) {
    out.push_back({concat(loss->name(), " of ", activation, weighted ? ", weighted" : ""),
                   Sequential({Input({40}), layers::Dense(10, {.activation = activation})}),
                   {.optimizer = "sgd", .loss = loss},
                   {float32, {unknown, 10}},
                   weighted});
  };
  for (const char* activation : {"linear", "sigmoid", "tanh"}) add(activation, "mean_squared_error");
  add("linear", "mean_squared_error", true);
  add("linear", "mean_absolute_error");
  add("sigmoid", "binary_crossentropy");
  add("linear", BinaryCrossentropy({.from_logits = true}));
  add("sigmoid", BinaryCrossentropy({.clip_probabilities = true}));
  add("softmax", "categorical_crossentropy");
  add("linear", CategoricalCrossentropy({.from_logits = true}));
  add("softmax", CategoricalCrossentropy({.label_smoothing = 0.1}));
  add("softmax", CategoricalCrossentropy({.clip_probabilities = true}));
}

Training updated_by(const std::string& name, const Ref<Optimizer>& optimizer, layers::DenseOptions options = {}) {
  return {name,
          Sequential({Input({40}), layers::Dense(10, std::move(options))}),
          {.optimizer = optimizer, .loss = class_loss()}};
}

/// What is trained most, with its update in the tiles of the gradient's product: ten times the code.
Training updated_in_tiles(const std::string& name, const Ref<Optimizer>& optimizer) {
  Training out = updated_by(name, optimizer);
  out.tiles = true;
  return out;
}

/// With each of what all optimizers accept.
template <class Options>
void add_common_options(Trainings& out, const char* name, Ref<Optimizer> (*make)(Options), const Options& plain = {}) {
  const auto with = [&](const char* what, const auto& change, const layers::DenseOptions& layer = {}) {
    Options options = plain;
    change(options);
    out.push_back(updated_by(concat(name, ", ", what), make(options), layer));
  };
  const auto nothing = [](Options&) {};
  with("weight_decay", [](Options& o) { o.weight_decay = 0.01; });
  with("clipnorm", [](Options& o) { o.clipnorm = 1.0; });
  with("clipvalue", [](Options& o) { o.clipvalue = 1.0; });
  with("global_clipnorm", [](Options& o) { o.global_clipnorm = 1.0; });
  with("L1", nothing, {.kernel_regularizer = regularizers::L1()});
  with("L2", nothing, {.kernel_regularizer = regularizers::L2()});
}

void add_optimizers(Trainings& out) {
  using namespace optimizers;
  out.push_back(updated_in_tiles("SGD", SGD()));
  out.push_back(updated_in_tiles("SGD, momentum", SGD({.momentum = 0.9})));
  out.push_back(updated_in_tiles("SGD, nesterov", SGD({.momentum = 0.9, .nesterov = true})));
  out.push_back(updated_in_tiles("RMSprop", RMSprop()));
  out.push_back(updated_in_tiles("RMSprop, momentum", RMSprop({.momentum = 0.9})));
  out.push_back(updated_in_tiles("RMSprop, centered", RMSprop({.centered = true})));
  out.push_back(updated_in_tiles("RMSprop, keras2_epsilon", RMSprop({.keras2_epsilon = true})));
  out.push_back(updated_in_tiles("Adam", Adam()));
  out.push_back(updated_in_tiles("Adam, amsgrad", Adam({.amsgrad = true})));
  out.push_back(updated_in_tiles("AdamW", AdamW()));
  out.push_back(updated_in_tiles("Adagrad", Adagrad()));
  out.push_back(updated_in_tiles("Adagrad, keras2_epsilon", Adagrad({.keras2_epsilon = true})));
  add_common_options(out, "SGD", SGD);
  add_common_options(out, "SGD, momentum", SGD, {.momentum = 0.9});
  add_common_options(out, "RMSprop", RMSprop);
  add_common_options(out, "Adam", Adam);
  add_common_options(out, "AdamW", AdamW);
  add_common_options(out, "Adagrad", Adagrad);
}

// ---- how it is found and written ------------------------------------------------------------------------------------

/// The programs that were asked for, as constants, in the order of the first question.
class Table {
 public:
  void begin(const Training& training) { training_ = &training; }

  /// place: see ConstantProgram.
  void add(const ElementwiseProgram& program, std::uint32_t fixed, int place) {
    if (place >= 0 && !training_->tiles) return;
    std::string constant = constant_of(program, fixed, place);
    if (std::find(constants_.begin(), constants_.end(), constant) != constants_.end()) return;
    const std::string name = concat("Program", constants_.size());
    structs_ += concat("/// ", training_->name, ".\nstruct ", name, " {\n  ", constant, "\n};\n");
    names_ += concat(constants_.empty() ? "" : ", ", "programs::", name);
    constants_.push_back(std::move(constant));
  }

  std::string text() const {
    return concat(
        "// Made by tools/generate_programs.cpp: what each program was first met in.\n#pragma once\n\n"
        "#include \"simd/constant_program.h\"\n\nnamespace keratin::cpu {\nnamespace programs {\n\n",
        structs_, "\n}  // namespace programs\n\nusing CompiledPrograms = ProgramList<", names_,
        ">;\n\n}  // namespace keratin::cpu\n");
  }

 private:
  static std::string constant_of(const ElementwiseProgram& program, std::uint32_t fixed, int place) {
    std::vector<std::string> code;
    std::vector<int> sources;
    for (const Instruction& instruction : program.instructions())
      code.push_back(concat("{Function{", static_cast<int>(instruction.function), "} /* ",
                            row(instruction.function).name, " */, {", join(instruction.operands, ", "), "}}"));
    for (const ElementwiseProgram::Output& output : program.outputs()) sources.push_back(output.source);
    return concat("static constexpr ConstantProgram<", program.inputs(), ", ", code.size(), ", ", sources.size(),
                  "> program{", fixed, ", ", place, ", {", join(code, ", "), "}, {", join(sources, ", "), "}};");
  }

  const Training* training_ = nullptr;
  std::string structs_, names_;
  std::vector<std::string> constants_;
};

/// What compiled_program() below, which knows nobody, writes to.
Table& table() {
  static Table only;
  return only;
}

/// One number for each sample, or a scalar: not worth it.
bool is_small(const Shape& shape) { return shape.rank() == 0 || (shape.rank() == 1 && shape[0] < 0); }

void plan(Training& training) {
  const cpu::CpuBackend backend;
  training.model.compile(training.options);
  for (const Mode mode : {Mode::train, Mode::test, Mode::predict}) {
    Feeds feeds{{training.x}, {}, false};
    if (mode != Mode::predict) feeds = {feeds.x, {training.y}, training.sample_weight};
    compile(trace_step(training.model, mode, feeds).graph, 50, backend);
  }
}

}  // namespace

/// Instead of the library's: they note what is asked for. What is returned is planned with, and never run.
cpu::CompiledProgram cpu::compiled_program(const ElementwiseProgram& program, std::uint32_t fixed, InstructionSet) {
  if (!is_small(program.outputs()[0].spec.shape)) table().add(program, fixed, -1);
  return [](std::int64_t, std::int64_t, const ProgramRows&) {};
}
const cpu::CompiledTiles* cpu::compiled_tiles(const ElementwiseProgram& program, std::uint32_t fixed, int place,
                                              InstructionSet) {
  table().add(program, fixed, place);
  return nullptr;
}

}  // namespace keratin

int main(int count, char** arguments) try {
  using namespace keratin;
  check_argument(count == 2, "usage: keratin_generate_programs FILE");
  for (const char* name : {"KERATIN_CHECK_FINITE", "KERATIN_DISABLE", "KERATIN_DUMP", "KERATIN_INSTRUCTION_SET"})
    unsetenv(name);  // the same table for whoever builds
  Trainings trainings;
  add_activations(trainings);
  add_layers(trainings);
  add_convolutions(trainings);
  add_losses(trainings);
  add_optimizers(trainings);
  for (Training& training : trainings) {
    table().begin(training);
    plan(training);
  }
  // An unchanged table keeps its date, so that nothing is compiled anew.
  if (!std::filesystem::exists(arguments[1]) || read_text(arguments[1]) != table().text())
    replace_file(arguments[1], table().text());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
