#include "cuda/testing.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/file.h"
#include "cuda/kernel_source.h"

namespace nitro::cuda {
namespace {

constexpr int64_t kUnit = 16;  // vectors of a kernel need it

/// `text` with each `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// `extern __shared__ T name[];` as a pointer to the memory that the launch has for it.
std::string with_dynamic_shared(std::string text) {
  constexpr std::string_view kStart = "extern __shared__";
  for (size_t at = 0; (at = text.find(kStart, at)) != std::string::npos;) {
    const size_t end = text.find(';', at);
    std::string declaration = text.substr(at + kStart.size(), end - at - kStart.size());
    if (const size_t align = declaration.find("__align__"); align != std::string::npos) {
      declaration.erase(align, declaration.find(')', align) + 1 - align);
    }
    declaration = declaration.substr(0, declaration.find('['));
    const size_t space = declaration.find_last_of(' ');
    const std::string type = declaration.substr(0, space);
    const std::string pointer = fmt::format("{0}* {1} = ({0}*)emulated::dynamic_shared", type,
                                            declaration.substr(space + 1));
    text.replace(at, end - at, pointer);
    at += pointer.size();
  }
  return text;
}

std::string program_text(size_t i, const Program& program) {
  std::string source =
      replaced(std::string(after_prelude(program)), "extern \"C\" __global__", "inline");
  return fmt::format(
      "namespace program_{0} {{\n{1}\nstatic void call(void** arguments) {{ emulated::call(step, "
      "arguments); }}\n}}\n"
      "extern \"C\" const char* run_{0}(void** arguments, const long long* grid, long long "
      "threads, "
      "long long shared) {{\n  return emulated::launch(program_{0}::call, arguments, grid, "
      "threads, "
      "shared);\n}}\n",
      i, with_dynamic_shared(std::move(source)));
}

Result<void> compile_library(const std::string& folder, const std::string& source) {
  TRY(write_file_atomic(folder + "/programs.cc", source));
  const char* compiler = std::getenv("CXX");
  // Else libraries that are loaded later use the shared memory of the first with such a kernel.
  constexpr std::string_view kOwnMemory = "-fno-gnu-unique";
  const std::string command = fmt::format(
      "{0} -std=gnu++14 -O1 -w {2} -fPIC -shared -o {1}/programs.so {1}/programs.cc > {1}/log 2>&1",
      compiler ? compiler : "g++", folder, kOwnMemory);
  if (std::system(command.c_str()) == 0) return {};
  const std::string log = TRY(read_file(folder + "/log"));
  return fail(ErrorCode::kInternal, "a kernel does not compile: {}", log.substr(0, 4000));
}

}  // namespace

GuardedMemory::GuardedMemory(int64_t bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const auto size = static_cast<size_t>((bytes + kUnit - 1) / kUnit * kUnit);
  const size_t used = (size + page - 1) / page * page;
  page_bytes_ = used + 2 * page;
  pages_ = mmap(nullptr, page_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  auto* first = static_cast<char*>(pages_) + page;
  if (used > 0) mprotect(first, used, PROT_READ | PROT_WRITE);
  data_ = first + used - size;
  std::memset(data_, 0xFF, size);
}

GuardedMemory::GuardedMemory(GuardedMemory&& other) noexcept
    : pages_(std::exchange(other.pages_, nullptr)),
      page_bytes_(other.page_bytes_),
      data_(other.data_) {}

GuardedMemory::~GuardedMemory() {
  if (pages_) munmap(pages_, page_bytes_);
}

struct EmulatedPrograms::Loaded {
  using Run = const char* (*)(void**, const long long*, long long, long long);
  std::vector<Program> programs;
  std::vector<Run> runs;
  void* library = nullptr;
  ~Loaded() {
    if (library) dlclose(library);
  }
};

EmulatedPrograms::EmulatedPrograms(std::unique_ptr<Loaded> loaded) : loaded_(std::move(loaded)) {}
EmulatedPrograms::EmulatedPrograms(EmulatedPrograms&&) noexcept = default;
EmulatedPrograms::~EmulatedPrograms() = default;

Result<EmulatedPrograms> EmulatedPrograms::compile(std::span<const Program> programs) {
  auto loaded = std::make_unique<Loaded>();
  std::string source =
      fmt::format("#include \"{}/src/cuda/kernels/emulated_prelude.h\"\n", NITRO_SOURCE_DIR);
  for (size_t i = 0; i < programs.size(); ++i) {
    if (after_prelude(programs[i]).empty()) {
      return fail(ErrorCode::kInternal, "program {} does not begin with the prelude", i);
    }
    source += program_text(i, programs[i]);
    loaded->programs.push_back(programs[i]);
  }
  const ScratchFolder folder = TRY(ScratchFolder::create("nitro-emulated"));
  const std::string path = folder.path().string();
  TRY(compile_library(path, source));
  loaded->library = dlopen((path + "/programs.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!loaded->library) return fail(ErrorCode::kInternal, "the kernels do not load: {}", dlerror());
  for (size_t i = 0; i < programs.size(); ++i) {
    loaded->runs.push_back(
        reinterpret_cast<Loaded::Run>(dlsym(loaded->library, fmt::format("run_{}", i).c_str())));
  }
  return EmulatedPrograms(std::move(loaded));
}

Result<void> EmulatedPrograms::run(size_t i, std::span<void* const> arguments) const {
  const Program& program = loaded_->programs[i];
  std::vector<void*> pointers(arguments.begin(), arguments.end());
  const long long grid[] = {program.grid[0], program.grid[1], program.grid[2]};
  const char* error =
      loaded_->runs[i](pointers.data(), grid, program.threads, program.shared_bytes);
  if (error) return fail(ErrorCode::kCheckFailed, "program {}: {}", i, error);
  return {};
}

size_t EmulatedPrograms::size() const { return loaded_->programs.size(); }

Result<void> run_emulated(const Program& program, std::span<void* const> arguments) {
  return TRY(EmulatedPrograms::compile({&program, 1})).run(0, arguments);
}

}  // namespace nitro::cuda
