#include "cli/table.h"
#include "cli/verbs.h"
#include "predict/device.h"

namespace nitro::cli {
namespace {

class Devices final : public Verb {
 public:
  void declare(Arguments&) override {}

  Result<int> run(Console& console) override {
    Table table({{"NAME"},
                 {"DEVICE", Align::kLeft, true},
                 {"GPU"},
                 {"FP32 GFLOP/s", Align::kRight},
                 {"FP16 GFLOP/s", Align::kRight},
                 {"GB/s", Align::kRight},
                 {"MEMORY GB", Align::kRight}});
    Json list = Json::array();
    const std::vector<predict::Device> devices =
        TRY(predict::devices(predict::user_device_folder()));
    for (const predict::Device& device : devices) {
      const double fp32 = device.flops(predict::Precision::kFp32);
      const double fp16 = device.flops(predict::Precision::kFp16);
      table.add({device.name, device.title, device.arch, fmt::format("{:.1f}", fp32 / 1e9),
                 fmt::format("{:.1f}", fp16 / 1e9), fmt::format("{:.1f}", device.bytes_per_s / 1e9),
                 fmt::format("{:.1f}", static_cast<double>(device.memory_bytes) / 1e9)});
      list.push_back(Json::object({{"name", device.name},
                                   {"title", device.title},
                                   {"arch", device.arch},
                                   {"fp32_flops", fp32},
                                   {"fp16_flops", fp16},
                                   {"bytes_per_s", device.bytes_per_s},
                                   {"memory_bytes", device.memory_bytes},
                                   {"source", device.source}}));
    }
    console.text(table.text());
    console.document(Json::object({{"devices", std::move(list)}}));
    return 0;
  }
};

}  // namespace

std::unique_ptr<Verb> make_devices() { return std::make_unique<Devices>(); }

}  // namespace nitro::cli
