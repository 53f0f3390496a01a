// Runs an ElementwiseProgram in blocks that stay in the first-level cache: per block, one tight loop for each
// instruction.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/convert.h"
#include "cpu/division.h"
#include "cpu/elementwise_loop_table.h"
#include "cpu/kernels/elementwise_geometry.h"
#include "cpu/kernels/kernels.h"
#include "cpu/lanes.h"
#include "ops/elementwise_program.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t block_bytes = 4096;  // half a dozen of them fit in 32 KB beside the operands
constexpr std::int64_t short_row = 128;     // below this a block takes several rows
constexpr int none = -1;

/// n numbers read as T's, or T's written.
template <class T> using Load = void (*)(std::int64_t n, T* to, const void* from);
template <class T> using Store = void (*)(std::int64_t n, void* to, const T* from);

template <class To, class From> void convert(std::int64_t n, To* to, const From* from) {
  if constexpr (std::is_same_v<To, From>) {
    std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(To));
  } else {
    KERATIN_INDEPENDENT
    for (std::int64_t i = 0; i < n; ++i) to[i] = converted<To>(from[i]);
  }
}

template <class T> Load<T> load_of(DType dtype) {
  return with_type(dtype, [](auto tag) -> Load<T> {
    using From = decltype(tag);
    return [](std::int64_t n, T* to, const void* from) { convert(n, to, static_cast<const From*>(from)); };
  });
}

template <class T> Store<T> store_of(DType dtype) {
  return with_type(dtype, [](auto tag) -> Store<T> {
    using To = decltype(tag);
    return [](std::int64_t n, void* to, const T* from) { convert(n, static_cast<To*>(to), from); };
  });
}

std::size_t padded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

/// What happens to an input before the instructions read its register.
struct Source {
  Operand operand;
  std::size_t size = 0;   // of a stored element, in bytes
  bool in_place = false;  // the register is the input itself: no conversion, no repetition
  bool once = false;      // the buffer is filled once a plane, not once a block
  int buffer = none;      // else
};

struct Step {
  int destination = 0;                   // register
  int buffer = none;                     // none for a fixed register
  std::array<int, 3> operands{0, 0, 0};  // registers; those beyond the arity repeat the first
};

struct Target {
  int source = 0;  // register
  std::size_t size = 0;
  bool direct = false;              // the source's loop may write to the output …
  std::vector<std::size_t> rivals;  // … unless the output is one of these inputs, which are read later
};

/// The part that does not depend on the type of the registers.
struct Layouts {
  Geometry geometry;
  std::int64_t width = 1;       // the output's last axis
  std::int64_t block = 0;       // elements
  std::int64_t block_rows = 1;  // more than one only if columns are few
  std::vector<bool> fixed;      // per register: one element for the whole plane
  std::vector<Source> sources;
  std::vector<Step> steps;
  std::vector<Target> targets;
  int buffers = 0;

  std::size_t registers() const { return fixed.size(); }
};

/// Hands out block buffers; those of registers that nobody reads any more are used again.
class Buffers {
 public:
  int take() {
    if (free_.empty()) return count_++;
    const int taken = free_.back();
    free_.pop_back();
    return taken;
  }
  void give_back(int buffer) { free_.push_back(buffer); }
  int count() const { return count_; }

 private:
  std::vector<int> free_;
  int count_ = 0;
};

constexpr int to_the_end = 1 << 30;

/// The last instruction that reads each register; to_the_end if an output does.
std::vector<int> last_uses(const ElementwiseProgram& program) {
  const auto& instructions = program.instructions();
  std::vector<int> last(static_cast<std::size_t>(program.inputs()) + instructions.size(), none);
  for (std::size_t i = 0; i < instructions.size(); ++i)
    for (int k = 0; k < row(instructions[i].function).arity; ++k)
      last[static_cast<std::size_t>(instructions[i].operands[static_cast<std::size_t>(k)])] = static_cast<int>(i);
  for (const auto& output : program.outputs()) last[static_cast<std::size_t>(output.source)] = to_the_end;
  return last;
}

void plan_sources(Layouts& plan, const ElementwiseProgram& program, std::span<const Spec> inputs,
                  const std::vector<int>& last, Buffers& buffers) {
  const Geometry& geometry = plan.geometry;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    Source source{geometry.operands[k], size_in_bytes(inputs[k].dtype), false, false, none};
    const Layout layout = source.operand.layout;
    plan.fixed.push_back(layout == Layout::fixed);
    if (layout != Layout::fixed) {
      const bool stored = inputs[k].dtype == program.compute();
      const bool repeated = layout == Layout::column || (layout == Layout::row && plan.block_rows > 1);
      // An input that is an output, too, is read before any output is written: they may be each other's memory.
      source.in_place = stored && !repeated && last[k] != to_the_end;
      source.once = layout == Layout::row && plan.block_rows > 1;
      if (!source.in_place) source.buffer = buffers.take();
    }
    plan.sources.push_back(std::move(source));
  }
}

