// keratin/ref.h and keratin/layer.h: a Ref is never null by accident, and a layer says what it computes.
#include "keratin/layer.h"
#include "keratin/losses.h"
#include "keratin/regularizers.h"

using keratin::CallContext;
using keratin::Layer;
using keratin::Ref;
using keratin::Tensor;

class Twice : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext&) override { return x + x; }
};

[[maybe_unused]] Ref<Layer> twice() { return keratin::make<Twice>(); }
[[maybe_unused]] Ref<keratin::Loss> by_name() { return "mean_squared_error"; }

#if MISUSE == 1  // nullptr for a layer: deleted|delete
Ref<Layer> nothing() { return nullptr; }
#elif MISUSE == 2  // zero for a loss, which is a null pointer to a name: deleted|delete|ambiguous
Ref<keratin::Loss> zero() { return 0; }
#elif MISUSE == 3  // a name for a layer, which has none: Ref<keratin::Layer>
Ref<Layer> named() { return "dense"; }
#elif MISUSE == 4  // a loss for a layer: Ref<keratin::Layer>
Ref<Layer> loss(const Ref<keratin::Loss>& loss) { return loss; }
#elif MISUSE == 5  // a layer that overrides neither call() nor call_many(): must override call
class Silent : public Layer {};
Ref<Layer> silent() { return keratin::make<Silent>(); }
#elif MISUSE == 6  // a call() that takes other arguments and so overrides nothing: marked .override.
class Odd : public Layer {
 public:
  Tensor call(const Tensor& x) override { return x; }
};
#elif MISUSE == 7  // a constructor's argument too many: no matching function
Ref<Layer> surplus() { return keratin::make<Twice>(2); }
#endif
