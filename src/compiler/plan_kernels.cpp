#include "compiler/plan_kernels.h"

#include <unordered_map>

#include "base/check.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

std::int64_t dense_pitch(const ProgramValue& value) { return Matrix(value.spec.shape).columns; }

class KernelPlanning {
 public:
  KernelPlanning(Program& program, const KernelPlanner& planner) : program_(program), planner_(planner) {
    std::vector<bool> dense(program.values.size(), false);
    for (const ProgramSlot& input : program.inputs) dense[index(input.value)] = true;
    for (const ProgramSlot& output : program.outputs) dense[index(program.root_of(output.value))] = true;
    for (const ProgramValue& value : program.values)
      if (value.view_of >= 0) dense[index(value.view_of)] = true;
    for (std::size_t i = 0; i < program.values.size(); ++i) {
      ProgramValue& value = program.values[i];
      if (value.place.space == Place::Space::none && value.view_of < 0 && !dense[i])
        value.pitch = row_pitch(value.spec);
    }
  }

  void run() {
    for (bool again = true; again;) {
      again = false;
      for (std::size_t i = 0; i < program_.launches.size(); ++i)
        if (!program_.launches[i].plan.kernel && !plan(program_.launches[i])) {
          make_dense(i);
          again = true;
        }
    }
  }

 private:
  static std::size_t index(int value) { return static_cast<std::size_t>(value); }

  bool plan(Launch& launch) const {
    Specs inputs, outputs;
    std::vector<std::int64_t> pitches;
    bool dense = true;
    const auto add = [&](int operand, Specs& specs) {
      const ProgramValue& value = program_.value(operand);
      specs.push_back(value.spec);
      pitches.push_back(value.pitch);
      dense = dense && value.pitch == dense_pitch(value);
    };
    for (const int value : launch.inputs) add(value, inputs);
    for (const int value : launch.outputs) add(value, outputs);
    if (dense) pitches.clear();
    launch.plan = planner_.plan({*launch.op, inputs, outputs, pitches});
    return launch.plan.kernel != nullptr;
  }

  /// The launch's operands; who else touches them is planned anew. Variables are read as copies.
  void make_dense(std::size_t launch) {
    std::vector<Launch> copies;
    for (int& input : program_.launches[launch].inputs)
      if (program_.value(input).place.space == Place::Space::variable &&
          program_.value(input).pitch != dense_pitch(program_.value(input)))
        input = dense_copy(input, program_.launches[launch].scope, copies);
    const auto soften = [&](int operand) {
      ProgramValue& value = program_.value(operand);
      if (value.pitch == dense_pitch(value)) return;
      KERATIN_ASSERT(value.place.space != Place::Space::variable);  // only Assign writes one, and takes any pitch
      value.pitch = dense_pitch(value);
      for (Launch& other : program_.launches)
        for (const std::vector<int>* operands : {&other.inputs, &other.outputs})
          if (std::find(operands->begin(), operands->end(), operand) != operands->end()) other.plan = {};
    };
    for (const int value : program_.launches[launch].inputs) soften(value);
    for (const int value : program_.launches[launch].outputs) soften(value);
    // First of all, so that whoever is planned later may read them wherever it stands.
    program_.launches.insert(program_.launches.begin(), std::make_move_iterator(copies.begin()),
                             std::make_move_iterator(copies.end()));
  }

  int dense_copy(int variable, const std::string& scope, std::vector<Launch>& copies) {
    const auto [found, fresh] = copies_.emplace(variable, static_cast<int>(program_.values.size()));
    if (!fresh) return found->second;
    ProgramValue copy{program_.value(variable).spec, {}};
    copy.pitch = dense_pitch(copy);
    program_.values.push_back(copy);
    copies.push_back(copy_launch(variable, found->second, scope));
    return found->second;
  }

  Program& program_;
  const KernelPlanner& planner_;
  std::unordered_map<int, int> copies_;  // of variables
};

}  // namespace

Launch copy_launch(int from, int to, std::string scope) {
  return {.op = std::make_shared<Elementwise>(Function::identity),
          .inputs = {from},
          .outputs = {to},
          .scope = std::move(scope)};
}

void plan_kernels(Program& program, const KernelPlanner& planner) { KernelPlanning(program, planner).run(); }

}  // namespace keratin