void plan_steps(Layouts& plan, const ElementwiseProgram& program, std::vector<int> last, Buffers& buffers) {
  const auto inputs = static_cast<std::size_t>(program.inputs());
  std::vector<int> buffer_of;
  for (const Source& source : plan.sources) buffer_of.push_back(source.once ? none : source.buffer);
  for (std::size_t i = 0; i < program.instructions().size(); ++i) {
    const Instruction& instruction = program.instructions()[i];
    Step step{static_cast<int>(inputs + i), none, {}};
    bool fixed = true;
    for (std::size_t k = 0; k < 3; ++k) {
      const bool used = k < static_cast<std::size_t>(row(instruction.function).arity);
      step.operands[k] = instruction.operands[used ? k : 0];
      fixed = fixed && plan.fixed[static_cast<std::size_t>(step.operands[k])];
    }
    for (const int operand : step.operands) {
      const auto r = static_cast<std::size_t>(operand);
      if (last[r] != static_cast<int>(i)) continue;
      last[r] = none;  // an operand may be named twice
      if (buffer_of[r] != none) buffers.give_back(buffer_of[r]);
    }
    if (!fixed) step.buffer = buffers.take();
    plan.fixed.push_back(fixed);
    buffer_of.push_back(step.buffer);
    plan.steps.push_back(step);
  }
}

void plan_targets(Layouts& plan, const ElementwiseProgram& program, const KernelRequest& request,
                  const std::vector<int>& last) {
  const int inputs = program.inputs();
  std::vector<bool> taken(plan.registers(), false);
  for (std::size_t i = 0; i < program.outputs().size(); ++i) {
    const int source = program.outputs()[i].source;
    const auto r = static_cast<std::size_t>(source);
    Target target{source, size_in_bytes(request.outputs[i].dtype), false, {}};
    target.direct = source >= inputs && !plan.fixed[r] && !taken[r] && request.outputs[i].dtype == program.compute();
    if (target.direct) taken[r] = true;
    for (std::size_t k = 0; k < request.inputs.size(); ++k)
      if (plan.sources[k].in_place && last[k] > source - inputs && request.inputs[k] == request.outputs[i])
        target.rivals.push_back(k);
    plan.targets.push_back(std::move(target));
  }
}

Layouts plan_layouts(const ElementwiseProgram& program, const KernelRequest& request, std::size_t element_bytes) {
  Layouts plan;
  plan.geometry = plan_geometry(request);
  plan.width = Matrix(request.outputs[0].shape).columns;
  plan.block = block_bytes / static_cast<std::int64_t>(element_bytes);
  const Geometry& geometry = plan.geometry;
  if (geometry.rows > 1 && geometry.columns < short_row && geometry.dense())
    plan.block_rows = std::min(geometry.rows, plan.block / geometry.columns);
  const std::vector<int> last = last_uses(program);
  Buffers buffers;
  plan_sources(plan, program, request.inputs, last, buffers);
  plan_steps(plan, program, last, buffers);
  plan_targets(plan, program, request, last);
  plan.buffers = buffers.count();
  return plan;
}

/// One element for each row, at the start of the block, becomes whole rows.
template <class T> void spread(T* block, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t r = rows - 1; r >= 0; --r) std::fill_n(block + r * columns, columns, T(block[r]));
}

