#include "cpu/cpu_executable.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/environment.h"

namespace keratin {
namespace cpu {

CpuExecutable::CpuExecutable(Program program, std::shared_ptr<Buffer> arena)
    : program_(std::move(program)), arena_(std::move(arena)), check_finite_(read_switches().check_finite) {
  for (const auto& variable : program_.variables) variables_.push_back(variable->storage());
  for (const Launch& launch : program_.launches) {
    BoundLaunch bound{
        launch.plan.kernel.get(), {}, {}, static_cast<std::byte*>(arena_->address()) + launch.workspace_offset};
    for (const int input : launch.inputs) bound.inputs.push_back(address(input));
    for (const int output : launch.outputs) bound.outputs.push_back(address(output));
    launches_.push_back(std::move(bound));
  }
}

void* CpuExecutable::address(int index) const {
  const Place& place = value(index).place;
  switch (place.space) {
    case Place::Space::arena: return static_cast<std::byte*>(arena_->address()) + place.at;
    case Place::Space::variable: return variables_[place.at]->address();
    case Place::Space::constant:
      return const_cast<std::byte*>(std::as_const(program_.constants[place.at]).bytes().data());
    case Place::Space::none: break;
  }
  throw InternalError(concat("value ", index, " of a program has no place; please report it"));
}

std::span<std::byte> CpuExecutable::input(std::size_t input) {
  const int index = program_.inputs[input].value;
  return {static_cast<std::byte*>(address(index)), value(index).bytes()};
}

void CpuExecutable::run() {
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    const BoundLaunch& launch = launches_[i];
    launch.kernel->run({launch.inputs, launch.outputs, launch.workspace});
    if (check_finite_) check_finite(i);
  }
}

void CpuExecutable::read(std::size_t output, std::span<std::byte> to) const {
  const int index = program_.outputs[output].value;
  KERATIN_ASSERT(to.size() == value(index).bytes());
  if (!to.empty()) std::memcpy(to.data(), address(index), to.size());
}

void CpuExecutable::check_finite(std::size_t index) const {
  const Launch& launch = program_.launches[index];
  const auto all_finite = [](const auto* numbers, std::int64_t count) {
    return std::all_of(numbers, numbers + count, [](auto number) { return std::isfinite(number); });
  };
  for (const int output : launch.outputs) {
    const Spec& spec = value(output).spec;
    const bool finite =
        spec.dtype == float32   ? all_finite(static_cast<const float*>(address(output)), spec.shape.size())
        : spec.dtype == float64 ? all_finite(static_cast<const double*>(address(output)), spec.shape.size())
                                : true;
    if (!finite)
      throw DataError(concat(launch.scope, launch.scope.empty() ? "" : ": ", to_string(*launch.op),
                             ": expected finite numbers, got NaN or infinity in ", spec,
                             "; the check is on because of KERATIN_CHECK_FINITE"));
  }
}

}  // namespace cpu
}  // namespace keratin
