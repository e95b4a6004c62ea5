#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace nitro::cli {
namespace {

constexpr size_t kMessageCells = 2000;

bool wants_colour(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_colour && *no_colour != '\0') return false;
  if (!terminal || std::string_view(terminal) == "dumb") return false;
  return ::isatty(fd) == 1;
}

/// Of a terminal at `fd`; 100 elsewhere.
size_t columns(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return std::clamp<size_t>(size.ws_col, 40, 160);
}

/// Messages are safe already where their layers keep their word; this is the last gate.
std::string safe_lines(std::string_view text) {
  std::string result;
  for (std::string_view line : split(text, '\n'))
    result += (result.empty() ? "" : "\n") + display(line, kMessageCells);
  return result;
}

}  // namespace

ConsoleSetup ConsoleSetup::of_process(bool json) {
  ConsoleSetup setup;
  setup.json = json;
  setup.width = columns(STDOUT_FILENO);
  setup.err_colour = wants_colour(STDERR_FILENO);
  const char* terminal = std::getenv("TERM");
  setup.err_terminal =
      ::isatty(STDERR_FILENO) == 1 && terminal && std::string_view(terminal) != "dumb";
  return setup;
}

Console::Console(const ConsoleSetup& setup)
    : setup_(setup), progress_(setup.err, setup.err_terminal) {}

void Console::write(std::string_view bytes) {
  if (write_error_ != 0 || bytes.empty()) return;
  if (std::fwrite(bytes.data(), 1, bytes.size(), setup_.out) != bytes.size()) write_error_ = errno;
}

void Console::text(std::string_view text) {
  if (setup_.json) return;
  progress_.clear();
  write(text);
}

void Console::document(const Json& document) {
  if (!setup_.json) return;
  progress_.clear();
  Json whole = document;
  if (!document.contains("schema_version")) {
    Json::Object members = {{"schema_version", 1}};
    members.insert(members.end(), document.members().begin(), document.members().end());
    whole = Json(std::move(members));
  }
  write(whole.dump(1) + "\n");
}

void Console::raw(std::string_view bytes) {
  progress_.clear();
  write(bytes);
}

void Console::phase(std::string_view text) { progress_.show(std::string(text)); }

void Console::note(std::string_view text) {
  progress_.clear();
  fmt::print(setup_.err, "nitro: {}\n", text);
}

void Console::report(const Error& error) {
  progress_.clear();
  if (setup_.json) {
    Json json = Json::object();
    json["error"] = to_json(error);
    document(json);
  }
  const std::string_view on = setup_.err_colour ? "\x1b[1;31m" : "";
  const std::string_view off = setup_.err_colour ? "\x1b[0m" : "";
  fmt::print(setup_.err, "nitro: {}error:{} {}\n", on, off, safe_lines(error.text()));
  if (!error.hint.empty()) fmt::print(setup_.err, "hint: {}\n", safe_lines(error.hint));
  if (error.code == ErrorCode::kInternal) {
    fmt::print(setup_.err,
               "hint: this is a bug of Nitro; please report it with this command line\n");
  }
}

Result<void> Console::finish() {
  progress_.clear();
  if (std::fflush(setup_.out) != 0 && write_error_ == 0) write_error_ = errno;
  if (write_error_ == 0 || write_error_ == EPIPE) return {};
  return fail(ErrorCode::kInputOutput, "cannot write the result to standard output: {}",
              std::strerror(write_error_));
}

Json to_json(const Error& error) {
  Json json = Json::object();
  json["code"] = name(error.code);
  json["message"] = error.message;
  json["context"] = Json::array_of(error.context);
  json["hint"] = error.hint;
  return json;
}

}  // namespace nitro::cli
