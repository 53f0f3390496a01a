// Tensor: a symbolic value, and the arithmetic on it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "keratin/error.h"
#include "keratin/export.h"
#include "keratin/types.h"

namespace KERATIN_EXPORT keratin {

class Array;
class Graph;
struct SymbolicCall;

/// A symbolic value: what an op or a layer will compute. Cheap to copy. Inside call(), train_step() and the like it
/// stands for a value of the graph that is being traced and dies with it; outside it shares the call that made it, for
/// functional models. An Array converts to a constant; evaluate() is the way back.
class Tensor {
 public:
  Tensor() = default;  // unset; using it throws ValueError
  Tensor(const Array& constant);
  /// Negative extents are multiples of the batch: see `unknown`.
  const Shape& shape() const;
  DType dtype() const;
  /// Python's x[...]: x.at({all, t, all}). A number drops the axis, a Slice keeps it, new_axis adds one of extent 1.
  Tensor at(std::initializer_list<Index> indices) const;
  /// The numbers, computed now on the CPU. ValueError if it depends on an Input.
  Array evaluate() const;
  /// False for a default-constructed tensor.
  explicit operator bool() const { return graph_ != nullptr || call_ != nullptr; }
  Tensor& operator+=(const Tensor& other);
  Tensor& operator-=(const Tensor& other);
  Tensor& operator*=(const Tensor& other);
  Tensor& operator/=(const Tensor& other);
  Tensor& operator+=(double other);
  Tensor& operator-=(double other);
  Tensor& operator*=(double other);
  Tensor& operator/=(double other);

 private:
  friend struct TensorAccess;
  std::shared_ptr<const SymbolicCall> call_;  // outside a trace: the call that makes it
  Graph* graph_ = nullptr;                    // inside a trace: the graph being built …
  std::int32_t node_ = -1;                    // … and the node in it
  std::int32_t output_ = 0;                   // which of the call's or node's outputs
  std::uint64_t trace_ = 0;                   // the trace's number: another may get the graph's address
};

/// Arithmetic broadcasts as NumPy does. Different dtypes meet in the wider one. A number takes the tensor's dtype;
/// beside integers only a whole one in their range does, and results wrap around as NumPy's; others, as Keras's floats,
/// make float32 of both. Comparisons of integers with a number are exact, whatever the number.
Tensor operator-(const Tensor& a);
Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator+(const Tensor& a, double b);
Tensor operator-(const Tensor& a, double b);
Tensor operator*(const Tensor& a, double b);
Tensor operator/(const Tensor& a, double b);
Tensor operator+(double a, const Tensor& b);
Tensor operator-(double a, const Tensor& b);
Tensor operator*(double a, const Tensor& b);
Tensor operator/(double a, const Tensor& b);

/// One tensor or several: what a layer is called with.
class Tensors {
 public:
  Tensors() = default;
  Tensors(Tensor one) : tensors_{std::move(one)} {}
  Tensors(const Array& one) : tensors_{Tensor(one)} {}
  Tensors(std::initializer_list<Tensor> several) : tensors_(several) {}
  Tensors(std::vector<Tensor> several) : tensors_(std::move(several)) {}
  std::size_t size() const { return tensors_.size(); }
  bool empty() const { return tensors_.empty(); }
  /// ValueError if there are not so many.
  const Tensor& operator[](std::size_t index) const;
  Tensor& operator[](std::size_t index);
  const Tensor* begin() const { return tensors_.data(); }
  const Tensor* end() const { return tensors_.data() + tensors_.size(); }
  void push_back(Tensor tensor) { tensors_.push_back(std::move(tensor)); }
  /// const auto [mean, log_var] = tensors.unpack<2>(). ValueError if there are not N.
  template <std::size_t N> std::array<Tensor, N> unpack() const {
    if (size() != N)
      throw ValueError("Tensors: expected " + std::to_string(N) + " tensors to unpack, got " + std::to_string(size()));
    std::array<Tensor, N> out;
    for (std::size_t i = 0; i < N; ++i) out[i] = tensors_[i];
    return out;
  }

 private:
  std::vector<Tensor> tensors_;
};

}  // namespace keratin
