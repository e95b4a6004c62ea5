#include "report/content_security.h"

#include <gtest/gtest.h>

namespace nitro::report {
namespace {

TEST(ContentSecurity, PolicyNamesTheHashOfTheScript) {
  const std::string policy = content_security_policy("abc");
  EXPECT_TRUE(policy.starts_with("default-src 'none'"));
  EXPECT_NE(policy.find("script-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='"),
            std::string::npos)
      << policy;
}

}  // namespace
}  // namespace nitro::report
