#include "search/fleet.h"

#include <gtest/gtest.h>

namespace nitro::search {
namespace {

constexpr const char* kHello = R"({"id": 1, "ok": true, "ray": "2"})";
constexpr const char* kOpened = R"({"id": 2, "ok": true, "devices": 3})";
constexpr const char* kSubmitted = R"({"id": 3, "ok": true, "devices": 2})";

/// A fleet that answers each line with the next of `replies`, and then ends.
Result<Fleet> replying(const std::vector<std::string>& replies, FleetOptions options = {}) {
  std::string script;
  for (const std::string& reply : replies) script += "read line; echo '" + reply + "'; ";
  Fleet fleet =
      TRY(Fleet::start(runner::Command{{"sh", "-c", script + "echo last words >&2"}}, "local"));
  TRY(fleet.open(std::move(options)));
  return fleet;
}

/// The next of a fleet that was given trial 4.
Result<std::optional<Trial>> next_of(const std::string& reply, FleetOptions options = {}) {
  Fleet fleet = TRY(replying({kHello, kOpened, kSubmitted, reply}, std::move(options)));
  const Limits limits;
  TRY(fleet.begin(4, {}, {limits}));
  return fleet.next();
}

TEST(Fleet, TellsHowManyDevicesThereAre) {
  auto fleet = replying({kHello, kOpened, kSubmitted});
  ASSERT_TRUE(fleet.has_value()) << fleet.error().text();
  EXPECT_EQ(fleet->count(), 3U);
  const Limits limits;
  ASSERT_TRUE(fleet->begin(0, {}, {limits}).has_value());
  EXPECT_EQ(fleet->count(), 2U);
}

TEST(Fleet, GivesWhatADeviceMeasured) {
  std::string noted;
  const auto next = next_of(
      R"({"id": 4, "ok": true, "devices": 2, "notes": ["a is ready"], "trial": {"number": 4,)"
      R"( "device": {"name": "a", "original_ns": 5e6}, "error": "",)"
      R"( "trial": {"latency_ns": {"value": 2, "low": 1, "high": 3}, "model_sha256": "m"}}})",
      {.note = [&](const std::string& note) { noted = note; }});
  ASSERT_TRUE(next.has_value()) << next.error().text();
  ASSERT_TRUE(next->has_value());
  EXPECT_EQ((*next)->number, 4);
  EXPECT_EQ((*next)->recipe, optimize::to_toml({}));
  EXPECT_EQ((*next)->latency->value, 2);
  EXPECT_EQ((*next)->device->name, "a");
  EXPECT_EQ((*next)->device->original_ns, 5e6);
  EXPECT_EQ(noted, "a is ready");
}

TEST(Fleet, ATrialThatEveryDeviceLostHasFailed) {
  const auto next = next_of(
      R"({"id": 4, "ok": true, "devices": 2, "notes": [], "trial": {"number": 4, "device": null,)"
      R"( "error": "given up", "trial": null}})");
  ASSERT_TRUE(next.has_value() && next->has_value());
  EXPECT_EQ((*next)->error, "given up");
  EXPECT_FALSE((*next)->device.has_value());
}

TEST(Fleet, NothingMayBeOverYet) {
  const auto next = next_of(R"({"id": 4, "ok": true, "devices": 2, "notes": [], "trial": null})");
  ASSERT_TRUE(next.has_value()) << next.error().text();
  EXPECT_FALSE(next->has_value());
}

class BadAnswer : public ::testing::TestWithParam<std::string> {};

TEST_P(BadAnswer, IsAnError) {
  const auto next = next_of(GetParam());
  EXPECT_FALSE(next.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    All, BadAnswer,
    ::testing::Values(
        "", "{", "[]", R"({"id": 4, "ok": false})", R"({"id": 4, "ok": true, "trial": 1})",
        R"({"id": 4, "ok": true, "trial": {}})", R"({"id": 4, "ok": true, "trial": {"number": 5}})",
        R"({"id": 4, "ok": true, "trial": {"number": 4}})",
        R"({"id": 4, "ok": true, "trial": {"number": 4, "trial": {"latency_ns": {"value": 1}}}})"));

}  // namespace
}  // namespace nitro::search
