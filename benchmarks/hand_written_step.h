// The yardstick: a training step of 784-300-100-10 written by hand, layer by layer, with Eigen on one thread.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace hand_written {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Matrix<float, 1, Eigen::Dynamic>;

enum class Optimizer { sgd, rmsprop, adam };

/// A parameter with its gradient and the optimizer's slots. Formulas as Keras 3's.
template <class Values> struct Parameter {
  Values value, gradient, momentum, velocity;

  void resize(Eigen::Index rows, Eigen::Index columns) {
    for (Values* values : {&value, &gradient, &momentum, &velocity}) values->setZero(rows, columns);
  }
  void update(Optimizer optimizer, float rate) {
    const auto g = gradient.array();
    if (optimizer == Optimizer::sgd) {
      value.array() -= rate * g;
    } else if (optimizer == Optimizer::rmsprop) {
      velocity.array() = 0.9f * velocity.array() + 0.1f * g.square();
      value.array() -= rate * g / (velocity.array() + 1e-7f).sqrt();
    } else {
      momentum.array() += 0.1f * (g - momentum.array());
      velocity.array() += 0.001f * (g.square() - velocity.array());
      value.array() -= rate * momentum.array() / (velocity.array().sqrt() + 1e-7f);
    }
  }
};

struct Dense {
  Parameter<Matrix> kernel;  // (in, out)
  Parameter<Row> bias;       // (out)
  Matrix y;                  // (batch, out)
  Matrix dy;                 // (batch, out): of the loss with respect to the product
  bool relu;

  Dense(Eigen::Index in, Eigen::Index out, Eigen::Index batch, bool activated, std::mt19937& random)
      : y(batch, out), dy(batch, out), relu(activated) {
    kernel.resize(in, out);
    bias.resize(1, out);
    std::uniform_real_distribution<float> glorot(-std::sqrt(6.0f / static_cast<float>(in + out)),
                                                 std::sqrt(6.0f / static_cast<float>(in + out)));
    for (Eigen::Index i = 0; i < kernel.value.size(); ++i) kernel.value.data()[i] = glorot(random);
  }
  void forward(const Matrix& x) {
    y.noalias() = x * kernel.value;
    y.rowwise() += bias.value;
    if (relu) y = y.cwiseMax(0.0f);
  }
  /// dx: null for the first layer.
  void backward(const Matrix& x, Matrix* dx) {
    if (relu) dy.array() *= (y.array() > 0.0f).cast<float>();
    kernel.gradient.noalias() = x.transpose() * dy;
    bias.gradient = dy.colwise().sum();
    if (dx != nullptr) dx->noalias() = dy * kernel.value.transpose();
  }
  void update(Optimizer optimizer, float rate) {
    kernel.update(optimizer, rate);
    bias.update(optimizer, rate);
  }
};

class Network {
 public:
  Network(Eigen::Index batch, Optimizer optimizer)
      : optimizer_(optimizer),
        x_(batch, 784),
        first_(784, 300, batch, true, random_),
        second_(300, 100, batch, true, random_),
        third_(100, 10, batch, false, random_) {}

  /// One step on rows order[0], … of the images (n, 784), numbers in [0, 1], and their classes; returns the loss.
  float step(const std::vector<float>& images, const std::vector<std::int64_t>& classes, const std::int64_t* order) {
    const Eigen::Index batch = x_.rows();
    for (Eigen::Index i = 0; i < batch; ++i) x_.row(i) = Eigen::Map<const Row>(images.data() + order[i] * 784, 784);
    first_.forward(x_);
    second_.forward(first_.y);
    third_.forward(second_.y);
    float loss = 0.0f;
    for (Eigen::Index i = 0; i < batch; ++i) {
      const float top = third_.y.row(i).maxCoeff();
      auto p = third_.dy.row(i);
      p = (third_.y.row(i).array() - top).exp();
      const float sum = p.sum();
      const Eigen::Index target = classes[static_cast<std::size_t>(order[i])];
      loss += std::log(sum) - (third_.y(i, target) - top);
      p /= sum * static_cast<float>(batch);
      p(target) -= 1.0f / static_cast<float>(batch);
    }
    third_.backward(second_.y, &second_.dy);
    second_.backward(first_.y, &first_.dy);
    first_.backward(x_, nullptr);
    ++steps_;
    const float t = static_cast<float>(steps_);
    const float rate = optimizer_ == Optimizer::sgd ? 0.01f
                       : optimizer_ == Optimizer::adam
                           ? 0.001f * std::sqrt(1.0f - std::pow(0.999f, t)) / (1.0f - std::pow(0.9f, t))
                           : 0.001f;
    for (Dense* layer : {&first_, &second_, &third_}) layer->update(optimizer_, rate);
    return loss / static_cast<float>(batch);
  }

 private:
  std::mt19937 random_{0};
  Optimizer optimizer_;
  Matrix x_;
  Dense first_, second_, third_;
  std::int64_t steps_ = 0;
};

}  // namespace hand_written
