#include "functional/summary.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "functional/functional.h"
#include "functional/sequential.h"
#include "graph/variable_state.h"
#include "layers/core/input_layer.h"
#include "layers/layer_state.h"

namespace keratin {
namespace {

// ---- a table in box-drawing characters ------------------------------------------------------------------------------

enum class Align : std::uint8_t { left, right, centre };

struct Column {
  std::string header;
  std::size_t width = 0;  // without the space on either side
  Align align = Align::left;
};

using Cells = std::vector<std::string>;

/// How many columns of a terminal UTF-8 text takes, where every character takes one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string repeated(const char* text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// The first `width` columns, with … for what is cut off.
std::string cut(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end)
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U && ++seen == width) break;
  return text.substr(0, end) + "…";
}

/// Words on as many lines as they need. Leading spaces belong to the first word.
std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t word = text.find_first_not_of(' ', begin);
    if (word == std::string::npos) break;
    const std::size_t end = std::min(text.find(' ', word), text.size());
    const std::string next = text.substr(begin, end - begin);
    if (!line.empty() && width_of(line) + width_of(next) > width) {
      lines.push_back(cut(line, width));
      line = text.substr(word, end - word);
    } else {
      line += next;
    }
    begin = end;
  }
  lines.push_back(cut(line, width));
  return lines;
}

std::string padded(const std::string& text, const Column& column) {
  const std::size_t spare = column.width - std::min(column.width, width_of(text));
  const std::size_t before = column.align == Align::left ? 0 : column.align == Align::right ? spare : spare / 2;
  return std::string(before, ' ') + text + std::string(spare - before, ' ');
}

std::string ruler(const std::vector<Column>& columns, const char* left, const char* line, const char* between,
                  const char* right) {
  std::vector<std::string> pieces;
  pieces.reserve(columns.size());
  for (const Column& column : columns) pieces.push_back(repeated(line, column.width + 2));
  return left + join(pieces, between) + right + "\n";
}

std::string row(const std::vector<Column>& columns, const Cells& cells, const std::string& border) {
  std::vector<std::vector<std::string>> wrapped;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    wrapped.push_back(wrap(cells[i], columns[i].width));
    height = std::max(height, wrapped.back().size());
  }
  std::string out;
  for (std::size_t line = 0; line < height; ++line) {
    out += border;
    for (std::size_t i = 0; i < columns.size(); ++i)
      out += " " + padded(line < wrapped[i].size() ? wrapped[i][line] : "", columns[i]) + " " + border;
    out += "\n";
  }
  return out;
}

std::string table(const std::vector<Column>& columns, const std::vector<Cells>& rows) {
  Cells headers;
  for (const Column& column : columns) headers.push_back(column.header);
  std::string out =
      ruler(columns, "┏", "━", "┳", "┓") + row(columns, headers, "┃") + ruler(columns, "┡", "━", "╇", "┩");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += ruler(columns, "├", "─", "┼", "┤");
    out += row(columns, rows[i], "│");
  }
  return out + ruler(columns, "└", "─", "┴", "┘");
}

// ---- what it says of a layer ----------------------------------------------------------------------------------------

std::string with_thousands(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t place = text.size(); place > 3;) text.insert(place -= 3, ",");
  return text;
}

std::string shape_text(const Shape& shape) {
  std::vector<std::string> extents;
  for (const std::int64_t extent : shape) extents.push_back(extent < 0 ? "None" : std::to_string(extent));
  return "(" + join(extents, ", ") + ")";
}

std::string shapes_text(const Specs& specs) {
  std::vector<std::string> shapes;
  for (const Spec& spec : specs) shapes.push_back(shape_text(spec.shape));
  return shapes.size() == 1 ? shapes[0] : "[" + join(shapes, ", ") + "]";
}

