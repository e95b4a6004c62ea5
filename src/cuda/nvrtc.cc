#include "cuda/nvrtc.h"

#include <dlfcn.h>

#include <algorithm>

namespace nitro::cuda {
namespace {

using NvrtcResult = int;
using NvrtcProgram = struct NvrtcProgram_*;

/// libnvrtc-builtins.so is not to be found, or has nothing for the architecture.
constexpr NvrtcResult kBuiltinsFailed = 7;

/// Of the log of a failed compilation: the first errors explain the others.
constexpr size_t kMostOfLog = 2000;

/// The functions of nvrtc.h; those marked optional are null in an old version.
struct Api {
  const char* (*error_string)(NvrtcResult result);
  NvrtcResult (*version)(int* major, int* minor);
  NvrtcResult (*create)(NvrtcProgram* program, const char* source, const char* name,
                        int header_count, const char* const* headers,
                        const char* const* header_names);
  NvrtcResult (*destroy)(NvrtcProgram* program);
  NvrtcResult (*compile)(NvrtcProgram program, int option_count, const char* const* options);
  NvrtcResult (*log_size)(NvrtcProgram program, size_t* bytes);
  NvrtcResult (*log)(NvrtcProgram program, char* text);
  NvrtcResult (*ptx_size)(NvrtcProgram program, size_t* bytes);
  NvrtcResult (*ptx)(NvrtcProgram program, char* text);
  NvrtcResult (*cubin_size)(NvrtcProgram program, size_t* bytes);  // optional (11.1)
  NvrtcResult (*cubin)(NvrtcProgram program, char* bytes);         // optional (11.1)
  NvrtcResult (*architecture_count)(int* count);                   // optional (11.2)
  NvrtcResult (*architectures)(int* list);                         // optional (11.2)
};

bool resolve_all(void* library, Api& api) {
  struct Row {
    const char* name;
    void* slot;
    bool required = true;
  };
  const Row rows[] = {
      {"nvrtcGetErrorString", &api.error_string},
      {"nvrtcVersion", &api.version},
      {"nvrtcCreateProgram", &api.create},
      {"nvrtcDestroyProgram", &api.destroy},
      {"nvrtcCompileProgram", &api.compile},
      {"nvrtcGetProgramLogSize", &api.log_size},
      {"nvrtcGetProgramLog", &api.log},
      {"nvrtcGetPTXSize", &api.ptx_size},
      {"nvrtcGetPTX", &api.ptx},
      {"nvrtcGetCUBINSize", &api.cubin_size, false},
      {"nvrtcGetCUBIN", &api.cubin, false},
      {"nvrtcGetNumSupportedArchs", &api.architecture_count, false},
      {"nvrtcGetSupportedArchs", &api.architectures, false},
  };
  return std::ranges::all_of(rows, [&](const Row& row) {
    void* const symbol = dlsym(library, row.name);
    *static_cast<void**>(row.slot) = symbol;
    return symbol != nullptr || !row.required;
  });
}

/// NVRTC looks for its builtins by name when it compiles, and finds those that are loaded. By
/// itself it looks beside it, which not every loader allows (that of a sanitizer does not).
void load_builtins(const std::filesystem::path& folder) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("libnvrtc-builtins.so") || name.starts_with("libnvrtc-builtins.alt.so")) {
      dlopen(entry.path().c_str(), RTLD_NOW | RTLD_LOCAL);
    }
  }
}

/// Destroys a program on every way out.
class Program {
 public:
  explicit Program(const Api& api) : api_(api) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (handle != nullptr) api_.destroy(&handle);
  }
  NvrtcProgram handle = nullptr;

 private:
  const Api& api_;
};

using SizeOf = NvrtcResult (*)(NvrtcProgram, size_t*);
using CopyOf = NvrtcResult (*)(NvrtcProgram, char*);

/// One of the texts of a program; empty where there is none.
std::string text_of(NvrtcProgram program, SizeOf size_of, CopyOf copy_of) {
  size_t bytes = 0;
  if (size_of(program, &bytes) != 0) return {};
  std::string text(bytes, '\0');
  if (copy_of(program, text.data()) != 0) return {};
  return text;
}

/// As text_of(), without the zero at the end.
std::string c_text_of(NvrtcProgram program, SizeOf size_of, CopyOf copy_of) {
  std::string text = text_of(program, size_of, copy_of);
  while (!text.empty() && text.back() == '\0') text.pop_back();
  return text;
}

/// What versions before 11.2, which cannot be asked, compile for.
std::vector<int> assumed_capabilities(int major) {
  std::vector<int> list = {50, 52, 53, 60, 61, 62, 70, 72, 75};
  if (major >= 11) list.push_back(80);
  return list;
}

