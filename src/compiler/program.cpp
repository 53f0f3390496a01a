#include "compiler/program.h"

#include <sstream>

#include "base/text.h"

namespace keratin {
namespace {

std::string place_of(const Program& program, int value) {
  const Place& place = program.values[static_cast<std::size_t>(value)].place;
  switch (place.space) {
    case Place::Space::arena: return concat("arena+", place.at);
    case Place::Space::variable: return program.variables[place.at]->path;
    case Place::Space::constant: return concat("constant ", place.at);
    case Place::Space::none: break;
  }
  return "nowhere";
}

}  // namespace

std::string print(const Program& program) {
  std::ostringstream out;
  out << "batch " << program.batch << ", " << program.launches.size() << " launches, arena " << program.arena_bytes
      << " bytes\n";
  for (const Launch& launch : program.launches) {
    out << to_string(*launch.op);
    for (const int value : launch.inputs)
      out << ' ' << program.values[static_cast<std::size_t>(value)].spec << '@' << place_of(program, value);
    out << " ->";
    for (const int value : launch.outputs)
      out << ' ' << program.values[static_cast<std::size_t>(value)].spec << '@' << place_of(program, value);
    if (!launch.scope.empty()) out << "  # " << launch.scope;
    out << '\n';
  }
  return std::move(out).str();
}

}  // namespace keratin
