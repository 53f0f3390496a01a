// The programs of program_table.h as loops. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its
// namespace: nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "simd/compiled_program.h"
#include "simd/elementwise_functions.h"
#include "simd/product_sums.h"
#include "simd/program_table.h"

#include <utility>

namespace keratin::cpu {
namespace KERATIN_INSTRUCTION_SET {
namespace {

/// A program's own loop knows rows of so many columns alone, as wide as a product's tile: loops over any number of
/// columns, with their remainders of vectors, would be six times the code.
constexpr std::int64_t block = 2 * lanes;

template <class P> constexpr bool is_fixed(int input) { return (P::program.fixed >> input & 1u) != 0; }

/// One element: r holds the inputs and receives what the instructions make. All indices are constants, so that the
/// array becomes registers of the machine.
template <class P, std::size_t count, int... I>
[[gnu::always_inline]] inline void compute(float (&r)[count], std::integer_sequence<int, I...>) {
  constexpr const auto& p = P::program;
  constexpr auto operand = [](int instruction, int k) {
    const int named = P::program.code[instruction].operands[static_cast<std::size_t>(k)];
    return named < 0 ? P::program.code[instruction].operands[0] : named;
  };
  ((r[p.inputs + I] = evaluate<p.code[I].function>(r[operand(I, 0)], r[operand(I, 1)], r[operand(I, 2)])), ...);
}

/// A vector of neighbours. first: the first elements, which are all there is of what is fixed.
template <class P, int... K, int... O>
[[gnu::always_inline]] inline void run_vector(const float* const* from, const float* first, float* const* to,
                                              std::integer_sequence<int, K...>, std::integer_sequence<int, O...>) {
  constexpr const auto& p = P::program;
  KERATIN_INDEPENDENT
  for (std::int64_t i = 0; i < lanes; ++i) {
    float r[p.inputs + p.instructions] = {(is_fixed<P>(K) ? first[K] : from[K][i])...};
    compute<P>(r, std::make_integer_sequence<int, p.instructions>{});
    ((to[O][i] = r[p.sources[O]]), ...);
  }
}

/// Operands are copied to locals: a store may change whatever a pointer leads to.
template <class P, int... K, int... O>
[[gnu::always_inline]] inline void run(std::int64_t rows, const ProgramRows& operands,
                                       std::integer_sequence<int, K...> inputs,
                                       std::integer_sequence<int, O...> outputs) {
  const float* const first_from[] = {operands.inputs[K]...};
  float* const first_to[] = {operands.outputs[O]...};
  const std::int64_t from_step[] = {operands.input_steps[K]...}, to_step[] = {operands.output_steps[O]...};
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const from[] = {first_from[K] + row * from_step[K]...};
    float* const to[] = {first_to[O] + row * to_step[O]...};
    const float first[] = {*from[K]...};
    const auto vector_at = [&](std::int64_t i) __attribute__((always_inline)) {
      const float* const from_here[] = {from[K] + i...};
      float* const to_here[] = {to[O] + i...};
      run_vector<P>(from_here, first, to_here, inputs, outputs);
    };
    vector_at(0);
    vector_at(lanes);
  }
}

/// Rows of a block each.
using Blocks = void (*)(std::int64_t rows, const ProgramRows& operands);
template <class P> [[gnu::noinline]] void run_blocks(std::int64_t rows, const ProgramRows& operands) {
  run<P>(rows, operands, std::make_integer_sequence<int, P::program.inputs>{},
         std::make_integer_sequence<int, P::program.outputs>{});
}

/// What is known of a program when it is run.
struct Form {
  Blocks blocks;
  std::size_t inputs, outputs;
  std::uint32_t fixed;