template <class T> class ProgramKernel final : public Kernel {
 public:
  ProgramKernel(const ElementwiseProgram& program, const KernelRequest& request)
      : plan_(plan_layouts(program, request, sizeof(T))) {
    for (const Spec& input : request.inputs) loads_.push_back(load_of<T>(input.dtype));
    for (const Spec& output : request.outputs) stores_.push_back(store_of<T>(output.dtype));
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      unsigned fixed = 0;
      const Instruction& instruction = program.instructions()[i];
      if (plan_.steps[i].buffer != none)
        for (unsigned k = 0; k < static_cast<unsigned>(row(instruction.function).arity); ++k)
          fixed |= plan_.fixed[static_cast<std::size_t>(plan_.steps[i].operands[k])] ? 1u << k : 0u;
      loops_.push_back(loop_of<T>(instruction.function, fixed));
    }
  }

  bool one_plane() const { return plan_.geometry.planes == 1; }
  bool complete() const { return std::find(loops_.begin(), loops_.end(), nullptr) == loops_.end(); }

  std::size_t workspace_bytes() const {
    return padded(plan_.registers() * sizeof(T*)) + padded(plan_.steps.size() * sizeof(T*)) +
           padded(plan_.sources.size() * sizeof(void*)) + padded(plan_.registers() * sizeof(T)) +
           static_cast<std::size_t>(plan_.buffers) * block_bytes + padded(plan_.targets.size() * sizeof(bool));
  }

  void run(const KernelArguments& arguments) const override {
    const Frame frame = frame_in(static_cast<std::byte*>(arguments.workspace));
    start(frame, arguments);
    const Geometry& geometry = plan_.geometry;
    if (geometry.planes == 1) {
      enter_plane(frame, arguments, 0);
      return for_each_block(geometry, plan_.width, arguments.part,
                            [&](const Block& block) { run_in_blocks(frame, arguments, 0, block); });
    }
    for (std::int64_t plane = 0; plane < geometry.planes; ++plane) {
      enter_plane(frame, arguments, plane);
      const std::int64_t base = plane * geometry.rows * geometry.columns;
      run_in_blocks(frame, arguments, base, {0, 0, geometry.rows, geometry.columns});
    }
  }

 private:
  /// What a run needs to remember, in the workspace.
  struct Frame {
    const T** registers;       // where each register's block is
    T** destinations;          // where each step writes
    const std::byte** planes;  // where each input's plane begins
    T* values;                 // of fixed registers
    std::byte* buffers;
    bool* direct;  // per output: its source writes to it
    T* buffer(int index) const { return reinterpret_cast<T*>(buffers + index * block_bytes); }
  };
  Frame frame_in(std::byte* at) const {
    const auto place = [&at](std::size_t bytes) { return std::exchange(at, at + padded(bytes)); };
    Frame frame{};
    frame.registers = reinterpret_cast<const T**>(place(plan_.registers() * sizeof(T*)));
    frame.destinations = reinterpret_cast<T**>(place(plan_.steps.size() * sizeof(T*)));
    frame.planes = reinterpret_cast<const std::byte**>(place(plan_.sources.size() * sizeof(void*)));
    frame.values = reinterpret_cast<T*>(place(plan_.registers() * sizeof(T)));
    frame.buffers = place(static_cast<std::size_t>(plan_.buffers) * block_bytes);
    frame.direct = reinterpret_cast<bool*>(place(plan_.targets.size() * sizeof(bool)));
    return frame;
  }

  void start(const Frame& frame, const KernelArguments& arguments) const {
    for (std::size_t k = 0; k < plan_.sources.size(); ++k)
      frame.registers[k] = plan_.fixed[k]
                               ? frame.values + k
                               : (plan_.sources[k].buffer == none ? nullptr : frame.buffer(plan_.sources[k].buffer));
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const Step& step = plan_.steps[i];
      frame.destinations[i] = step.buffer == none ? frame.values + step.destination : frame.buffer(step.buffer);
      frame.registers[step.destination] = frame.destinations[i];
    }
    for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
      const Target& target = plan_.targets[i];
      frame.direct[i] = target.direct && std::none_of(target.rivals.begin(), target.rivals.end(), [&](std::size_t k) {
                          return arguments.inputs[k] == arguments.outputs[i];
                        });
    }
  }

  /// Everything that is the same for all blocks of a plane.
  void enter_plane(const Frame& frame, const KernelArguments& arguments, std::int64_t plane) const {
    const Geometry& geometry = plan_.geometry;
    for (std::size_t k = 0; k < plan_.sources.size(); ++k) {
      const Source& source = plan_.sources[k];
      std::int64_t rest = plane, offset = 0;
      for (std::size_t axis = geometry.outer.size(); axis > 0; --axis) {
        offset += rest % geometry.outer[axis - 1] * source.operand.outer_strides[axis - 1];
        rest /= geometry.outer[axis - 1];
      }
      frame.planes[k] =
          static_cast<const std::byte*>(arguments.inputs[k]) + static_cast<std::size_t>(offset) * source.size;
      if (plan_.fixed[k]) loads_[k](1, frame.values + k, frame.planes[k]);
      if (!source.once) continue;
      T* const block = frame.buffer(source.buffer);
      loads_[k](geometry.columns, block, frame.planes[k]);
      for (std::int64_t r = 1; r < plan_.block_rows; ++r)
        std::copy_n(block, geometry.columns, block + r * geometry.columns);
    }
    for (std::size_t i = 0; i < plan_.steps.size(); ++i)
      if (plan_.steps[i].buffer == none) run_step(frame, i, 1);
  }

  void run_step(const Frame& frame, std::size_t i, std::int64_t n) const {
    const auto& operands = plan_.steps[i].operands;
    loops_[i](n, frame.destinations[i], frame.registers[operands[0]], frame.registers[operands[1]],
              frame.registers[operands[2]]);
  }

  /// base: the plane's first element in the outputs.
  void run_in_blocks(const Frame& frame, const KernelArguments& arguments, std::int64_t base, const Block& all) const {
    const std::int64_t most_rows = all.columns == plan_.geometry.columns ? plan_.block_rows : 1;
    for (std::int64_t r = 0; r < all.rows; r += most_rows) {
      const std::int64_t rows = std::min(most_rows, all.rows - r);
      const std::int64_t width = rows > 1 ? all.columns : plan_.block;
      for (std::int64_t c = 0; c < all.columns; c += width)
        run_block(frame, arguments, base, {all.row + r, all.column + c, rows, std::min(width, all.columns - c)});
    }
  }

  void run_block(const Frame& frame, const KernelArguments& arguments, std::int64_t base, const Block& block) const {
    const std::int64_t n = block.rows * block.columns;
    const auto first = [&](std::size_t output) {
      return base + plan_.geometry.operands[plan_.sources.size() + output].offset(block.row, block.column);
    };
    for (std::size_t k = 0; k < plan_.sources.size(); ++k)
      if (!plan_.fixed[k]) read(frame, k, block);
    for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
      if (!frame.direct[i]) continue;
      const auto source = static_cast<std::size_t>(plan_.targets[i].source);
      T* const destination = static_cast<T*>(arguments.outputs[i]) + first(i);
      frame.destinations[source - plan_.sources.size()] = destination;
      frame.registers[source] = destination;
    }
    for (std::size_t i = 0; i < plan_.steps.size(); ++i)
      if (plan_.steps[i].buffer != none) run_step(frame, i, n);
    for (std::size_t i = 0; i < plan_.targets.size(); ++i)
      if (!frame.direct[i]) write(frame, arguments, i, first(i), n);
  }

  void read(const Frame& frame, std::size_t k, const Block& block) const {
    const Source& source = plan_.sources[k];
    if (source.once) {
      frame.registers[k] = frame.buffer(source.buffer) + block.column;
      return;
    }
    const Layout layout = source.operand.layout;
    const std::int64_t first = source.operand.offset(block.row, block.column);
    const std::byte* const from = frame.planes[k] + static_cast<std::size_t>(first) * source.size;
    if (source.in_place) {
      frame.registers[k] = reinterpret_cast<const T*>(from);
      return;
    }
    T* const buffer = frame.buffer(source.buffer);
    loads_[k](layout == Layout::column ? block.rows : block.rows * block.columns, buffer, from);
    if (layout == Layout::column) spread(buffer, block.rows, block.columns);
  }

  void write(const Frame& frame, const KernelArguments& arguments, std::size_t i, std::int64_t first,
             std::int64_t n) const {
    const Target& target = plan_.targets[i];
    std::byte* const to = static_cast<std::byte*>(arguments.outputs[i]) + static_cast<std::size_t>(first) * target.size;
    const T* const from = frame.registers[target.source];
    if (!plan_.fixed[static_cast<std::size_t>(target.source)]) return stores_[i](n, to, from);
    stores_[i](1, to, from);
    for (std::size_t done = 1, all = static_cast<std::size_t>(n); done < all;) {  // doubles what is there
      const std::size_t more = std::min(done, all - done);
      std::memcpy(to + done * target.size, to, more * target.size);
      done += more;
    }
  }

  Layouts plan_;
  std::vector<Loop<T>> loops_;
  std::vector<Load<T>> loads_;
  std::vector<Store<T>> stores_;
};

