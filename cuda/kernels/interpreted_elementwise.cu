// Runs an ElementwiseProgram instruction by instruction, an element a thread: for where nothing can be compiled at run
// time. The program is a parameter of the kernel, in constant memory; programs that do not fit there are declined.
#include "cuda/device_code.cuh"

#include "cuda/elementwise/functions.cuh"

#include <algorithm>
#include <optional>
#include <vector>

#include "cuda/kernels/kernels.h"
#include "cuda/kernels/movement.h"
#include "ops/elementwise_program.h"
#include "runtime/elementwise_geometry.h"

namespace keratin::cuda {
namespace {

constexpr int most_steps = 192;
constexpr int most_operands = 40;  // inputs and outputs
constexpr int most_planes = 4;     // axes beside rows and columns
constexpr int most_slots = 64;

/// slots[made] = function(slots[operands[0]], …).
struct Step {
  Function function;
  std::uint8_t made, operands[3];
};

/// An input or output: where it lies, and the slot that it is read into or written from.
struct Operand {
  void* at;
  std::int64_t row_stride, plane_strides[most_planes];  // elements
  std::uint8_t column_stride;                           // 1, or 0 where one element stands for all
  std::uint8_t slot;
  DType dtype;
};

struct Code {
  std::int64_t count, rows, columns, plane_extents[most_planes];
  int planes, inputs, outputs, steps;
  Operand operands[most_operands];  // inputs, then outputs
  Step step[most_steps];
};
static_assert(sizeof(Code) <= 4096, "what a kernel's parameters may take");

template <class T> __device__ T evaluate_floating(Function function, T a, T b) {
  switch (function) {
    case Function::sqrt: return Sqrt(a);
    case Function::exp: return Exp(a);
    case Function::log: return Log(a);
    case Function::log1p: return Log1p(a);
    case Function::expm1: return Expm1(a);
    case Function::sin: return Sin(a);
    case Function::cos: return Cos(a);
    case Function::tanh: return Tanh(a);
    case Function::erf: return Erf(a);
    case Function::floor: return Floor(a);
    case Function::ceil: return Ceil(a);
    case Function::round: return Round(a);
    case Function::sigmoid: return Sigmoid(a);
    default: return Pow(a, b);
  }
}

template <class T> __device__ T evaluate(Function function, T a, T b, T c) {
  switch (function) {
    case Function::identity: return a;
    case Function::neg: return Neg(a);
    case Function::abs: return Abs(a);
    case Function::sign: return Sign(a);
    case Function::square: return Square(a);
    case Function::relu: return Relu(a);
    case Function::is_finite: return IsFinite(a);
    case Function::logical_not: return Not(a);
    case Function::add: return Add(a, b);
    case Function::sub: return Sub(a, b);
    case Function::mul: return Mul(a, b);
    case Function::div: return Div(a, b);
    case Function::max: return Max(a, b);
    case Function::min: return Min(a, b);
    case Function::equal: return Equal(a, b);
    case Function::less: return Less(a, b);
    case Function::less_equal: return LessOrEqual(a, b);
    case Function::logical_and: return And(a, b);
    case Function::logical_or: return Or(a, b);
    case Function::where: return Where(a, b, c);
    default:
      if constexpr (floating<T>) return evaluate_floating(function, a, b);
      return a;
  }
}

/// True for what evaluate() knows of int64.
bool of_integers(Function function) {
  return function < Function::sqrt || (function >= Function::relu && function != Function::pow);
}

template <class T> __device__ T load(const Operand& operand, std::int64_t offset) {
  switch (operand.dtype) {
    case DType::float32: return converted<T>(static_cast<const float*>(operand.at)[offset]);
    case DType::float64: return converted<T>(static_cast<const double*>(operand.at)[offset]);
    case DType::float16: return converted<T>(static_cast<const Half*>(operand.at)[offset]);
    case DType::bfloat16: return converted<T>(static_cast<const BFloat16*>(operand.at)[offset]);
    case DType::int8: return converted<T>(static_cast<const signed char*>(operand.at)[offset]);
    case DType::uint8: return converted<T>(static_cast<const unsigned char*>(operand.at)[offset]);
    case DType::int32: return converted<T>(static_cast<const int*>(operand.at)[offset]);
    case DType::int64: return converted<T>(static_cast<const long long*>(operand.at)[offset]);
    case DType::boolean: break;
  }
  return converted<T>(static_cast<const StoredBool*>(operand.at)[offset]);
}

template <class T> __device__ void store(const Operand& operand, std::int64_t offset, T value) {
  switch (operand.dtype) {
    case DType::float32: static_cast<float*>(operand.at)[offset] = converted<float>(value); return;
    case DType::float64: static_cast<double*>(operand.at)[offset] = converted<double>(value); return;
    case DType::float16: static_cast<Half*>(operand.at)[offset] = converted<Half>(value); return;
    case DType::bfloat16: static_cast<BFloat16*>(operand.at)[offset] = converted<BFloat16>(value); return;
    case DType::int8: static_cast<signed char*>(operand.at)[offset] = converted<signed char>(value); return;
    case DType::uint8: static_cast<unsigned char*>(operand.at)[offset] = converted<unsigned char>(value); return;
    case DType::int32: static_cast<int*>(operand.at)[offset] = converted<int>(value); return;
    case DType::int64: static_cast<long long*>(operand.at)[offset] = converted<long long>(value); return;
    case DType::boolean: static_cast<StoredBool*>(operand.at)[offset] = converted<StoredBool>(value); return;
  }
}

/// Where the element at a place is in an operand.
template <class Offset>
__device__ std::int64_t offset_of(const Code& code, const Operand& operand, Offset plane, Offset row, Offset column) {
  std::int64_t offset =
      static_cast<std::int64_t>(row) * operand.row_stride + static_cast<std::int64_t>(column) * operand.column_stride;
  for (int axis = code.planes - 1; axis >= 0; --axis) {
    const auto extent = static_cast<Offset>(code.plane_extents[axis]);
    offset += static_cast<std::int64_t>(plane % extent) * operand.plane_strides[axis];
    plane /= extent;
  }
  return offset;
}

/// All of an element's loads come before its stores, for an output may be the memory of an input of its shape.
template <class T, class Offset> __global__ void interpret(Code code) {
  T slots[most_slots];
  const auto rows = static_cast<Offset>(code.rows), columns = static_cast<Offset>(code.columns);
  const auto stride = static_cast<Offset>(gridDim.x * blockDim.x), count = static_cast<Offset>(code.count);
  for (auto i = static_cast<Offset>(blockIdx.x * blockDim.x + threadIdx.x); i < count; i += stride) {
    const Offset whole_row = i / columns, column = i - whole_row * columns;
    const Offset plane = whole_row / rows, row = whole_row - plane * rows;
    for (int k = 0; k < code.inputs; ++k) {
      const Operand& operand = code.operands[k];
      slots[operand.slot] = load<T>(operand, offset_of(code, operand, plane, row, column));
    }
    for (int s = 0; s < code.steps; ++s) {
      const Step& step = code.step[s];
      slots[step.made] =
          evaluate(step.function, slots[step.operands[0]], slots[step.operands[1]], slots[step.operands[2]]);
    }
    for (int k = code.inputs; k < code.inputs + code.outputs; ++k) {
      const Operand& operand = code.operands[k];
      store(operand, offset_of(code, operand, plane, row, column), slots[operand.slot]);
    }
  }
}

constexpr int to_the_end = 1 << 30;

/// The last instruction that reads each register; to_the_end if an output does, -1 if nobody does.
std::vector<int> last_uses(const ElementwiseProgram& program) {
  const auto& instructions = program.instructions();
  std::vector<int> last(static_cast<std::size_t>(program.inputs()) + instructions.size(), -1);
  for (std::size_t i = 0; i < instructions.size(); ++i)
    for (int k = 0; k < row(instructions[i].function).arity; ++k)
      last[static_cast<std::size_t>(instructions[i].operands[static_cast<std::size_t>(k)])] = static_cast<int>(i);
  for (const auto& output : program.outputs()) last[static_cast<std::size_t>(output.source)] = to_the_end;
  return last;
}

/// A slot for every register: a few, which are used again once nobody reads what is in them.
std::vector<std::size_t> slots_of(const ElementwiseProgram& program) {
  const std::vector<int> last = last_uses(program);
  const int inputs = program.inputs();
  std::vector<int> until;  // by slot: the last instruction that reads it
  std::vector<std::size_t> slots;
  for (int r = 0; r < static_cast<int>(last.size()); ++r) {
    const auto free = std::find_if(until.begin(), until.end(), [now = r - inputs](int end) { return end <= now; });
    slots.push_back(static_cast<std::size_t>(free - until.begin()));
    if (free == until.end()) until.push_back(0);
    until[slots.back()] = std::max(last[static_cast<std::size_t>(r)], r - inputs);
    if (r < inputs) until[slots.back()] = std::max(until[slots.back()], 0);  // all inputs are there at first
  }
  return slots;
}

Operand operand_of(const Geometry& geometry, std::size_t number, DType dtype, std::size_t slot) {
  Operand operand{};
  operand.row_stride = geometry.row_stride(number);
  for (std::size_t axis = 0; axis < geometry.planes().size(); ++axis)
    operand.plane_strides[axis] = geometry.planes()[axis].strides[number];
  operand.column_stride = geometry.fixed(number) ? 0 : 1;
  operand.slot = static_cast<std::uint8_t>(slot);
  operand.dtype = dtype;
  return operand;
}

/// None for a program that does not fit, or has functions that its numbers do not.
std::optional<Code> code_of(const ElementwiseProgram& program, const KernelRequest& request) {
  const Geometry geometry(request);
  const std::vector<std::size_t> slots = slots_of(program);
  const auto& instructions = program.instructions();
  const std::size_t inputs = request.inputs.size(), outputs = request.outputs.size();
  if (instructions.size() > most_steps || inputs + outputs > most_operands || geometry.planes().size() > most_planes)
    return {};
  if (std::any_of(slots.begin(), slots.end(), [](std::size_t slot) { return slot >= most_slots; })) return {};
  Code code{};
  code.count = request.outputs[0].shape.size();
  code.rows = geometry.rows();
  code.columns = geometry.columns();
  for (const StridedAxis& axis : geometry.planes()) code.plane_extents[code.planes++] = axis.extent;
  for (std::size_t k = 0; k < inputs; ++k)
    code.operands[code.inputs++] = operand_of(geometry, k, request.inputs[k].dtype, slots[k]);
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    const Function function = instructions[i].function;
    if (program.compute() == int64 && !of_integers(function)) return {};
    Step& step = code.step[code.steps++];
    step.function = function;
    step.made = static_cast<std::uint8_t>(slots[inputs + i]);
    for (std::size_t k = 0; k < 3; ++k) {  // those beyond the arity repeat the first
      const auto own = static_cast<std::size_t>(row(function).arity) > k ? k : 0;
      step.operands[k] = static_cast<std::uint8_t>(slots[static_cast<std::size_t>(instructions[i].operands[own])]);
    }
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    const auto source = static_cast<std::size_t>(program.outputs()[i].source);
    code.operands[inputs + i] = operand_of(geometry, inputs + i, request.outputs[i].dtype, slots[source]);
    ++code.outputs;
  }
  return code;
}

template <class T> KernelPlan plan_code(const Code& code) {
  return make_kernel([code](const KernelArguments& arguments, cudaStream_t stream) {
    Code placed = code;
    for (std::size_t k = 0; k < arguments.inputs.size(); ++k)
      placed.operands[k].at = const_cast<void*>(arguments.inputs[k]);  // which nothing writes through
    for (std::size_t i = 0; i < arguments.outputs.size(); ++i)
      placed.operands[arguments.inputs.size() + i].at = arguments.outputs[i];
    with_offset(code.count, [&](auto offset) {
      launch(interpret<T, decltype(offset)>, blocks_for(code.count), block_threads, stream, placed);
    });
  });
}

}  // namespace

KernelPlan plan_interpreted_elementwise(const KernelRequest& request, const Planning&) {
  if (request.outputs[0].shape.size() == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  std::shared_ptr<const ElementwiseProgram> single;
  if (request.op.name() != "ElementwiseProgram") single = as_program(request.op, request.inputs, request.outputs);
  const ElementwiseProgram& program = single ? *single : static_cast<const ElementwiseProgram&>(request.op);
  const std::optional<Code> code = code_of(program, request);
  if (!code) return {};
  switch (program.compute()) {
    case DType::float32: return plan_code<float>(*code);
    case DType::float64: return plan_code<double>(*code);
    case DType::int64: return plan_code<long long>(*code);
    default: return {};
  }
}

}  // namespace keratin::cuda
