#include "elementwise/generated.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "base/convert.h"
#include "base/text.h"
#include "cpu/kernels/kernels.h"
#include "cuda/elementwise/embedded_text.h"
#include "stand_in/nvrtc.h"

namespace keratin::cuda::testing {
namespace {

constexpr double specials[] = {std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity(),
                               -0.0,
                               1e-40,  // a float32's subnormal
                               -3e38,  // beyond every integer
                               0.5,    // halves, for rounding
                               2.5,
                               70000};  // beyond float16

/// The request of a case, with what it points to.
struct Asked {
  explicit Asked(const Case& one) : program(*one.program) {
    bool any = false;
    for (const Operand& input : one.inputs) {
      inputs.push_back(input.spec());
      pitches.push_back(input.pitch());
      any = any || input.pitch() != Matrix(input.spec().shape).columns;
    }
    outputs = program.infer(inputs);
    const std::int64_t columns = Matrix(outputs[0].shape).columns;
    for (const Spec& output : outputs)
      pitches.push_back(one.inputs[0].spec().shape == output.shape ? one.inputs[0].pitch() : columns);
    if (!any) pitches.clear();
  }
  KernelRequest request() const { return {program, inputs, outputs, pitches}; }

  const ElementwiseProgram& program;
  Specs inputs, outputs;
  std::vector<std::int64_t> pitches;
};

/// Memory for a run: inputs that may be written over, and the outputs.
struct Memory {
  Memory(const Case& one, const Asked& asked, const std::vector<int>& over) : inputs(one.inputs) {
    for (std::size_t i = 0; i < asked.outputs.size(); ++i) {
      const KernelRequest request = asked.request();
      outputs.emplace_back(asked.outputs[i], request.output_pitch(i));
      places.push_back(i < over.size() ? over[i] : -1);
    }
    for (const Operand& input : inputs) from.push_back(input.data());
    for (std::size_t i = 0; i < outputs.size(); ++i)
      to.push_back(places[i] < 0 ? outputs[i].data() : inputs[static_cast<std::size_t>(places[i])].data());
  }
  Operands results() const {
    Operands out;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      out.push_back(places[i] < 0 ? outputs[i] : inputs[static_cast<std::size_t>(places[i])]);
    return out;
  }

  Operands inputs, outputs;
  std::vector<int> places;
  std::vector<const void*> from;
  std::vector<void*> to;
};

}  // namespace

Operand::Operand(Spec spec, std::int64_t pitch)
    : spec_(std::move(spec)), pitch_(pitch != 0 ? pitch : Matrix(spec_.shape).columns) {
  elements_ = static_cast<std::size_t>(Matrix(spec_.shape).rows * pitch_);
  lines_.resize(elements_ * size_in_bytes(spec_.dtype) / sizeof(Line) + 1);
  std::memset(lines_.data(), 0xff, lines_.size() * sizeof(Line));
}

Operand Operand::drawn(const Spec& spec, unsigned stream, std::int64_t pitch) {
  Operand out(spec, pitch);
  std::mt19937 random(stream);
  for (std::size_t i = 0; i < out.elements_; ++i) {
    const auto drawn = static_cast<unsigned>(random());
    const double usual = static_cast<double>(static_cast<int>(drawn % 73) - 36) / 4;
    const double value = i % 3 == stream % 3 && i < 60 ? specials[drawn % std::size(specials)] : usual;
    if (spec.dtype == boolean) {
      out.data()[i] = static_cast<std::byte>(drawn % 3);  // 2 is true, too
      continue;
    }
    with_type(spec.dtype, [&](auto tag) {
      const auto number = converted<decltype(tag)>(value);
      std::memcpy(out.data() + i * sizeof number, &number, sizeof number);
    });
  }
  return out;
}

std::shared_ptr<const ElementwiseProgram> every_function(DType compute, const Shape& shape) {
  std::vector<Instruction> instructions;
  std::vector<ElementwiseProgram::Output> outputs;
  for (int f = 0; f < function_count; ++f) {
    const FunctionRow& function = row(static_cast<Function>(f));
    if (compute == int64 && function.result == ResultKind::floating) continue;
    Instruction instruction{function.function, {-1, -1, -1}};
    for (int k = 0; k < function.arity; ++k) instruction.operands[static_cast<std::size_t>(k)] = k;
    instructions.push_back(instruction);
    outputs.push_back({2 + static_cast<int>(instructions.size()), {compute, shape}});
  }
  return std::make_shared<ElementwiseProgram>(compute, 3, std::move(instructions), std::move(outputs));
}

Case every_dtype(DType compute, const Shape& shape) {
  constexpr DType all[] = {float32, float64, float16, bfloat16, int8, uint8, int32, int64, boolean};
  Case out;
  std::vector<ElementwiseProgram::Output> outputs;
  for (std::size_t k = 0; k < std::size(all); ++k) {
    out.inputs.push_back(Operand::drawn({all[k], shape}, static_cast<unsigned>(k)));
    for (std::size_t o = 0; o < 4; ++o)  // of all pairs, with the kinds of compute dtypes, every one
      outputs.push_back({static_cast<int>(k), {all[(k + 2 * o) % std::size(all)], shape}});
  }
  out.program = std::make_shared<ElementwiseProgram>(compute, static_cast<int>(std::size(all)),
                                                     std::vector<Instruction>{}, std::move(outputs));
  return out;
}

Case random_case(unsigned seed, DType compute, const Shape& shape) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<int>(random() % n); };
  Case out;
  const DType dtypes[] = {compute, compute, int32, uint8, boolean};
  for (int k = 0; k < 5; ++k) {
    std::vector<std::int64_t> extents(shape.begin(), shape.end());
    for (std::int64_t& extent : extents)
      if (k > 0 && below(2) == 0) extent = 1;
    const int dropped = k > 0 && below(4) == 0 ? below(extents.size() + 1) : 0;
    out.inputs.push_back(Operand::drawn({k == 0 ? compute : dtypes[below(std::size(dtypes))],
                                         Shape(std::vector<std::int64_t>(extents.begin() + dropped, extents.end()))},
                                        seed * 8 + static_cast<unsigned>(k)));
  }
  constexpr Function tried[] = {Function::add, Function::sub,  Function::mul,  Function::max,   Function::min,
                                Function::neg, Function::relu, Function::less, Function::where, Function::square};
  std::vector<Instruction> instructions(static_cast<std::size_t>(3 + below(9)));
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    instructions[i].function = tried[below(std::size(tried))];
    for (int k = 0; k < row(instructions[i].function).arity; ++k)
      instructions[i].operands[static_cast<std::size_t>(k)] = below(5 + i);
  }
  std::vector<ElementwiseProgram::Output> outputs;
  for (const DType dtype : {compute, compute == int64 ? int32 : float16, boolean})
    outputs.push_back({below(5 + instructions.size()), {dtype, shape}});
  outputs[0].source = 4 + static_cast<int>(instructions.size());
  out.program = std::make_shared<ElementwiseProgram>(compute, 5, std::move(instructions), std::move(outputs));
  return out;
}

