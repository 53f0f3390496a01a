// The visitors that write describe()'d members as JSON and read them back, and what they say where they cannot.
#include "graph/config.h"

#include <gtest/gtest.h>

#include <limits>

#include "keratin/losses.h"
#include "keratin/metrics.h"
#include "keratin/ops.h"
#include "keratin/optimizers.h"
#include "support/throws.h"

namespace keratin {
namespace {

/// One member of each kind.
struct Everything : Configurable {
  bool flag = false;
  int small = 0;
  std::int64_t large = 0;
  double number = 0.0;
  std::string text;
  Shape shape;
  DType dtype = float32;
  std::vector<int> axes;
  std::vector<std::int64_t> extents;
  std::vector<double> numbers;
  std::optional<double> maybe;
  std::optional<Shape> maybe_shape;
  bool ours = false;
  Ref<ActivationFunction> activation = "linear";
  Ref<Initializer> initializer = "zeros";
  std::optional<Ref<Regularizer>> regularizer;
  void describe(Fields& fields) override {
    fields("flag", flag);
    fields("small", small);
    fields("large", large);
    fields("number", number);
    fields("text", text);
    fields("shape", shape);
    fields("dtype", dtype);
    fields("axes", axes);
    fields("extents", extents);
    fields("numbers", numbers);
    fields("maybe", maybe);
    fields("maybe_shape", maybe_shape);
    fields.extension("ours", ours, false);
    fields("activation", activation);
    fields("initializer", initializer);
    fields("regularizer", regularizer);
    fields.refused("lacking");
  }
};

class Writer : public ObjectWriter {
  Json layer(Layer&) override { return nullptr; }
};
class Reader : public ObjectReader {
 public:
  using ObjectReader::ObjectReader;
  std::shared_ptr<Layer> layer(const ConfigPlace& place) override { place.fail("no layer"); }
};

Json written(Everything& object) { return Writer().describe(object, "everything"); }

Everything read(const std::string& config, const CustomObjects& custom_objects = {}) {
  const Json document = parse_json(R"({"class_name": "Everything", "config": )" + config + "}");
  Reader reader(custom_objects);
  Everything object;
  reader.describe(object, ConfigPlace(document, ""));
  return object;
}

Everything filled() {
  Everything object;
  object.flag = true;
  object.small = -3;
  object.large = std::int64_t{1} << 60;
  object.number = 0.1;
  object.text = "ümlaut \"quoted\"";
  object.shape = {unknown, 3};
  object.dtype = boolean;
  object.axes = {1, -1};
  object.extents = {-1, 7};
  object.numbers = {1e-300, -0.0, 1.0 / 3.0};
  object.maybe = 2.0;
  object.maybe_shape = Shape({1, unknown});
  object.ours = true;
  object.activation = "relu";
  object.initializer = initializers::RandomNormal({.mean = 0.25, .seed = 7});
  object.regularizer = regularizers::L1L2(0.5, 0.25);
  return object;
}

TEST(Config, ComesBackAsItWasWritten) {
  Everything object = filled();
  Everything again = read(to_text(written(object)));
  EXPECT_EQ(to_text(written(again)), to_text(written(object)));
  EXPECT_EQ(again.large, object.large);
  EXPECT_EQ(again.numbers, object.numbers);
  EXPECT_TRUE(std::signbit(again.numbers[1]));
  EXPECT_EQ(again.shape, object.shape);
  EXPECT_EQ(again.maybe_shape, object.maybe_shape);
  EXPECT_EQ(again.activation->name(), "relu");
}

TEST(Config, IsKerasForm) {
  Everything object = filled();
  const Json config = written(object);
  EXPECT_EQ(config["shape"].dump(), "[null,3]");
  EXPECT_EQ(config["extents"].dump(), "[-1,7]");
  EXPECT_EQ(config["dtype"], "bool");
  EXPECT_EQ(config["activation"], "relu");
  EXPECT_EQ(
      config["initializer"].dump(),
      R"({"module":"keras.initializers","class_name":"RandomNormal","config":{"seed":7,"mean":0.25,"stddev":0.05},"registered_name":null})");
}

TEST(Config, LeavesOutExtensionsAtTheirDefault) {
  Everything object;
  EXPECT_FALSE(written(object).contains("ours"));
  EXPECT_TRUE(read(R"({"ours": true})").ours);
  EXPECT_TRUE(written(object)["maybe"].is_null());
}

TEST(Config, KeepsWhatIsMissingAndPassesOverWhatIsUnknown) {
  const Everything object = read(R"({"small": 5, "unheard": [1], "of": "x", "nothing": null, "plain": {"a": 1}})");
  EXPECT_EQ(object.small, 5);
  EXPECT_EQ(object.dtype, float32);
}

TEST(Config, RefusesAnUnknownObjectRatherThanForgetIt) {
  EXPECT_THROWS(UnsupportedError, read(R"({"constraint": {"class_name": "MaxNorm", "config": {}}})"),
                "config.constraint: expected null");
}

TEST(Config, RefusesAnArgumentThatTheClassLacks) {
  EXPECT_NO_THROW(read(R"({"lacking": null})"));
  EXPECT_NO_THROW(read(R"({"lacking": false})"));
  EXPECT_THROWS(UnsupportedError, read(R"({"lacking": 4})"),
                "config.lacking: expected null or false, which is all that is there yet, got 4");
  EXPECT_THROWS(UnsupportedError, read(R"({"lacking": {"class_name": "MaxNorm", "config": {}}})"), "config.lacking");
  Everything object;
  EXPECT_FALSE(written(object).contains("lacking"));
}

TEST(Config, ResetsAnOptionalByNull) {
  EXPECT_EQ(read(R"({"maybe": null})").maybe, std::nullopt);
  EXPECT_EQ(read(R"({"maybe": 3})").maybe, 3.0);
}

TEST(Config, NamesThePlaceOfAWrongType) {
  EXPECT_THROWS(ValueError, read(R"({"small": "x"})"), R"(config.small: expected an integer, got "x")");
  EXPECT_THROWS(ValueError, read(R"({"small": 2.5})"), "config.small: expected an integer, got 2.5");
  EXPECT_THROWS(ValueError, read(R"({"small": 4294967296})"),
                "config.small: expected an integer of 32 bits, got 4294967296");
  EXPECT_THROWS(ValueError, read(R"({"large": 18446744073709551615})"), "config.large: expected an integer below 2^63");
  EXPECT_THROWS(ValueError, read(R"({"flag": 1})"), "config.flag: expected true or false, got 1");
  EXPECT_THROWS(ValueError, read(R"({"number": null})"), "config.number: expected a number, got null");
  EXPECT_THROWS(ValueError, read(R"({"text": []})"), "config.text: expected a string, got []");
  EXPECT_THROWS(ValueError, read(R"({"axes": [1, "a"]})"), R"(config.axes[1]: expected an integer, got "a")");
  EXPECT_THROWS(ValueError, read(R"({"shape": [3, -2]})"), "config.shape[1]: expected an extent or null, got -2");
  EXPECT_THROWS(ValueError, read(R"({"shape": 3})"), "config.shape: expected a list, got 3");
  EXPECT_THROWS(ValueError, read(R"({"dtype": "float31"})"), "config.dtype: ");
  EXPECT_THROWS(ValueError, read("[]"), "config: expected an object with members, got []");
}

TEST(Config, NamesThePlaceOfAnObjectInside) {
  EXPECT_THROWS(ValueError, read(R"({"initializer": {"class_name": "HeNormal", "config": {"seed": "s"}}})"),
                R"(config.initializer.config.seed: expected an integer, got "s")");
  EXPECT_THROWS(ValueError, read(R"({"initializer": {"class_name": "Mine", "config": {}}})"),
                R"(config.initializer: expected a known initializer, got "Mine"; if the class is your own)");
  EXPECT_THROWS(ValueError, read(R"({"initializer": "mine"})"), "config.initializer: initializer: expected one of");
  EXPECT_THROWS(ValueError, read(R"({"activation": "mine"})"), "config.activation: activation: expected one of");
  EXPECT_THROWS(ValueError, read(R"({"initializer": {"config": {}}})"),
                R"(config.initializer: expected an object with "class_name")");
}

TEST(Config, RefusesNumbersThatJsonHasNot) {
  Everything object;
  object.number = std::numeric_limits<double>::infinity();
  EXPECT_THROWS(ValueError, written(object), "everything: number: expected a finite number to save, got inf");
}

TEST(Config, RefusesTextThatIsNotUtf8) {
  Everything object;
  object.text = "\xff";
  EXPECT_THROWS(ValueError, to_text(written(object)), "expected names in UTF-8");
}

TEST(Config, RefusesAFunctionWithoutAName) {
  Everything object;
  object.activation = Ref<ActivationFunction>([](Tensor x) { return x * 2.0; });
  EXPECT_THROWS(UnsupportedError, written(object), "everything: activation: expected a function with a name to save");
}

TEST(Config, KeepsNamedFunctionsByName) {
  const auto twice = [](Tensor x) { return x * 2.0; };
  Everything object;
  object.activation = ActivationFunction::from_function(twice, "twice");
  object.regularizer = Regularizer::from_function([](Tensor w) { return ops::sum(w); }, "total");
  const std::string text = to_text(written(object));
  const auto custom =
      CustomObjects().add_activation("twice", twice).add_regularizer("total", [](Tensor w) { return ops::sum(w); });
  Everything again = read(text, custom);
  EXPECT_EQ(again.activation->name(), "twice");
  EXPECT_EQ(to_text(written(again)), text);
  EXPECT_THROWS(ValueError, read(text), "config.activation: activation: expected one of");
}

/// A user's own initializer, with a name that Keras has too: it must not come back as Keras's.
class Zeros : public Initializer {
 public:
  double almost = 0.5;
  void describe(Fields& fields) override { fields("almost", almost); }
  Array operator()(const Shape& shape, DType dtype, std::uint64_t) const override {
    return Array::full(shape, almost, dtype);
  }
};

TEST(Config, TellsAUsersClassFromKerassOfTheSameName) {
  Everything object;
  const auto own = std::make_shared<Zeros>();
  own->almost = 0.125;
  object.initializer = own;
  const Json config = written(object);
  EXPECT_EQ(config["initializer"]["registered_name"], "Zeros");
  EXPECT_TRUE(config["initializer"]["module"].is_null());
  const Everything again = read(to_text(config), CustomObjects().add<Zeros>("Zeros"));
  EXPECT_EQ((*again.initializer)({1}, float64, 0).item<double>(), 0.125);
}

TEST(Config, FindsAUsersClassWithoutItsPackage) {
  const std::string config =
      R"({"initializer": {"module": "m", "class_name": "Zeros", "config": {}, "registered_name": "Package>Mine"}})";
  const Everything object = read(config, CustomObjects().add<Zeros>("Mine"));
  EXPECT_EQ((*object.initializer)({1}, float64, 0).item<double>(), 0.5);
}

/// The names in "expected one of a, b, c, got": how a registry tells what it has.
template <class T> std::vector<std::string> registered_names() {
  std::string message;
  try {
    T::from_name("no such name");
  } catch (const ValueError& error) {
    message = error.what();
  }
  std::string list = message.substr(message.find("one of ") + 7);
  list = list.substr(0, list.find(", got"));
  std::vector<std::string> names;
  for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 2) {
    end = list.find(", ", at);
    names.push_back(list.substr(at, end - at));
  }
  return names;
}

template <class T> void every_registered_one_comes_back(std::size_t at_least) {
  Reader reader(CustomObjects{});
  const std::vector<std::string> names = registered_names<T>();
  EXPECT_GE(names.size(), at_least);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const std::shared_ptr<T> object = T::from_name(name);
    const Json form = Writer().object(*object, "keras.module", name);
    EXPECT_EQ(form["module"], "keras.module");
    const std::shared_ptr<T> again = reader.template object<T>(ConfigPlace(form, "form"), "object");
    EXPECT_EQ(to_text(Writer().object(*again, "keras.module", name)), to_text(form));
  }
}

