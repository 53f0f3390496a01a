// keras_mnist: a network of two hidden layers, or LeNet-5, learns handwritten digits, in the steps of the Keras
// tutorial that it is named after: shapes, summary, a line an epoch, test loss and accuracy, a saved model and a chart.
#include <keratin/callbacks.h>
#include <keratin/datasets.h>
#include <keratin/model.h>
#include <keratin/version.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <stop_token>

#include "accuracy_chart.h"
#include "models/lenet5.h"
#include "models/mnist_mlp.h"
#include "models/trained_on_bytes.h"
#include "run_folder.h"

namespace {

struct Flags {
  std::string model = "mlp";
  std::string data_folder = "data/mnist";
  bool synthetic = false;
  std::int64_t samples = 0;  // 0: all
  std::int64_t batch_size = 50;
  std::int64_t first_layer_neurons = 300;
  std::int64_t second_layer_neurons = 100;
  double learning_rate = 0.001;
  int epochs = 20;
  std::string optimizer = "rmsprop";
  std::uint64_t seed = 0;
  int threads = 0;  // 0: as many as the library takes by itself
  std::string device = "auto";
  std::string output_folder = "outputs";
  std::string verbose = "auto";
};

// ---- flags ----------------------------------------------------------------------------------------------------------

/// Accepts what reads as a T and is accepted by `condition`; others are told what was expected.
template <class T> CLI::Validator expect(const std::string& what, std::function<bool(T)> condition) {
  return CLI::Validator(
      [=](const std::string& given) {
        T value{};
        const bool accepted = CLI::detail::lexical_cast(given, value) && condition(value);
        return accepted ? std::string() : "expected " + what + ", got " + given;
      },
      "");
}

CLI::Validator one_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return expect<std::string>("one of " + list,
                             [=](const std::string& name) { return std::count(names.begin(), names.end(), name) > 0; });
}

void add_flags(CLI::App& app, Flags& flags) {
  const CLI::Validator count = expect<std::int32_t>("a whole number above 0", [](std::int32_t n) { return n > 0; });
  app.add_option("--model", flags.model, "mlp, two hidden layers, or lenet5, with convolutions")
      ->type_name("NAME")
      ->check(one_of({"mlp", "lenet5"}));
  app.add_option("--data-folder", flags.data_folder, "where MNIST's four files are, in any subfolder");
  app.add_flag("--synthetic", flags.synthetic, "train on drawn digits instead of files");
  app.add_option("--samples", flags.samples, "use the first N images, and N/6 to test")
      ->default_str("all")
      ->type_name("N")
      ->check(count);
  app.add_option("--batch-size", flags.batch_size, "images a step")->type_name("N")->check(count);
  app.add_option("--first-layer-neurons", flags.first_layer_neurons, "width of mlp's first hidden layer")
      ->type_name("N")
      ->check(count);
  app.add_option("--second-layer-neurons", flags.second_layer_neurons, "width of the second")
      ->type_name("N")
      ->check(count);
  app.add_option("--learning-rate", flags.learning_rate, "of the optimizer")
      ->type_name("RATE")
      ->check(expect<double>("a number above 0", [](double rate) { return rate > 0 && std::isfinite(rate); }));
  app.add_option("--epochs", flags.epochs, "passes over the training images")->type_name("N")->check(count);
  app.add_option("--optimizer", flags.optimizer, "rmsprop, sgd or adam")
      ->type_name("NAME")
      ->check(one_of({"rmsprop", "sgd", "adam"}));
  app.add_option("--seed", flags.seed, "of initial weights and shuffling")
      ->type_name("N")
      ->check(expect<std::int64_t>("a whole number, 0 or above", [](std::int64_t n) { return n >= 0; }));
  app.add_option("--threads", flags.threads, "threads to compute with")
      ->default_str("auto")
      ->type_name("N")
      ->check(count);
  app.add_option("--device", flags.device, "auto, cpu or cuda")
      ->type_name("NAME")
      ->check(one_of({"auto", "cpu", "cuda"}));
  app.add_option("--output-dir", flags.output_folder, "where the model, the log and the chart go")->type_name("FOLDER");
  app.add_option("--verbose", flags.verbose, "0: silent, 1: a bar, 2: a line an epoch, auto: a bar on a terminal")
      ->type_name("LEVEL")
      ->check(one_of({"0", "1", "2", "auto"}));
}

