#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro::cli {

/// The options that a verb takes, each bound to a variable that keeps its value where the option is
/// not given. Names are written as on the command line: "-o,--output".
class Arguments {
 public:
  Arguments(std::string_view verb, std::string_view summary);
  ~Arguments();

  /// An argument without a name, required, in the order of declaration.
  void positional(std::string_view name, std::string_view help, std::string& target);
  void optional_positional(std::string_view name, std::string_view help, std::string& target);

  void flag(std::string_view names, std::string_view help, bool& target);
  void option(std::string_view names, std::string_view help, std::string& target);
  void option(std::string_view names, std::string_view help, std::filesystem::path& target);
  void option(std::string_view names, std::string_view help, int64_t& target, int64_t smallest);
  void option(std::string_view names, std::string_view help, double& target, double smallest);
  /// May be given several times.
  void list(std::string_view names, std::string_view help, std::vector<std::string>& target);
  /// One of `words`.
  void choice(std::string_view names, std::string_view help, std::string& target,
              const std::vector<std::string>& words);

  /// Fills the variables. kUsage names what is wrong, with the closest known option as hint.
  Result<void> parse(std::span<const std::string> words);
  /// Whether --help was among the words, in which case nothing was required.
  bool help_wanted() const;
  std::string help() const;
  /// All long options, for completion.
  std::vector<std::string> option_names() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace nitro::cli