template <class T> KernelPlan plan_program(const ElementwiseProgram& program, const KernelRequest& request) {
  auto kernel = std::make_unique<ProgramKernel<T>>(program, request);
  if (!kernel->complete()) return {};
  const std::size_t workspace_bytes = kernel->workspace_bytes();
  Division division = elementwise_division(request, static_cast<double>(program.instructions().size()));
  if (!kernel->one_plane()) division = {.rows = division.rows, .columns = division.columns, .flops = division.flops};
  return {std::move(kernel), workspace_bytes, std::move(division)};
}

}  // namespace

KernelPlan plan_elementwise(const KernelRequest& request) {
  if (request.outputs[0].shape.size() == 0) return make_kernel([](const KernelArguments&) {});
  std::shared_ptr<const ElementwiseProgram> single;
  if (request.op.name() != "ElementwiseProgram") single = as_program(request.op, request.inputs, request.outputs);
  const ElementwiseProgram& program = single ? *single : static_cast<const ElementwiseProgram&>(request.op);
  switch (program.compute()) {
    case DType::float32: return plan_program<float>(program, request);
    case DType::float64: return plan_program<double>(program, request);
    case DType::int64: return plan_program<std::int64_t>(program, request);
    default: return {};
  }
}

}  // namespace keratin::cpu