/// LeNet-5 has the widths that it has.
void check_together(const CLI::App& app, const Flags& flags) {
  for (const char* flag : {"--first-layer-neurons", "--second-layer-neurons"})
    if (flags.model != "mlp" && app.count(flag) > 0)
      throw CLI::ValidationError(std::string(flag) + ": expected --model mlp, got --model " + flags.model +
                                 ", whose layers have fixed widths");
}

keratin::Verbose verbosity(const std::string& name) {
  return name == "auto" ? keratin::Verbose("auto") : keratin::Verbose(std::stoi(name));
}

keratin::Ref<keratin::Optimizer> optimizer(const Flags& flags) {
  if (flags.optimizer == "sgd") return keratin::optimizers::SGD(flags.learning_rate);
  if (flags.optimizer == "adam") return keratin::optimizers::Adam(flags.learning_rate);
  return keratin::optimizers::RMSprop(flags.learning_rate);
}

// ---- data -----------------------------------------------------------------------------------------------------------

struct Samples {
  keratin::Array x;  // (n, 784) or for lenet5 (n, 28, 28, 1), bytes as in the files: a step divides them by 255
  keratin::Array y;  // (n, 10), one-hot
};

Samples prepare(const keratin::datasets::Split& split, std::int64_t limit, const Flags& flags) {
  const std::int64_t count = limit > 0 ? std::min(limit, split.x.length()) : split.x.length();
  const keratin::Shape shape =
      flags.model == "mlp" ? keratin::Shape({count, 28 * 28}) : keratin::Shape({count, 28, 28, 1});
  return {split.x.slice(0, count).reshape(shape), keratin::datasets::to_categorical(split.y.slice(0, count), 10)};
}

keratin::datasets::Pair load(const Flags& flags, std::int64_t test_samples) {
  if (!flags.synthetic) return keratin::datasets::mnist({.directory = flags.data_folder});
  keratin::datasets::SyntheticOptions options{.seed = flags.seed};
  if (flags.samples > 0) options = {.train = flags.samples, .test = test_samples, .seed = flags.seed};
  return keratin::datasets::synthetic_digits(options);
}

// ---- training -------------------------------------------------------------------------------------------------------

volatile std::sig_atomic_t received_signal = 0;  // all that a signal handler may touch

extern "C" void remember_signal(int signal) { received_signal = signal; }

