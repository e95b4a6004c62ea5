#include "predict/what_if.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nitro::predict {
namespace {

/// A frame that can be changed and predicted again.
struct Scenario {
  const Prediction& now;
  PredictOptions options;
  std::vector<Layer> layers = {};
  double frames = 1;           // that the layers compute at once
  bool host_waits = true;      // whether the device waits for the host
  bool overlaps = false;       // whether kernels that need different things run at once
  double product_speedup = 1;  // of the arithmetic and traffic of products

  double ns() const {
    std::vector<LayerTime> times =
        layer_times(layers, options.device, options.runtime.rates, options.precision);
    for (size_t i = 0; i < layers.size(); ++i) {
      LayerTime& time = times[i];
      if (layers[i].family <= Family::kProduct)
        time.total_ns = (time.total_ns - time.fixed_ns) / product_speedup + time.fixed_ns;
      if (!host_waits) time.enqueue_ns = 0;
    }
    return overlaps ? overlapped_ns(times) : frame_ns(times);
  }

  /// As long as what is needed most of: arithmetic, memory, or the host.
  static double overlapped_ns(const std::vector<LayerTime>& times) {
    LayerTime sum;
    for (const LayerTime& time : times) {
      sum.arithmetic_ns += time.arithmetic_ns;
      sum.memory_ns += time.memory_ns;
      sum.enqueue_ns += time.enqueue_ns;
    }
    return std::max({sum.arithmetic_ns, sum.memory_ns, sum.enqueue_ns});
  }
};

using Apply = Result<void> (*)(Scenario& scenario, std::string_view value);

Result<double> positive(std::string_view value) {
  double number = 0;
  if (!parse_number(value, number) || !(number >= 1e-3 && number < 1e9))
    return fail(ErrorCode::kUsage, "'{}' is no number from 0.001 to 1e9", display(value, 40));
  return number;
}

Result<void> fp16(Scenario& scenario, std::string_view) {
  scenario.options.precision = Precision::kFp16;
  return {};
}

Result<void> fp32(Scenario& scenario, std::string_view) {
  scenario.options.precision = Precision::kFp32;
  return {};
}

Result<void> int8(Scenario& scenario, std::string_view) {
  const Device& device = scenario.options.device;
  if (!device.has_int8) {
    return fail(
        ErrorCode::kUsage,
        "int8 brings nothing on {}: its GPU ({}) has no multiply-add of 8-bit integers that "
        "is faster than FP16",
        device.title, device.arch);
  }
  scenario.options.precision = Precision::kFp16;  // of what is no product
  scenario.product_speedup = 2;
  return {};
}

Result<void> fuse(Scenario& scenario, std::string_view) {
  std::erase_if(scenario.layers,
                [](const Layer& layer) { return layer.family > Family::kProduct; });
  return {};
}

Result<void> graph(Scenario& scenario, std::string_view) {
  scenario.host_waits = false;
  return {};
}

Result<void> clock(Scenario& scenario, std::string_view value) {
  scenario.options.device.gpu_mhz = TRY(positive(value));
  return {};
}

Result<void> memory(Scenario& scenario, std::string_view value) {
  scenario.options.device.bytes_per_s = TRY(positive(value)) * 1e9;
  return {};
}

Result<void> overlap(Scenario& scenario, std::string_view) {
  scenario.overlaps = true;
  return {};
}

void batch_of(Scenario& scenario, int64_t frames) {
  scenario.frames = static_cast<double>(frames);
  for (Layer& layer : scenario.layers) {
    (layer.family == Family::kProduct ? layer.product.batch : layer.product.rows) *= frames;
    layer.flops *= scenario.frames;
    layer.elements_read *= scenario.frames;
    layer.elements_written *= scenario.frames;
  }
}

Result<void> batch(Scenario& scenario, std::string_view value) {
  int64_t frames = 0;
  if (!parse_integer(value, frames) || frames < 1 || frames > 1024)
    return fail(ErrorCode::kUsage, "a batch is a number from 1 to 1024, not '{}'",
                display(value, 40));
  batch_of(scenario, frames);
  return {};
}

Result<void> batch_modalities(Scenario& scenario, std::string_view) {
  batch_of(scenario, 2);
  return {};
}

Result<void> without(Scenario& scenario, std::string_view module) {
  if (module.empty()) return fail(ErrorCode::kUsage, "without= needs the name of a module");
  const size_t removed = std::erase_if(scenario.layers, [&](const Layer& layer) {
    return is_inside(module_of(scenario.now, layer), module);
  });
  if (removed == 0)
    return fail(ErrorCode::kUsage, "no layer is in the module '{}'", display(module, 80));
  return {};
}

struct Row {
  std::string_view name;
  std::string_view form;
  std::string_view meaning;
  Apply apply;
};

constexpr std::array kRows = {
    Row{"batch", "batch=N", "N frames at once, against one after the other", batch},
    Row{"batch-modalities", "batch-modalities", "two modalities at once, against one by one",
        batch_modalities},
    Row{"clock", "clock=MHZ", "the GPU at another clock", clock},
    Row{"fp16", "fp16", "half precision", fp16},
    Row{"fp32", "fp32", "single precision", fp32},
    Row{"fuse", "fuse", "all that is no product inside of products, for nothing", fuse},
    Row{"graph", "graph", "the device never waits for the host, as in a CUDA graph", graph},
    Row{"int8", "int8", "products of 8-bit integers at twice the rate and half the bytes", int8},
    Row{"memory", "memory=GB/s", "another bandwidth of memory", memory},
    Row{"overlap", "overlap", "arithmetic and memory traffic at the same time", overlap},
    Row{"without", "without=MODULE", "the module is not there", without},
};

}  // namespace

std::vector<std::string_view> change_forms() {
  std::vector<std::string_view> forms;
  for (const Row& row : kRows) forms.push_back(row.form);
  return forms;
}

Result<WhatIf> what_if(const Prediction& now, const PredictOptions& options,
                       const std::string& change) {
  const size_t equals = std::min(change.find('='), change.size());
  const auto row = std::ranges::find(kRows, std::string_view(change).substr(0, equals), &Row::name);
  if (row == kRows.end() || (equals < change.size()) != row->form.contains('=')) {
    return fail_with_hint(ErrorCode::kUsage,
                          fmt::format("there is no change '{}'", display(change, 60)),
                          fmt::format("changes: {}", fmt::join(change_forms(), ", ")));
  }
  Scenario scenario{now, options};
  for (const PredictedLayer& layer : now.layers) scenario.layers.push_back(layer.layer);
  TRY(row->apply(scenario, std::string_view(change).substr(std::min(equals + 1, change.size()))));
  return WhatIf{change, row->meaning, now.total_ns * scenario.frames, scenario.ns()};
}

}  // namespace nitro::predict
