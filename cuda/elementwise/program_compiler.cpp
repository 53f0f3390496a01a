#include "cuda/elementwise/program_compiler.h"

#include "base/check.h"
#include "cuda/check.h"
#include "cuda/elementwise/embedded_text.h"

namespace keratin::cuda {

std::vector<std::byte> Toolchain::code_of(const std::string& text) const {
  const std::string whole = concat(functions_text, "\n", text);
  const std::string key = concat("NVRTC ", version, " ", join(compile_options(target), " "), "\n", whole);
  if (std::optional<std::vector<std::byte>> kept = cache.find(key)) return std::move(*kept);
  std::vector<std::byte> code = compile(nvrtc, whole, target);
  cache.keep(key, code);
  return code;
}

TextKernel::~TextKernel() {
  if (library_ != nullptr) cudaLibraryUnload(library_);  // fails where the process ends: then all is gone
}

void TextKernel::load() const {
  std::call_once(once_, [this] {
    if (library_ == nullptr) {  // else an earlier call failed further on
      const std::vector<std::byte> code = tools_->code_of(text_);
      KERATIN_CUDA_CHECK(cudaLibraryLoadData(&library_, code.data(), nullptr, nullptr, 0, nullptr, nullptr, 0));
    }
    cudaKernel_t kernel = nullptr;
    KERATIN_CUDA_CHECK(cudaLibraryGetKernel(&kernel, library_, name_.c_str()));
    // Else it would be put on the device by its first launch, which may be one that is captured.
    cudaFuncAttributes ignored = {};
    KERATIN_CUDA_CHECK(cudaFuncGetAttributes(&ignored, reinterpret_cast<const void*>(kernel)));
    kernel_ = kernel;
  });
}

std::shared_ptr<const Toolchain> ProgramCompiler::find_tools() const {
  try {
    const Nvrtc& nvrtc = nvrtc_();
    const std::optional<Target> target = target_for(nvrtc, compute_capability_);
    if (!target) return nullptr;
    return std::make_shared<const Toolchain>(Toolchain{nvrtc, version_of(nvrtc), *target, cache_});
  } catch (const UnsupportedError&) {  // no NVRTC: kernels that need none take over
    return nullptr;
  }
}

std::shared_ptr<const TextKernel> ProgramCompiler::kernel(const GeneratedKernel& generated) {
  const std::lock_guard lock(mutex_);
  if (!looked_) tools_ = find_tools();
  looked_ = true;
  if (tools_ == nullptr) return nullptr;
  std::shared_ptr<const TextKernel>& kernel = kernels_[generated.text];
  if (kernel == nullptr) kernel = std::make_shared<const TextKernel>(tools_, generated.text, generated.name);
  return kernel;
}

}  // namespace keratin::cuda
