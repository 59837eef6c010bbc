// Choices: a list of policies as users write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ballast {

/// Splits `A,B:key=value,key=value,C` into policies: a piece `key=value` belongs to the policy with parameters before
/// it. `all` stands for all there are, one of each kind. Throws UsageError for a policy that cannot be made.
[[nodiscard]] std::vector<std::string> split_policies(std::string_view list);

}  // namespace ballast
