#include "training/log_source.h"

#include <gtest/gtest.h>

#include "keratin/model.h"
#include "support/throws.h"

namespace keratin {
namespace {

/// The n-th reading says n.
class Counter final : public LogSource {
 public:
  void read(std::vector<Logs::Entry>& entries) const override { entries = {{"loss", ++reads}, {"accuracy", 0.5}}; }
  void give(Logs& logs) const { feed(logs); }
  mutable double reads = 0;
};

TEST(Logs, KeepTheOrderInWhichTheyWereSet) {
  Logs logs{{"loss", 1.0}, {"accuracy", 0.5}};
  logs.set("zeta", 2.0);
  logs.set("alpha", 3.0);
  logs.set("loss", 0.25);
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"loss", "accuracy", "zeta", "alpha"}));
  EXPECT_EQ(logs.at("loss"), 0.25);
  EXPECT_EQ(logs.value_or("beta", -1.0), -1.0);
  EXPECT_THROWS(ValueError, logs.at("beta"), "Logs: expected one of loss, accuracy, zeta, alpha, got beta");
  EXPECT_THROWS(ValueError, Logs().at("loss"), "Logs: expected one of no names at all, got loss");
}

TEST(Logs, AreReadWhenTheyAreAskedAndOnce) {
  const Counter source;
  Logs logs;
  source.give(logs);
  EXPECT_EQ(source.reads, 0);
  EXPECT_EQ(logs.at("loss"), 1.0);
  EXPECT_EQ(logs.size(), 2u);
  EXPECT_EQ(source.reads, 1);
}

TEST(Logs, KeepWhatIsSetBesideWhatIsRead) {
  const Counter source;
  Logs logs;
  source.give(logs);
  logs.set("mine", 7.0);
  EXPECT_EQ(logs.at("loss"), 1.0);
  EXPECT_EQ(logs.at("mine"), 7.0);
}

TEST(Logs, OfTheNextBatchKnowNothingOfTheLast) {
  const Counter source;
  Logs logs;
  source.give(logs);
  logs.set("mine", 7.0);
  source.give(logs);
  EXPECT_FALSE(logs.contains("mine"));
  EXPECT_EQ(logs.at("loss"), 2.0);
}

TEST(Logs, MayBeCopiedToStay) {
  Logs copy, assigned;
  {
    const Counter source;
    Logs logs;
    source.give(logs);
    copy = Logs(logs);
    source.give(logs);
    assigned = logs;
  }
  EXPECT_EQ(copy.at("loss"), 1.0);
  EXPECT_EQ(assigned.at("loss"), 2.0);
}

TEST(History, ListsItsNames) {
  History history;
  history.history["loss"] = {0.5};
  EXPECT_EQ(history.at("loss").front(), 0.5);
  EXPECT_THROWS(ValueError, history.at("los"), "History: expected one of loss, got los");
}

}  // namespace
}  // namespace keratin
