#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "cli/progress.h"

namespace nitro::cli {

/// Where a command writes and what it may use there.
struct ConsoleSetup {
  std::FILE* out = stdout;
  std::FILE* err = stderr;
  bool json = false;
  bool err_colour = false;
  bool err_terminal = false;
  size_t width = 100;                     // columns of the result
  std::vector<std::string> command = {};  // the whole command line, for the record

  /// Of this process: colour on stderr only on a terminal, without NO_COLOR and TERM=dumb.
  static ConsoleSetup of_process(bool json);
};

/// The two streams of a command: stdout is its result, stderr its progress. With --json the result
/// is exactly one document, and text() writes nothing.
class Console {
 public:
  explicit Console(const ConsoleSetup& setup);

  bool json() const { return setup_.json; }
  const std::vector<std::string>& command() const { return setup_.command; }
  /// Columns for running text.
  size_t width() const { return setup_.width; }

  /// Result for people. Nothing with --json.
  void text(std::string_view text);
  /// Result for programs; schema_version is put in front where it is missing. Nothing without
  /// --json.
  void document(const Json& document);
  /// Result in either case: file content asked for with `-o -`.
  void raw(std::string_view bytes);

  /// Work that starts now. On a terminal one line that is replaced, shown once half a second has
  /// passed; elsewhere a line each.
  void phase(std::string_view text);
  /// A sentence for people beside the result.
  void note(std::string_view text);
  /// `error` in the form asked for.
  void report(const Error& error);

  /// Ends progress and flushes the result. A closed pipe is no error; anything else that refuses
  /// the result is kInputOutput.
  Result<void> finish();

 private:
  void write(std::string_view bytes);

  ConsoleSetup setup_;
  int write_error_ = 0;
  Progress progress_;
};

/// {"code", "message", "context", "hint"}
Json to_json(const Error& error);

}  // namespace nitro::cli
