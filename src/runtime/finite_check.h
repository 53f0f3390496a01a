// What KERATIN_CHECK_FINITE asks for.
#pragma once

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Throws DataError, which names the launch and its layer, if there is a NaN or an infinity among these numbers of one
/// of the launch's outputs: (rows, columns), rows `value.pitch` apart, in the host's memory.
void check_finite(const Launch& launch, const ProgramValue& value, const void* numbers);

}  // namespace keratin
