#include "cuda/cupti.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "cuda/library_paths.h"

namespace nitro::cuda {
namespace {

// From cupti_activity.h of CUPTI, "CUpti_ActivityKind" and "CUpti_ActivityFlag".
constexpr int kConcurrentKernel = 10;
constexpr uint32_t kFlushForced = 1;

/// What CUpti_ActivityKernel3 (CUDA 7) and all later forms begin with.
struct KernelRecord {
  uint32_t kind;
  uint8_t cache_config;
  uint8_t shared_memory_config;
  uint16_t registers;
  uint32_t requested_cache;
  uint32_t executed_cache;
  uint64_t start;
  uint64_t end;
};
static_assert(sizeof(KernelRecord) == 32);

constexpr size_t kBufferBytes = 1 << 20;
constexpr size_t kAlignment = 8;

/// Where CUPTI's callbacks, which carry nothing, leave what it recorded.
struct Collected {
  std::mutex mutex;  // CUPTI may call from a thread of its own
  int (*next)(uint8_t*, size_t, void**) = nullptr;
  std::vector<KernelActivity> kernels;
};

Collected& collected() {
  static Collected instance;
  return instance;
}

void give_buffer(uint8_t** buffer, size_t* bytes, size_t* most_records) {
  *buffer = static_cast<uint8_t*>(std::aligned_alloc(kAlignment, kBufferBytes));
  *bytes = *buffer == nullptr ? 0 : kBufferBytes;
  *most_records = 0;
}

void take_buffer(void*, uint32_t, uint8_t* buffer, size_t, size_t valid_bytes) {
  Collected& to = collected();
  const std::scoped_lock lock(to.mutex);
  void* at = nullptr;
  while (valid_bytes > 0 && to.next(buffer, valid_bytes, &at) == 0) {
    KernelRecord record;
    std::memcpy(&record, at, sizeof record);
    if (record.kind != kConcurrentKernel) continue;
    to.kernels.push_back({static_cast<int64_t>(record.start), static_cast<int64_t>(record.end)});
  }
  std::free(buffer);
}

Result<void> check(int result, std::string_view what) {
  if (result == 0) return {};
  return fail_with_hint(ErrorCode::kEnvironment,
                        fmt::format("CUPTI cannot {} (its error {})", what, result),
                        "end other profilers of this GPU, and let users profile it");
}

constexpr std::array<std::string_view, 2> kInToolkits = {"extras/CUPTI/lib64", "lib64"};
constexpr std::array<std::string_view, 2> kInPackages = {"nvidia/cu13/lib",
                                                         "nvidia/cuda_cupti/lib"};

/// Newest first.
std::vector<std::string_view> names_for(int driver_version) {
  struct Name {
    int version;
    std::string_view name;
  };
  constexpr std::array kNames = {
      Name{13000, "libcupti.so.13"},   Name{12000, "libcupti.so.12"},
      Name{11080, "libcupti.so.11.8"}, Name{11040, "libcupti.so.11.4"},
      Name{11000, "libcupti.so.11.0"}, Name{10020, "libcupti.so.10.2"},
  };
  std::vector<std::string_view> names;
  for (const Name& name : kNames) {
    if (name.version <= driver_version) names.push_back(name.name);
  }
  names.push_back("libcupti.so");
  return names;
}

}  // namespace

Result<Cupti> Cupti::open(const std::filesystem::path& path) {
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return fail(ErrorCode::kEnvironment, "{} cannot be loaded: {}", path.native(), ::dlerror());
  }
  Cupti cupti;
  cupti.library_ = library;
  const std::array<std::pair<const char*, void*>, 5> rows = {{
      {"cuptiActivityRegisterCallbacks", &cupti.register_callbacks_},
      {"cuptiActivityEnable", &cupti.enable_},
      {"cuptiActivityDisable", &cupti.disable_},
      {"cuptiActivityFlushAll", &cupti.flush_},
      {"cuptiActivityGetNextRecord", &cupti.next_},
  }};
  for (const auto& [name, slot] : rows) {
    void* const symbol = ::dlsym(library, name);
    if (symbol == nullptr) {
      return fail(ErrorCode::kEnvironment, "{} lacks {}", path.native(), name);
    }
    *static_cast<void**>(slot) = symbol;
  }
  return cupti;
}

void* Cupti::symbol(const char* name) const { return ::dlsym(library_, name); }

Result<std::vector<KernelActivity>> Cupti::record(const std::function<Result<void>()>& work) const {
  Collected& to = collected();
  {
    const std::scoped_lock lock(to.mutex);
    to.next = next_;
    to.kernels.clear();
  }
  TRY(check(register_callbacks_(give_buffer, take_buffer), "take buffers"));
  TRY(check(enable_(kConcurrentKernel), "record kernels"));
  const Result<void> worked = work();
  const int flushed = flush_(kFlushForced);
  const int disabled = disable_(kConcurrentKernel);
  TRY(worked);
  TRY(check(flushed, "give what it recorded"));
  TRY(check(disabled, "end a recording"));
  const std::scoped_lock lock(to.mutex);
  std::ranges::sort(to.kernels, {}, &KernelActivity::start_ns);
  return std::move(to.kernels);
}

Result<Cupti> find_cupti(int driver_version,
                         std::span<const std::filesystem::path> package_folders) {
  if (const char* named = std::getenv("NITRO_CUPTI"); named != nullptr && *named != '\0') {
    Result<Cupti> opened = in_context(Cupti::open(named), "NITRO_CUPTI");
    if (!opened) opened.error().hint = "let it name a libcupti.so, or unset it";
    return opened;
  }
  const std::vector<std::string_view> names = names_for(driver_version);
  for (const auto& path : library_paths({names, kInToolkits, kInPackages, package_folders})) {
    if (Result<Cupti> opened = Cupti::open(path)) return opened;
  }
  return fail_with_hint(ErrorCode::kEnvironment, "no CUPTI here, which records kernels",
                        "install a CUDA toolkit, or pip install nvidia-cuda-cupti-cu12, or name "
                        "the library in NITRO_CUPTI");
}

}  // namespace nitro::cuda
