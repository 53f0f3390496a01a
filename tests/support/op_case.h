// Tables of what an op is used with, and the questions that are asked of every row: docs/architecture.md, section 8.1.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/op.h"
#include "keratin/array.h"

namespace keratin::testing {

/// How an input is drawn: uniform in [low, high), integers for an integer dtype.
struct Numbers {
  Shape shape;
  double low = -2.0;
  double high = 2.0;
  double gap = 0.0;                           // no number is nearer to 0 than this: a kink is there
  std::optional<DType> dtype = std::nullopt;  // none: the one under test
};
Array draw(const Numbers& numbers, DType dtype, std::uint64_t stream);

struct OpCase {
  std::string name;
  std::shared_ptr<const Op> op;
  std::vector<Numbers> inputs;
  std::int64_t terms = 1;  // how many an element sums
};

struct OpError {
  std::string name;
  std::shared_ptr<const Op> op;
  Specs inputs;
  std::string message;  // a part of it
};

struct OpCases {
  std::vector<OpCase> cases;
  /// The op's one output by the plainest means, from float64 inputs, in float64.
  std::function<Array(const Op& op, const std::vector<Array>& inputs)> reference;
  std::vector<DType> dtypes = {float32, float64};  // of the inputs that do not name theirs
  std::vector<OpError> errors = {};
};

/// What the op's expansion makes of the inputs.
std::vector<Array> run_expansion(const Op& op, const std::vector<Array>& inputs);

/// Kernel against reference, against the expansion where there is one, and the exported ONNX nodes against the
/// reference.
void check_forward(const OpCases& table);
/// Gradient rule against central differences.
void check_gradients(const OpCases& table);
/// infer() refuses, and says why.
void check_errors(const OpCases& table);

/// What the op's ONNX nodes, or those of its expansion, make of the inputs. Nothing if ONNX cannot say the op, or if
/// this build has no onnx component.
std::optional<Array> run_as_onnx(const Op& op, const std::vector<Array>& inputs);

/// 1e-6·√terms of the largest element for float32, 1e-14·√terms for float64, half a unit in the last place for the
/// narrow ones, nothing for integers and booleans.
double tolerance_of(DType dtype, std::int64_t terms = 1);

}  // namespace keratin::testing
