// DTypePolicy: what a layer stores its weights in and what it computes in; and the policy of layers made later.
#include <array>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "keratin/layer.h"

namespace keratin {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 2> mixed_policies{
    {{"mixed_float16", DType::float16}, {"mixed_bfloat16", DType::bfloat16}}};

// Defaults for what this thread makes later, no more: docs/architecture.md, section 13.
thread_local DType default_dtype = DType::float32;
thread_local std::optional<DTypePolicy> chosen_policy;  // none: default_dtype for both

}  // namespace

DTypePolicy::DTypePolicy(DType dtype) : compute_(dtype), variable_(dtype) {
  check_argument(is_floating(dtype), "dtype: expected float32, float64, float16 or bfloat16, got ", to_string(dtype));
}

DTypePolicy::DTypePolicy(const char* name) : DTypePolicy(float32) {
  check_argument(name != nullptr, "dtype: expected the name of a policy, got a null pointer");
  for (const auto& [mixed, compute] : mixed_policies)
    if (name == mixed) {
      compute_ = compute;
      return;
    }
  check_argument(!std::string_view(name).starts_with("mixed_"),
                 "dtype: expected mixed_float16, mixed_bfloat16 or the name of a dtype, got \"", name, "\"");
  *this = DTypePolicy(dtype_from_name(name));
}

std::string DTypePolicy::name() const { return concat(compute_ == variable_ ? "" : "mixed_", compute_); }

void set_floatx(DType dtype) {
  default_dtype = DTypePolicy(dtype).variable_dtype();
  chosen_policy.reset();
}
DType floatx() { return default_dtype; }

void set_dtype_policy(const DTypePolicy& policy) { chosen_policy = policy; }
DTypePolicy dtype_policy() { return chosen_policy.value_or(DTypePolicy(default_dtype)); }

}  // namespace keratin
