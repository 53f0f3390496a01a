// What fit writes about where its time went: a trace that Perfetto and chrome://tracing show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <thread>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/approx.h"
#include "support/malloc_counter.h"
#include "support/temporary_folder.h"
#include "support/throws.h"
#include "tiny_model.h"
#include "training/profile.h"

namespace keratin {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

/// Large enough to be shared by three threads.
Sequential wide_model(int threads) {
  Sequential model(
      {Input({96}), layers::Dense(128, {.activation = "relu", .name = "wide"}), layers::Dense(3, {.name = "narrow"})});
  model.compile({.optimizer = "adam",
                 .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                 .threads = threads,
                 .seed = 1});
  return model;
}

const Array kX = Array::ones({128, 96}), kY = Array::zeros({128}, int32);

/// Batches of 50, 50 and 28.
History fit(Sequential& model, FitOptions options) {
  options.batch_size = 50;
  options.verbose = 0;
  return model.fit(kX, kY, options);
}

struct Span {
  std::int64_t begin, end;  // ns
  bool holds(const Span& other) const { return begin <= other.begin && other.end <= end; }
  bool meets(const Span& other) const { return begin < other.end && other.begin < end; }
};

std::int64_t nanoseconds(const Json& microseconds) { return std::llround(microseconds.get<double>() * 1000.0); }

struct Event {
  std::string name;
  int thread;
  Span span;
  Json arguments;
};

/// The complete events of a trace by category.
std::map<std::string, std::vector<Event>> events_in(const Json& trace) {
  std::map<std::string, std::vector<Event>> out;
  for (const Json& event : trace.at("traceEvents")) {
    EXPECT_EQ(event.at("pid"), 1);
    if (event.at("ph") != "X") continue;
    const std::int64_t begin = nanoseconds(event.at("ts"));
    EXPECT_GE(begin, 0);
    EXPECT_GE(event.at("dur").get<double>(), 0.0);
    out[event.at("cat")].push_back(
        {event.at("name"), event.at("tid"), {begin, begin + nanoseconds(event.at("dur"))}, event.at("args")});
  }
  return out;
}

Json trace_at(const std::filesystem::path& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

class ProfileOfTeam : public ::testing::TestWithParam<int> {};

TEST_P(ProfileOfTeam, IsATraceWithEveryLaunchOfEveryMember) {
  const TemporaryFolder folder;
  Sequential model = wide_model(GetParam());
  fit(model, {.epochs = 2, .profile = folder / "trace.json"});
  const Json trace = trace_at(folder / "trace.json");
  EXPECT_EQ(trace.at("otherData").at("model"), model.name());
  std::set<int> named, ran;
  for (const Json& event : trace.at("traceEvents"))
    if (event.at("name") == "thread_name") named.insert(event.at("tid").get<int>());
  auto events = events_in(trace);
  ASSERT_EQ(events["epoch"].size(), 2u);
  ASSERT_EQ(events["step"].size(), 6u);
  ASSERT_EQ(events["feed"].size(), 6u);
  EXPECT_EQ(events["epoch"][1].name, "epoch 1");
  EXPECT_EQ(events["epoch"][1].arguments.at("steps"), 3);
  EXPECT_EQ(events["step"][2].arguments.at("batch"), 28);
  double flop = 0;
  std::set<std::string> layers;
  for (const Event& launch : events["launch"]) {
    const Json& told = launch.arguments;
    ran.insert(launch.thread);
    layers.insert(told.at("layer"));
    EXPECT_THAT(told.at("op").get<std::string>(), HasSubstr(launch.name.substr(0, launch.name.find(' '))));
    EXPECT_THAT(told.at("outputs").get<std::string>(), HasSubstr("("));
    const auto duration = static_cast<double>(launch.span.end - launch.span.begin);
    if (duration > 0) {
      EXPECT_NEAR(told.at("GFLOP/s").get<double>(), told.at("FLOP").get<double>() / duration, 1e-3);
      EXPECT_NEAR(told.at("GB/s").get<double>(), told.at("bytes").get<double>() / duration, 1e-3);
    }
    if (events["step"][0].span.holds(launch.span)) flop += told.at("FLOP").get<double>();
  }
  EXPECT_EQ(named.size(), static_cast<std::size_t>(GetParam()));
  EXPECT_EQ(ran, named);
  EXPECT_TRUE(layers.contains(model.name() + "/wide"));
  // Forward and the weights' gradients, and the gradient of the narrow layer's input.
  EXPECT_GE(flop, 2.0 * 50 * (2 * 96 * 128 + 3 * 128 * 3));
  EXPECT_EQ(events["wait"].empty(), GetParam() == 1);
  EXPECT_EQ(events["feed ahead"].empty(), GetParam() == 1);
}

TEST_P(ProfileOfTeam, TellsOnceWhatABatchBrings) {
  const TemporaryFolder folder;
  Sequential model = wide_model(GetParam());
  fit(model, {.epochs = 2, .profile = folder / "trace.json"});
  auto events = events_in(trace_at(folder / "trace.json"));
  constexpr std::int64_t sample = (96 + 1) * 4;
  std::int64_t bytes = 0;
  for (const char* category : {"feed", "feed ahead"})
    for (const Event& event : events[category]) bytes += event.arguments.at("bytes").get<std::int64_t>();
  EXPECT_NEAR(static_cast<double>(bytes), 2.0 * 128 * sample, 12.0);  // a member's part is rounded down
  // The first and the second step of an epoch are of one size, so a team gathers the second batch in the first step.
  EXPECT_EQ(events["feed"][1].arguments.at("bytes"), GetParam() == 1 ? 50 * sample : 0);
}

TEST_P(ProfileOfTeam, HasEventsThatLieInOneAnotherOrApart) {
  const TemporaryFolder folder;
  Sequential model = wide_model(GetParam());
  fit(model, {.epochs = 2, .validation_data = {kX, kY}, .profile = folder / "trace.json"});
  auto events = events_in(trace_at(folder / "trace.json"));
  ASSERT_EQ(events["epoch"].size(), 4u);
  EXPECT_EQ(events["epoch"][1].name, "validation");
  EXPECT_TRUE(events["epoch"][0].span.holds(events["epoch"][1].span));
  for (std::size_t i = 0; i < 6; ++i) {
    const Span step = events["step"][i].span;
    EXPECT_TRUE(events["epoch"][i / 3 * 2].span.holds(step));
    EXPECT_FALSE(events["epoch"][i / 3 * 2 + 1].span.meets(step));
    EXPECT_TRUE(step.holds(events["feed"][i].span));
  }
  std::map<int, std::vector<Span>> of_thread;
  for (const char* category : {"feed", "feed ahead", "launch", "wait"})
    for (const Event& event : events[category]) of_thread[event.thread].push_back(event.span);
  for (auto& [thread, spans] : of_thread) {
    std::sort(spans.begin(), spans.end(),
              [](const Span& a, const Span& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    for (std::size_t i = 1; i < spans.size(); ++i) EXPECT_FALSE(spans[i - 1].meets(spans[i])) << "member " << thread;
  }
}

TEST_P(ProfileOfTeam, ChangesNoBit) {
  const TemporaryFolder folder;
  Sequential plain = wide_model(GetParam()), profiled = wide_model(GetParam());
  fit(plain, {.epochs = 2});
  fit(profiled, {.epochs = 2, .profile = folder / "trace.json"});
  EXPECT_TRUE(testing::same(plain.get_weights(), profiled.get_weights()));
}

INSTANTIATE_TEST_SUITE_P(Members, ProfileOfTeam, ::testing::Values(1, 2, 3));

TEST(Profile, KeepsTheFirstStepsAndCountsThemAll) {
  const TemporaryFolder folder;
  Sequential model = testing::mean_of_x();
  model.fit(testing::column(70), testing::column(70),
            {.batch_size = 1, .epochs = 2, .verbose = 0, .profile = folder / "trace.json"});
  auto events = events_in(trace_at(folder / "trace.json"));
  EXPECT_EQ(events["step"].size(), Profile::most_steps);
  EXPECT_EQ(events["epoch"][1].arguments.at("steps"), 70);
  EXPECT_GT(events["epoch"][1].arguments.at("us_per_step_running").get<double>(), 0.0);
}

TEST(Profile, AllocatesNothingInAStep) {
  const TemporaryFolder folder;
  Sequential model = wide_model(2);
  std::vector<std::int64_t> counts;
  counts.reserve(1000);
  const Ref<Callback> count = callbacks::LambdaCallback(
      {.on_train_batch_end = [&](std::int64_t, Logs&) { counts.push_back(testing::allocation_count()); }});
  fit(model, {.epochs = 50, .callbacks = {count}, .profile = folder / "trace.json"});
  ASSERT_EQ(counts.size(), 150u);
  // Steps of a size that was there before; between epochs logs are made.
  for (std::size_t i = 4; i < counts.size(); ++i) EXPECT_TRUE(i % 3 == 0 || counts[i] == counts[i - 1]) << "step " << i;
}

TEST(Profile, IsAskedForByTheEnvironmentUnlessFitNamesAFile) {
  const TemporaryFolder folder;
  Sequential model = testing::mean_of_x();
  const std::filesystem::path asked = folder / "environment.json", named = folder / "option.json";
  setenv("KERATIN_PROFILE", asked.c_str(), 1);
  model.fit(testing::column(3), testing::column(3), {.verbose = 0, .profile = named});
  EXPECT_FALSE(exists(asked));
  EXPECT_TRUE(exists(named));
  model.fit(testing::column(3), testing::column(3), {.verbose = 0});
  unsetenv("KERATIN_PROFILE");
  EXPECT_EQ(events_in(trace_at(asked))["step"].size(), 1u);
}

TEST(Profile, ThatCannotBeWrittenIsToldBeforeTraining) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  Sequential model = wide_model(1);
  const std::vector<Array> before = model.get_weights();
  EXPECT_THROWS(DataError, fit(model, {.profile = folder / "nowhere/trace.json"}),
                "nowhere/trace.json: expected a folder that files can be made in, got \"No such file or directory\"");
  EXPECT_THROWS(DataError, fit(model, {.profile = folder / "file/trace.json"}), "got \"Not a directory\"");
  EXPECT_THROWS(DataError, fit(model, {.profile = folder.path()}),
                folder.path().string() + ": expected a file to write the profile to, got a folder");
  setenv("KERATIN_PROFILE", (folder / "nowhere/trace.json").c_str(), 1);
  EXPECT_THROWS(DataError, fit(model, {}), "nowhere/trace.json: expected a folder");
  unsetenv("KERATIN_PROFILE");
  EXPECT_TRUE(testing::same(model.get_weights(), before));
}

TEST(Profile, IsNotMadeOfCheckedSteps) {
  const TemporaryFolder folder;
  Sequential model = wide_model(1);
  setenv("KERATIN_CHECK_FINITE", "1", 1);
  EXPECT_THROWS(ValueError, fit(model, {.profile = folder / "trace.json"}),
                "fit: expected a profile or KERATIN_CHECK_FINITE, got both");
  unsetenv("KERATIN_CHECK_FINITE");
}

TEST(Profile, ReplacesAnOldOneWhenTrainingIsDone) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.write("trace.json", "old");
  Sequential model = wide_model(1);
  std::string during;
  fit(model,
      {.callbacks = {callbacks::LambdaCallback({.on_train_end = [&](Logs&) { during = folder.read("trace.json"); }})},
       .profile = path});
  EXPECT_EQ(during, "old");
  EXPECT_EQ(events_in(trace_at(path))["step"].size(), 3u);
}

TEST(Profile, StaysAsItWasWhenTrainingFails) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.write("trace.json", "old");
  Sequential model = wide_model(1);
  const Ref<Callback> fail = callbacks::LambdaCallback(
      {.on_train_batch_end = [](std::int64_t, Logs&) { throw std::runtime_error("enough"); }});
  EXPECT_THROWS(std::runtime_error, fit(model, {.callbacks = {fail}, .profile = path}), "enough");
  EXPECT_EQ(folder.read("trace.json"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Profile, GoesOnWithTheProgramsOfAModelThatWasCompiledAnew) {
  const TemporaryFolder folder;
  Sequential model = wide_model(2);
  const Ref<Callback> compile = callbacks::LambdaCallback({.on_epoch_end = [&](int, Logs&) {
    model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  }});
  fit(model, {.epochs = 3, .callbacks = {compile}, .profile = folder / "trace.json"});
  EXPECT_EQ(events_in(trace_at(folder / "trace.json"))["step"].size(), 9u);
}

TEST(Profile, SaysNamesThatAreNoUtf8) {
  const TemporaryFolder folder;
  Sequential model({Input({1}), layers::Dense(1, {.name = "gr\xfc\xdf\""})});
  model.compile({.loss = "mse"});
  model.fit(testing::column(3), testing::column(3), {.verbose = 0, .profile = folder / "trace.json"});
  EXPECT_FALSE(events_in(trace_at(folder / "trace.json"))["launch"].empty());
}

TEST(Profile, OfModelsInTwoThreadsIsOfEachAlone) {
  const TemporaryFolder folder;
  const auto train = [&](const char* name, int epochs) {
    Sequential model = wide_model(2);
    fit(model, {.epochs = epochs, .profile = folder / name});
  };
  std::thread one([&] { train("one.json", 1); });
  std::thread two([&] { train("two.json", 2); });
  one.join();
  two.join();
  EXPECT_EQ(events_in(trace_at(folder / "one.json"))["step"].size(), 3u);
  EXPECT_EQ(events_in(trace_at(folder / "two.json"))["step"].size(), 6u);
}

}  // namespace
}  // namespace keratin
