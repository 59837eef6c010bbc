// Shell: words as a POSIX shell reads them back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ballast {

/// The word, in quotes if a shell would not leave it as it is.
[[nodiscard]] std::string shell_word(std::string_view word);
/// The words with spaces between.
[[nodiscard]] std::string shell_words(std::vector<std::string> const& words);

}  // namespace ballast
