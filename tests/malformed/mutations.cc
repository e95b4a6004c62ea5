#include "mutations.h"

#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "import_in_child.h"

namespace nitro::malformed {
namespace {

constexpr unsigned kHangSeconds = 60;
constexpr size_t kMaxMessage = 1000;

/// What a child tells its parent while it works, in memory that both see.
struct Progress {
  int64_t mutant;  // under import
  bool broken;     // the child stopped because of `message`
  char message[kMaxMessage];
};

struct Models {
  const std::string& model;
  const std::string& other;
  int64_t size() const { return std::ssize(model); }
};

int64_t count_of(const Models& models) { return models.size() * 10; }

/// The first size() mutants are truncations, the next splices, the others flips of one bit.
std::string mutant_of(const Models& models, int64_t index) {
  const int64_t size = models.size();
  const auto cut = static_cast<size_t>(index % size);
  if (index < size) return models.model.substr(0, cut);
  if (index < 2 * size) {
    return models.model.substr(0, cut) + models.other.substr(std::min(cut, models.other.size()));
  }
  std::string mutant = models.model;
  char& byte = mutant[static_cast<size_t>((index - 2 * size) / 8)];
  byte = static_cast<char>(byte ^ (1 << (index - 2 * size) % 8));
  return mutant;
}

std::string name_of(const Models& models, int64_t index) {
  const int64_t size = models.size();
  if (index < size) return fmt::format("truncated to {} bytes", index);
  if (index < 2 * size) return fmt::format("spliced at byte {}", index - size);
  return fmt::format("bit {} of byte {} flipped", (index - 2 * size) % 8, (index - 2 * size) / 8);
}

/// A file that exists only as long as its descriptor.
class MemoryFile {
 public:
  MemoryFile() : file_(::memfd_create("mutant", MFD_CLOEXEC)) {}
  std::string path() const { return fmt::format("/proc/self/fd/{}", file_.get()); }
  bool set(const std::string& content) {
    return ::ftruncate(file_.get(), 0) == 0 &&
           ::pwrite(file_.get(), content.data(), content.size(), 0) == std::ssize(content);
  }

 private:
  FileDescriptor file_;
};

[[noreturn]] void import_from(const Models& models, int64_t first, Progress& progress) {
  MemoryFile file;
  for (progress.mutant = first; progress.mutant < count_of(models); ++progress.mutant) {
    ::alarm(kHangSeconds);
    if (!file.set(mutant_of(models, progress.mutant))) ::_exit(1);
    std::string text;
    const int code = import_here(file.path(), text);
    const std::string broken = code == 0 ? "" : broken_promise(code, text);
    if (broken.empty()) continue;
    progress.broken = true;
    std::strncpy(progress.message, broken.c_str(), kMaxMessage - 1);
    ::_exit(0);
  }
  ::_exit(0);
}

}  // namespace

MutationReport import_mutants(const std::string& model, const std::string& other) {
  const Models models{model, other};
  MutationReport report{count_of(models), {}};
  void* shared =
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& progress = *static_cast<Progress*>(shared);
  for (int64_t next = 0; next < report.mutants; next = progress.mutant + 1) {
    progress = {};
    const pid_t child = ::fork();
    if (child == 0) import_from(models, next, progress);
    int status = 0;
    ::waitpid(child, &status, 0);
    const std::string name = name_of(models, progress.mutant);
    if (WIFSIGNALED(status)) {
      report.broken.push_back(fmt::format("{}: {}", name, ::strsignal(WTERMSIG(status))));
    } else if (progress.broken) {
      report.broken.push_back(fmt::format("{}: {}", name, progress.message));
    } else if (WEXITSTATUS(status) != 0) {
      report.broken.push_back(fmt::format("{}: exit code {}", name, WEXITSTATUS(status)));
    }
  }
  ::munmap(shared, sizeof(Progress));
  return report;
}

}  // namespace nitro::malformed
