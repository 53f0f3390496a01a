// Logs and History: names and numbers.
#include <algorithm>

#include "base/check.h"
#include "keratin/model.h"
#include "training/log_source.h"

namespace keratin {
namespace {

auto find(const Logs& logs, std::string_view name) {
  return std::find_if(logs.begin(), logs.end(), [&](const Logs::Entry& entry) { return entry.first == name; });
}

}  // namespace

Logs::Logs(std::initializer_list<std::pair<std::string_view, double>> entries) {
  for (const auto& [name, value] : entries) set(name, value);
}

Logs& Logs::operator=(const Logs& other) {
  if (this == &other) return *this;
  entries_ = other.entries();
  source_ = nullptr;
  return *this;
}

std::vector<Logs::Entry>& Logs::entries() const {
  if (source_ != nullptr) std::exchange(source_, nullptr)->read(entries_);
  return entries_;
}

double Logs::at(std::string_view name) const {
  const auto found = find(*this, name);
  if (found != end()) return found->second;
  std::vector<std::string> names;
  for (const Entry& entry : *this) names.push_back(entry.first);
  throw ValueError(
      concat("Logs: expected one of ", names.empty() ? "no names at all" : join(names, ", "), ", got ", name));
}

double Logs::value_or(std::string_view name, double otherwise) const {
  const auto found = find(*this, name);
  return found == end() ? otherwise : found->second;
}

bool Logs::contains(std::string_view name) const { return find(*this, name) != end(); }

void Logs::set(std::string_view name, double value) {
  std::vector<Entry>& known = entries();
  const auto found = std::find_if(known.begin(), known.end(), [&](const Entry& entry) { return entry.first == name; });
  if (found != known.end()) {
    found->second = value;
  } else {
    known.emplace_back(name, value);
  }
}

const std::vector<double>& History::at(std::string_view name) const {
  if (const auto found = history.find(name); found != history.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, values] : history) names.push_back(known);
  throw ValueError(
      concat("History: expected one of ", names.empty() ? "no names at all" : join(names, ", "), ", got ", name));
}

}  // namespace keratin
