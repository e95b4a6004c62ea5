#include "cuda/count_kernels.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <string>

namespace nitro::cuda {
namespace {

constexpr int kLeastCapability = 70;

// The parameters of cupti_target.h, cupti_profiler_target.h, cupti_profiler_host.h and
// cupti_range_profiler.h of CUPTI: each begins with its size up to the last member and a null.

struct NoParameters {
  size_t size = sizeof(NoParameters);
  void* reserved = nullptr;
};
struct OfObject {  // HostDeinitialize, Start, Disable
  size_t size = sizeof(OfObject);
  void* reserved = nullptr;
  void* object = nullptr;
};
struct NumberOf {  // GetConfigImageSize, DecodeData
  size_t size = sizeof(NumberOf);
  void* reserved = nullptr;
  void* object = nullptr;
  size_t number = 0;  // out
};
struct ImageOf {  // GetConfigImage, CounterDataImageInitialize
  size_t size = sizeof(ImageOf);
  void* reserved = nullptr;
  void* object = nullptr;
  size_t image_size = 0;
  uint8_t* image = nullptr;
};
struct ChipName {
  size_t size = sizeof(ChipName);
  void* reserved = nullptr;
  size_t device = 0;
  const char* name = nullptr;  // out
};
struct Availability {
  size_t size = sizeof(Availability);
  void* reserved = nullptr;
  CUcontext context = nullptr;
  size_t image_size = 0;  // in and out
  uint8_t* image = nullptr;
};
struct HostInitialize {
  size_t size = sizeof(HostInitialize);
  void* reserved = nullptr;
  int profiler = 0;  // of ranges
  const char* chip = nullptr;
  const uint8_t* availability = nullptr;
  void* host = nullptr;  // out
};
struct MetricProperties {
  size_t size = offsetof(MetricProperties, type) + sizeof(int);
  void* reserved = nullptr;
  void* host = nullptr;
  const char* name = nullptr;
  const char* description = nullptr;  // out
  const char* unit = nullptr;         // out
  const char* dimension = nullptr;    // out
  int type = 0;                       // out
};
struct AddMetrics {
  size_t size = sizeof(AddMetrics);
  void* reserved = nullptr;
  void* host = nullptr;
  const char** names = nullptr;
  size_t count = 0;
};
struct Enable {
  size_t size = sizeof(Enable);
  void* reserved = nullptr;
  CUcontext context = nullptr;
  void* ranges = nullptr;  // out
};
struct CounterDataSize {
  size_t size = sizeof(CounterDataSize);
  void* reserved = nullptr;
  void* ranges = nullptr;
  const char** names = nullptr;
  size_t count = 0;
  size_t most_ranges = 0;
  uint32_t most_nodes = 0;
  size_t image_size = 0;  // out
};
struct SetConfig {
  size_t size = offsetof(SetConfig, target_level) + sizeof(uint16_t);
  void* reserved = nullptr;
  void* ranges = nullptr;
  size_t config_size = 0;
  const uint8_t* config = nullptr;
  size_t data_size = 0;
  uint8_t* data = nullptr;
  int range = 1;   // around each kernel
  int replay = 2;  // of each kernel, by CUPTI
  size_t most_ranges = 0;
  uint16_t levels = 1;
  uint16_t least_level = 1;
  size_t pass = 0;
  uint16_t target_level = 0;
};
struct Stop {
  size_t size = offsetof(Stop, all_passes) + sizeof(uint8_t);
  void* reserved = nullptr;
  void* ranges = nullptr;
  size_t pass = 0;          // out
  size_t target_level = 0;  // out
  uint8_t all_passes = 0;   // out
};
struct DataInfo {
  size_t size = sizeof(DataInfo);
  void* reserved = nullptr;
  const uint8_t* data = nullptr;
  size_t data_size = 0;
  size_t ranges = 0;  // out
};
struct Evaluate {
  size_t size = sizeof(Evaluate);
  void* reserved = nullptr;
  void* host = nullptr;
  const uint8_t* data = nullptr;
  size_t data_size = 0;
  size_t range = 0;
  const char** names = nullptr;
  size_t count = 0;
  double* values = nullptr;  // out
};

constexpr int kNotAllowed = 35;         // CUPTI_ERROR_INSUFFICIENT_PRIVILEGES
constexpr int kNotAllowedVirtual = 40;  // CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES

/// A counter, and the metrics of CUPTI that give it, of which the first that a GPU has is taken.
struct Metric {
  std::optional<double> KernelCounters::*member;
  std::array<const char*, 2> names;
  bool is_percent = true;
};
constexpr std::array kMetrics = {
    Metric{&KernelCounters::memory_bytes, {"dram__bytes.sum"}, false},
    Metric{&KernelCounters::cache_bytes, {"lts__t_bytes.sum"}, false},
    Metric{&KernelCounters::issue_share, {"smsp__issue_active.avg.pct_of_peak_sustained_elapsed"}},
    Metric{&KernelCounters::tensor_share,
           {"smsp__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed",
            "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed"}},
    Metric{&KernelCounters::warp_share, {"sm__warps_active.avg.pct_of_peak_sustained_elapsed"}},
};

/// One use of the range profiler; ends it when it goes.
class Counting {
 public:
  Counting(const Cupti& cupti, const Device& device) : cupti_(cupti), device_(device) {}
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
  ~Counting() {
    if (ranges_ != nullptr) {
      OfObject disable{.object = ranges_};
      (void)call("cuptiRangeProfilerDisable", disable);
    }
    if (host_ != nullptr) {
      OfObject end{.object = host_};
      (void)call("cuptiProfilerHostDeinitialize", end);
    }
  }

