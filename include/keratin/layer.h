// Layer: what networks are made of, and what authors of layers derive from.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/array.h"
#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/initializers.h"
#include "keratin/ref.h"
#include "keratin/regularizers.h"
#include "keratin/tensor.h"
#include "keratin/types.h"
#include "keratin/variable.h"

namespace KERATIN_EXPORT keratin {

struct LayerState;

/// What a layer learns of the call it is in.
struct CallContext {
  bool training = false;
  std::optional<Tensor> mask = std::nullopt;      // of the first input: boolean, False where a step is to be skipped
  std::vector<std::optional<Tensor>> masks = {};  // of every input
};
/// What a caller may say; unset: as the layer that calls.
struct CallOptions {
  std::optional<bool> training = std::nullopt;
  std::optional<Tensor> mask = std::nullopt;
};

/// The dtype of a layer's weights and of its computation. Converts from a DType and from Keras's name.
class DTypePolicy {
 public:
  /// ValueError unless it is floating-point.
  DTypePolicy(DType dtype);
  /// "mixed_bfloat16", "mixed_float16": weights in float32, of which the layer reads casts to the 16-bit dtype that it
  /// computes in. Or a dtype's name for both. ValueError for no policy.
  DTypePolicy(const char* name);
  DTypePolicy(const std::string& name) : DTypePolicy(name.c_str()) {}
  DType compute_dtype() const { return compute_; }
  DType variable_dtype() const { return variable_; }
  std::string name() const;
  friend bool operator==(const DTypePolicy&, const DTypePolicy&) = default;

 private:
  DType compute_;
  DType variable_;
};
/// The dtype of inputs, losses and metrics, and the policy of layers made later by this thread; float32 at first.
/// Keras's set_floatx. Losses and metrics compute in float32 at least.
void set_floatx(DType dtype);
DType floatx();
/// The policy alone, until the next of either; Keras's keras.config.set_dtype_policy.
void set_dtype_policy(const DTypePolicy& policy);
DTypePolicy dtype_policy();

struct WeightOptions {
  Ref<Initializer> initializer = "glorot_uniform";
  std::optional<Ref<Regularizer>> regularizer = std::nullopt;
  bool trainable = true;
  std::optional<DType> dtype = std::nullopt;  // none: the layer's
  bool autocast = true;                       // call() reads it in the dtype that a mixed policy computes in
};

/// A piece of a network. Authors override build() to make weights, call() to say what to compute and describe() to name
/// what a saved model must remember; gradients, devices, files and ONNX follow from call(). call() may be traced many
/// times and must not keep tensors. One thread at a time.
class Layer : public Configurable, public std::enable_shared_from_this<Layer> {
 public:
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  ~Layer() override;

  /// Uses the layer: outside a trace the call becomes a part of a functional model, inside it computes. ValueError if
  /// the layer has several outputs.
  Tensor operator()(const Tensors& inputs, const CallOptions& options = {});
  template <std::convertible_to<Tensor>... More>
    requires(sizeof...(More) > 0)
  Tensor operator()(const Tensor& first, const More&... more) { return (*this)(Tensors{first, Tensor(more)...}); }
  /// The same for a layer with any number of outputs: const auto [y, state] = lstm->outputs<2>(x).
  Tensors outputs(const Tensors& inputs, const CallOptions& options = {});
  template <std::size_t N> std::array<Tensor, N> outputs(const Tensors& inputs, const CallOptions& options = {}) {
    return outputs(inputs, options).template unpack<N>();
  }

  /// Makes the weights. Called once, before the first call, with the inputs' shapes, batch included: by the library, or
  /// by you if that is to happen earlier. ValueError where it makes weights that are there already.
  virtual void build(const Shape& input);
  virtual void build_many(const std::vector<Shape>& inputs);  // default: build(inputs[0])
  /// Says what to compute.
  virtual Tensor call(const Tensor& x, const CallContext& context);          // one input, one output
  virtual Tensors call_many(const Tensors& xs, const CallContext& context);  // any other; default: call(xs[0])
  /// The mask of the output: default the first input's if supports_masking().
  virtual std::optional<Tensor> compute_mask(const Tensors& inputs, const CallContext& context);
  virtual bool supports_masking() const { return false; }
  /// Throws ValueError if the options cannot be. Called by factories and after loading.
  virtual void validate() const {}
  void describe(Fields& fields) override;

  /// Unique in its model; "dense" until a model has named it, unless given.
  const std::string& name() const;
  bool built() const;
  bool trainable() const;
  void set_trainable(bool trainable);  // this layer and all inside it; the next epoch sees it, without compile()
  DType dtype() const;                 // of its weights
  DType compute_dtype() const;
  const DTypePolicy& dtype_policy() const;
  /// Trainable ones first, then the others; own ones before those of layers inside.
  Variables weights() const;
  Variables trainable_weights() const;
  Variables non_trainable_weights() const;
  Variable weight(std::string_view name) const;  // dense->weight("kernel"); ValueError lists the names
  std::vector<Array> get_weights() const;
  void set_weights(const std::vector<Array>& values);
  std::int64_t count_params() const;
  std::vector<Ref<Layer>> layers() const;  // those inside
  Tensor input() const;                    // of the only call; ValueError if it was called otherwise
  Tensor output() const;
  /// The configuration in Keras's form: JSON with class_name and config, no weights.
  std::string to_json() const;

 protected:
  explicit Layer(std::string name = "");
  /// A weight of this layer, made in build().
  Variable add_weight(std::string_view name, const Shape& shape, WeightOptions options = {});
  /// The state of a random stream, saved with the model: what Keras's SeedGenerator holds. In build() or a constructor.
  Variable add_seed_generator(std::optional<std::int64_t> seed = std::nullopt);
  /// Adds a scalar to the loss of the step that is traced.
  void add_loss(const Tensor& loss);
  void add_metric(const Tensor& value, std::string_view name);
  /// Makes a layer that this one calls part of it. Calling it inside call() does so too.
  void track(const Ref<Layer>& layer);
  void set_name(std::string name);
  void set_dtype(const DTypePolicy& policy);

 private:
  friend struct LayerAccess;
  std::unique_ptr<LayerState> state_;
};

template <class C> constexpr bool overrides_call(Tensor (C::*)(const Tensor&, const CallContext&)) {
  return !std::same_as<C, Layer>;
}
constexpr bool overrides_call(...) { return false; }
template <class C> constexpr bool overrides_call_many(Tensors (C::*)(const Tensors&, const CallContext&)) {
  return !std::same_as<C, Layer>;
}
constexpr bool overrides_call_many(...) { return false; }
template <std::derived_from<Layer> L> struct CheckAuthor<L> {
  static constexpr bool value = overrides_call(&L::call) || overrides_call_many(&L::call_many);
};

}  // namespace keratin
