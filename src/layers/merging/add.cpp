#include "keratin/layers/merging.h"
#include "layers/merging/merge.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class AddLayer final : public Merge {
 public:
  AddLayer() = default;
  explicit AddLayer(const layers::AddOptions& options) : Merge(options) {}
  std::string class_name() const override { return "Add"; }
  void describe(Fields&) override {}

 protected:
  Tensor merge(const Tensors& xs) const override {
    Tensor sum = xs[0];
    for (std::size_t i = 1; i < xs.size(); ++i) sum += xs[i];
    return sum;
  }
};

}  // namespace

Ref<Layer> layers::Add(AddOptions options) { return make_valid<AddLayer>(options); }
Tensor layers::add(const Tensors& inputs, AddOptions options) { return Add(std::move(options))(inputs); }
std::shared_ptr<Layer> blank_add() { return std::make_shared<AddLayer>(); }

}  // namespace keratin
