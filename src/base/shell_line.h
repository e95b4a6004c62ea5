#pragma once

#include <span>
#include <string>

namespace nitro {

/// `words` as one line that a POSIX shell takes apart into the same words: each in quotes where it
/// would not be one plain word.
std::string shell_line(std::span<const std::string> words);

}  // namespace nitro
