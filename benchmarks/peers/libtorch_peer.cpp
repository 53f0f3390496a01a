// libtorch C++ at its best: the eager API with its own optimizers, samples gathered by index_select out of one float32
// tensor in memory. Threads: set_num_threads, which the BLAS built for OpenMP follows; one inter-op thread, for a step
// has nothing to run beside itself. Denormals are flushed: a second moment that decays towards zero would otherwise
// cost time. LeNet-5's images are channels first: channels_last took a quarter more. Which BLAS: peers.py.
#include <torch/torch.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>

#include "protocol.h"

namespace {

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const std::string& name,
                                                        const std::vector<torch::Tensor>& parameters) {
  if (name == "sgd") return std::make_unique<torch::optim::SGD>(parameters, torch::optim::SGDOptions(0.01));
  if (name == "rmsprop") {
    return std::make_unique<torch::optim::RMSprop>(parameters,
                                                   torch::optim::RMSpropOptions(0.001).alpha(0.9).eps(1e-7));
  }
  return std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(0.001).eps(1e-7));
}

template <typename Layer> Layer initialized(Layer layer) {
  torch::nn::init::xavier_uniform_(layer->weight);
  torch::nn::init::zeros_(layer->bias);
  return layer;
}

torch::nn::Linear dense(std::int64_t in, std::int64_t out) { return initialized(torch::nn::Linear(in, out)); }

torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t padding) {
  return initialized(torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 5).padding(padding)));
}

torch::nn::Sequential network_of(const std::string& model) {
  using torch::nn::ReLU;
  if (model == "mnist_mlp")
    return torch::nn::Sequential(dense(784, 300), ReLU(), dense(300, 100), ReLU(), dense(100, 10));
  const torch::nn::MaxPool2dOptions halves(2);
  return torch::nn::Sequential(convolution(1, 6, 2), ReLU(), torch::nn::MaxPool2d(halves), convolution(6, 16, 0),
                               ReLU(), torch::nn::MaxPool2d(halves), torch::nn::Flatten(), dense(400, 120), ReLU(),
                               dense(120, 84), ReLU(), dense(84, 10));
}

void run(const protocol::Flags& flags) {
  at::set_num_threads(flags.threads);
  at::set_num_interop_threads(1);
  at::globalContext().setFlushDenormal(true);
  protocol::Digits digits = protocol::read_digits(flags);
  const auto samples = static_cast<std::int64_t>(digits.classes.size()), batch = static_cast<std::int64_t>(flags.batch);
  torch::Tensor x = torch::from_blob(digits.pixels.data(), {samples, 784}, torch::kUInt8).to(torch::kFloat32).div_(255);
  if (flags.model == "lenet5") x = x.view({samples, 1, 28, 28});
  const torch::Tensor y = torch::from_blob(digits.classes.data(), {samples}, torch::kUInt8).to(torch::kInt64);

  torch::nn::Sequential network = network_of(flags.model);
  std::vector<torch::Tensor> parameters = network->parameters();
  const auto optimizer = make_optimizer(flags.optimizer, parameters);
  const auto step = [&](const torch::Tensor& x_batch, const torch::Tensor& y_batch) {
    const torch::Tensor loss = torch::cross_entropy_loss(network->forward(x_batch), y_batch);
    for (torch::Tensor& parameter : parameters)
      parameter.mutable_grad().reset();  // cheaper than zero_grad(), which fills
    loss.backward();
    optimizer->step();
    return loss;
  };
  protocol::serve(flags, [&](std::size_t steps) {
    torch::Tensor loss;
    const auto epoch = samples / batch;
    torch::Tensor order;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(steps); ++i) {
      if (i % epoch == 0) order = torch::randperm(samples);
      const torch::Tensor rows = order.narrow(0, i % epoch * batch, batch);
      loss = step(x.index_select(0, rows), y.index_select(0, rows));
    }
    return loss.item<double>();
  });
}

}  // namespace

int main(int count, char** words) try { run(protocol::read_flags(count, words)); } catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
