// The step written by hand. Each thread has columns of layer 1 for itself, with weights, gradients and slots, and a
// share of the rest; what is small (layer 3, the gradient by layer 2) every thread computes for itself. Optimizers
// update a weight as soon as its gradient is complete, in registers. Threads meet three times a step.
#include "hand_step.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "hand_state.h"

namespace hand {
namespace {

/// out = relu(sum + bias); shapes (rows, vectors) and (1, vectors).
struct BiasRelu {
  float* out;
  std::int64_t pitch;
  const float* bias;
  void operator()(std::int64_t row, std::int64_t vector, Vector sum) const {
    store(out + row * pitch + vector * lanes, larger(sum + load(bias + vector * lanes), Vector{}));
  }
};

struct Bias {
  float* out;
  std::int64_t pitch;
  const float* bias;
  void operator()(std::int64_t row, std::int64_t vector, Vector sum) const {
    store(out + row * pitch + vector * lanes, sum + load(bias + vector * lanes));
  }
};

/// relu's gradient: out = sum where what relu returned is above 0.
struct WhereActive {
  float* out;
  std::int64_t pitch;
  const float* activation;
  std::int64_t activation_pitch;
  void operator()(std::int64_t row, std::int64_t vector, Vector sum) const {
    const Vector active = load(activation + row * activation_pitch + vector * lanes);
    store(out + row * pitch + vector * lanes, active > 0.0f ? sum : Vector{});
  }
};

/// Keras 3's formulas with its defaults. For Adam the rate is corrected for the step already.
template <Optimizer optimizer> struct Update {
  Parameter of;
  float rate;
  void operator()(std::int64_t row, std::int64_t vector, Vector gradient) const {
    const std::int64_t at = row * of.pitch + vector * lanes;
    if constexpr (optimizer == Optimizer::sgd) {
      store(of.value + at, load(of.value + at) - rate * gradient);
    } else if constexpr (optimizer == Optimizer::rmsprop) {
      const Vector velocity = 0.9f * load(of.velocity + at) + (0.1f * gradient) * gradient;
      store(of.velocity + at, velocity);
      store(of.value + at, load(of.value + at) - rate * gradient / square_root(velocity + 1e-7f));
    } else {
      Vector momentum = load(of.momentum + at), velocity = load(of.velocity + at);
      momentum += 0.1f * (gradient - momentum);
      velocity += 0.001f * (gradient * gradient - velocity);
      store(of.momentum + at, momentum);
      store(of.velocity + at, velocity);
      store(of.value + at, load(of.value + at) - rate * momentum / (square_root(velocity) + 1e-7f));
    }
  }
};

float rate_of(Optimizer optimizer, std::int64_t step) {
  const double rate = learning_rate(optimizer), t = static_cast<double>(step);
  if (optimizer != Optimizer::adam) return static_cast<float>(rate);
  return static_cast<float>(rate * std::sqrt(1.0 - std::pow(0.999, t)) / (1.0 - std::pow(0.9, t)));
}

/// Sums over all rows, given to an epilogue.
void column_sums(const float* from, std::int64_t pitch, std::int64_t rows, Range vectors, const auto& epilogue) {
  for (std::int64_t vector = vectors.first; vector < vectors.last; ++vector) {
    Vector even{}, odd{};
    const float* at = from + vector * lanes;
    std::int64_t row = 0;
    for (; row + 1 < rows; row += 2) {
      even += load(at + row * pitch);
      odd += load(at + (row + 1) * pitch);
    }
    if (row < rows) even += load(at + row * pitch);
    epilogue(0, vector, even + odd);
  }
}

/// Logits (batch in whole vectors, pitch_3) become the loss's gradient by them; targets (batch, pitch_3). A vector
/// holds one class of `lanes` samples. Returns the mean loss if it is asked for.
double softmax_crossentropy(float* logits, const float* targets, std::int64_t batch, bool wants_loss) {
  double loss = 0.0;
  const float share = 1.0f / static_cast<float>(batch);
  for (std::int64_t first = 0; first < batch; first += lanes) {
    float* rows = logits + first * pitch_3;
    const std::int64_t last = std::min(lanes, batch - first);
    alignas(64) float columns[pitch_3 * lanes];
    transpose(rows, pitch_3, lanes, pitch_3, columns, lanes);
    Vector highest = load(columns);
    for (std::int64_t j = 1; j < classes; ++j) highest = larger(highest, load(columns + j * lanes));
    Vector sum{};
    for (std::int64_t j = 0; j < classes; ++j) {
      const Vector e = exponential(load(columns + j * lanes) - highest);
      store(columns + j * lanes, e);
      sum += e;
    }
    if (wants_loss)
      for (std::int64_t i = 0; i < last; ++i) {
        const float log_sum = std::log(sum[static_cast<std::size_t>(i)]) + highest[static_cast<std::size_t>(i)];
        for (std::int64_t j = 0; j < classes; ++j)
          loss += static_cast<double>(targets[(first + i) * pitch_3 + j] * (log_sum - rows[i * pitch_3 + j]));
      }
    const Vector scale = share / sum;
    for (std::int64_t j = 0; j < classes; ++j) store(columns + j * lanes, load(columns + j * lanes) * scale);
    for (std::int64_t j = classes; j < pitch_3; ++j) store(columns + j * lanes, Vector{});
    transpose(columns, lanes, pitch_3, lanes, rows, pitch_3);
    for (std::int64_t i = 0; i < last; ++i)
      for (std::int64_t j = 0; j < pitch_3; j += lanes)
        store(rows + i * pitch_3 + j, load(rows + i * pitch_3 + j) - share * load(targets + (first + i) * pitch_3 + j));
  }
  return loss / static_cast<double>(batch);
}

/// One thread's part of a step.
template <Optimizer optimizer> class Share {
 public:
  Share(State& state, int thread)
      : s_(state),
        me_(state.members[static_cast<std::size_t>(thread)]),
        mine_(state.panels[static_cast<std::size_t>(thread)]),
        shared_(state.shared().size() > 0 ? &state.panels.back() : nullptr),
        thread_(thread),
        last_(thread == state.threads - 1) {}

  /// images (batch, 784), targets (batch, pitch_3); meanwhile() is called when the next step's may be written.
  double step(const float* images, const float* targets, std::int64_t number, const auto& meanwhile) {
    rate_ = rate_of(optimizer, number);
    forward_1(images);
    s_.barrier.wait();
    forward_2();
    copy_old_weights();
    meanwhile();
    s_.barrier.wait();
    const double loss = forward_3(targets);
    backward();
    update_small();
    update_1(images);
    return loss;
  }

 private:
  using To = Update<optimizer>;
  Range mine_of(std::int64_t count) const { return part({0, count}, thread_, s_.threads); }
  Range all() const { return {0, s_.batch}; }
  /// Neurons of layer 1, without padding.
  static Range neurons(Range vectors) {
    return {std::min(widths[1], vectors.first * lanes), std::min(widths[1], vectors.last * lanes)};
  }

  void forward_1(const float* images) {
    const auto panel = [&](const Panel& p, Range rows) {
      product({images, pixels, 1}, {p.kernel.value, p.kernel.pitch}, pixels, rows, {0, p.vectors.size()},
              BiasRelu{s_.output_1 + p.vectors.first * lanes, pitch_1, p.bias.value});
    };
    panel(mine_, all());
    s_.barrier.wait();  // the others have finished the last step: its shared columns are updated
    if (shared_ != nullptr) panel(*shared_, mine_of(s_.batch));
  }

  void forward_2() {
    const auto columns = [&](Range rows, Range vectors) {
      product({s_.output_1, pitch_1, 1}, {s_.kernel_2.value, pitch_2}, widths[1], rows, vectors,
              BiasRelu{s_.output_2, pitch_2, s_.bias_2.value});
    };
    columns(all(), {thread_ * s_.own_2, (thread_ + 1) * s_.own_2});
    columns(mine_of(s_.batch), s_.shared_2());
  }

  void copy_old_weights() {
    const std::int64_t pitch = s_.member_pitch();
    const auto columns = [&](Range vectors, std::int64_t to) {
      transpose(s_.kernel_2.value + vectors.first * lanes * pitch_2, pitch_2, vectors.size() * lanes, pitch_2,
                me_.transposed_2 + to * lanes, pitch);
    };
    columns(mine_.vectors, 0);
    columns(s_.shared(), s_.own);
    std::copy_n(s_.kernel_3.value, pitch_2 * pitch_3, me_.kernel_3);
    std::copy_n(s_.bias_3.value, pitch_3, me_.bias_3);
    transpose(me_.kernel_3, pitch_3, pitch_2, pitch_3, me_.transposed_3, pitch_2);
  }

  double forward_3(const float* targets) {
    product({s_.output_2, pitch_2, 1}, {me_.kernel_3, pitch_3}, widths[2], all(), {0, vectors_3},
            Bias{me_.gradient_3, pitch_3, me_.bias_3});
    return softmax_crossentropy(me_.gradient_3, targets, s_.batch, thread_ == 0);
  }

  void backward() {
    product({me_.gradient_3, pitch_3, 1}, {me_.transposed_3, pitch_2}, classes, all(), {0, vectors_2},
            WhereActive{me_.gradient_2, pitch_2, s_.output_2, pitch_2});
    const std::int64_t pitch = s_.member_pitch();
    const auto columns = [&](Range vectors, std::int64_t first) {
      product({me_.gradient_2, pitch_2, 1}, {me_.transposed_2, pitch}, widths[2], all(), vectors,
              WhereActive{me_.gradient_1, pitch, s_.output_1 + (first - vectors.first) * lanes, pitch_1});
    };
    columns({0, s_.own}, mine_.vectors.first);
    columns({s_.own, s_.own + s_.shared().size()}, s_.shared().first);
  }

  void update_small() {
    product({s_.output_2, 1, pitch_2}, {me_.gradient_3, pitch_3}, s_.batch, mine_of(widths[2]), {0, vectors_3},
            To{s_.kernel_3, rate_});
    if (last_) column_sums(me_.gradient_3, pitch_3, s_.batch, {0, vectors_3}, To{s_.bias_3, rate_});
    const Range some = neurons(s_.shared());
    for (const Range rows : {neurons(mine_.vectors), part(some, thread_, s_.threads)})
      product({s_.output_1, 1, pitch_1}, {me_.gradient_2, pitch_2}, s_.batch, rows, {0, vectors_2},
              To{s_.kernel_2, rate_});
    column_sums(me_.gradient_2, pitch_2, s_.batch, {thread_ * s_.own_2, (thread_ + 1) * s_.own_2},
                To{s_.bias_2, rate_});
    if (last_) column_sums(me_.gradient_2, pitch_2, s_.batch, s_.shared_2(), To{s_.bias_2, rate_});
  }

  void update_1(const float* images) {
    const std::int64_t pitch = s_.member_pitch();
    const auto panel = [&](const Panel& p, const float* gradient, Range rows, bool bias) {
      const Range vectors{0, p.vectors.size()};
      product({images, 1, pixels}, {gradient, pitch}, s_.batch, rows, vectors, To{p.kernel, rate_});
      if (bias) column_sums(gradient, pitch, s_.batch, vectors, To{p.bias, rate_});
    };
    panel(mine_, me_.gradient_1, {0, pixels}, true);
    if (shared_ != nullptr) panel(*shared_, me_.gradient_1 + s_.own * lanes, mine_of(pixels), last_);
  }

  State& s_;
  const Member& me_;
  const Panel& mine_;
  const Panel* shared_;
  int thread_;
  bool last_;
  float rate_ = 0.0f;
};

/// One thread's part of the batch's images and targets, from where they lie to where a step expects them.
void gather(State& s, int thread, const Data& data, std::span<const std::int64_t> order, std::int64_t number) {
  const std::int64_t first = number % (data.samples() / s.batch) * s.batch;
  float *images = s.gathered[number % 2], *targets = s.targets[number % 2];
  const Range rows = part({0, s.batch}, thread, s.threads);
  for (std::int64_t row = rows.first; row < rows.last; ++row) {
    const std::int64_t sample = order.empty() ? first + row : order[static_cast<std::size_t>(first + row)];
    float* target = targets + row * pitch_3;
    std::fill_n(target, pitch_3, 0.0f);
    target[data.labels[static_cast<std::size_t>(sample)]] = 1.0f;
    if (order.empty()) continue;
    float* image = images + row * pixels;
    if (data.bytes.empty()) {
      std::copy_n(data.images.data() + sample * pixels, pixels, image);
    } else {
      const std::uint8_t* from = data.bytes.data() + sample * pixels;
      for (std::int64_t i = 0; i < pixels; ++i) image[i] = static_cast<float>(from[i]) * (1.0f / 255.0f);
    }
  }
}

template <Optimizer optimizer>
Result walk_with(State& s, int thread, const Data& data, std::span<const std::int64_t> order, std::int64_t steps) {
  Share<optimizer> share(s, thread);
  const std::int64_t begin = s.steps, batches = data.samples() / s.batch;
  double loss = 0.0;
  gather(s, thread, data, order, begin);
  s.barrier.wait();
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t number = begin; number < begin + steps; ++number) {
    const float* images =
        order.empty() ? data.images.data() + number % batches * s.batch * pixels : s.gathered[number % 2];
    loss = share.step(images, s.targets[number % 2], number + 1, [&] { gather(s, thread, data, order, number + 1); });
  }
  s.barrier.wait();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), loss};
}

}  // namespace

Result walk(State& state, int thread, const Data& data, std::span<const std::int64_t> order, std::int64_t steps) {
  switch (state.optimizer) {
    case Optimizer::sgd: return walk_with<Optimizer::sgd>(state, thread, data, order, steps);
    case Optimizer::rmsprop: return walk_with<Optimizer::rmsprop>(state, thread, data, order, steps);
    default: return walk_with<Optimizer::adam>(state, thread, data, order, steps);
  }
}

}  // namespace hand