  Result<std::vector<KernelCounters>> count(size_t most_kernels,
                                            const std::function<Result<void>()>& work) {
    const CurrentContext current(device_);
    NoParameters initialize;
    TRY(call("cuptiProfilerInitialize", initialize));
    TRY(choose_metrics());
    TRY(configure(most_kernels));
    OfObject start{.object = ranges_};
    TRY(call("cuptiRangeProfilerStart", start));
    const Result<void> worked = work();
    Stop stop{.ranges = ranges_};
    const Result<void> stopped = call("cuptiRangeProfilerStop", stop);
    TRY(worked);
    TRY(stopped);
    NumberOf decode{.object = ranges_};
    TRY(call("cuptiRangeProfilerDecodeData", decode));
    return evaluate();
  }

 private:
  template <class Parameters>
  Result<void> call(const char* function, Parameters& parameters) const {
    auto* const entry = reinterpret_cast<int (*)(Parameters*)>(cupti_.symbol(function));
    if (entry == nullptr) {
      return fail_with_hint(ErrorCode::kEnvironment, fmt::format("this CUPTI has no {}", function),
                            "install the CUPTI of CUDA 12.6 or newer");
    }
    const int result = entry(&parameters);
    if (result == 0) return {};
    if (result == kNotAllowed || result == kNotAllowedVirtual) {
      return fail_with_hint(ErrorCode::kEnvironment,
                            "the driver lets only administrators read hardware counters",
                            "load the nvidia module with NVreg_RestrictProfilingToAdminUsers=0, or "
                            "run as root");
    }
    return fail(ErrorCode::kEnvironment, "{} of CUPTI fails (its error {})", function, result);
  }

