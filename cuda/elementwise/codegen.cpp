#include "cuda/elementwise/codegen.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "runtime/elementwise_geometry.h"

namespace keratin::cuda {
namespace {

constexpr std::size_t most_bytes = 16;  // of an access to memory
constexpr std::size_t most_named = 6;   // functions in a kernel's name

/// As functions.cuh calls it.
const char* stored_type(DType dtype) {
  switch (dtype) {
    case DType::float32: return "float";
    case DType::float64: return "double";
    case DType::float16: return "keratin::cuda::Half";
    case DType::bfloat16: return "keratin::cuda::BFloat16";
    case DType::int8: return "signed char";
    case DType::uint8: return "unsigned char";
    case DType::int32: return "int";
    case DType::int64: return "long long";
    case DType::boolean: break;
  }
  return "keratin::cuda::StoredBool";
}

std::string name_of(const ElementwiseProgram& program) {
  const auto& instructions = program.instructions();
  std::string name = "elementwise";
  for (std::size_t i = 0; i < std::min(instructions.size(), most_named); ++i)
    name += concat("_", row(instructions[i].function).name);
  if (instructions.size() > most_named) name += concat("_and_", instructions.size() - most_named, "_more");
  return name;
}

class Generator {
 public:
  Generator(const ElementwiseProgram& program, const KernelRequest& request, std::int64_t elements_for_vectors)
      : program_(program), request_(request), geometry_(request), inputs_(request.inputs.size()) {
    for (std::size_t k = 0; k < inputs_; ++k) dtypes_.push_back(request.inputs[k].dtype);
    for (const Spec& output : request.outputs) dtypes_.push_back(output.dtype);
    for (const StridedAxis& axis : geometry_.planes()) planes_ *= axis.extent;
    const std::int64_t elements = request.outputs[0].shape.size();
    if (elements >= elements_for_vectors) choose_width();
    groups_ = elements / width_;
    for (std::size_t k = 0; k < inputs_; ++k) constant_.push_back(is_constant(k));
  }

  GeneratedKernel kernel() {
    const std::string name = name_of(program_);
    emit_signature(name);
    emit_constants();
    emit_place();
    emit_reads();
    emit_elements();
    emit_writes();
    text_ += "  }\n}\n";
    return {name, std::move(text_), groups_, width_};
  }

 private:
  template <class... Parts> void line(const Parts&... parts) { text_ += concat(parts..., "\n"); }

  const char* compute() const { return stored_type(program_.compute()); }
  std::string operand(std::size_t k) const { return k < inputs_ ? concat("x", k) : concat("y", k - inputs_); }

  bool has_many(std::size_t k) const { return !geometry_.fixed(k); }  // an element for each of a row

  /// One element for the whole output.
  bool is_constant(std::size_t k) const {
    const auto moves = [k](const StridedAxis& axis) { return axis.strides[k] != 0; };
    return geometry_.layout(k) == Layout::fixed && std::ranges::none_of(geometry_.planes(), moves);
  }

  /// As many elements as fit in one access to any operand, if all their groups are whole and lie aligned.
  void choose_width() {
    std::size_t bytes = size_in_bytes(program_.compute());
    for (std::size_t k = 0; k < dtypes_.size(); ++k)
      if (has_many(k)) bytes = std::max(bytes, size_in_bytes(dtypes_[k]));
    width_ = static_cast<int>(most_bytes / bytes);
    while (width_ > 1 && !is_aligned(width_)) width_ /= 2;
  }
  bool is_aligned(std::int64_t width) const {
    if (geometry_.columns() % width != 0) return false;
    for (std::size_t k = 0; k < dtypes_.size(); ++k) {
      const auto apart = [&](const StridedAxis& axis) { return axis.strides[k] % width != 0; };
      if (has_many(k) && (geometry_.row_stride(k) % width != 0 || std::ranges::any_of(geometry_.planes(), apart)))
        return false;
    }
    return true;
  }

  /// True if elements of all operands can be numbered in 32 bits: divisions are much cheaper there.
  bool is_small() const {
    std::int64_t last = groups_ * width_;
    for (std::size_t k = 0; k < dtypes_.size(); ++k)
      last = std::max(last, geometry_.offset(k, {planes_ - 1, geometry_.rows() - 1, geometry_.columns() - 1, 1, 1}));
    return last <= std::numeric_limits<std::int32_t>::max();
  }

  void emit_signature(const std::string& name) {
    line("extern \"C\" __global__ void __launch_bounds__(", generated_threads, ") ", name, "(");
    for (std::size_t k = 0; k < dtypes_.size(); ++k)
      line("    ", k < inputs_ ? "const " : "", stored_type(dtypes_[k]), "* ", operand(k), ",");
    line("    long long groups) {");
    line("  using namespace keratin::cuda;");
    line("  using Index = ", is_small() ? "unsigned" : "unsigned long long", ";");
  }

  /// What is the same for all elements comes before the loop.
  void emit_constants() {
    for (std::size_t k = 0; k < inputs_; ++k)
      if (constant_[k]) line("  const ", compute(), " r", k, " = converted<", compute(), ">(*x", k, ");");
    for (std::size_t i = 0; i < program_.instructions().size(); ++i) {
      const Instruction& instruction = program_.instructions()[i];
      bool constant = true;
      for (int k = 0; k < row(instruction.function).arity; ++k)
        constant = constant && constant_[static_cast<std::size_t>(instruction.operands[static_cast<std::size_t>(k)])];
      constant_.push_back(constant);
      if (constant) line("  ", definition(i));
    }
  }

