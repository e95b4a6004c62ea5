#include "measure/quality_note.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace nitro::measure {
namespace {

TEST(QualityNote, EachRowIsCompleteAndUnique) {
  std::set<std::string_view> codes;
  for (int i = 0; i <= std::to_underlying(QualityCode::kInterrupted); ++i) {
    const auto code = static_cast<QualityCode>(i);
    const QualityRow& text = row(code);
    EXPECT_TRUE(codes.insert(text.code).second) << text.code;
    EXPECT_EQ(quality_code(text.code), code);
    EXPECT_TRUE(text.message.ends_with('.')) << text.code;
    EXPECT_FALSE(text.remedy.empty()) << text.code;
  }
}

TEST(QualityNote, JsonCarriesTheSentenceAndReadsBack) {
  const QualityNote note{QualityCode::kClockUnlocked, "governor powersave"};
  const Json json = to_json(note);
  EXPECT_EQ(json.at("code").as_string(), "clock_unlocked");
  EXPECT_EQ(json.at("severity").as_string(), "warning");
  EXPECT_FALSE(json.at("message").as_string().empty());
  EXPECT_FALSE(json.at("remedy").as_string().empty());
  EXPECT_EQ(quality_note_from_json(json).value(), note);
}

TEST(QualityNote, RefusesAnUnknownCode) {
  for (const Json& json : {Json(), Json("x"), Json::object({{"code", "no\x1b such"}})}) {
    const auto note = quality_note_from_json(json);
    ASSERT_FALSE(note.has_value());
    EXPECT_EQ(note.error().code, ErrorCode::kBadFile);
    EXPECT_EQ(note.error().message.find('\x1b'), std::string::npos);
  }
}

TEST(QualityNote, MergeKeepsOneOfEachCode) {
  std::vector<QualityNote> notes = {{QualityCode::kBimodal, "a"}};
  merge(notes, {{QualityCode::kBimodal, "b"}, {QualityCode::kThrottled, "c"}});
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].detail, "a");
}

}  // namespace
}  // namespace nitro::measure
