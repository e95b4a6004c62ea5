#include "report/trials.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace nitro::report {
namespace {

/// Of one modality.
std::optional<double> loss(const Json& modality) {
  if (modality.contains("drop")) return 100 * modality.at("drop").at("value").as_number();
  if (modality.contains("cosine")) return 100 * (1 - modality.at("cosine").at("value").as_number());
  return {};
}

}  // namespace

std::optional<double> worst_loss(const Json& trial) {
  std::optional<double> worst;
  for (const Json& modality : trial.at("modalities").items()) {
    const std::optional<double> each = loss(modality);
    if (each) worst = std::max(*each, worst.value_or(*each));
  }
  return worst;
}

std::string loss_words(const Json& trial) {
  const std::optional<double> worst = worst_loss(trial);
  if (!worst) return "";
  for (const Json& modality : trial.at("modalities").items())
    if (modality.contains("drop"))
      return fmt::format("{}{:.1f} points", *worst > 0 ? "−" : "+", std::abs(*worst));
  return fmt::format("cosine {:.4f}", 1 - *worst / 100);
}

const Json& trial_of(const Json& search, int64_t number) {
  static const Json kNone;
  for (const Json& trial : search.at("trials").items())
    if (trial.at("number").as_integer(-1) == number) return trial;
  return kNone;
}

}  // namespace nitro::report