  /// The loop's head: which elements the thread's are, as positions along the geometry's axes.
  void emit_place() {
    line("  const Index count = static_cast<Index>(groups), step = gridDim.x * ", generated_threads, "u;");
    line("  for (Index i = blockIdx.x * ", generated_threads, "u + threadIdx.x; i < count; i += step) {");
    const auto& planes = geometry_.planes();
    if (geometry_.rows() == 1 && planes.empty()) {
      line("    const Index column = i * ", width_, ";");
      return;
    }
    const std::int64_t across = geometry_.columns() / width_;
    line("    const Index column = i % ", across, " * ", width_, ", of_rows = i / ", across, ";");
    if (planes.empty()) {
      line("    const Index row = of_rows;");
      return;
    }
    line("    const Index row = of_rows % ", geometry_.rows(), ", of_planes = of_rows / ", geometry_.rows(), ";");
    std::int64_t inner = 1;
    for (std::size_t axis = planes.size(); axis-- > 0; inner *= planes[axis].extent)
      line("    const Index p", axis, " = of_planes / ", inner,
           axis > 0 ? concat(" % ", planes[axis].extent, ";") : ";");
  }

  /// The operand's element for the group's first.
  std::string offset(std::size_t k) const {
    std::string sum = has_many(k) ? "column" : "";
    const auto add = [&](const std::string& position, std::int64_t stride) {
      if (stride != 0) sum += concat(sum.empty() ? "" : " + ", position, " * ", stride);
    };
    if (geometry_.rows() > 1) add("row", geometry_.row_stride(k));
    for (std::size_t axis = 0; axis < geometry_.planes().size(); ++axis)
      add(concat("p", axis), geometry_.planes()[axis].strides[k]);
    return sum.empty() ? "0" : sum;
  }

  /// All of them before the first write: an output may be an input's memory.
  void emit_reads() {
    for (std::size_t k = 0; k < inputs_; ++k) {
      if (constant_[k]) continue;
      if (has_many(k))
        line("    const auto a", k, " = read<", width_, ">(x", k, " + (", offset(k), "));");
      else
        line("    const ", compute(), " r", k, " = converted<", compute(), ">(x", k, "[", offset(k), "]);");
    }
    for (std::size_t i = 0; i < request_.outputs.size(); ++i)
      line("    Group<", stored_type(dtypes_[inputs_ + i]), ", ", width_, "> b", i, ";");
  }

  void emit_elements() {
    line("#pragma unroll");
    line("    for (int j = 0; j < ", width_, "; ++j) {");
    for (std::size_t k = 0; k < inputs_; ++k)
      if (has_many(k) && !constant_[k])
        line("      const ", compute(), " r", k, " = converted<", compute(), ">(a", k, ".of[j]);");
    for (std::size_t i = 0; i < program_.instructions().size(); ++i)
      if (!constant_[inputs_ + i]) line("      ", definition(i));
    for (std::size_t i = 0; i < request_.outputs.size(); ++i)
      line("      b", i, ".of[j] = converted<", stored_type(dtypes_[inputs_ + i]), ">(r", program_.outputs()[i].source,
           ");");
    line("    }");
  }

  void emit_writes() {
    for (std::size_t i = 0; i < request_.outputs.size(); ++i)
      line("    write(y", i, " + (", offset(inputs_ + i), "), b", i, ");");
  }

  std::string definition(std::size_t i) const {
    const Instruction& instruction = program_.instructions()[i];
    const FunctionRow& function = row(instruction.function);
    std::string operands;
    for (int k = 0; k < function.arity; ++k)
      operands += concat(k > 0 ? ", r" : "r", instruction.operands[static_cast<std::size_t>(k)]);
    return concat("const ", compute(), " r", inputs_ + i, " = ", function.name, "(", operands, ");");
  }

  const ElementwiseProgram& program_;
  const KernelRequest& request_;
  const Geometry geometry_;
  const std::size_t inputs_;
  std::vector<DType> dtypes_;   // of the operands, stored
  std::vector<bool> constant_;  // by register: the same for all elements
  std::int64_t planes_ = 1, groups_ = 0;
  int width_ = 1;  // elements of a group
  std::string text_;
};

}  // namespace

bool can_generate(const ElementwiseProgram& program) {
  if (static_cast<std::size_t>(program.inputs()) + program.outputs().size() > most_generated_operands) return false;
  const auto is_floating_alone = [](const Instruction& instruction) {
    return row(instruction.function).result == ResultKind::floating;
  };
  return is_floating(program.compute()) || std::ranges::none_of(program.instructions(), is_floating_alone);
}

GeneratedKernel generate(const ElementwiseProgram& program, const KernelRequest& request,
                         std::int64_t elements_for_vectors) {
  KERATIN_ASSERT(can_generate(program) && request.outputs[0].shape.size() > 0);
  return Generator(program, request, elements_for_vectors).kernel();
}

}  // namespace keratin::cuda