TEST(Config, EveryInitializerComesBack) { every_registered_one_comes_back<Initializer>(15); }
TEST(Config, EveryRegularizerComesBack) { every_registered_one_comes_back<Regularizer>(3); }
TEST(Config, EveryLossComesBack) { every_registered_one_comes_back<Loss>(5); }
TEST(Config, EveryMetricComesBack) { every_registered_one_comes_back<Metric>(12); }
TEST(Config, EveryOptimizerComesBack) { every_registered_one_comes_back<Optimizer>(5); }

TEST(Config, EveryActivationComesBackByName) {
  Reader reader(CustomObjects{});
  const std::vector<std::string> names = registered_names<ActivationFunction>();
  EXPECT_GE(names.size(), 30U);
  for (const std::string& name : names) {
    const Json form = Writer().activation(*ActivationFunction::from_name(name), name);
    EXPECT_EQ(form, name);
    EXPECT_EQ(reader.activation(ConfigPlace(form, "form"))->name(), name);
  }
}

TEST(Config, RefusesDocumentsThatAreTooDeep) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_NO_THROW(parse_json(nested(1000)));
  EXPECT_THROWS(ValueError, parse_json(nested(1002)), "expected JSON of at most 1000 levels, got more");
  EXPECT_THROWS(ValueError, parse_json(nested(1000000)), "expected JSON of at most 1000 levels, got more");
}

}  // namespace
}  // namespace keratin
