#include "runtime/finite_check.h"

#include <algorithm>
#include <cmath>
#include <concepts>

#include "base/check.h"
#include "base/convert.h"

namespace keratin {

void check_finite(const Launch& launch, const ProgramValue& value, const void* numbers) {
  const bool finite = with_type(value.spec.dtype, [&](auto tag) {
    using T = decltype(tag);
    if constexpr (std::floating_point<T> || Narrow<T>) {
      const Matrix matrix(value.spec.shape);
      const auto* row = static_cast<const T*>(numbers);
      for (std::int64_t r = 0; r < matrix.rows; ++r, row += value.pitch)
        if (!std::all_of(row, row + matrix.columns, [](T n) { return std::isfinite(converted<double>(n)); }))
          return false;
    }
    return true;
  });
  if (!finite)
    throw DataError(concat(launch.scope, launch.scope.empty() ? "" : ": ", to_string(*launch.op),
                           ": expected finite numbers, got NaN or infinity in ", value.spec,
                           "; the check is on because of KERATIN_CHECK_FINITE"));
}

}  // namespace keratin
