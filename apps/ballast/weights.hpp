// Weights: relative speeds of the computing nodes, as people give them.
#pragma once

#include <string>
#include <vector>

namespace app {

/// `1,2.5,1`, or a file with one number per line; what follows a # is a comment. Throws UsageError for anything but
/// numbers above 0, InputOutputError if there is no such file.
[[nodiscard]] std::vector<double> parse_weights(std::string const& option, std::string const& text);

}  // namespace app
