// The command lines of the benchmarks: flags with a value each, and one form for what is wrong with them. C++17, for
// libtorch's peer reads its flags with this, too.
#pragma once

#include <charconv>
#include <cstdio>
#include <exception>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace options {

/// A whole number above 0. Throws std::invalid_argument, which begins with the flag's name.
template <class Number> Number number(const std::string& flag, const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range)
    throw std::invalid_argument(flag + ": expected a number of at most " +
                                std::to_string(std::numeric_limits<Number>::max()) + ", got \"" + text + "\"");
  if (error != std::errc() || stopped != end || value < 1)
    throw std::invalid_argument(flag + ": expected a number above 0, got \"" + text + "\"");
  return value;
}

/// The flags of a command line, one after another.
class Flags {
 public:
  Flags(int count, char** words) : words_(words + 1), end_(words + count) {}

  /// Goes to the next flag; false at the end.
  bool next() {
    if (words_ == end_) return false;
    name_ = *words_++;
    return true;
  }
  const std::string& name() const { return name_; }

  /// What follows the flag. Throws std::invalid_argument if nothing does; number() and one_of() also if it is another.
  std::string value() {
    if (words_ == end_) throw std::invalid_argument(name_ + ": expected a value");
    return *words_++;
  }
  template <class Number> Number number() { return options::number<Number>(name_, value()); }
  std::string one_of(std::initializer_list<std::string_view> known) {
    std::string given = value(), names;
    for (const std::string_view word : known) {
      if (word == given) return given;
      names.append(names.empty() ? "" : word == *(known.end() - 1) ? " or " : ", ").append(word);
    }
    throw std::invalid_argument(name_ + ": expected " + names + ", got " + given);
  }
  [[noreturn]] void refuse() const { throw std::invalid_argument("unknown option " + name_); }

 private:
  char **words_, **end_;
  std::string name_;
};

/// A benchmark's main: run(Flags). --help prints the usage; 2 is the status of a wrong command line
/// (std::invalid_argument), 1 of what fails otherwise.
template <class Run> int run_main(const char* program, const char* usage, int count, char** words, const Run& run) try {
  for (int i = 1; i < count; ++i)
    if (std::string_view(words[i]) == "--help") return std::fputs(usage, stdout) < 0;
  return run(Flags(count, words));
} catch (const std::invalid_argument& error) {
  std::fprintf(stderr, "%s: %s\n%s", program, error.what(), usage);
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", program, error.what());
  return 1;
}

}  // namespace options
