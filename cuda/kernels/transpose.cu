// Transpose: any permutation of axes, of numbers of any dtype. Where neighbours in what is read are not neighbours in
// what is written, tiles go through shared memory, so that whole lines are read and written.
#include "cuda/device_code.cuh"

#include "ops/transpose.h"

#include <algorithm>
#include <optional>

#include "cuda/kernels/kernels.h"
#include "cuda/kernels/movement.h"

namespace keratin::cuda {
namespace {

constexpr int tile = 32;       // rows and columns of a tile
constexpr int tile_rows = 8;   // that a block moves at a time
constexpr int worthwhile = 8;  // rows and columns: fewer leave most of a tile empty
constexpr int most_planes = 10;

/// Planes of rows × columns in the output, whose columns are neighbours; in the input the rows are.
struct Turn {
  std::int64_t rows, columns;
  std::int64_t row_step, column_step;  // elements: from row to row of the output, from column to column of the input
  std::int64_t tiles_down, tiles_across, tiles;  // of a plane, of a plane, of all
  int planes;
  std::int64_t extents[most_planes], to_steps[most_planes], from_steps[most_planes];  // outermost first
};

/// A tile a block.
template <class Word> __global__ void turn_over(Word* to, const Word* from, Turn turn) {
  __shared__ Word turned[tile][tile + 1];  // one more, or a column would lie in one bank
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  for (std::int64_t number = blockIdx.x; number < turn.tiles; number += gridDim.x) {
    const std::int64_t across = number % turn.tiles_across, above = number / turn.tiles_across;
    const std::int64_t row = above % turn.tiles_down * tile, column = across * tile;
    std::int64_t plane = above / turn.tiles_down;
    Word* own_to = to;
    const Word* own_from = from;
    for (int axis = turn.planes - 1; axis >= 0; --axis) {
      own_to += plane % turn.extents[axis] * turn.to_steps[axis];
      own_from += plane % turn.extents[axis] * turn.from_steps[axis];
      plane /= turn.extents[axis];
    }
    for (int i = y; i < tile; i += tile_rows)
      if (column + i < turn.columns && row + x < turn.rows)
        turned[i][x] = own_from[(column + i) * turn.column_step + row + x];
    __syncthreads();
    for (int i = y; i < tile; i += tile_rows)
      if (row + i < turn.rows && column + x < turn.columns)
        own_to[(row + i) * turn.row_step + column + x] = turned[x][i];
    __syncthreads();
  }
}

/// None where a copy in the output's order does as well.
std::optional<Turn> turn_of(std::vector<StridedAxis> axes) {
  const StridedAxis columns = axes.back();
  axes.pop_back();
  const auto rows =
      std::find_if(axes.begin(), axes.end(), [](const StridedAxis& axis) { return axis.strides[1] == 1; });
  if (columns.strides[0] != 1 || rows == axes.end()) return {};
  if (columns.extent < worthwhile || rows->extent < worthwhile || axes.size() > most_planes + 1) return {};
  Turn turn{};
  turn.rows = rows->extent;
  turn.columns = columns.extent;
  turn.row_step = rows->strides[0];
  turn.column_step = columns.strides[1];
  turn.tiles_down = (turn.rows + tile - 1) / tile;
  turn.tiles_across = (turn.columns + tile - 1) / tile;
  turn.tiles = turn.tiles_down * turn.tiles_across;
  axes.erase(rows);
  for (const StridedAxis& axis : axes) {
    turn.extents[turn.planes] = axis.extent;
    turn.to_steps[turn.planes] = axis.strides[0];
    turn.from_steps[turn.planes] = axis.strides[1];
    turn.tiles *= axis.extent;
    ++turn.planes;
  }
  return turn;
}

}  // namespace

KernelPlan plan_transpose(const KernelRequest& request, const Planning&) {
  const Spec &input = request.inputs[0], &made = request.outputs[0];
  const Strides whole = pitched_strides(input.shape, request.input_pitch(0));
  const Strides to = pitched_strides(made.shape, request.output_pitch(0));
  Strides from;
  for (const int axis : static_cast<const Transpose&>(request.op).order())
    from.push_back(whole[static_cast<std::size_t>(axis)]);
  const std::size_t size = size_in_bytes(made.dtype);
  std::optional<Turn> turn;
  if (made.shape.size() > 0) turn = turn_of(merged_axes(made.shape, std::vector<Strides>{to, from}));
  if (turn) {
    return make_kernel([turn = *turn, size](const KernelArguments& arguments, cudaStream_t stream) {
      const dim3 block(tile, tile_rows);
      const unsigned blocks = blocks_for(turn.tiles, 1);
      with_word(static_cast<std::int64_t>(size), [&](auto word) {
        using Word = decltype(word);
        launch(turn_over<Word>, blocks, block, stream, arguments.output<Word>(0), arguments.input<Word>(0), turn);
      });
    });
  }
  const DeviceCopy copy(made.shape, size, {to}, {from});
  if (!copy.possible()) return {};
  return make_kernel([copy](const KernelArguments& arguments, cudaStream_t stream) {
    copy.enqueue(arguments.outputs[0], arguments.inputs[0], stream);
  });
}

}  // namespace keratin::cuda