Operands run_on_cpu(const Case& one, const std::vector<int>& over) {
  const Asked asked(one);
  Memory memory(one, asked, over);
  const KernelPlan plan = cpu::plan_elementwise(asked.request());
  Operand workspace({uint8, {static_cast<std::int64_t>(plan.workspace_bytes)}});
  plan.kernel->run({memory.from, memory.to, workspace.data(), {0, plan.division.rows, 0, plan.division.columns}});
  return memory.results();
}

GeneratedKernel generated_for(const Case& one, std::int64_t elements_for_vectors) {
  const Asked asked(one);
  return generate(*one.program, asked.request(), elements_for_vectors);
}

Operands run_generated(const Case& one, std::int64_t elements_for_vectors, const std::vector<int>& over) {
  const Asked asked(one);
  Memory memory(one, asked, over);
  const GeneratedKernel kernel = generate(*one.program, asked.request(), elements_for_vectors);
  const Nvrtc& compiler = stand_in::host_nvrtc();
  const std::vector<std::byte> code = compile(compiler, concat(functions_text, kernel.text), {.architecture = 90});
  const stand_in::Entry entry = stand_in::entry_of(stand_in::open_code(code.data()), kernel.name.c_str());
  std::vector<void*> arguments;
  for (const void*& input : memory.from) arguments.push_back(&input);
  for (void*& output : memory.to) arguments.push_back(&output);
  std::int64_t groups = kernel.groups;
  arguments.push_back(&groups);
  constexpr unsigned blocks = 3, threads = generated_threads;  // fewer than elements: threads stride
  for (unsigned b = 0; b < blocks; ++b)
    for (unsigned t = 0; t < threads; ++t) entry(arguments.data(), {{t, 0, 0}, {b, 0, 0}, dim3(threads), dim3(blocks)});
  return memory.results();
}

namespace {

/// A floating-point number as a double; NaN for whatever is one.
template <class T> double number(const T& value) { return converted<double>(value); }

template <class T> bool same(const T& a, const T& b, double tolerance) {
  if (std::memcmp(&a, &b, sizeof a) == 0) return true;
  const double x = number(a), y = number(b);
  if (std::isnan(x) || std::isnan(y)) return std::isnan(x) && std::isnan(y);
  return std::isfinite(y) && std::abs(x - y) <= tolerance * std::abs(y);
}

}  // namespace

void expect_same(const Operands& got, const Operands& want, double tolerance) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t o = 0; o < got.size(); ++o)
    with_type(got[o].spec().dtype, [&](auto tag) {
      using T = decltype(tag);
      for (std::size_t i = 0; i < got[o].elements(); ++i) {
        T a, b;
        std::memcpy(&a, got[o].data() + i * sizeof(T), sizeof(T));
        std::memcpy(&b, want[o].data() + i * sizeof(T), sizeof(T));
        ASSERT_TRUE(same(a, b, tolerance))
            << "output " << o << ", element " << i << ": " << number(a) << " instead of " << number(b);
      }
    });
}

}  // namespace keratin::cuda::testing
