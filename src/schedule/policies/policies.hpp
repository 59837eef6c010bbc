// The makers of all policies, one source file each.
#pragma once

#include <memory>

#include "ballast/schedule/policy.hpp"
#include "schedule/policies/chunk_size.hpp"

namespace ballast {

#define BALLAST_POLICY(maker, name, summary, source, parameters) \
  [[nodiscard]] std::unique_ptr<Policy> maker(Parameters&);
#include "schedule/policies/policies.inc"
#undef BALLAST_POLICY

}  // namespace ballast
