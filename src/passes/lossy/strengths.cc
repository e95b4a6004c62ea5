#include "passes/lossy/strengths.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace nitro::passes {

bool is_in_module(std::string_view name, std::string_view prefix) {
  return prefix.empty() ||
         (name.starts_with(prefix) && (name.size() == prefix.size() || name[prefix.size()] == '.'));
}

Result<Shares> Shares::parse(std::string_view parameter, std::string_view text) {
  Shares shares;
  shares.parameter_ = parameter;
  for (std::string_view piece : split(text, ',')) {
    const size_t equals = piece.rfind('=');
    const bool named = equals != std::string_view::npos;
    Share share{std::string(named ? piece.substr(0, equals) : ""), 0};
    if (!parse_number(named ? piece.substr(equals + 1) : piece, share.value) ||
        !(share.value > 0 && share.value <= 1) || (named && share.module.empty())) {
      return fail_with_hint(
          ErrorCode::kBadRecipe,
          fmt::format("{}={} is no share above 0 and up to 1", parameter, display(text)),
          fmt::format("write {0}=0.75, or {0}=layers.0=0.5,layers.2=0.75", parameter));
    }
    shares.shares_.push_back(std::move(share));
  }
  return shares;
}

double Shares::of(std::string_view name) const {
  const Share* best = nullptr;
  for (const Share& share : shares_) {
    if (is_in_module(name, share.module) && (!best || share.module.size() >= best->module.size()))
      best = &share;
  }
  return best ? best->value : 1;
}

Result<void> Shares::check(const std::vector<std::string>& names) const {
  for (const Share& share : shares_) {
    if (std::ranges::none_of(
            names, [&](const std::string& name) { return is_in_module(name, share.module); })) {
      if (share.module.empty()) continue;
      const std::string near = closest(share.module, names);
      return fail_with_hint(ErrorCode::kBadRecipe,
                            fmt::format("{}: '{}' holds nothing that could be smaller", parameter_,
                                        display(share.module)),
                            near.empty() ? "nitro inspect --depth 9 shows the modules"
                                         : fmt::format("did you mean '{}'?", near));
    }
  }
  return {};
}

Result<double> number(const Parameters& parameters, const std::string& parameter, double standard,
                      double low) {
  const auto found = parameters.find(parameter);
  if (found == parameters.end()) return standard;
  double value = 0;
  if (!parse_number(found->second, value) || !std::isfinite(value) || value < low) {
    return fail(ErrorCode::kBadRecipe, "{}={} is no number of at least {}", parameter,
                display(found->second), low);
  }
  return value;
}

std::string text(const Parameters& parameters, const std::string& parameter, std::string standard) {
  const auto found = parameters.find(parameter);
  return found == parameters.end() ? standard : found->second;
}

Result<Calibration> calibration(const Parameters& parameters) {
  const auto found = parameters.find("calibration");
  if (found == parameters.end()) {
    return fail_with_hint(ErrorCode::kBadRecipe, "calibration=FILE is missing",
                          "nitro calibrate --moments -o FILE makes one");
  }
  return read_calibration(found->second);
}

size_t rounded(double share, size_t width, size_t tile) {
  const double tiles = share * static_cast<double>(width) / static_cast<double>(tile);
  return std::min(width, std::max<size_t>(1, static_cast<size_t>(std::lround(tiles))) * tile);
}

}  // namespace nitro::passes
