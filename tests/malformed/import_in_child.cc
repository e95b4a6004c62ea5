#include "import_in_child.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "ir/verify.h"
#include "onnx/export_model.h"
#include "onnx/import_model.h"

namespace nitro::malformed {
namespace {

constexpr unsigned kHangSeconds = 60;
constexpr int64_t kMemoryBytes = int64_t{96} << 20;
constexpr int64_t kMemoryPerFileByte = 10;
constexpr int64_t kMemoryPerByteOfLoaded =
    64;  // the graph itself: a small node is 30 bytes of file
// A large graph is as much again in memory when it is exported.
constexpr uint64_t kMaxExported = 64 * 1024;

#ifdef __SANITIZE_ADDRESS__
constexpr bool kMemoryIsBounded = false;
#else
constexpr bool kMemoryIsBounded = true;
#endif

std::string read_all(int fd) {
  std::string content;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;) {
    content.append(buffer, static_cast<size_t>(got));
  }
  return content;
}

[[noreturn]] void import_and_exit(const std::filesystem::path& model, int fd) {
  ::alarm(kHangSeconds);
  std::string text;
  const int code = import_here(model, text);
  if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::_exit(5);
  ::_exit(code);
}

std::string how_it_died(int status, const rusage& usage, uint64_t file_bytes) {
  if (WIFSIGNALED(status)) {
    return WTERMSIG(status) == SIGALRM
               ? "it hangs"
               : fmt::format("it crashes: {}", ::strsignal(WTERMSIG(status)));
  }
  const int64_t resident = int64_t{usage.ru_maxrss} * 1024;
  const bool loaded = WEXITSTATUS(status) == 0;
  const int64_t bound = kMemoryBytes + (loaded ? kMemoryPerByteOfLoaded : kMemoryPerFileByte) *
                                           static_cast<int64_t>(file_bytes);
  if (kMemoryIsBounded && resident > bound) {
    return fmt::format("it takes {} bytes of memory, the bound is {}", resident, bound);
  }
  return "";
}

}  // namespace

int import_here(const std::filesystem::path& model, std::string& text) {
  const auto imported = onnx::import_model(model);
  const auto result = [&]() -> Result<void> {
    if (!imported) return std::unexpected(imported.error());
    TRY(verify(imported->graph));
    if (std::filesystem::file_size(model) > kMaxExported) return {};
    const auto exported = onnx::export_model(imported->graph);
    // An operator without a form in the opset that Nitro writes is no fault of the model.
    if (!exported && exported.error().code != ErrorCode::kUnsupportedOp) {
      return std::unexpected(exported.error());
    }
    return {};
  }();
  if (result) return 0;
  text = result.error().text();
  return exit_code(result.error().code);
}

ChildOutcome import_in_child(const std::filesystem::path& model) {
  int ends[2] = {};
  if (::pipe(ends) != 0) return {"no pipe", 0, ""};
  const pid_t child = ::fork();
  if (child == 0) import_and_exit(model, ends[1]);
  ::close(ends[1]);
  ChildOutcome outcome;
  outcome.text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  outcome.died = how_it_died(status, usage, std::filesystem::file_size(model));
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  return outcome;
}

std::string broken_promise(int exit_code, const std::string& text) {
  if (exit_code != 3) return fmt::format("exit code {} instead of 3: {}", exit_code, text);
  if (text.contains(".cc") || text.contains("src/")) return "names a source file: " + text;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(text, is_control)) return "prints control characters";
  return text.empty() ? "has no message" : "";
}

}  // namespace nitro::malformed
