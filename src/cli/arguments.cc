#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"

namespace nitro::cli {

struct Arguments::Parser {
  Parser(std::string_view name, std::string_view summary)
      : app(std::string(summary), "nitro " + std::string(name)), verb(name) {}

  CLI::Option* add(std::string_view names, std::string_view help, CLI::callback_t take,
                   std::string_view type) {
    CLI::Option* option = app.add_option(std::string(names), std::move(take), std::string(help));
    return option->type_name(std::string(type))->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }

  CLI::App app;
  std::string verb;
  bool help_wanted = false;
};

namespace {

/// What CLI11 calls an option in its messages need not be safe to show.
std::unexpected<Error> usage(const std::string& verb, std::string message, std::string hint = {}) {
  if (hint.empty()) hint = fmt::format("nitro {} --help lists what it takes", verb);
  return fail_with_hint(ErrorCode::kUsage, std::move(message), std::move(hint));
}

/// CLI11 reports what its callbacks throw as a conversion error of the option.
[[noreturn]] void refuse(const CLI::Option* option, std::string_view value, std::string_view what) {
  throw CLI::ConversionError(
      fmt::format("{} must be {}, not '{}'", option->get_name(), what, display(value, 60)),
      CLI::ExitCodes::ConversionError);
}

}  // namespace

Arguments::Arguments(std::string_view verb, std::string_view summary)
    : parser_(std::make_unique<Parser>(verb, summary)) {
  CLI::App& app = parser_->app;
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("-h,--help", parser_->help_wanted, "Shows this text");
}

Arguments::~Arguments() = default;

void Arguments::positional(std::string_view name, std::string_view help, std::string& target) {
  parser_->app.add_option(std::string(name), target, std::string(help))->type_name("");
  parser_->app.get_option(std::string(name))->required();
}

void Arguments::optional_positional(std::string_view name, std::string_view help,
                                    std::string& target) {
  parser_->app.add_option(std::string(name), target, std::string(help))->type_name("");
}

void Arguments::flag(std::string_view names, std::string_view help, bool& target) {
  parser_->app.add_flag(std::string(names), target, std::string(help));
}

void Arguments::option(std::string_view names, std::string_view help, std::string& target) {
  const auto take = [&target](const CLI::results_t& values) {
    target = values[0];
    return true;
  };
  parser_->add(names, help, take, "TEXT");
}

void Arguments::option(std::string_view names, std::string_view help,
                       std::filesystem::path& target) {
  const auto take = [&target](const CLI::results_t& values) {
    target = values[0];
    return true;
  };
  parser_->add(names, help, take, "FILE");
}

void Arguments::option(std::string_view names, std::string_view help, int64_t& target,
                       int64_t smallest) {
  auto self = std::make_shared<CLI::Option*>(nullptr);
  const auto take = [&target, smallest, self](const CLI::results_t& values) {
    int64_t value = 0;
    if (!parse_integer(values[0], value) || value < smallest) {
      refuse(*self, values[0], fmt::format("a whole number from {}", smallest));
    }
    target = value;
    return true;
  };
  *self = parser_->add(names, help, take, "N");
}

void Arguments::option(std::string_view names, std::string_view help, double& target,
                       double smallest) {
  auto self = std::make_shared<CLI::Option*>(nullptr);
  const auto take = [&target, smallest, self](const CLI::results_t& values) {
    double value = 0;
    // Written so that not-a-number is refused too.
    if (!parse_number(values[0], value) || !(value >= smallest && value < 1e15)) {
      refuse(*self, values[0], fmt::format("a number from {}", smallest));
    }
    target = value;
    return true;
  };
  *self = parser_->add(names, help, take, "X");
}

void Arguments::list(std::string_view names, std::string_view help,
                     std::vector<std::string>& target) {
  const auto take = [&target](const CLI::results_t& values) {
    target = values;
    return true;
  };
  parser_->add(names, help, take, "TEXT ...")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1)
      ->allow_extra_args(false);
}

void Arguments::choice(std::string_view names, std::string_view help, std::string& target,
                       const std::vector<std::string>& words) {
  auto self = std::make_shared<CLI::Option*>(nullptr);
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : "|") + word;
  const auto take = [&target, words, all, self](const CLI::results_t& values) {
    if (std::ranges::find(words, values[0]) == words.end()) {
      refuse(*self, values[0], "one of " + all);
    }
    target = values[0];
    return true;
  };
  *self = parser_->add(names, help, take, all);
}

Result<void> Arguments::parse(std::span<const std::string> words) {
  const std::string& verb = parser_->verb;
  const bool help = std::ranges::any_of(
      words, [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (help) {
    parser_->help_wanted = true;
    return {};
  }
  try {
    // CLI11 takes the words from the back.
    parser_->app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::RequiredError& error) {
    return usage(verb, fmt::format("nitro {}: {}", verb, display(error.what())));
  } catch (const CLI::ParseError& error) {
    return usage(verb, fmt::format("nitro {}: {}", verb, display(error.what(), 400)));
  }
  for (const std::string& extra : parser_->app.remaining()) {
    if (extra == "--") continue;
    if (!extra.starts_with('-')) {
      return usage(verb, fmt::format("nitro {} does not know what to do with '{}'", verb,
                                     display(extra, 80)));
    }
    const std::string name = extra.substr(0, extra.find('='));
    const std::string near = closest(name, option_names());
    return usage(verb, fmt::format("nitro {} has no option {}", verb, display(name, 80)),
                 near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
  return {};
}

bool Arguments::help_wanted() const { return parser_->help_wanted; }

std::string Arguments::help() const { return parser_->app.help(); }

std::vector<std::string> Arguments::option_names() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : parser_->app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace nitro::cli