std::vector<Ref<Layer>> layers_inside(const Layer& layer) {
  const auto* sequential = dynamic_cast<const SequentialNetwork*>(&layer);
  if (sequential == nullptr) return layer.layers();
  return {sequential->items().begin(), sequential->items().end()};  // Keras leaves its InputLayer out
}

/// The calls that are shown, in Keras's order: those far from the outputs first. Numbers that operators were given are
/// not.
class ShownCalls {
 public:
  explicit ShownCalls(const Functional& graph) {
    std::unordered_map<const SymbolicCall*, int> depths;
    for (auto call = graph.calls().rbegin(); call != graph.calls().rend(); ++call)
      for (const Tensor& input : (*call)->inputs) {
        int& depth = depths[TensorAccess::call(input).get()];
        depth = std::max(depth, depths[call->get()] + 1);
      }
    for (const auto& call : graph.calls())
      if (call->layer || !call->inputs.empty()) calls_.push_back(call.get());
    std::stable_sort(calls_.begin(), calls_.end(), [&](auto* a, auto* b) { return depths[a] > depths[b]; });
    name_calls();
  }
  const std::vector<const SymbolicCall*>& in_order() const { return calls_; }
  const std::string& name(const SymbolicCall& call) const { return labels_.at(&call).name; }

  /// Where the inputs of all calls of a layer, or of one call of an op, come from: layer[which call of it][which
  /// output].
  std::string sources(const SymbolicCall& what) const {
    std::vector<std::string> out;
    for (const SymbolicCall* call : calls_) {
      if (call != &what && (call->layer == nullptr || call->layer != what.layer)) continue;
      for (const Tensor& input : call->inputs)
        if (const auto source = labels_.find(TensorAccess::call(input).get()); source != labels_.end())
          out.push_back(concat(source->second.name, "[", source->second.index, "][", TensorAccess::output(input), "]"));
    }
    return out.empty() ? "-" : join(out, ", ");
  }

  /// One after another, each called once with the output of the one before.
  bool are_sequential() const {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      std::size_t count = 0;
      for (const Tensor& input : calls_[i]->inputs) {
        const SymbolicCall* source = TensorAccess::call(input).get();
        if (!labels_.contains(source)) continue;
        if (i == 0 || source != calls_[i - 1]) return false;
        ++count;
      }
      if (count != (i == 0 ? 0U : 1U) || labels_.at(calls_[i]).index > 0) return false;
    }
    return true;
  }

 private:
  struct Label {
    std::string name;
    int index = 0;  // the how-manieth call of its layer, from 0
  };

  void name_calls() {
    std::unordered_map<const Layer*, int> seen;
    std::unordered_map<std::string, int> named;
    for (const SymbolicCall* call : calls_) {
      if (call->layer) {
        labels_[call] = {call->layer->name(), seen[call->layer.get()]++};
      } else {
        const std::string base = snake_case(std::string(call->op->name()));
        const int count = named[base]++;
        labels_[call] = {count == 0 ? base : concat(base, "_", count)};
      }
    }
  }

  std::vector<const SymbolicCall*> calls_;
  std::unordered_map<const SymbolicCall*, Label> labels_;
};

/// The layer's last call; null if it was not called yet.
std::shared_ptr<const SymbolicCall> last_call(const Layer& layer) {
  const auto& calls = LayerAccess::state(layer).calls;
  for (auto call = calls.rbegin(); call != calls.rend(); ++call)
    if (auto alive = call->lock()) return alive;
  return nullptr;
}

/// The rows of a network, and of the networks inside it if they are to be expanded.
class Rows {
 public:
  Rows(const SummaryOptions& options, bool connected) : options_(options), connected_(connected) {}