std::vector<int> capabilities_of(const Api& api, int major) {
  int count = 0;
  if (api.architecture_count == nullptr || api.architectures == nullptr ||
      api.architecture_count(&count) != 0 || count <= 0) {
    return assumed_capabilities(major);
  }
  std::vector<int> list(static_cast<size_t>(count));
  if (api.architectures(list.data()) != 0) return assumed_capabilities(major);
  std::ranges::sort(list);
  return list;
}

}  // namespace

/// Stays loaded: NVRTC keeps threads and caches that do not survive dlclose().
struct Nvrtc::Library {
  std::filesystem::path path;
  Api api{};
  int major = 0;
  std::string version;
  std::vector<int> capabilities;
};

Result<Nvrtc> Nvrtc::open(const std::filesystem::path& library) {
  load_builtins(library.parent_path());
  void* const handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return fail(ErrorCode::kEnvironment, "{} cannot be loaded", library.string());
  }
  auto loaded = std::make_shared<Library>();
  loaded->path = library;
  if (!resolve_all(handle, loaded->api)) {
    return fail(ErrorCode::kEnvironment, "{} is no NVRTC", library.string());
  }
  int minor = 0;
  if (loaded->api.version(&loaded->major, &minor) != 0) {
    return fail(ErrorCode::kEnvironment, "{} does not tell its version", library.string());
  }
  loaded->version = fmt::format("{}.{}", loaded->major, minor);
  loaded->capabilities = capabilities_of(loaded->api, loaded->major);
  return Nvrtc(std::move(loaded));
}

const std::string& Nvrtc::version() const { return loaded_->version; }
int Nvrtc::major() const { return loaded_->major; }
const std::filesystem::path& Nvrtc::library() const { return loaded_->path; }
const std::vector<int>& Nvrtc::compute_capabilities() const { return loaded_->capabilities; }

Result<std::string> Nvrtc::architecture(int compute_capability) const {
  const std::vector<int>& known = loaded_->capabilities;
  if (compute_capability < known.front()) {
    return fail_with_hint(
        ErrorCode::kEnvironment,
        fmt::format("NVRTC {} no longer compiles for sm_{}", version(), compute_capability),
        "name an older NVRTC in NITRO_NVRTC: pip install nvidia-cuda-nvrtc-cu11 has one");
  }
  const int best = *std::prev(std::ranges::upper_bound(known, compute_capability));
  if (best != compute_capability || loaded_->api.cubin == nullptr) {
    return fmt::format("compute_{}", best);
  }
  const bool has_own_features = best >= 90 && loaded_->major >= 12;
  return fmt::format("sm_{}{}", best, has_own_features ? "a" : "");
}

Result<std::string> Nvrtc::compile(const std::string& source, const std::string& architecture,
                                   std::span<const std::string> options) const {
  const Api& api = loaded_->api;
  const bool to_ptx = architecture.starts_with("compute_");
  if (!to_ptx && api.cubin == nullptr) {
    return fail(ErrorCode::kEnvironment, "NVRTC {} gives only PTX", version());
  }
  const std::string architecture_option = "--gpu-architecture=" + architecture;
  std::vector<const char*> all = {architecture_option.c_str()};
  for (const std::string& option : options) all.push_back(option.c_str());

  Program program(api);
  NvrtcResult result = api.create(&program.handle, source.c_str(), "step.cu", 0, nullptr, nullptr);
  if (result == 0) {
    result = api.compile(program.handle, static_cast<int>(all.size()), all.data());
  }
  if (result != 0) {
    const std::string log =
        program.handle == nullptr ? "" : c_text_of(program.handle, api.log_size, api.log);
    if (result == kBuiltinsFailed) {
      return fail_with_hint(
          ErrorCode::kEnvironment,
          fmt::format("NVRTC {} lacks what it needs for {}: {}", version(), architecture,
                      log.substr(0, kMostOfLog)),
          "put the folder of the libnvrtc-builtins.so that came with it into LD_LIBRARY_PATH; that "
          "of CUDA 10.2 knows Jetsons only where it is a Jetson's own");
    }
    return fail(ErrorCode::kInternal, "NVRTC {} cannot compile a kernel for {}: {}\n{}", version(),
                architecture, api.error_string(result), log.substr(0, kMostOfLog));
  }
  std::string binary = to_ptx ? c_text_of(program.handle, api.ptx_size, api.ptx)
                              : text_of(program.handle, api.cubin_size, api.cubin);
  if (binary.empty()) {
    return fail(ErrorCode::kInternal, "NVRTC {} gave nothing for {}", version(), architecture);
  }
  return binary;
}

}  // namespace nitro::cuda
