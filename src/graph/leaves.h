// The ops that connect a graph with the world outside: Input, Placeholder, Constant, BatchSize, ReadVariable and
// Assign.
#pragma once

#include <memory>
#include <string>

#include "graph/op.h"
#include "graph/variable_state.h"
#include "keratin/array.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A slot that is filled for every run.
class Input final : public Op {
 public:
  Input(std::string slot, Spec spec) : slot_(std::move(slot)), spec_(std::move(spec)) {}
  std::string_view name() const override { return "Input"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec>) const override { return {spec_}; }
  Traits traits() const override {
    return {.leaf = true, .effect = true};
  }  // who fills the slots counts on all of them
  const std::string& slot() const { return slot_; }

 private:
  std::string slot_;
  Spec spec_;
};

/// Stands for the index-th of some values while it is found out what would be made of them. Never part of a program.
class Placeholder final : public Op {
 public:
  Placeholder(int index, Spec spec) : index_(index), spec_(std::move(spec)) {}
  std::string_view name() const override { return "Placeholder"; }
  void fields(FieldWriter& write) const override { write("index", index_); }
  Specs infer(std::span<const Spec>) const override { return {spec_}; }
  Traits traits() const override { return {.leaf = true}; }

 private:
  int index_;
  Spec spec_;
};

/// Numbers known while tracing. Shares the array: whoever makes the op hands over numbers that nobody changes.
class Constant final : public Op {
 public:
  explicit Constant(Array value) : value_(std::move(value)) {}
  std::string_view name() const override { return "Constant"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec>) const override { return {{value_.dtype(), value_.shape()}}; }
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.leaf = true, .onnx = true}; }
  const Array& value() const { return value_; }

 private:
  Array value_;  // contiguous
};

/// The batch's size as a scalar of the given dtype, for means over the batch.
class BatchSize final : public Op {
 public:
  explicit BatchSize(DType dtype) : dtype_(dtype) {}
  std::string_view name() const override { return "BatchSize"; }
  void fields(FieldWriter& write) const override { write("dtype", to_string(dtype_)); }
  Specs infer(std::span<const Spec>) const override { return {{dtype_, {}}}; }
  Traits traits() const override { return {.leaf = true}; }

 private:
  DType dtype_;
};

/// A variable's value as it was when the step began.
class ReadVariable final : public Op {
 public:
  explicit ReadVariable(std::shared_ptr<VariableState> variable) : variable_(std::move(variable)) {}
  std::string_view name() const override { return "ReadVariable"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec>) const override { return {variable_->spec}; }
  Traits traits() const override { return {.leaf = true}; }
  const std::shared_ptr<VariableState>& variable() const { return variable_; }

 private:
  std::shared_ptr<VariableState> variable_;
};

/// The variable's value when the step has ended. Input: that value; no output.
class Assign final : public Op {
 public:
  explicit Assign(std::shared_ptr<VariableState> variable) : variable_(std::move(variable)) {}
  std::string_view name() const override { return "Assign"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Traits traits() const override { return {.effect = true}; }
  const std::shared_ptr<VariableState>& variable() const { return variable_; }

 private:
  std::shared_ptr<VariableState> variable_;
};

}  // namespace keratin
