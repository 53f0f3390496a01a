// Passes over a written ONNX graph, in the order in which they run.
#pragma once

#include "formats/onnx/graph_editor.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What depends on initializers alone becomes one.
void fold_constants(GraphEditor& editor);
/// Moves Transposes towards the outputs, through what does not care, until they meet their opposite: between two
/// convolutions none is left.
void move_transposes(GraphEditor& editor);
/// Factors and summands of each filter that follow a Conv become part of its kernel and bias.
void fold_convolutions(GraphEditor& editor);

}  // namespace keratin
