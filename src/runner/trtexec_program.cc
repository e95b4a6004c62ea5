#include "runner/trtexec_program.h"

#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "runner/subprocess.h"

namespace nitro::runner {
namespace {

constexpr std::string_view kOfJetpack = "/usr/src/tensorrt/bin/trtexec";
constexpr std::chrono::milliseconds kLook{200};
constexpr std::chrono::seconds kEndPatience{30};
constexpr size_t kMaxLine = size_t{16} << 20;
/// The end of the log is kept: there it says why it failed.
constexpr size_t kMaxLog = size_t{4} << 20;

bool is_program(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

Result<std::filesystem::path> find_program() {
  if (const char* given = std::getenv("NITRO_TRTEXEC"); given && *given) {
    if (is_program(given)) return std::filesystem::absolute(given);
    return fail_with_hint(ErrorCode::kEnvironment,
                          fmt::format("NITRO_TRTEXEC is {}, which is no program", display(given)),
                          "set it to the path of trtexec");
  }
  const char* search = std::getenv("PATH");
  for (const std::string_view folder : split(search ? search : "", ':')) {
    const std::filesystem::path path = std::filesystem::path(folder) / "trtexec";
    if (path.is_absolute() && is_program(path)) return path;
  }
  if (is_program(kOfJetpack)) return kOfJetpack;
  return fail_with_hint(
      ErrorCode::kEnvironment, fmt::format("there is no trtexec in $PATH, nor {}", kOfJetpack),
      "it comes with TensorRT (on a Jetson: sudo apt install tensorrt); NITRO_TRTEXEC names one "
      "elsewhere");
}

void keep_end(std::string& log) {
  if (log.size() > kMaxLog) log.erase(0, log.size() - kMaxLog / 2);
}

}  // namespace

Result<TrtexecProgram> find_trtexec() {
  TrtexecProgram program{TRY(find_program()), {}};
  const std::string log =
      TRY(run_trtexec(program, {"--help"}, std::filesystem::temp_directory_path()));
  const std::string name = display(program.path.native());
  const auto version = trace::logged_version(log);
  if (!version) {
    return fail_with_hint(ErrorCode::kEnvironment, name + " does not say its version",
                          "versions before 8.0 are too old: use JetPack 4.6 or later");
  }
  if (*version < kFirstTensorrt || *version >= kUnknownTensorrt) {
    return fail_with_hint(
        ErrorCode::kEnvironment,
        fmt::format("{} is of TensorRT {}, and Nitro knows 8.0 to 10", name, text(*version)),
        "name another with NITRO_TRTEXEC");
  }
  program.version = *version;
  return program;
}

Result<std::string> run_trtexec(const TrtexecProgram& program,
                                const std::vector<std::string>& flags,
                                const std::filesystem::path& folder, const TrtexecWatch& watch) {
  // Its errors are on stderr, in the middle of what is on stdout.
  Command command{
      {"sh", "-c", "cd \"$0\" && exec \"$@\" 2>&1", folder.native(), program.path.native()}};
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  Subprocess process = TRY(Subprocess::start(command));
  std::string log;
  Subprocess::ReadLine read;
  do {
    read = process.read_line(Clock::now() + kLook, kMaxLine);
    if (!watch.go_on()) return fail(ErrorCode::kInterrupted, "trtexec was stopped");
    if (read.end != Subprocess::ReadEnd::kLine) continue;
    watch.line(read.line);
    log += read.line + "\n";
    keep_end(log);
  } while (read.end == Subprocess::ReadEnd::kLine || read.end == Subprocess::ReadEnd::kTimeout);
  if (read.end != Subprocess::ReadEnd::kClosed || !process.wait(Clock::now() + kEndPatience))
    return fail(ErrorCode::kRunnerFailed, "trtexec printed no end of line, or did not end");
  process.kill_and_reap();
  if (process.ending() == "exit code 0") return log;
  return std::unexpected(trace::logged_error(log, process.ending()));
}

}  // namespace nitro::runner
