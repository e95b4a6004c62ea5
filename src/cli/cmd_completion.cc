#include <map>

#include "cli/verbs.h"

namespace nitro::cli {
namespace {

/// First word of each verb -> what may follow it: second words and options.
std::map<std::string, std::string> followers() {
  std::map<std::string, std::string> result;
  for (const VerbRow& row : all_verbs()) {
    if (row.hidden) continue;
    const size_t space = row.name.find(' ');
    std::string& words = result[std::string(row.name.substr(0, space))];
    if (space != std::string_view::npos) words += std::string(row.name.substr(space + 1)) + " ";
    Arguments arguments(row.name, row.summary);
    const std::unique_ptr<Verb> verb = row.make();
    verb->declare(arguments);
    for (const std::string& option : arguments.option_names()) {
      if (!words.contains(option + " ")) words += option + " ";
    }
    if (!words.contains("--json ")) words += "--json ";
  }
  return result;
}

std::string bash_script() {
  std::string verbs;
  std::string cases;
  for (const auto& [verb, words] : followers()) {
    verbs += verb + " ";
    cases += fmt::format("    {}) words=\"{}\" ;;\n", verb, words);
  }
  return fmt::format(
      "_nitro() {{\n"
      "  local word=\"${{COMP_WORDS[COMP_CWORD]}}\" words=\"\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W \"{}--help --version\" -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"${{COMP_WORDS[1]}}\" in\n{}  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\") $(compgen -f -- \"$word\"))\n"
      "}}\n"
      "complete -o filenames -F _nitro nitro\n",
      verbs, cases);
}

class Completion final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("SHELL", "bash or zsh", shell_);
  }

  Result<int> run(Console& console) override {
    if (shell_ != "bash" && shell_ != "zsh") {
      return fail_with_hint(ErrorCode::kUsage, "only bash and zsh are known here",
                            "source <(nitro completion bash)");
    }
    const std::string compatible =
        shell_ == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
    console.raw(compatible + bash_script());
    return 0;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Verb> make_completion() { return std::make_unique<Completion>(); }

}  // namespace nitro::cli
