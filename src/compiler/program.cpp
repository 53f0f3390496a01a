#include "compiler/program.h"

#include <sstream>
#include <utility>

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

std::string cut_of(const Launch& launch) {
  switch (launch.cut.along) {
    case Cut::Along::whole: return "one";
    case Cut::Along::replicated: return "all";
    case Cut::Along::rows: return concat("rows ", join(launch.cut.at, " "));
    case Cut::Along::columns: return concat("columns ", join(launch.cut.at, " "));
  }
  return {};
}

}  // namespace

Region Cut::part(const Division& division, int member) const {
  Region whole{0, division.rows, 0, division.columns};
  const auto m = static_cast<std::size_t>(member);
  switch (along) {
    case Along::whole: return member == 0 ? whole : Region{0, 0, 0, 0};
    case Along::replicated: return whole;
    case Along::rows: return {at[m], at[m + 1], 0, division.columns};
    case Along::columns: return {0, division.rows, at[m], at[m + 1]};
  }
  return whole;
}

int Program::root_of(int index) const {
  while (value(index).view_of >= 0) index = value(index).view_of;
  return index;
}

std::string print(const Program& program) {
  std::ostringstream out;
  out << "batch " << program.batch << ", " << program.launches.size() << " launches, " << program.members
      << (program.members == 1 ? " member" : " members") << ", arena " << program.arena_bytes << " bytes\n";
  int epoch = 0;
  for (const Launch& launch : program.launches) {
    if (std::exchange(epoch, launch.epoch) != launch.epoch) out << "---- barrier\n";
    if (program.members > 1) out << cut_of(launch) << ": ";
    if (launch.strip >= 0)
      out << "strip " << launch.strip << " by " << program.strips[static_cast<std::size_t>(launch.strip)].samples
          << ": ";
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
