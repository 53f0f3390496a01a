// The environment variables that the library knows, all of them, read here and nowhere else.
//
//   KERATIN_DUMP=graph,program       print these as text on the way to a step (graph, program)
//   KERATIN_DISABLE=fuse_elementwise leave these passes of the compiler out (simplify, fuse_softmax_crossentropy,
//                                    turn_factors, fuse_elementwise, fuse_products, form_strips)
//   KERATIN_CHECK_FINITE=1           stop at the first node whose result is NaN or infinite, and name its layer
//   KERATIN_INSTRUCTION_SET=avx2     run the CPU's kernels in this set (baseline, avx2, avx512) and not in the best
//                                    of the machine; read when the first model is compiled
//   KERATIN_PROFILE=trace.json       write what fit spends its time on to this file, if FitOptions::profile is unset
//   KERATIN_KERNEL_CACHE=/folder     keep kernels that were compiled at run time (CUDA) in this folder, not in keratin
//                                    within $XDG_CACHE_HOME or ~/.cache; off: compile them again in every run
//   KERATIN_PLUGIN_PATH=/a:/b        look for components (libkeratin_<name>.so) in these folders first
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What the environment asks for. Who starts something reads it once and hands it on, so that tests need not set
/// variables.
struct Switches {
  std::vector<std::string> dump = {};
  std::vector<std::string> disable = {};
  bool check_finite = false;
  std::string instruction_set = {};    // empty: the best
  std::filesystem::path profile = {};  // empty: none
  std::string kernel_cache = {};       // empty: the usual folder
  std::vector<std::filesystem::path> plugin_path = {};

  /// Of names that the lists above have; others are a bug.
  bool dumps(std::string_view what) const;
  bool disables(std::string_view pass) const;
};

/// Throws ValueError for KERATIN_CHECK_FINITE other than 0, 1 or nothing, and for unknown names in the lists of
/// KERATIN_DUMP and KERATIN_DISABLE.
Switches read_switches();

}  // namespace keratin
