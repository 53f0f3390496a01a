// What Model::summary() prints: a table of the layers, drawn as Keras 3 does, and lines of counts and sizes.
#pragma once

#include <string>
#include <vector>

#include "keratin/layer.h"
#include "keratin/model.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The table of the layers of a Functional, a SequentialNetwork or any other layer, 88 columns wide, or 108 where
/// layers are not one after another; show_trainable adds 12.
std::string layer_table(const Layer& network, const SummaryOptions& options);

/// "266,610 (1.02 MB)": how many numbers, and how many bytes they take.
std::string count_and_size(const Variables& variables);
/// "1.02 MB", in units of 1024 as Keras has them.
std::string readable_size(double bytes);

}  // namespace keratin
