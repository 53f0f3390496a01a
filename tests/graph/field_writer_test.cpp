// What of an op is printed, and what tells two ops apart.
#include "graph/field_writer.h"

#include <gtest/gtest.h>

#include "graph/leaves.h"
#include "graph/trace.h"

namespace keratin {
namespace {

TEST(FieldWriter, PrintsLabelsThatTellNothingApart) {
  FieldWriter write;
  write.label("variable", "dense/kernel");
  write("axis", 1);
  EXPECT_EQ(write.text(), "variable=dense/kernel, axis=1");
  EXPECT_EQ(write.key(), "axis=1");
}

// A layer's path is settled when a model has called it: in the middle of a trace, where it is the model's first.
TEST(FieldWriter, LetsAVariableBeRenamedWhileItIsTraced) {
  const auto state = std::make_shared<VariableState>();
  state->path = "kernel";
  state->spec = {float32, Shape({2})};
  const Variable variable = VariableAccess::make(state);
  Trace trace(false);
  const Value before = TensorAccess::value(trace.read(variable));
  state->path = "dense/kernel";
  EXPECT_EQ(TensorAccess::value(trace.read(variable)), before);
}

}  // namespace
}  // namespace keratin
