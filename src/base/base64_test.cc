#include "base/base64.h"

#include <gtest/gtest.h>

namespace nitro {
namespace {

std::string of(std::string_view text) { return base64(std::as_bytes(std::span(text))); }

TEST(Base64, Rfc4648) {
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("f"), "Zg==");
  EXPECT_EQ(of("fo"), "Zm8=");
  EXPECT_EQ(of("foo"), "Zm9v");
  EXPECT_EQ(of("\xfb\xff"), "+/8=");
}

TEST(Base64, ThereAndBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ(from_base64(of(bytes)).value(), bytes);
    bytes += static_cast<char>(i);
  }
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* text : {"Z", "Zm9", "Zm9v\n", "Zm=v", "Z===", "====", "Zm 9", "Zm9-"})
    EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace nitro
