// ElementwiseProgram, and single elementwise ops, compiled at run time: one kernel with every register in a register.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/check.h"
#include "cuda/check.h"
#include "cuda/elementwise/program_compiler.h"
#include "cuda/kernels/kernels.h"

namespace keratin::cuda {
namespace {

constexpr int threads_of_multiprocessor = 2048;  // at most, on every device

class CompiledElementwise final : public CudaKernel {
 public:
  CompiledElementwise(std::shared_ptr<const TextKernel> kernel, const GeneratedKernel& generated, int multiprocessors)
      : kernel_(std::move(kernel)), groups_(generated.groups), is_wide_(generated.width > 1) {
    const std::int64_t blocks = (groups_ + generated_threads - 1) / generated_threads;
    constexpr int resident = threads_of_multiprocessor / generated_threads;
    blocks_ = static_cast<unsigned>(std::min<std::int64_t>(blocks, 4ll * resident * multiprocessors));
  }

  void prepare() const override { kernel_->load(); }

  void enqueue(const KernelArguments& arguments, cudaStream_t stream) const override {
    std::array<const void*, most_generated_operands + 2> addresses{};  // of the arguments, and null behind them
    std::size_t count = 0;
    for (const auto& input : arguments.inputs) addresses[count++] = argument(input);
    for (const auto& output : arguments.outputs) addresses[count++] = argument(output);
    addresses[count++] = &groups_;
    KERATIN_CUDA_CHECK(cudaLaunchKernel(kernel_->function(), dim3(blocks_), dim3(generated_threads),
                                        const_cast<void**>(addresses.data()), 0, stream));
  }

 private:
  /// The argument's own address. Groups are read by one access each, which faults elsewhere.
  template <class Pointer> const void* argument(const Pointer& operand) const {
    KERATIN_ASSERT(!is_wide_ || reinterpret_cast<std::uintptr_t>(operand) % 16 == 0);
    return &operand;
  }

  std::shared_ptr<const TextKernel> kernel_;
  std::int64_t groups_;
  unsigned blocks_;
  bool is_wide_;
};

}  // namespace

KernelPlan plan_compiled_elementwise(const KernelRequest& request, const Planning& planning) {
  if (request.outputs[0].shape.size() == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  std::shared_ptr<const ElementwiseProgram> single;
  if (request.op.name() != "ElementwiseProgram") single = as_program(request.op, request.inputs, request.outputs);
  const ElementwiseProgram& program = single ? *single : static_cast<const ElementwiseProgram&>(request.op);
  if (!can_generate(program)) return {};
  const int multiprocessors = planning.device.multiprocessors;
  const GeneratedKernel generated =
      generate(program, request, std::int64_t{threads_of_multiprocessor} * multiprocessors);
  std::shared_ptr<const TextKernel> kernel = planning.programs.kernel(generated);
  if (kernel == nullptr) return {};
  return {std::make_unique<CompiledElementwise>(std::move(kernel), generated, multiprocessors), 0, {}};
}

}  // namespace keratin::cuda