/// From now on SIGTERM and SIGINT are remembered once; a second one ends the program at once.
void listen_to_signals() {
  struct sigaction action = {};
  action.sa_handler = remember_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

/// Asks for the end of training when a signal has come.
class StopOnSignal final : public keratin::Callback {
 public:
  explicit StopOnSignal(std::stop_source stop) : stop_(std::move(stop)) {}
  void on_train_batch_end(std::int64_t, keratin::Logs&) override { look(); }
  void on_epoch_end(int, keratin::Logs&) override { look(); }

 private:
  void look() {
    if (received_signal != 0) stop_.request_stop();
  }
  std::stop_source stop_;
};

/// The tutorial's names for the values of the test images.
class LogRunMetrics final : public keratin::Callback {
 public:
  explicit LogRunMetrics(RunLog& log) : log_(log) {}
  void on_epoch_end(int epoch, keratin::Logs& logs) override {
    if (!logs.contains("val_loss")) return;  // stopped before the test images were looked at
    log_.log("Loss", logs.at("val_loss"), epoch + 1);
    log_.log("Accuracy", logs.at("val_accuracy"), epoch + 1);
  }

 private:
  RunLog& log_;
};

/// The checkpoint and what is made from it, of one model: both are written before either takes its place.
void save(const keratin::Model& model, const std::filesystem::path& folder) {
  const std::filesystem::path onnx = folder / "model.onnx", aside = folder / "model.onnx.new";
  std::filesystem::remove(aside);  // of a run that was killed
  std::string why_not;
  try {
    model.export_onnx(aside);
  } catch (const keratin::UnsupportedError& error) {
    why_not = error.what();
  }
  try {
    model.save(folder / "model.keratin");
  } catch (...) {
    std::filesystem::remove(aside);
    throw;
  }
  if (why_not.empty()) {
    std::filesystem::rename(aside, onnx);
  } else {
    std::filesystem::remove(onnx);  // an earlier one is of another model
    std::printf("model.onnx is left out: %s\n", why_not.c_str());
  }
}

void print_shape(const keratin::Array& array) { std::printf("%s\n", keratin::to_string(array.shape()).c_str()); }

keratin::Sequential network(const Flags& flags) {
  if (flags.model == "lenet5") return keratin::models::lenet5();
  return keratin::models::mnist_mlp(
      {.first_layer_neurons = flags.first_layer_neurons, .second_layer_neurons = flags.second_layer_neurons});
}

keratin::models::TrainedOnBytes compiled_model(const Flags& flags) {
  keratin::models::TrainedOnBytes model(network(flags));
  model.compile({.optimizer = optimizer(flags),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"},
                 .device = flags.device,
                 .threads = flags.threads > 0 ? std::optional<int>(flags.threads) : std::nullopt,
                 .seed = flags.seed});
  return model;
}

void print_source(const Flags& flags, const keratin::Model& model) {
  std::printf("Keratin version: %s\n", std::string(keratin::version).c_str());
  if (flags.synthetic) {
    std::printf("training dataset is drawn by the program\n");
  } else {
    std::printf("training dataset is stored here: %s\n", flags.data_folder.c_str());
  }
  std::printf("device: %s\n", model.device().c_str());
}

/// Trains until the epochs are over or a signal comes.
keratin::History train(keratin::Model& model, const Flags& flags, const Samples& train, const Samples& test,
                       RunLog& log) {
  listen_to_signals();
  std::stop_source stop;
  return model.fit(train.x, train.y,
                   {.batch_size = flags.batch_size,
                    .epochs = flags.epochs,
                    .verbose = verbosity(flags.verbose),
                    .callbacks = {keratin::callbacks::TerminateOnNaN({.raise_error = true}),
                                  keratin::make<StopOnSignal>(stop), keratin::make<LogRunMetrics>(log)},
                    .validation_data = {test.x, test.y},
                    .stop = stop.get_token()});
}

void tell_score(keratin::Model& model, const Flags& flags, const Samples& test, RunLog& log) {
  const keratin::Logs score = model.evaluate(test.x, test.y, {.batch_size = flags.batch_size, .verbose = 0});
  std::printf("Test loss: %.6g\nTest accuracy: %.6g\n", score.at("loss"), score.at("accuracy"));
  log.log("Final test loss", score.at("loss"));
  log.log("Final test accuracy", score.at("accuracy"));
}

void run(const Flags& flags) {
  keratin::models::TrainedOnBytes model = compiled_model(flags);
  print_source(flags, model);
  const std::int64_t test_samples = (flags.samples + 5) / 6;
  const keratin::datasets::Pair digits = load(flags, test_samples);
  const Samples train_set = prepare(digits.train, flags.samples, flags),
                test_set = prepare(digits.test, test_samples, flags);
  for (const keratin::Array* array : {&train_set.x, &train_set.y, &test_set.x, &test_set.y}) print_shape(*array);
  std::printf("%s", model.summary().c_str());

  const std::filesystem::path outputs = flags.output_folder, model_folder = outputs / "model";
  make_writable_folder(outputs);
  make_writable_folder(model_folder);
  RunLog log(outputs / "run_log.jsonl");
  const keratin::History history = train(model, flags, train_set, test_set, log);
  if (received_signal != 0) {
    std::printf("stopped by signal %d in epoch %zu\n", static_cast<int>(received_signal), history.epoch.size());
  } else {
    tell_score(model, flags, test_set, log);
  }
  save(model, model_folder);
  log.finish();
  if (history.history.contains("val_accuracy"))
    replace_file(outputs / "accuracy_vs_loss.svg",
                 accuracy_chart(std::string("MNIST with Keras ") + (flags.model == "mlp" ? "MLP" : "LeNet-5") + " (" +
                                    std::to_string(flags.epochs) + " epochs)",
                                history.at("val_accuracy"), history.at("val_loss")));
  std::printf("model saved in %s folder\n", model_folder.c_str());
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw std::runtime_error("cannot write to standard output; the files are written");
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Trains a network of two hidden layers, or LeNet-5, on MNIST and tests it.", "keras_mnist");
  app.set_help_flag("--help", "this");
  app.get_formatter()->column_width(34);
  app.option_defaults()->always_capture_default()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  add_flags(app, flags);
  try {
    app.parse(argc, argv);
    check_together(app, flags);
    run(flags);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "keras_mnist: %s\n", error.what());
    return 1;
  }
  return 0;
}
