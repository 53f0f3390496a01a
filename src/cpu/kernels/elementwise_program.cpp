// Runs an ElementwiseProgram in blocks that stay in the first-level cache: per block, one tight loop for each
// instruction.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/convert.h"
#include "compiler/plan_memory.h"
#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "ops/elementwise_program.h"
#include "runtime/elementwise_geometry.h"
#include "simd/elementwise_loops.h"
#include "simd/lanes.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t block_bytes = 4096;  // half a dozen of them fit in 32 KB beside the operands
constexpr std::int64_t short_row = 128;     // below this a block takes several rows

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

constexpr int none = -1;
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

/// Hands out block buffers; those of registers that nobody reads any more are used again.
class Buffers {
 public:
  /// From instruction `now` on, which may write to what it reads; the last to read the buffer is `until`.
  int take(int now, int until) {
    const auto free = std::find_if(until_.begin(), until_.end(), [now](int last) { return last <= now; });
    const auto taken = free - until_.begin();
    if (free == until_.end()) until_.push_back(until);
    until_[static_cast<std::size_t>(taken)] = until;
    return static_cast<int>(taken);
  }
  std::size_t count() const { return until_.size(); }

 private:
  std::vector<int> until_;
};

template <class T> class ProgramKernel final : public Kernel {
 public:
  ProgramKernel(const ElementwiseProgram& program, const KernelRequest& request) : geometry_(request) {
    if (geometry_.rows() > 1 && geometry_.columns() < short_row && geometry_.dense())
      block_rows_ = std::min(geometry_.rows(), block / geometry_.columns());
    const std::vector<int> last = last_uses(program);
    Buffers buffers;
    for (std::size_t k = 0; k < request.inputs.size(); ++k)
      add_input(request.inputs[k].dtype, program.compute(), last[k], buffers);
    for (std::size_t i = 0; i < program.instructions().size(); ++i)
      add_step(program.instructions()[i], static_cast<int>(i), last[buffers_.size()], buffers);
    for (std::size_t i = 0; i < request.outputs.size(); ++i) add_output(program, request, i, last);
    workspace_bytes_ = frame_bytes() + buffers.count() * block_bytes;
  }

  bool complete() const {
    return std::all_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.loop != nullptr; }) &&
           std::all_of(fixed_steps_.begin(), fixed_steps_.end(), [](const Step& step) { return step.loop != nullptr; });
  }
  std::size_t workspace_bytes() const { return workspace_bytes_; }

  void run(const KernelArguments& arguments) const override {
    Frame frame{arguments, static_cast<Place*>(arguments.workspace),
                static_cast<std::byte*>(arguments.workspace) + frame_bytes(), 0};
    for (std::size_t r = 0; r < buffers_.size(); ++r)
      frame.places[r].at = is_fixed(r) ? &frame.places[r].value : frame.buffer(buffers_[r]);
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      if (outputs_[i].is_direct(arguments, i)) frame.direct |= std::uint64_t{1} << i;
    std::int64_t plane = -1;
    geometry_.for_each_block(arguments.part, [&](const Block& part) {
      if (std::exchange(plane, part.plane) != part.plane) enter_plane(frame, part.plane);
      const std::int64_t most_rows = part.columns == geometry_.columns() ? block_rows_ : 1;
      for (std::int64_t r = 0; r < part.rows; r += most_rows) {
        const std::int64_t rows = std::min(most_rows, part.rows - r), width = rows > 1 ? part.columns : block;
        for (std::int64_t c = 0; c < part.columns; c += width)
          run_block(frame, {part.plane, part.row + r, part.column + c, rows, std::min(width, part.columns - c)});
      }
    });
  }

 private:
  static constexpr std::int64_t block = block_bytes / std::int64_t{sizeof(T)};  // elements

  /// What happens to an input before the instructions read its register.
  enum class Reading : std::uint8_t {
    fixed,     // one element for the whole plane
    in_place,  // the register is the input itself: no conversion, no repetition
    repeated,  // one row for all: the buffer is filled once a plane
    loaded,
    spread,  // one element for each row becomes whole rows
  };
  struct Input {
    Load<T> load;
    std::size_t size;  // of a stored element, in bytes
    Reading reading;
  };
  struct Step {
    Loop<T> loop;
    std::size_t made;                     // register
    std::array<std::size_t, 3> operands;  // registers; those beyond the arity repeat the first
  };
  struct Output {
    std::size_t source;  // register
    Store<T> store;
    std::size_t size;
    bool direct;                      // the source's loop may write to the output …
    std::vector<std::size_t> rivals;  // … unless the output is one of these inputs, which are read later

    bool is_direct(const KernelArguments& arguments, std::size_t own) const {
      return direct && std::none_of(rivals.begin(), rivals.end(),
                                    [&](std::size_t k) { return arguments.inputs[k] == arguments.outputs[own]; });
    }
  };
  /// Where a register is, and what it is if it is fixed.
  struct Place {
    T* at;
    T value;
  };
  /// What a run needs to remember; in the workspace where there is one of each register.
  struct Frame {
    const KernelArguments& arguments;
    Place* places;  // by register
    std::byte* buffers;
    std::uint64_t direct;  // bit i: output i's source writes to it

    T* buffer(int index) const { return reinterpret_cast<T*>(buffers + index * block_bytes); }
    bool is_direct(std::size_t output) const { return (direct >> output & 1u) != 0; }
  };

  bool is_fixed(std::size_t r) const { return buffers_[r] == none; }
  std::size_t frame_bytes() const { return aligned_bytes(buffers_.size() * sizeof(Place)); }

  void add_input(DType dtype, DType compute, int last, Buffers& buffers) {
    const Layout layout = geometry_.layout(inputs_.size());
    Input input{load_of<T>(dtype), size_in_bytes(dtype), Reading::loaded};
    if (layout == Layout::fixed) {
      input.reading = Reading::fixed;
    } else if (layout == Layout::column) {
      input.reading = Reading::spread;
    } else if (layout == Layout::row && block_rows_ > 1) {
      input.reading = Reading::repeated;
    } else if (dtype == compute && last != to_the_end) {
      // An input that is an output, too, is read before any output is written: they may be each other's memory.
      input.reading = Reading::in_place;
    }
    const bool buffered = input.reading >= Reading::repeated;
    const int until = input.reading == Reading::repeated ? to_the_end : std::max(last, 0);
    buffers_.push_back(buffered ? buffers.take(-1, until) : input.reading == Reading::fixed ? none : 0);
    inputs_.push_back(input);
  }

  void add_step(const Instruction& instruction, int index, int last, Buffers& buffers) {
    Step step{nullptr, buffers_.size(), {}};
    unsigned fixed = 0;  // by operand
    const int arity = row(instruction.function).arity;
    for (int k = 0; k < 3; ++k) {
      const auto r = static_cast<std::size_t>(instruction.operands[k < arity ? static_cast<std::size_t>(k) : 0]);
      step.operands[static_cast<std::size_t>(k)] = r;
      if (k < arity && is_fixed(r)) fixed |= 1u << k;
    }
    const bool all_fixed = fixed == (1u << arity) - 1;
    step.loop = loop_of<T>(instruction.function, all_fixed ? 0 : fixed);
    buffers_.push_back(all_fixed ? none : buffers.take(index, last));
    (all_fixed ? fixed_steps_ : steps_).push_back(step);
  }

  void add_output(const ElementwiseProgram& program, const KernelRequest& request, std::size_t i,
                  const std::vector<int>& last) {
    const auto source = static_cast<std::size_t>(program.outputs()[i].source);
    const DType dtype = request.outputs[i].dtype;
    const bool taken = std::any_of(outputs_.begin(), outputs_.end(),
                                   [&](const Output& other) { return other.direct && other.source == source; });
    Output output{source, store_of<T>(dtype), size_in_bytes(dtype), false, {}};
    output.direct = i < 64 && source >= inputs_.size() && !is_fixed(source) && !taken && dtype == program.compute();
    for (std::size_t k = 0; k < inputs_.size(); ++k)
      if (inputs_[k].reading == Reading::in_place && last[k] > static_cast<int>(source - inputs_.size()) &&
          request.inputs[k] == request.outputs[i])
        output.rivals.push_back(k);
    outputs_.push_back(std::move(output));
  }

  const std::byte* input_at(const Frame& frame, std::size_t k, const Block& from) const {
    return frame.arguments.template input<std::byte>(k) +
           static_cast<std::size_t>(geometry_.offset(k, from)) * inputs_[k].size;
  }
  std::byte* output_at(const Frame& frame, std::size_t i, const Block& from) const {
    const std::int64_t offset = geometry_.offset(inputs_.size() + i, from);
    return frame.arguments.template output<std::byte>(i) + static_cast<std::size_t>(offset) * outputs_[i].size;
  }

  /// Everything that is the same for all blocks of a plane.
  void enter_plane(const Frame& frame, std::int64_t plane) const {
    const Block first{plane, 0, 0, 1, geometry_.columns()};
    for (std::size_t k = 0; k < inputs_.size(); ++k) {
      const Input& input = inputs_[k];
      if (input.reading == Reading::fixed) input.load(1, &frame.places[k].value, input_at(frame, k, first));
      if (input.reading != Reading::repeated) continue;
      T* const rows = frame.buffer(buffers_[k]);
      input.load(first.columns, rows, input_at(frame, k, first));
      for (std::int64_t r = 1; r < block_rows_; ++r) std::copy_n(rows, first.columns, rows + r * first.columns);
    }
    run_steps(frame, fixed_steps_, 1);
  }

  void run_steps(const Frame& frame, const std::vector<Step>& steps, std::int64_t n) const {
    const Place* const places = frame.places;
    for (const Step& step : steps)
      step.loop(n, places[step.made].at, places[step.operands[0]].at, places[step.operands[1]].at,
                places[step.operands[2]].at);
  }

  void run_block(const Frame& frame, const Block& part) const {
    for (std::size_t k = 0; k < inputs_.size(); ++k) read(frame, k, part);
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      if (frame.is_direct(i)) frame.places[outputs_[i].source].at = reinterpret_cast<T*>(output_at(frame, i, part));
    run_steps(frame, steps_, part.rows * part.columns);
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      if (!frame.is_direct(i)) write(frame, i, part);
  }

  void read(const Frame& frame, std::size_t k, const Block& part) const {
    const Input& input = inputs_[k];
    T*& place = frame.places[k].at;
    switch (input.reading) {
      case Reading::fixed: return;
      case Reading::in_place:  // no loop writes to an input's register
        place = const_cast<T*>(reinterpret_cast<const T*>(input_at(frame, k, part)));
        return;
      case Reading::repeated: place = frame.buffer(buffers_[k]) + part.column; return;
      case Reading::loaded: return input.load(part.rows * part.columns, place, input_at(frame, k, part));
      case Reading::spread:
        input.load(part.rows, place, input_at(frame, k, part));
        for (std::int64_t r = part.rows - 1; r >= 0; --r)
          std::fill_n(place + r * part.columns, part.columns, T(place[r]));
    }
  }

  void write(const Frame& frame, std::size_t i, const Block& part) const {
    const Output& output = outputs_[i];
    const bool fixed = is_fixed(output.source);
    const std::int64_t n = part.rows * part.columns;
    std::byte* const to = output_at(frame, i, part);
    output.store(fixed ? 1 : n, to, frame.places[output.source].at);
    for (std::size_t done = 1, all = static_cast<std::size_t>(n); fixed && done < all;) {  // doubles what is there
      const std::size_t more = std::min(done, all - done);
      std::memcpy(to + done * output.size, to, more * output.size);
      done += more;
    }
  }

  Geometry geometry_;
  std::int64_t block_rows_ = 1;  // of a block; more than one only if columns are few
  std::vector<int> buffers_;     // by register; none: one element for the whole plane
  std::vector<Input> inputs_;
  std::vector<Step> fixed_steps_, steps_;
  std::vector<Output> outputs_;
  std::size_t workspace_bytes_;
};

template <class T> KernelPlan plan_program(const ElementwiseProgram& program, const KernelRequest& request) {
  auto kernel = std::make_unique<ProgramKernel<T>>(program, request);
  if (!kernel->complete()) return {};
  const std::size_t workspace_bytes = kernel->workspace_bytes();
  return {std::move(kernel), workspace_bytes,
          elementwise_division(request, static_cast<double>(program.instructions().size()))};
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
