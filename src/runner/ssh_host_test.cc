#include "runner/ssh_host.h"

#include <gtest/gtest.h>

namespace nitro::runner {
namespace {

TEST(SshAddress, ReadsUserHostAndPort) {
  const auto whole = parse_ssh_address("ssh://nano@board.local:2222");
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(whole->user, "nano");
  EXPECT_EQ(whole->host, "board.local");
  EXPECT_EQ(whole->port, 2222);
  EXPECT_EQ(whole->text(), "ssh://nano@board.local:2222");
  const auto bare = parse_ssh_address("ssh://192.168.55.1");
  ASSERT_TRUE(bare.has_value());
  EXPECT_EQ(bare->user, "");
  EXPECT_EQ(bare->port, 0);
  EXPECT_EQ(bare->text(), "ssh://192.168.55.1");
  const auto six = parse_ssh_address("ssh://[fe80::1%usb0]:22");
  ASSERT_TRUE(six.has_value());
  EXPECT_EQ(six->host, "fe80::1%usb0");
  EXPECT_EQ(six->text(), "ssh://[fe80::1%usb0]:22");
}

TEST(SshAddress, RefusesWhatCouldBeAnythingElse) {
  for (const char* text :
       {"", "ssh://", "ssh://@host", "ssh://-oProxyCommand=x", "ssh://user@-x", "ssh://-u@host",
        "ssh://a b", "ssh://$(x)", "ssh://host;x", "ssh://host:0", "ssh://host:65536",
        "ssh://host:x", "ssh://::1", "ssh://[::1", "http://host", "host", "ssh://ho/st"}) {
    const auto address = parse_ssh_address(text);
    ASSERT_FALSE(address.has_value()) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kUsage) << text;
  }
}

TEST(SshHost, NeverAsksAndChecksTheKey) {
  const SshHost host = *SshHost::create(*parse_ssh_address("ssh://nano@board:2222"));
  const std::vector<std::string> words = host.command("uname").arguments;
  EXPECT_EQ(words.front(), "ssh");
  EXPECT_EQ(words.back(), "uname");
  EXPECT_EQ(words[words.size() - 2], "board");
  EXPECT_EQ(words[words.size() - 3], "--");
  for (const char* option : {"BatchMode=yes", "StrictHostKeyChecking=yes"})
    EXPECT_NE(std::ranges::find(words, option), words.end()) << option;
}

TEST(SshHost, TellsWhatTheUserCanDo) {
  const SshHost host = *SshHost::create(*parse_ssh_address("ssh://nano@board:2222"));
  const auto hint = [&](std::string_view words) { return host.unreachable(words).error().hint; };
  EXPECT_NE(hint("Host key verification failed.\r\n").find("ssh -p 2222 nano@board"),
            std::string::npos);
  EXPECT_NE(
      hint("nano@board: Permission denied (publickey).").find("ssh-copy-id -p 2222 nano@board"),
      std::string::npos);
  EXPECT_NE(hint("WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.")
                .find("ssh-keygen -R '[board]:2222'"),
            std::string::npos);
  EXPECT_NE(host.unreachable("").error().message.find("the connection ended"), std::string::npos);
  EXPECT_TRUE(SshHost::is_lost("exit code 255"));
  EXPECT_FALSE(SshHost::is_lost("exit code 1"));
}

}  // namespace
}  // namespace nitro::runner
