#include "report/content_security.h"

#include "base/base64.h"
#include "base/sha256.h"

namespace nitro::report {

std::string content_security_policy(std::string_view script) {
  const Sha256Digest digest = sha256(script);
  return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
         base64(std::as_bytes(std::span(digest))) +
         "'; img-src data:; base-uri 'none'; form-action 'none'";
}

}  // namespace nitro::report
