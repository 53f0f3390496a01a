// ProductProgram: a layer's bias and ReLU are part of the product's kernel. Other programs run after the product, which
// lies in the workspace meanwhile.
#include "ops/product_program.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/check.h"
#include "compiler/plan_memory.h"
#include "cuda/kernels/kernels.h"
#include "cuda/product.h"

namespace keratin::cuda {
namespace {

/// By cuBLASLt where it is there and of use, else by our own kernel.
KernelPlan plan_product(const MatrixProduct& product, const Planning& planning) {
  if (!product.is_small())
    if (KernelPlan plan = plan_cublaslt_product(product, planning); plan.kernel) return plan;
  return plan_own_product(product);
}

bool is(const Instruction& instruction, Function function, int operand) {
  return instruction.function == function && instruction.operands[0] == operand;
}

bool adds(const Instruction& instruction, int a, int b) {
  return instruction.function == Function::add && ((instruction.operands[0] == a && instruction.operands[1] == b) ||
                                                   (instruction.operands[0] == b && instruction.operands[1] == a));
}

/// True if the op's third input is one row for all of the output's, in memory of its own: what is written in its place
/// (of the output's spec) might be read again.
bool is_bias(const KernelRequest& request) {
  const Shape &bias = request.inputs[2].shape, &c = request.outputs[0].shape;
  return bias.size() == c[1] && (bias.rank() == 0 || bias.back() == c[1]) && bias != c;
}

struct Finish {
  bool add_bias = false, relu = false;
};

/// The program, if it is bias, ReLU, or one after the other. cuBLASLt's ReLU is max(x, 0): its documentation does not
/// say that NaN stays NaN, which is so in our own.
std::optional<Finish> finish_of(const ProductProgram& op, const KernelRequest& request) {
  const ElementwiseProgram& program = op.program();
  const std::vector<Instruction>& code = program.instructions();
  const int inputs = program.inputs(), last = inputs + static_cast<int>(code.size()) - 1;
  if (program.compute() != float32 || program.outputs().size() != 1 || program.outputs()[0].source != last) return {};
  if (inputs == 1 && code.size() == 1 && is(code[0], Function::relu, 0)) return Finish{.relu = true};
  if (inputs != 2 || code.empty() || !adds(code[0], 0, 1) || !is_bias(request)) return {};
  if (code.size() == 1) return Finish{.add_bias = true};
  if (code.size() == 2 && is(code[1], Function::relu, 2)) return Finish{.add_bias = true, .relu = true};
  return {};
}

/// Of what the program reads, the product being dense, and writes.
std::vector<std::int64_t> program_pitches(const ProductProgram& op, const KernelRequest& request) {
  std::vector<std::int64_t> pitches;
  for (std::size_t k = 2; k < request.inputs.size(); ++k) pitches.push_back(request.input_pitch(k));
  pitches.insert(pitches.begin() + op.place(), request.outputs[0].shape[1]);
  for (std::size_t i = 0; i < request.outputs.size(); ++i) pitches.push_back(request.output_pitch(i));
  return pitches;
}

/// One after the other.
class ApartKernel final : public CudaKernel {
 public:
  ApartKernel(std::unique_ptr<const Kernel> product, std::unique_ptr<const Kernel> program, int place,
              std::size_t product_bytes)
      : product_(std::move(product)),
        program_(std::move(program)),
        place_(static_cast<std::size_t>(place)),
        product_bytes_(product_bytes) {}

  void prepare() const override {
    kernel(product_).prepare();
    kernel(program_).prepare();
  }

  void enqueue(const KernelArguments& arguments, cudaStream_t stream) const override {
    void* const made = arguments.workspace;  // (m, n)
    void* const workspace = static_cast<std::byte*>(made) + product_bytes_;
    kernel(product_).enqueue({arguments.inputs.first(2), {&made, 1}, workspace}, stream);
    std::array<const void*, ElementwiseProgram::most_inputs> from{};
    const std::size_t inputs = arguments.inputs.size() - 1;  // the product instead of its factors
    for (std::size_t k = 0, next = 2; k < inputs; ++k) from[k] = k == place_ ? made : arguments.inputs[next++];
    kernel(program_).enqueue({{from.data(), inputs}, arguments.outputs, workspace}, stream);
  }

 private:
  static const CudaKernel& kernel(const std::unique_ptr<const Kernel>& planned) {
    return static_cast<const CudaKernel&>(*planned);
  }

  std::unique_ptr<const Kernel> product_, program_;
  std::size_t place_;  // among the program's inputs
  std::size_t product_bytes_;
};

KernelPlan plan_apart(const ProductProgram& op, const KernelRequest& request, MatrixProduct product,
                      const Planning& planning) {
  const Specs inputs = op.program_inputs(request.inputs);
  KERATIN_ASSERT(inputs.size() <= ElementwiseProgram::most_inputs);  // fuse_products takes in no other
  product.pitch_c = product.n;
  KernelPlan multiply = plan_product(product, planning);
  const std::vector<std::int64_t> pitches = program_pitches(op, request);
  const KernelRequest on_product{op.program(), inputs, request.outputs, pitches};
  KernelPlan program = plan_compiled_elementwise(on_product, planning);
  if (!program.kernel) program = plan_interpreted_elementwise(on_product, planning);
  if (!multiply.kernel || !program.kernel) return {};
  const std::size_t product_bytes =
      aligned_bytes(static_cast<std::size_t>(product.m * product.n) * size_in_bytes(product.dtype));
  const std::size_t workspace_bytes = product_bytes + std::max(multiply.workspace_bytes, program.workspace_bytes);
  return {
      std::make_unique<ApartKernel>(std::move(multiply.kernel), std::move(program.kernel), op.place(), product_bytes),
      workspace_bytes,
      {}};
}

}  // namespace

KernelPlan plan_product_program(const KernelRequest& request, const Planning& planning) {
  const auto& op = static_cast<const ProductProgram&>(request.op);
  MatrixProduct product = product_of(op.product(), request);
  const std::optional<Finish> finish = finish_of(op, request);
  if (!finish) return plan_apart(op, request, product, planning);
  product.add_bias = finish->add_bias;
  product.relu = finish->relu;
  return plan_product(product, planning);
}

}  // namespace keratin::cuda
