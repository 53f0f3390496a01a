#include "training/chrome_trace.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "keratin/version.h"

namespace keratin {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

/// Events on their way into a file. Every member of the team is a thread of the trace; epochs, steps and feeding are
/// member 0's: one lies within the other.
class Events {
 public:
  Events(FileReplacement& file, const Profile& profile) : file_(file), profile_(profile) {
    text_ = "{\"displayTimeUnit\": \"ns\", \"otherData\": ";
    text_ += text({{"keratin", std::string(version)}, {"model", profile.model()}});
    text_ += ", \"traceEvents\": [";
  }
  void name(const char* what, std::size_t thread, const std::string& name) {
    add({{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", thread}, {"args", {{"name", name}}}});
  }
  void complete(const std::string& name, const char* category, std::size_t thread, std::int64_t begin, std::int64_t end,
                Json arguments = Json::object()) {
    add({{"name", name},
         {"cat", category},
         {"ph", "X"},
         {"ts", microseconds(begin - profile_.begin())},
         {"dur", microseconds(end - begin)},
         {"pid", 1},
         {"tid", thread},
         {"args", std::move(arguments)}});
  }
  void finish() {
    text_ += "\n]}\n";
    flush();
  }

  static double microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000.0; }

 private:
  void add(const Json& event) {
    text_ += first_ ? "\n" : ",\n";
    first_ = false;
    text_ += text(event);
    if (text_.size() > (std::size_t{1} << 20)) flush();
  }
  void flush() {
    file_.write(bytes_of_text(text_));
    text_.clear();
  }

  FileReplacement& file_;
  const Profile& profile_;
  std::string text_;
  bool first_ = true;
};

/// With three decimals: more would be noise.
double rounded(double number) { return std::round(number * 1000.0) / 1000.0; }

/// What was done, and how many of it a nanosecond: 10⁹ a second.
void add_rate(Json& arguments, const char* what, const char* rate, double amount, std::int64_t nanoseconds) {
  arguments[what] = static_cast<std::int64_t>(amount);
  if (nanoseconds > 0) arguments[rate] = rounded(amount / static_cast<double>(nanoseconds));
}

void add_launch(Events& events, const RunDescription& run, const Stretch& stretch, std::size_t member,
                std::int64_t begin, std::int64_t end) {
  const LaunchDescription& launch = run.launches[stretch.launch];
  Json arguments{{"launch", stretch.launch},
                 {"op", launch.text},
                 {"layer", launch.scope},
                 {"inputs", join(launch.inputs, ", ")},
                 {"outputs", join(launch.outputs, ", ")}};
  add_rate(arguments, "FLOP", "GFLOP/s", stretch.flops, end - begin);
  add_rate(arguments, "bytes", "GB/s", stretch.bytes, end - begin);
  events.complete(launch.scope.empty() ? launch.op : concat(launch.op, ' ', launch.scope), "launch", member, begin, end,
                  std::move(arguments));
}

void add_feed(Events& events, const char* name, std::size_t member, std::int64_t begin, std::int64_t end,
              double bytes) {
  Json arguments;
  add_rate(arguments, "bytes", "GB/s", bytes, end - begin);
  events.complete(name, name, member, begin, end, std::move(arguments));
}

void add_step(Events& events, const Profile& profile, const Profile::Step& step, std::size_t index) {
  const RunDescription& run = *step.run;
  events.complete(concat("step ", index), "step", 0, step.begin, step.run_end,
                  {{"batch", step.batch}, {"launches", run.launches.size()}});
  add_feed(events, "feed", 0, step.begin, step.run_begin, step.gathered ? 0 : static_cast<double>(run.input_bytes));
  const std::span<const std::int64_t> times = profile.times(step);
  for (std::size_t m = 0; m < run.members.size(); ++m) {
    std::size_t at = run.members[m].times_at;
    for (const Stretch& stretch : run.members[m].stretches) {
      const std::int64_t begin = times[at], end = times[++at];
      switch (stretch.kind) {
        case Stretch::Kind::wake: events.complete("wake", "wait", m, begin, end); break;
        case Stretch::Kind::barrier: events.complete("barrier", "wait", m, begin, end); break;
        case Stretch::Kind::feed: add_feed(events, "feed ahead", m, begin, end, step.feeds ? stretch.bytes : 0); break;
        case Stretch::Kind::launch: add_launch(events, run, stretch, m, begin, end); break;
      }
    }
  }
}

void add_epoch(Events& events, const Profile::Epoch& epoch) {
  Json arguments{{"steps", epoch.steps}};
  const auto add = [&](const char* what, std::int64_t sum) {
    if (epoch.steps > 0) arguments[what] = rounded(Events::microseconds(sum) / static_cast<double>(epoch.steps));
  };
  add("us_per_step_feeding", epoch.feeding);
  add("us_per_step_running", epoch.running);
  events.complete(concat("epoch ", epoch.index), "epoch", 0, epoch.begin, epoch.end, std::move(arguments));
  if (epoch.validation_begin < epoch.validation_end)
    events.complete("validation", "epoch", 0, epoch.validation_begin, epoch.validation_end);
}

std::size_t most_members(const Profile& profile) {
  std::size_t members = 1;
  for (const Profile::Step& step : profile.steps()) members = std::max(members, step.run->members.size());
  return members;
}

}  // namespace

ChromeTrace::ChromeTrace(const std::filesystem::path& path) : file_(path) {
  std::error_code nothing_there;
  check_data(!std::filesystem::is_directory(path, nothing_there), path.string(),
             ": expected a file to write the profile to, got a folder");
}

void ChromeTrace::write(const Profile& profile) {
  Events events(file_, profile);
  events.name("process_name", 0, concat("keratin: ", profile.model()));
  for (std::size_t m = 0; m < most_members(profile); ++m)
    events.name("thread_name", m, m == 0 ? "member 0, which called fit" : concat("member ", m));
  for (const Profile::Epoch& epoch : profile.epochs()) add_epoch(events, epoch);
  for (std::size_t i = 0; i < profile.steps().size(); ++i) add_step(events, profile, profile.steps()[i], i);
  events.finish();
  file_.commit();
}

}  // namespace keratin