  /// call: one of the layer, for its output's shape; null if none is known.
  void add_layer(const Layer& layer, const SymbolicCall* call, int level, const std::string& sources) {
    const std::string indent = level > 0 ? repeated("   ", static_cast<std::size_t>(level)) + "└ " : "";
    const auto* input = dynamic_cast<const InputLayer*>(&layer);  // called by nobody
    add(indent + layer.name() + " (" + layer.class_name() + ")",
        call    ? shapes_text(call->outputs)
        : input ? shape_text(Shape({unknown}) + input->shape())
                : "?",
        call || input || layer.built() ? with_thousands(layer.count_params()) : "0 (unbuilt)", sources,
        layer.weights().empty() ? "-"
        : layer.trainable()     ? "Y"
                                : "N");
    if (!options_.expand_nested) return;
    for (const Ref<Layer>& inner : layers_inside(layer)) add_layer(*inner, last_call(*inner).get(), level + 1, "-");
  }
  void add_op(const SymbolicCall& call, const std::string& name, const std::string& sources) {
    add(concat(name, " (", call.op->name(), ")"), shapes_text(call.outputs), "0", sources, "-");
  }
  const std::vector<Cells>& cells() const { return cells_; }

 private:
  void add(std::string layer, std::string shape, std::string parameters, const std::string& sources,
           const char* trainable) {
    Cells row{std::move(layer), std::move(shape), std::move(parameters)};
    if (connected_) row.push_back(sources);
    if (options_.show_trainable) row.emplace_back(trainable);
    cells_.push_back(std::move(row));
  }

  const SummaryOptions& options_;
  bool connected_;
  std::vector<Cells> cells_;
};

/// The widths that Keras's proportions come out at: 88, 100, 108 or 120 columns with the borders.
std::vector<Column> columns_for(bool connected, bool trainable) {
  const std::vector<std::size_t> widths =
      connected ? (trainable ? std::vector<std::size_t>{29, 25, 16, 25, 9} : std::vector<std::size_t>{29, 25, 15, 26})
                : (trainable ? std::vector<std::size_t>{37, 29, 14, 7} : std::vector<std::size_t>{36, 27, 15});
  std::vector<Column> columns{{"Layer (type)", widths[0], Align::left},
                              {"Output Shape", widths[1], Align::left},
                              {"Param #", widths[2], Align::right}};
  if (connected) columns.push_back({"Connected to", widths[3], Align::left});
  if (trainable) columns.push_back({"Trainable", widths.back(), Align::centre});
  return columns;
}

}  // namespace

std::string layer_table(const Layer& network, const SummaryOptions& options) {
  const auto* graph = dynamic_cast<const Functional*>(&network);
  std::optional<ShownCalls> calls;
  if (graph != nullptr) calls.emplace(*graph);
  const bool connected = calls && !calls->are_sequential();
  Rows rows(options, connected);
  std::vector<const Layer*> shown;
  if (calls) {
    for (const SymbolicCall* call : calls->in_order()) {
      if (call->op) {
        rows.add_op(*call, calls->name(*call), calls->sources(*call));
      } else if (std::find(shown.begin(), shown.end(), call->layer.get()) == shown.end()) {
        shown.push_back(call->layer.get());
        rows.add_layer(*call->layer, call, 0, calls->sources(*call));
      }
    }
  } else {
    for (const Ref<Layer>& layer : layers_inside(network)) rows.add_layer(*layer, last_call(*layer).get(), 0, "-");
  }
  return table(columns_for(connected, options.show_trainable), rows.cells());
}

std::string readable_size(double bytes) {
  static constexpr const char* units[] = {"B", "KB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; bytes >= 1024.0 && unit + 1 < std::size(units); ++unit) bytes /= 1024.0;
  char text[64];
  std::snprintf(text, sizeof text, "%.2f %s", bytes, units[unit]);
  return text;
}

std::string count_and_size(const Variables& variables) {
  std::int64_t count = 0;
  double bytes = 0;
  for (const Variable& variable : variables) {
    count += variable.shape().size();
    bytes += static_cast<double>(variable.shape().size()) * static_cast<double>(size_in_bytes(variable.dtype()));
  }
  return with_thousands(count) + " (" + readable_size(bytes) + ")";
}

}  // namespace keratin
