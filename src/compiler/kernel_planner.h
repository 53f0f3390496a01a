// What the compiler asks of a backend: kernels, planned once and run often.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// One launch to be planned. Shapes are bound: no extent is negative.
struct KernelRequest {
  const Op& op;
  std::span<const Spec> inputs;
  std::span<const Spec> outputs;
  std::span<const std::int64_t> pitches = {};  // elements from row to row: inputs', outputs'; none: all are dense, as
                                               // all but float32 matrices of more than one column always are

  std::int64_t input_pitch(std::size_t k) const {
    return pitches.empty() ? Matrix(inputs[k].shape).columns : pitches[k];
  }
  std::int64_t output_pitch(std::size_t k) const {
    return pitches.empty() ? Matrix(outputs[k].shape).columns : pitches[inputs.size() + k];
  }
};

/// Rows and columns of a matrix, ends excluded. A value is seen as one: its last axis are the columns, all others the
/// rows; a scalar is one number.
struct Region {
  std::int64_t row = 0, row_end = 1;
  std::int64_t column = 0, column_end = 1;

  std::int64_t rows() const { return row_end - row; }
  std::int64_t columns() const { return column_end - column; }
  bool empty() const { return row >= row_end || column >= column_end; }
  bool meets(const Region& other) const {
    return row < other.row_end && other.row < row_end && column < other.column_end && other.column < column_end;
  }
};

/// Which of an operand's rows, or columns, a part of a launch touches: all, or those with the numbers of the part's
/// rows, or columns.
enum class Follows : std::uint8_t { nothing, rows, columns };
struct Reach {
  Follows rows = Follows::nothing, columns = Follows::nothing;
  std::int64_t each = 1;  // so many rows for one of the part's: those of an image
};

/// How a launch's work may be cut among threads without changing a bit: rows × columns that do not depend on each
/// other.
struct Division {
  std::int64_t rows = 1, columns = 1;
  std::int64_t row_step = 0, column_step = 0;    // cuts lie at their multiples; 0: it is not cut this way
  std::vector<Reach> inputs = {}, outputs = {};  // as many as operands, unless it is not cut at all
  double flops = 0;                              // floating-point operations of the whole
  double delay = 0;                              // what else it takes: as long as so many operations
  bool row_by_row = false;                       // a piece of its rows takes its share of the time, however small
};

/// Addresses on the device, row-major, aligned to 64 bytes; they may differ between runs.
struct KernelArguments {
  std::span<const void* const> inputs;
  std::span<void* const> outputs;
  void* workspace = nullptr;  // of this thread alone
  Region part = {};           // of the division's rows × columns: what is to be done

  template <class T> const T* input(std::size_t k) const { return static_cast<const T*>(inputs[k]); }
  template <class T> T* output(std::size_t k) const { return static_cast<T*>(outputs[k]); }
};

/// How a backend runs one launch. Immutable once planned: run() allocates nothing and may be called for several
/// executables, and for several parts of one launch at a time.
class Kernel {
 public:
  virtual ~Kernel() = default;
  Kernel& operator=(Kernel&&) = delete;  // hence no copies
  virtual void run(const KernelArguments& arguments) const = 0;
};

struct KernelPlan {
  std::unique_ptr<const Kernel> kernel;  // null: this implementation cannot
  std::size_t workspace_bytes = 0;       // for each thread
  Division division = {};
};

class KernelPlanner {
 public:
  virtual ~KernelPlanner() = default;
  KernelPlanner& operator=(KernelPlanner&&) = delete;  // hence no copies
  /// True if the backend has a kernel for the op on such numbers; else the compiler has it computed in float32, if they
  /// are 16-bit ones, or replaces it by its expansion.
  virtual bool has_kernel(std::string_view op_name, DType dtype) const = 0;
  /// True if float32 products read a transposed second factor as it lies; else the compiler plans its transposition,
  /// once for all that read it.
  virtual bool reads_transposed_factors() const { return true; }
  /// True if threads of the host run the kernels, each its part of a launch; else every launch is taken up whole.
  virtual bool runs_on_threads() const { return true; }
  /// Chooses an implementation. Throws UnsupportedError, naming the op, the specs and the backend, if none can; gives
  /// no kernel if none can because rows are not dense.
  virtual KernelPlan plan(const KernelRequest& request) const = 0;
};

}  // namespace keratin
