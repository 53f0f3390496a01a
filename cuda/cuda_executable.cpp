#include "cuda/cuda_executable.h"

#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/environment.h"
#include "compiler/plan_memory.h"
#include "cuda/check.h"
#include "cuda/cuda_backend.h"
#include "runtime/finite_check.h"

namespace keratin::cuda {

CudaExecutable::CudaExecutable(Program program, std::shared_ptr<Buffer> arena, const CudaBackend& backend)
    : program_(std::move(program)),
      backend_(backend),
      arena_(std::move(arena)),
      check_finite_(read_switches().check_finite) {
  KERATIN_ASSERT(program_.members == 1);
  for (const auto& variable : program_.variables) variables_.push_back(variable->storage());
  place_constants();
  for (const Launch& launch : program_.launches) launches_.push_back(bind(launch));
  backend_.stream();  // makes the device the thread's, for what prepares
  for (const BoundLaunch& launch : launches_) launch.kernel->prepare();
  for (Turn& turn : turns_) {
    for (const ProgramSlot& input : program_.inputs) turn.inputs.emplace_back(value(input.value).bytes());
    turn.read = make_event();
    turn.graph = captured(turn);
  }
}

/// What is enqueued still reads this one's memory.
CudaExecutable::~CudaExecutable() {
  for (const Turn& turn : turns_)
    if (turn.read) cudaEventSynchronize(turn.read.get());
}

void CudaExecutable::place_constants() {
  std::size_t bytes = 0;
  for (const Array& constant : program_.constants) {
    constants_at_.push_back(bytes);
    bytes += aligned_bytes(constant.bytes().size());
  }
  if (bytes == 0) return;
  constants_ = backend_.allocate(bytes);
  for (std::size_t i = 0; i < constants_at_.size(); ++i) {
    const auto from = std::as_const(program_.constants[i]).bytes();
    backend_.upload(*constants_, constants_at_[i], from.data(), from.size());
  }
}

std::byte* CudaExecutable::address(int index) const {
  const ProgramValue& root = value(program_.root_of(index));
  switch (root.place.space) {
    case Place::Space::arena: return static_cast<std::byte*>(arena_->address()) + root.place.at;
    case Place::Space::variable: return static_cast<std::byte*>(variables_[root.place.at]->address());
    case Place::Space::constant: return static_cast<std::byte*>(constants_->address()) + constants_at_[root.place.at];
    case Place::Space::none: break;
  }
  throw InternalError(concat("value ", index, " of a program has no place; please report it"));
}

CudaExecutable::BoundLaunch CudaExecutable::bind(const Launch& launch) const {
  BoundLaunch bound{static_cast<const CudaKernel*>(launch.plan.kernel.get()),
                    {},
                    {},
                    static_cast<std::byte*>(arena_->address()) + launch.workspace_offset};
  for (const int input : launch.inputs) bound.inputs.push_back(address(input));
  for (const int output : launch.outputs) bound.outputs.push_back(address(output));
  return bound;
}

void CudaExecutable::copy_inputs(const Turn& turn, cudaStream_t stream) const {
  for (std::size_t i = 0; i < turn.inputs.size(); ++i) {
    const std::span<std::byte> from = turn.inputs[i].bytes();
    if (!from.empty())
      KERATIN_CUDA_CHECK(
          cudaMemcpyAsync(address(program_.inputs[i].value), from.data(), from.size(), cudaMemcpyHostToDevice, stream));
  }
}

void CudaExecutable::enqueue(const BoundLaunch& launch, cudaStream_t stream) const {
  launch.kernel->enqueue({launch.inputs, launch.outputs, launch.workspace}, stream);
}

/// By a stream of its own: what other threads enqueue meanwhile on the backend's is not captured.
OwnedGraphExec CudaExecutable::captured(const Turn& turn) const {
  backend_.stream();
  const OwnedStream stream = make_stream();
  // Relaxed: a kernel's first launch may load its module, which the stricter modes refuse.
  KERATIN_CUDA_CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeRelaxed));
  cudaGraph_t graph = nullptr;
  try {
    copy_inputs(turn, stream.get());
    for (const BoundLaunch& launch : launches_) enqueue(launch, stream.get());
  } catch (...) {
    cudaStreamEndCapture(stream.get(), &graph);  // else the thread would stay barred from what a capture bars
    if (graph != nullptr) cudaGraphDestroy(graph);
    throw;
  }
  KERATIN_CUDA_CHECK(cudaStreamEndCapture(stream.get(), &graph));
  const OwnedGraph owned(graph);
  cudaGraphExec_t executable = nullptr;
  KERATIN_CUDA_CHECK(cudaGraphInstantiate(&executable, graph, 0));
  return OwnedGraphExec(executable);
}

std::span<std::byte> CudaExecutable::input(std::size_t input) {
  const Turn& turn = turns_[turn_];
  KERATIN_CUDA_CHECK(cudaEventSynchronize(turn.read.get()));  // at once if it was never recorded
  return turn.inputs[input].bytes();
}

void CudaExecutable::run(const RunRequest& request) {
  const cudaStream_t stream = backend_.stream();
  const Turn& turn = turns_[turn_];
  if (!request.times.empty()) {
    run_timed(turn, stream, request.times);
  } else if (check_finite_) {
    run_checked(turn, stream);
  } else {
    KERATIN_CUDA_CHECK(cudaGraphLaunch(turn.graph.get(), stream));
  }
  KERATIN_CUDA_CHECK(cudaEventRecord(turn.read.get(), stream));
  turn_ = 1 - turn_;
}

void CudaExecutable::run_checked(const Turn& turn, cudaStream_t stream) const {
  copy_inputs(turn, stream);
  std::vector<std::byte> numbers;
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    enqueue(launches_[i], stream);
    for (const int output : program_.launches[i].outputs) {
      numbers.resize(value(output).bytes());
      if (numbers.empty()) continue;
      KERATIN_CUDA_CHECK(
          cudaMemcpyAsync(numbers.data(), address(output), numbers.size(), cudaMemcpyDeviceToHost, stream));
      KERATIN_CUDA_CHECK(cudaStreamSynchronize(stream));
      check_finite(program_.launches[i], value(output), numbers.data());
    }
  }
}

std::shared_ptr<const RunDescription> CudaExecutable::describe_run() {
  if (!description_) description_ = std::make_shared<const RunDescription>(keratin::describe_run(program_));
  return description_;
}

/// Launch by launch, each waited for: what one takes is more than its share of a captured step.
void CudaExecutable::run_timed(const Turn& turn, cudaStream_t stream, std::span<std::int64_t> times) {
  KERATIN_ASSERT(describe_run()->members[0].stretches.size() == launches_.size() && times.size() > launches_.size());
  copy_inputs(turn, stream);
  KERATIN_CUDA_CHECK(cudaStreamSynchronize(stream));
  times[0] = steady_ns();
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    enqueue(launches_[i], stream);
    KERATIN_CUDA_CHECK(cudaStreamSynchronize(stream));
    times[i + 1] = steady_ns();
  }
}

void CudaExecutable::read(std::size_t output, std::span<std::byte> to) const {
  const int index = program_.outputs[output].value;
  KERATIN_ASSERT(to.size() == value(index).bytes());
  if (to.empty()) return;
  const cudaStream_t stream = backend_.stream();
  KERATIN_CUDA_CHECK(cudaMemcpyAsync(to.data(), address(index), to.size(), cudaMemcpyDeviceToHost, stream));
  KERATIN_CUDA_CHECK(cudaStreamSynchronize(stream));
}

}  // namespace keratin::cuda
