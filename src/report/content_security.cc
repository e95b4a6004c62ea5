#include "report/content_security.h"

#include "base/sha256.h"

namespace nitro::report {

std::string base64(std::span<const uint8_t> bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0U);
    for (size_t k = 0; k < 4; ++k) text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string content_security_policy(std::string_view script) {
  return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
         base64(sha256(script)) + "'; img-src data:; base-uri 'none'; form-action 'none'";
}

}  // namespace nitro::report
