#include "eval/stored_result.h"

#include <gtest/gtest.h>

#include "eval/against_reference.h"

namespace nitro::eval {
namespace {

const std::string kStored =
    R"({"schema_version":1,"kind":"eval","classes":["a","b"],"scenes":["a/1","b/2","b/3"],)"
    R"("labels":[0,1,1],"modalities":[{"modality":"rgb","decided":[0,0,-1],"rank":[0,1,-1]}]})";

StoredResult stored() { return parse_stored_result(Json::parse(kStored).value()).value(); }

TEST(StoredResult, GivesItsDecisions) {
  const StoredResult result = stored();
  EXPECT_EQ(result.labels, (std::vector<size_t>{0, 1, 1}));
  EXPECT_EQ(result.modalities.at("rgb").decided, (std::vector<int64_t>{0, 0, -1}));
  EXPECT_EQ(result.modalities.at("rgb").within(1), 1);
}

TEST(StoredResult, RefusesWhatIsImpossible) {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"\"schema_version\":1", "\"schema_version\":2"},
      {"\"eval\"", "\"profile\""},
      {R"("classes":["a","b"])", R"("classes":[])"},
      {R"("classes":["a","b"])", R"("classes":["a",2])"},
      {R"("b/2")", R"("a/1")"},
      {R"("labels":[0,1,1])", R"("labels":[0,1])"},
      {R"("labels":[0,1,1])", R"("labels":[0,1,2])"},
      {R"("labels":[0,1,1])", R"("labels":[0,1,-1])"},
      {R"("decided":[0,0,-1])", R"("decided":[0,0,-2])"},
      {R"("decided":[0,0,-1])", R"("decided":[0,0,"1"])"},
      {R"("rank":[0,1,-1])", R"("rank":[0,1,99999999999])"},
      {R"("rank":[0,1,-1])", R"("rank":null)"}};
  for (const auto& [from, to] : changes) {
    std::string text = kStored;
    text.replace(text.find(from), from.size(), to);
    const auto result = parse_stored_result(Json::parse(text).value());
    ASSERT_FALSE(result) << to;
    EXPECT_EQ(result.error().code, ErrorCode::kBadFile) << to;
  }
  EXPECT_FALSE(parse_stored_result(Json()));
}

TEST(SharedScenes, PairsById) {
  const Task task{{"a", "b"}, {}, {1, 1, 0}};
  const SharedScenes shared = shared_scenes({"b/3", "b/9", "a/1"}, task, stored()).value();
  EXPECT_EQ(shared.here, (std::vector<size_t>{0, 2}));
  EXPECT_EQ(shared.there, (std::vector<size_t>{2, 0}));
}

TEST(SharedScenes, RefusesWhatDoesNotCompare) {
  const auto code = [](const std::vector<std::string>& ids, const Task& task) {
    return shared_scenes(ids, task, stored()).error().code;
  };
  EXPECT_EQ(code({"a/1"}, {{"b", "a"}, {}, {1}}), ErrorCode::kUsage);
  EXPECT_EQ(code({"a/1"}, {{"a", "b"}, {}, {1}}), ErrorCode::kBadFile);
  EXPECT_EQ(code({"a/7"}, {{"a", "b"}, {}, {0}}), ErrorCode::kBadFile);
}

TEST(AgainstReference, CountsPairs) {
  const Decisions ours{{0, 1, -1, 1}, {0, 0, -1, 1}};
  const Decisions theirs{{0, 0, -1, 0}, {0, 1, -1, 0}};
  const AgainstReference against = compare_decisions("rgb", ours, theirs, {});
  EXPECT_DOUBLE_EQ(*against.agreement, 0.25);  // none for the third
  EXPECT_DOUBLE_EQ(*against.reference_top1, 0.5);
  EXPECT_EQ(against.comparison->counts.only_new, 1);
  EXPECT_EQ(against.comparison->counts.only_old, 1);
  EXPECT_FALSE(compare_decisions("rgb", {}, {}, {}).comparison);
}

TEST(AgainstReference, CorrectsForTheNumberOfModalities) {
  std::vector<AgainstReference> modalities;
  for (const char* name : {"rgb", "depth", "ir"}) {
    AgainstReference against{name};
    against.comparison = measure::compare_accuracy({200, 10, 24}, {});
    modalities.push_back(against);
  }
  const double alone = modalities[0].comparison->p_value;
  EXPECT_LT(alone, 0.05);
  judge_all(modalities, {});
  EXPECT_DOUBLE_EQ(modalities[0].comparison->p_value, 3 * alone);
  EXPECT_EQ(modalities[0].comparison->verdict, measure::AccuracyVerdict::kUnclear);
}

}  // namespace
}  // namespace nitro::eval
