#include "support/op_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/philox.h"
#include "graph/trace.h"
#include "support/approx.h"
#include "support/check_gradient.h"
#include "support/interpret.h"

namespace keratin::testing {
namespace {

std::vector<Array> draw_all(const OpCase& row, DType dtype) {
  std::vector<Array> inputs;
  for (std::size_t i = 0; i < row.inputs.size(); ++i) inputs.push_back(draw(row.inputs[i], dtype, i));
  return inputs;
}

std::vector<Array> widened(const std::vector<Array>& inputs) {
  std::vector<Array> out;
  for (const Array& input : inputs) out.push_back(input.astype(float64));
  return out;
}

}  // namespace

std::vector<Array> run_expansion(const Op& op, const std::vector<Array>& inputs) {
  Specs specs;
  Feeds feeds;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    specs.push_back({inputs[i].dtype(), inputs[i].shape()});
    feeds.emplace(concat("x", i), inputs[i]);
  }
  const Graph graph = graph_of(specs, [&](const Tensors& x) { return op.expand({x.begin(), x.size()}); });
  const Interpreted result = interpret(graph, feeds);
  std::vector<Array> out;
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) out.push_back(result.outputs.at(concat(i)));
  return out;
}

Array draw(const Numbers& numbers, DType dtype, std::uint64_t stream) {
  const DType own = numbers.dtype.value_or(dtype);
  std::vector<double> values(static_cast<std::size_t>(numbers.shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    double value = numbers.low + (numbers.high - numbers.low) * uniform_double(7, stream, i);
    if (std::abs(value) < numbers.gap) value = std::copysign(numbers.gap, value) + value;
    values[i] = is_floating(own) ? value : std::floor(value);
  }
  return Array(std::move(values), numbers.shape).astype(own);
}

double tolerance_of(DType dtype, std::int64_t terms) {
  const double root = std::sqrt(static_cast<double>(terms));
  switch (dtype) {
    case DType::float64: return 1e-14 * root;
    case DType::float32: return 1e-6 * root;
    case DType::float16: return 0x1p-11;
    case DType::bfloat16: return 0x1p-8;
    default: return 0.0;
  }
}

void check_forward(const OpCases& table) {
  for (const OpCase& row : table.cases)
    for (const DType dtype : table.dtypes) {
      SCOPED_TRACE(concat(to_string(*row.op), ", case \"", row.name, "\", ", dtype));
      const std::vector<Array> inputs = draw_all(row, dtype);
      const std::vector<Array> outputs = run_op(*row.op, inputs);
      ASSERT_EQ(outputs.size(), 1u);
      const double tolerance = tolerance_of(outputs[0].dtype(), row.terms);
      const Array expected = table.reference(*row.op, widened(inputs));
      EXPECT_CLOSE(outputs[0], expected, tolerance);
      if (row.op->traits().expansion) {
        EXPECT_CLOSE(outputs[0], run_expansion(*row.op, inputs)[0], tolerance);
      }
      if (dtype == float16 || dtype == bfloat16) continue;  // several nodes round several times
      if (const std::optional<Array> exported = run_as_onnx(*row.op, inputs)) {
        EXPECT_EQ(exported->dtype(), outputs[0].dtype());
        EXPECT_CLOSE(*exported, expected, tolerance) << "exported to ONNX";
      }
    }
}

void check_gradients(const OpCases& table) {
  for (const OpCase& row : table.cases) {
    SCOPED_TRACE(concat(to_string(*row.op), ", case \"", row.name, "\""));
    check_gradient([&](const Tensors& x) { return keratin::apply(row.op, x); }, draw_all(row, float64));
  }
}

void check_errors(const OpCases& table) {
  for (const OpError& row : table.errors) {
    SCOPED_TRACE(concat(to_string(*row.op), ", case \"", row.name, "\""));
    try {
      row.op->infer(row.inputs);
      ADD_FAILURE() << "expected a ShapeError";
    } catch (const ShapeError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(row.message));
    }
  }
}

}  // namespace keratin::testing
