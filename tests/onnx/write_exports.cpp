// write_exports cases FOLDER: every op's and layer's export with numbers for it and what Keratin makes of them.
// write_exports mnist|lenet5 DATA FOLDER: the same for the tutorial's network or LeNet-5, a little trained, and MNIST's
// test images.
// Each export has a folder: model.onnx, input_0.npy …, output_0.npy …, in the order of the model's inputs and outputs.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string_view>

#include "base/check.h"
#include "base/file.h"
#include "keratin/datasets.h"
#include "models/lenet5.h"
#include "models/mnist_mlp.h"
#include "support/interpret.h"
#include "support/onnx_cases.h"

namespace keratin::testing {
namespace {

namespace fs = std::filesystem;

/// NumPy's format, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
void write_npy(const fs::path& path, const Array& array) {
  const char* const kind = is_floating(array.dtype()) ? "f"
                           : array.dtype() == boolean ? "b"
                           : array.dtype() == uint8   ? "u"
                                                      : "i";
  const char* const comma = array.shape().rank() == 1 ? "," : "";
  std::string header = concat("{'descr': '<", kind, size_in_bytes(array.dtype()),
                              "', 'fortran_order': False, 'shape': (", join(array.shape(), ", "), comma, "), }");
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');  // so that the numbers begin at a multiple of 64 bytes
  header += '\n';
  const auto length = static_cast<unsigned>(header.size());
  const char size[] = {static_cast<char>(length & 0xff), static_cast<char>(length >> 8)};
  const Array dense = array.contiguous() ? array : array.copy();
  const std::string_view numbers(reinterpret_cast<const char*>(dense.bytes().data()), dense.bytes().size());
  replace_file(path, concat("\x93NUMPY\x01", '\0', std::string_view(size, 2), header, numbers));
}

void write_case(const fs::path& folder, const std::string& model, const std::vector<Array>& inputs,
                const std::vector<Array>& outputs) {
  fs::create_directories(folder);
  replace_file(folder / "model.onnx", std::string_view(model));
  for (std::size_t i = 0; i < inputs.size(); ++i) write_npy(folder / concat("input_", i, ".npy"), inputs[i]);
  for (std::size_t i = 0; i < outputs.size(); ++i) write_npy(folder / concat("output_", i, ".npy"), outputs[i]);
}

void write_cases(const fs::path& folder) {
  for (const OnnxOpCase& made : onnx_op_cases()) {
    const Graph graph = graph_of(made.specs, made.function);
    Feeds feeds;
    for (const Array& argument : made.arguments) feeds.emplace(concat("x", feeds.size()), argument);
    const Interpreted result = interpret(graph, feeds, made.batch);
    std::vector<Array> outputs;
    for (const NamedValue& output : graph.outputs()) outputs.push_back(result.outputs.at(output.name));
    write_case(folder / ("op_" + made.name), export_graph(graph), made.arguments, outputs);
  }
  for (OnnxLayerCase& made : onnx_layer_cases())
    write_case(folder / ("layer_" + made.name), export_model(made.model), made.inputs,
               made.model.predict_all(Data(made.inputs), {.verbose = 0}));
}

void write_trained(Sequential model, const Shape& image, const fs::path& data, const fs::path& folder) {
  const datasets::Pair mnist = datasets::mnist({.directory = data});
  const auto scaled = [&](const Array& images) {
    Array x = images.reshape(Shape({images.length()}) + image).astype(float32);
    for (float& pixel : x.values()) pixel /= 255.0f;
    return x;
  };
  model.compile(
      {.optimizer = "rmsprop", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .seed = 1});
  model.fit(scaled(mnist.train.x.slice(0, 20'000)), mnist.train.y.slice(0, 20'000), {.batch_size = 50, .verbose = 0});
  const Array test = scaled(mnist.test.x);
  const double accuracy = model.evaluate(test, mnist.test.y, {.batch_size = 128, .verbose = 0}).at("accuracy");
  check_data(accuracy > 0.9, "expected a network that has learnt something, got an accuracy of ", accuracy);
  write_case(folder, export_model(model), {test}, {model.predict(test, {.batch_size = 128, .verbose = 0})});
}

int run(int count, char** arguments) {
  const std::string_view what = count > 1 ? arguments[1] : "";
  if (what == "cases" && count == 3) {
    write_cases(arguments[2]);
  } else if (what == "mnist" && count == 4) {
    write_trained(models::mnist_mlp(), {784}, arguments[2], fs::path(arguments[3]) / "mnist");
  } else if (what == "lenet5" && count == 4) {
    write_trained(models::lenet5(), {28, 28, 1}, arguments[2], fs::path(arguments[3]) / "lenet5");
  } else {
    std::fprintf(stderr, "usage: write_exports cases FOLDER | write_exports mnist|lenet5 DATA FOLDER\n");
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace keratin::testing

int main(int count, char** arguments) {
  try {
    return keratin::testing::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "write_exports: %s\n", error.what());
    return 1;
  }
}
