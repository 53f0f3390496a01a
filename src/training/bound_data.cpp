#include "training/bound_data.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"

namespace keratin {
namespace {

Spec batch_spec(const Array& array) { return {array.dtype(), Shape({unknown}) + array.shape().from(1)}; }

/// True if one of the numbers is NaN. Blocks of a fixed size let the compiler use vectors.
template <class T> bool holds_nan(std::span<const T> numbers) {
  constexpr std::size_t block = 256;
  std::size_t i = 0;
  for (; i + block <= numbers.size(); i += block) {
    unsigned found = 0;
    for (std::size_t k = 0; k < block; ++k) found |= numbers[i + k] != numbers[i + k] ? 1u : 0u;
    if (found != 0) return true;
  }
  return std::any_of(numbers.begin() + static_cast<std::ptrdiff_t>(i), numbers.end(),
                     [](T number) { return std::isnan(number); });
}

template <class T>
void refuse_nan(std::span<const T> numbers, std::int64_t row, std::string_view who, const std::string& what) {
  if (!holds_nan(numbers)) return;
  const auto first = std::find_if(numbers.begin(), numbers.end(), [](T number) { return std::isnan(number); });
  throw DataError(concat(who, ": expected numbers, got NaN in ", what, " at sample ", (first - numbers.begin()) / row,
                         "; remove or replace it"));
}

/// Dense, with a first axis, of the length that the others have, without NaN.
Array checked(const Array& array, std::int64_t& samples, const std::string& first, std::string_view who,
              const std::string& what) {
  check_data(!array.empty() && array.shape().rank() > 0, who, ": expected an array of samples as ", what, ", got ",
             array.empty() ? "none" : "a scalar", "; give an array whose first axis counts the samples");
  if (samples < 0) samples = array.length();
  check_data(array.length() == samples, who, ": ", first, " has ", samples, " samples but ", what, " has ",
             array.length());
  check_data(samples > 0, who, ": expected at least one sample, got none in ", what, "; leave out calls on empty data");
  Array dense = array.contiguous() ? array : array.copy();
  const std::int64_t row = std::max<std::int64_t>(dense.size() / samples, 1);
  if (dense.dtype() == float64) {
    refuse_nan(std::as_const(dense).values<double>(), row, who, what);
  } else if (is_floating(dense.dtype())) {
    const Array wide = dense.dtype() == float32 ? dense : dense.astype(float32);
    refuse_nan(wide.values<float>(), row, who, what);
  }
  return dense;
}

std::string named(const char* prefix, std::size_t count, const std::string& name) {
  return count == 1 ? prefix : concat(prefix, "[", name, "]");
}

/// The model's names; where they are not known before it is called, the user's, or numbers.
std::vector<std::string> names_for(const Data& data, const Functional* functional,
                                   std::vector<std::string> (Functional::*names)() const) {
  if (functional != nullptr) return (functional->*names)();
  if (!data.names().empty()) return data.names();
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < data.size(); ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

/// Of every sample: y holds indices, which Keras rounds, or rows whose largest entry tells.
std::vector<std::int64_t> classes_of(const Array& y) {
  const Shape& shape = y.shape();
  check_data(shape.rank() <= 2,
             "fit: expected one class index or one one-hot row a sample to weigh classes, got y of shape ", shape,
             "; give sample_weight");
  const Array numbers = y.astype(float64);
  const std::span<const double> values = std::as_const(numbers).values<double>();
  const auto samples = static_cast<std::size_t>(y.length()), row = values.size() / samples;
  std::vector<std::int64_t> classes(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const auto of_sample = values.subspan(i * row, row);
    classes[i] =
        row == 1 ? std::llrint(of_sample[0]) : std::max_element(of_sample.begin(), of_sample.end()) - of_sample.begin();
  }
  return classes;
}

}  // namespace

Feeds BoundData::feeds() const {
  Feeds feeds;
  for (const Array& array : x) feeds.x.push_back(batch_spec(array));
  for (const Array& array : y) feeds.y.push_back(batch_spec(array));
  feeds.sample_weight = sample_weight.has_value();
  return feeds;
}

BoundData BoundData::slice(std::int64_t begin, std::int64_t end) const {
  BoundData part;
  for (const Array& array : x) part.x.push_back(array.slice(begin, end));
  for (const Array& array : y) part.y.push_back(array.slice(begin, end));
  if (sample_weight) part.sample_weight = sample_weight->slice(begin, end);
  part.samples = end - begin;
  return part;
}

BoundData bind_data(const ModelState& model, const Batch& data, bool with_targets, std::string_view who) {
  const Functional* functional = model.functional();
  check_argument(!data.x.empty(), who, ": expected x, got no array; give one array for each input of the model");
  const std::vector<std::string> inputs = names_for(data.x, functional, &Functional::input_names);
  const std::vector<std::string> outputs = names_for(data.y, functional, &Functional::output_names);
  BoundData bound;
  bound.samples = -1;
  const std::vector<Array> x = data.x.in_order(inputs, concat(who, ": x"));
  const std::string first = named("x", x.size(), inputs[0]);
  for (std::size_t i = 0; i < x.size(); ++i)
    bound.x.push_back(checked(x[i], bound.samples, first, who, named("x", x.size(), inputs[i])));
  if (with_targets && !data.y.empty()) {
    const std::vector<Array> y = data.y.in_order(outputs, concat(who, ": y"));
    for (std::size_t i = 0; i < y.size(); ++i)
      bound.y.push_back(checked(y[i], bound.samples, first, who, named("y", y.size(), outputs[i])));
  }
  if (with_targets && !data.sample_weight.empty()) {
    const Array& weight = data.sample_weight.array();
    check_data(weight.shape().rank() == 1, who, ": expected one weight a sample, got sample_weight of shape ",
               weight.shape(), "; give an array of shape (samples,)");
    bound.sample_weight = checked(weight.astype(float32), bound.samples, first, who, "sample_weight");
  }
  return bound;
}

void apply_class_weight(BoundData& data, const std::map<std::int64_t, double>& class_weight) {
  if (class_weight.empty()) return;
  check_argument(data.y.size() == 1, "fit: expected one output to weigh its classes, got ", data.y.size(),
                 "; give sample_weight");
  check_argument(!data.sample_weight, "fit: expected class_weight or sample_weight, got both; multiply them into ",
                 "sample_weight");
  for (const auto& [label, weight] : class_weight)
    check_argument(std::isfinite(static_cast<float>(weight)), "fit: expected finite numbers as class_weight, got ",
                   weight, " for class ", label);
  Array weights = Array::uninitialized(Shape({data.samples}), float32);
  const std::span<float> numbers = weights.values<float>();
  const std::vector<std::int64_t> classes = classes_of(data.y[0]);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto found = class_weight.find(classes[i]);
    numbers[i] = found == class_weight.end() ? 1.0f : static_cast<float>(found->second);
  }
  data.sample_weight = weights;
}

}  // namespace keratin
