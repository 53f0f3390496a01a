// The tutorial's figure: accuracy and loss by epoch, as SVG.
#pragma once

#include <string>
#include <vector>

/// A value per epoch each, as many of one as of the other and at least one. Values that are not finite leave a gap.
std::string accuracy_chart(const std::string& title, const std::vector<double>& accuracy,
                           const std::vector<double>& loss);
