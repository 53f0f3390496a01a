// Data: what fit, evaluate and predict read: arrays, or batches on demand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keratin/array.h"
#include "keratin/export.h"

namespace KERATIN_EXPORT keratin {

/// One array, several in the order of the inputs (outputs), or by their names. Shares the arrays.
class Data {
 public:
  Data() = default;  // none
  Data(Array one) : arrays_{std::move(one)} {}
  Data(std::initializer_list<Array> in_order) : arrays_(in_order) {}
  Data(std::vector<Array> in_order) : arrays_(std::move(in_order)) {}
  Data(std::initializer_list<std::pair<std::string_view, Array>> by_name);
  Data(const std::map<std::string, Array, std::less<>>& by_name);
  bool empty() const { return arrays_.empty(); }
  std::size_t size() const { return arrays_.size(); }
  /// The only array; ValueError if there are several or none.
  const Array& array() const;
  const Array& at(std::size_t index) const;
  const Array& at(std::string_view name) const;  // ValueError lists the names
  /// Empty unless given by name.
  const std::vector<std::string>& names() const { return names_; }
  /// The arrays in the order of these names: as given, or found by name. ValueError names what is missing or too many.
  std::vector<Array> in_order(const std::vector<std::string>& names, std::string_view who) const;

 private:
  std::vector<Array> arrays_;
  std::vector<std::string> names_;
};

struct Batch {
  Data x = {};
  Data y = {};
  Data sample_weight = {};
};

/// Keras's PyDataset: batches on demand. Called by the thread that trains.
class DataSource {
 public:
  virtual ~DataSource() = default;
  /// Batches in an epoch.
  virtual std::int64_t length() const = 0;
  virtual Batch get_batch(std::int64_t index) = 0;
  virtual void on_epoch_end() {}
};

}  // namespace keratin
