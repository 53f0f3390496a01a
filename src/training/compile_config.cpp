// compile()'s options in Keras's form: the part of training/model_config.h that is not layers.
#include "training/model_config.h"

namespace keratin {
namespace {

// ---- writing
// --------------------------------------------------------------------------------------------------------------

/// compile() takes no layers.
class PlainWriter final : public ObjectWriter {
 public:
  Json layer(Layer& layer) override { return layer_config(layer); }
};

bool is_nameless(const Configurable& object) { return object.function_name().value_or("named").empty(); }

/// Stands for a function without a name.
Json nameless() {
  Json form = Json::object();
  form["module"] = "builtins";
  form["class_name"] = "function";
  form["config"] = nullptr;
  form["registered_name"] = nullptr;
  return form;
}

Json loss_config(Loss& loss) {
  return is_nameless(loss) ? nameless() : PlainWriter().object(loss, "keras.losses", "compile: loss");
}

Json metric_config(Metric& metric) {
  if (is_nameless(metric)) return nameless();
  if (metric.class_name() == "accuracy")
    return metric.name();  // a word that Keras, too, resolves by the shapes it meets
  return PlainWriter().object(metric, "keras.metrics", "compile: metrics");
}

template <class T, class Write> Json per_output_config(const PerOutput<T>& option, const Write& write) {
  if (option.empty()) return nullptr;
  if (option.for_all()) return write(option.values()[0]);
  Json out = option.names().empty() ? Json::array() : Json::object();
  for (std::size_t i = 0; i < option.values().size(); ++i) {
    if (option.names().empty()) {
      out.push_back(write(option.values()[i]));
    } else {
      out[option.names()[i]] = write(option.values()[i]);
    }
  }
  return out;
}

Json metrics_config(const std::vector<Ref<Metric>>& metrics) {
  Json list = Json::array();
  for (const Ref<Metric>& metric : metrics) list.push_back(metric_config(*metric));
  return list;
}

// ---- reading
// --------------------------------------------------------------------------------------------------------------

bool is_object_form(const ConfigPlace& place) { return place.contains("class_name") && place.contains("config"); }

bool is_nameless(const ConfigPlace& place) {
  return is_object_form(place) && place.at("class_name").is_text() && place.at("class_name").text() == "function" &&
         place.at("config").is_null();
}

/// True if the place, or one of those inside, is a function without a name.
bool holds_nameless(const ConfigPlace& place) {
  if (is_nameless(place)) return true;
  if (place->is_array())
    for (std::size_t i = 0; i < place.size(); ++i)
      if (holds_nameless(place.at(i))) return true;
  if (place->is_object() && !is_object_form(place))
    for (const auto& item : place->items())
      if (holds_nameless(place.at(item.key()))) return true;
  return false;
}

/// One for all outputs, a list in their order, or by name.
template <class T, class Read> PerOutput<T> read_per_output(const ConfigPlace& place, const Read& read) {
  if (place.is_null()) return {};
  std::vector<T> values;
  std::vector<std::string> names;
  if (place->is_array()) {
    for (std::size_t i = 0; i < place.size(); ++i) values.push_back(read(place.at(i)));
  } else if (place->is_object() && !is_object_form(place)) {
    for (const auto& item : place->items()) {
      const ConfigPlace value = place.at(item.key());
      if (value.is_null()) continue;
      names.push_back(item.key());
      values.push_back(read(value));
    }
  } else {
    return PerOutput<T>(read(place));
  }
  return PerOutput<T>::of(values, names);
}

using Metrics = std::vector<Ref<Metric>>;

/// A metric, or a list of such.
Metrics read_metrics(const ConfigPlace& place, ObjectReader& objects) {
  if (place.is_null()) return {};
  if (!place->is_array()) return {objects.object<Metric>(place, "metric")};
  Metrics metrics;
  for (std::size_t i = 0; i < place.size(); ++i) metrics.emplace_back(objects.object<Metric>(place.at(i), "metric"));
  return metrics;
}

/// Lists of the outputs' metrics, in their order or by name.
std::map<std::string, Metrics, std::less<>> read_metrics_by_output(const ConfigPlace& place,
                                                                   const std::vector<std::string>& outputs,
                                                                   ObjectReader& objects) {
  std::map<std::string, Metrics, std::less<>> by_output;
  if (place->is_object())
    for (const auto& item : place->items()) by_output[item.key()] = read_metrics(place.at(item.key()), objects);
  if (place->is_array()) {
    if (place.size() != outputs.size()) place.fail(concat("metrics for each of ", outputs.size(), " outputs"));
    for (std::size_t i = 0; i < place.size(); ++i) by_output[outputs[i]] = read_metrics(place.at(i), objects);
  }
  return by_output;
}

/// True for a list of lists, or lists by name.
bool is_by_output(const ConfigPlace& metrics) {
  if (metrics->is_object()) return !is_object_form(metrics);
  return metrics->is_array() && metrics.size() > 0 &&
         (metrics.at(std::size_t{0})->is_array() || metrics.at(std::size_t{0}).is_null());
}

}  // namespace

Json compile_config(const CompileOptions& options) {
  Json config = Json::object();
  config["optimizer"] = PlainWriter().object(*options.optimizer, "keras.optimizers", "compile: optimizer");
  config["loss"] = per_output_config(options.loss, [](const Ref<Loss>& loss) { return loss_config(*loss); });
  config["loss_weights"] = per_output_config(options.loss_weights, [](double weight) { return Json(weight); });
  config["metrics"] = options.metrics.empty() ? Json() : metrics_config(options.metrics);
  if (!options.metrics_by_output.empty()) {
    Json by_output = Json::object();
    for (const auto& [name, metrics] : options.metrics_by_output) by_output[name] = metrics_config(metrics);
    config["metrics"] = std::move(by_output);
  }
  config["weighted_metrics"] = options.weighted_metrics.empty() ? Json() : metrics_config(options.weighted_metrics);
  if (!options.auto_scale_loss) config["auto_scale_loss"] = false;  // Keras reads it but never writes it
  return config;
}

std::string unsaved_part(const ConfigPlace& compile_config) {
  for (const char* part : {"loss", "metrics", "weighted_metrics"})
    if (compile_config.contains(part) && holds_nameless(compile_config.at(part))) return concat("its ", part);
  if (!compile_config.contains("optimizer") || !compile_config.at("optimizer").contains("config")) return "";
  const ConfigPlace optimizer = compile_config.at("optimizer").at("config");
  return optimizer.contains("learning_rate") && optimizer.at("learning_rate").is_null() ? "its schedule" : "";
}

CompileOptions read_compile_config(const ConfigPlace& place, const std::vector<std::string>& output_names,
                                   ObjectReader& objects) {
  CompileOptions options;
  const auto part = [&](const char* name) { return place.contains(name) && !place.at(name).is_null(); };
  options.optimizer = objects.object<Optimizer>(place.at("optimizer"), "optimizer");
  const auto loss = [&](const ConfigPlace& item) { return Ref<Loss>(objects.object<Loss>(item, "loss")); };
  const auto weight = [](const ConfigPlace& item) {
    if (!item->is_number()) item.fail("a number");
    return item->get<double>();
  };
  if (part("loss")) options.loss = read_per_output<Ref<Loss>>(place.at("loss"), loss);
  if (part("loss_weights")) options.loss_weights = read_per_output<double>(place.at("loss_weights"), weight);
  if (part("metrics")) {
    const ConfigPlace metrics = place.at("metrics");
    if (is_by_output(metrics)) {
      options.metrics_by_output = read_metrics_by_output(metrics, output_names, objects);
    } else {
      options.metrics = read_metrics(metrics, objects);
    }
  }
  if (part("weighted_metrics")) options.weighted_metrics = read_metrics(place.at("weighted_metrics"), objects);
  if (part("auto_scale_loss")) options.auto_scale_loss = place.at("auto_scale_loss").boolean();
  return options;
}

}  // namespace keratin