  bool is_fixed(std::size_t input) const { return (fixed >> input & 1u) != 0; }
  /// Everything but what is fixed begins so many elements later.
  void move(ProgramRows& operands, std::int64_t elements) const {
    for (std::size_t k = 0; k < inputs; ++k) operands.inputs[k] += is_fixed(k) ? 0 : elements;
    for (std::size_t o = 0; o < outputs; ++o) operands.outputs[o] += elements;
  }
};

/// The first n numbers, and zeros up to `width`: whole vectors are written, for what is read from a part of a store, or
/// from several, has to wait for them. width: lanes or block.
void widen(float* to, std::int64_t width, const float* from, int n) {
  store(to, n < lanes ? load_first(from, n) : load(from));
  if (width > lanes) store(to + lanes, n > lanes ? load_first(from + lanes, n - lanes) : Floats{});
}
void narrow(float* to, const float* from, int n) {
  if (n <= lanes) return store_first(to, load(from), n);
  store(to, load(from));
  store_first(to + lanes, load(from + lanes), n - lanes);
}

/// Fewer columns than a block: some rows at a time, in buffers where they have a whole one, or two of them share one.
void run_narrow(const Form& program, std::int64_t rows, int columns, const ProgramRows& operands) {
  constexpr std::int64_t tallest = 16, floats = tallest * block * 16;  // of usual programs; 32 KB of the stack at most
  alignas(64) float buffers[floats];
  const auto all = static_cast<std::int64_t>(program.inputs + program.outputs);
  const std::int64_t fitting = floats / (block * all) / 2 * 2;  // even, and at least 4
  const std::int64_t height = fitting < tallest ? fitting : tallest;
  const auto buffer = [&](std::size_t operand) {
    return buffers + static_cast<std::int64_t>(operand) * height * block;
  };
  ProgramRows buffered = operands;
  std::int64_t width = columns > lanes ? block : lanes;
  for (std::size_t k = 0; k < program.inputs; ++k) {
    if (program.is_fixed(k) && operands.input_steps[k] != 0) width = block;  // a number for each row
    if (!program.is_fixed(k)) buffered.input_steps[k] = block;
  }
  for (std::size_t o = 0; o < program.outputs; ++o) {
    buffered.outputs[o] = buffer(program.inputs + o);
    buffered.output_steps[o] = block;
  }
  for (std::int64_t row = 0; row < rows; row += height) {
    const std::int64_t n = rows - row < height ? rows - row : height, blocks = (n * width + block - 1) / block;
    for (std::size_t k = 0; k < program.inputs; ++k) {
      const float* from = operands.inputs[k] + row * operands.input_steps[k];
      buffered.inputs[k] = program.is_fixed(k) ? from : buffer(k);
      if (program.is_fixed(k)) continue;
      for (std::int64_t i = 0; i < n; ++i, from += operands.input_steps[k])
        widen(buffer(k) + i * width, width, from, columns);
      if (blocks * block > n * width) store(buffer(k) + n * width, Floats{});
    }
    program.blocks(blocks, buffered);
    for (std::size_t o = 0; o < program.outputs; ++o)
      for (std::int64_t i = 0; i < n; ++i)
        narrow(operands.outputs[o] + (row + i) * operands.output_steps[o], buffered.outputs[o] + i * width, columns);
  }
}

/// `count` whole blocks in a row: rows of their own.
void run_row(const Form& program, std::int64_t count, ProgramRows operands) {
  for (std::size_t k = 0; k < program.inputs; ++k) operands.input_steps[k] = program.is_fixed(k) ? 0 : block;
  for (std::size_t o = 0; o < program.outputs; ++o) operands.output_steps[o] = block;
  program.blocks(count, operands);
}

void run_any(const Form& program, std::int64_t rows, std::int64_t columns, ProgramRows operands) {
  const std::int64_t count = columns / block;
  if (rows == 1 && count > 0) {
    run_row(program, count, operands);
    program.move(operands, count * block);
  } else {
    for (std::int64_t i = 0; i < count; ++i, program.move(operands, block)) program.blocks(rows, operands);
  }
  if (count * block < columns) run_narrow(program, rows, static_cast<int>(columns - count * block), operands);
}

template <class P> void loop(std::int64_t rows, std::int64_t columns, const ProgramRows& operands) {
  if (columns == block) return run_blocks<P>(rows, operands);
  run_any({run_blocks<P>, P::program.inputs, P::program.outputs, P::program.fixed}, rows, columns, operands);
}

/// The program on the sums of a tile. One offset leads through everything: with one for each operand there are more
/// than registers.
template <class P, std::size_t height, std::size_t width, int... K, int... O>
[[gnu::always_inline]] inline void finish(const Floats (&sums)[height][width], const ProgramRows& operands,
                                          std::integer_sequence<int, K...> inputs,
                                          std::integer_sequence<int, O...> outputs) {
  constexpr auto is_made = [](int input) { return input == P::program.place; };
  const float* const from[] = {operands.inputs[K]...};
  float* const to[] = {operands.outputs[O]...};
  const float first[] = {(is_fixed<P>(K) ? *from[K] : 0.0f)...};
  const std::int64_t pitch = operands.output_steps[0];
  std::int64_t at = 0;
#pragma GCC unroll 32
  for (std::size_t row = 0; row < height; ++row, at += pitch) {
#pragma GCC unroll 2
    for (std::size_t j = 0; j < width; ++j) {
      const std::int64_t i = at + static_cast<std::int64_t>(j) * lanes;
      alignas(Floats) float made[lanes];  // never in memory: what is read is what was stored
      store(made, sums[row][j]);
      const float* const from_here[] = {(is_made(K) ? made : from[K] + i)...};
      float* const to_here[] = {to[O] + i...};
      run_vector<P>(from_here, first, to_here, inputs, outputs);
    }
  }
}

template <class P, std::size_t width>
[[gnu::noinline]] void compiled_tile(const float* a, std::int64_t a_depth, const float* b, std::int64_t b_pitch,
                                     std::int64_t depth, const ProgramRows& operands) {
  Floats sums[rows_of_tile(widest_tile)][width] = {};
  sum_products(sums, a, 1, a_depth, b, b_pitch, depth, lanes, 0);
  finish<P>(sums, operands, std::make_integer_sequence<int, P::program.inputs>{},
            std::make_integer_sequence<int, P::program.outputs>{});
}

/// A program of the table has its loop, or its tiles, unless these are narrower than an area.
template <class P> constexpr CompiledProgram loop_of() {
  if constexpr (P::program.place < 0) return loop<P>;
  return nullptr;
}
template <class P> constexpr CompiledTiles tiles_of() {
  if constexpr (P::program.place >= 0 && widest_tile * lanes >= cache_line)
    return {{nullptr, compiled_tile<P, 1>, compiled_tile<P, 2>}};
  return {};
}

template <class List> struct Table;
template <class... P> struct Table<ProgramList<P...>> {
  static constexpr CompiledProgram loops[] = {loop_of<P>()...};
  static constexpr CompiledTiles tiles[] = {tiles_of<P>()...};
};

}  // namespace

CompiledProgram program_at(std::size_t index) { return Table<CompiledPrograms>::loops[index]; }
const CompiledTiles& tiles_at(std::size_t index) { return Table<CompiledPrograms>::tiles[index]; }

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
