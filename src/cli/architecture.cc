#include "cli/architecture.h"

#include "base/text.h"

namespace nitro::cli {

Result<cuda::Target> parse_architecture(std::string_view text) {
  int64_t number = 0;
  const std::string_view digits = text.starts_with("sm_") ? text.substr(3) : text;
  if (!parse_integer(digits, number) || number < 53 || number > 999) {
    return fail_with_hint(ErrorCode::kUsage,
                          fmt::format("'{}' is no architecture", display(text, 40)),
                          "sm_53 is a Jetson Nano, sm_87 a Jetson Orin, sm_90 an H100");
  }
  return cuda::target_of(static_cast<int>(number));
}

}  // namespace nitro::cli