  Result<void> choose_metrics() {
    ChipName chip{.device = static_cast<size_t>(device_.handle())};
    TRY(call("cuptiDeviceGetChipName", chip));
    Availability availability{.context = device_.context()};
    TRY(call("cuptiProfilerGetCounterAvailability", availability));
    std::vector<uint8_t> image(availability.image_size);
    availability.image = image.data();
    TRY(call("cuptiProfilerGetCounterAvailability", availability));
    HostInitialize initialize{.chip = chip.name, .availability = image.data()};
    TRY(call("cuptiProfilerHostInitialize", initialize));
    host_ = initialize.host;
    for (const Metric& metric : kMetrics) {
      for (const char* name : metric.names) {
        if (name == nullptr || !is_known(name)) continue;
        metrics_.push_back(&metric);
        names_.push_back(name);
        break;
      }
    }
    if (metrics_.empty()) return fail(ErrorCode::kEnvironment, "the GPU has none of the counters");
    AddMetrics add{.host = host_, .names = names_.data(), .count = names_.size()};
    return call("cuptiProfilerHostConfigAddMetrics", add);
  }

  bool is_known(const char* name) const {
    MetricProperties properties{.host = host_, .name = name};
    return call("cuptiProfilerHostGetMetricProperties", properties).has_value();
  }

  Result<void> configure(size_t most_kernels) {
    NumberOf config_size{.object = host_};
    TRY(call("cuptiProfilerHostGetConfigImageSize", config_size));
    config_.resize(config_size.number);
    ImageOf config{.object = host_, .image_size = config_.size(), .image = config_.data()};
    TRY(call("cuptiProfilerHostGetConfigImage", config));
    Enable enable{.context = device_.context()};
    TRY(call("cuptiRangeProfilerEnable", enable));
    ranges_ = enable.ranges;
    CounterDataSize data_size{.ranges = ranges_,
                              .names = names_.data(),
                              .count = names_.size(),
                              .most_ranges = most_kernels,
                              .most_nodes = static_cast<uint32_t>(most_kernels)};
    TRY(call("cuptiRangeProfilerGetCounterDataSize", data_size));
    data_.resize(data_size.image_size);
    ImageOf data{.object = ranges_, .image_size = data_.size(), .image = data_.data()};
    TRY(call("cuptiRangeProfilerCounterDataImageInitialize", data));
    SetConfig set{.ranges = ranges_,
                  .config_size = config_.size(),
                  .config = config_.data(),
                  .data_size = data_.size(),
                  .data = data_.data(),
                  .most_ranges = most_kernels};
    return call("cuptiRangeProfilerSetConfig", set);
  }

  Result<std::vector<KernelCounters>> evaluate() {
    DataInfo info{.data = data_.data(), .data_size = data_.size()};
    TRY(call("cuptiRangeProfilerGetCounterDataInfo", info));
    std::vector<KernelCounters> kernels(info.ranges);
    std::vector<double> values(names_.size());
    for (size_t i = 0; i < kernels.size(); ++i) {
      Evaluate one{.host = host_,
                   .data = data_.data(),
                   .data_size = data_.size(),
                   .range = i,
                   .names = names_.data(),
                   .count = names_.size(),
                   .values = values.data()};
      TRY(call("cuptiProfilerHostEvaluateToGpuValues", one));
      for (size_t m = 0; m < values.size(); ++m) {
        if (!std::isfinite(values[m])) continue;
        kernels[i].*(metrics_[m]->member) = metrics_[m]->is_percent ? values[m] / 100 : values[m];
      }
    }
    return kernels;
  }

  const Cupti& cupti_;
  const Device& device_;
  void* host_ = nullptr;
  void* ranges_ = nullptr;
  std::vector<const Metric*> metrics_;
  std::vector<const char*> names_;
  std::vector<uint8_t> config_;
  std::vector<uint8_t> data_;
};

}  // namespace

Result<std::vector<KernelCounters>> count_kernels(const Cupti& cupti, const Device& device,
                                                  size_t most_kernels,
                                                  const std::function<Result<void>()>& work) {
  if (device.target().compute_capability < kLeastCapability) {
    return fail(ErrorCode::kEnvironment, "CUPTI's range profiler does not know GPUs as old as {}",
                device.name());
  }
  return Counting(cupti, device).count(most_kernels, work);
}

}  // namespace nitro::cuda
