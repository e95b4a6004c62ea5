#include "base/sha256.h"

#include <gtest/gtest.h>

namespace nitro {
namespace {

// From the examples of FIPS 180-4 and NIST's test vectors.
TEST(Sha256, KnownDigests) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1000000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 37);
  for (size_t length : {55UL, 56UL, 63UL, 64UL, 65UL, 119UL, 120UL, 128UL, 300UL}) {
    const std::string_view whole = std::string_view(text).substr(0, length);
    for (size_t piece = 1; piece <= length; piece += 7) {
      Sha256 hash;
      for (size_t i = 0; i < length; i += piece) hash.add(whole.substr(i, piece));
      EXPECT_EQ(hash.finish(), sha256(whole)) << length << " bytes in pieces of " << piece;
    }
  }
}

}  // namespace
}  // namespace nitro
