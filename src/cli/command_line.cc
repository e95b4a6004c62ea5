#include "cli/command_line.h"

#include <signal.h>

#include <algorithm>
#include <exception>
#include <new>
#include <vector>

#include "base/version.h"
#include "cli/interrupt.h"
#include "cli/verbs.h"

namespace nitro::cli {
namespace {

bool asks_for_json(std::span<const std::string> words) {
  const auto end = std::ranges::find(words, "--");
  return std::find(words.begin(), end, "--json") != end;
}

Result<int> run_verb(std::span<const std::string> words, Console& console) {
  const VerbRow* row = TRY(find_verb(words));
  const std::unique_ptr<Verb> verb = row->make();
  Arguments arguments(row->name, row->summary);
  verb->declare(arguments);
  bool json = false;
  arguments.flag("--json", "One JSON document on stdout instead of text", json);
  TRY(arguments.parse(words.subspan(word_count(*row))));
  if (arguments.help_wanted()) {
    console.raw(arguments.help());
    return 0;
  }
  return verb->run(console);
}

Result<int> run_words(std::span<const std::string> words, Console& console) {
  std::vector<std::string> rest(words.begin(), words.end());
  while (!rest.empty() && rest[0] == "--json") rest.erase(rest.begin());
  if (rest.empty()) {
    return fail_with_hint(ErrorCode::kUsage, "no verb given", "nitro --help lists the verbs");
  }
  if (rest[0] == "--version") {
    console.text(fmt::format("nitro {}\n", kVersion));
    console.document(Json::object({{"nitro_version", kVersion}}));
    return 0;
  }
  if (rest[0] == "--help" || rest[0] == "-h") {
    console.raw(overview());
    return 0;
  }
  return run_verb(rest, console);
}

Result<int> run_guarded(std::span<const std::string> words, Console& console) {
  try {
    return run_words(words, console);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfMemory, "not enough memory");
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInternal, "unexpected: {}", error.what());
  }
}

int code_of(const Error& error) {
  const bool by_signal = error.code == ErrorCode::kInterrupted && interrupted();
  return by_signal ? interrupt_exit_code() : exit_code(error.code);
}

}  // namespace

int run_command(std::span<const std::string> words, Console& console) {
  const Result<int> result = run_guarded(words, console);
  if (!result) console.report(result.error());
  const int code = result ? *result : code_of(result.error());
  if (const Result<void> written = console.finish(); !written) {
    console.report(written.error());
    return code != 0 ? code : code_of(written.error());
  }
  return code;
}

int run_command_line(int argc, const char* const* argv) {
  // A reader of stdout that went away is found out by writing.
  ::signal(SIGPIPE, SIG_IGN);
  end_on_signals();
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  ConsoleSetup setup = ConsoleSetup::of_process(asks_for_json(words));
  setup.command = {"nitro"};
  setup.command.insert(setup.command.end(), words.begin(), words.end());
  Console console(setup);
  return run_command(words, console);
}

}  // namespace nitro::cli
