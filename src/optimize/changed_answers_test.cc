#include "optimize/changed_answers.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "runner/npy.h"

namespace nitro::optimize {
namespace {

/// All labels are 0, so that 0 is right.
eval::Metrics deciding(std::vector<int64_t> decided) {
  eval::Metrics metrics;
  metrics.decisions = eval::Decisions{decided, {}};
  for (int64_t choice : decided) metrics.decisions->rank.push_back(choice == 0 ? 0 : 1);
  return metrics;
}

std::vector<std::pair<size_t, size_t>> places(const std::vector<ChangedAnswer>& answers) {
  std::vector<std::pair<size_t, size_t>> result;
  for (const ChangedAnswer& answer : answers) result.emplace_back(answer.modality, answer.scene);
  return result;
}

using Places = std::vector<std::pair<size_t, size_t>>;

TEST(ChangedAnswers, NewlyWrongComeFirst) {
  const auto answers =
      changed_answers({deciding({1, 1, 0, 0, 2})}, {deciding({2, 0, 1, 0, 2})}, 12);
  EXPECT_EQ(places(answers), (Places{{0, 2}, {0, 1}, {0, 0}}));
}

TEST(ChangedAnswers, ModalitiesTakeTurns) {
  const std::vector<eval::Metrics> before = {deciding({0, 0, 0}), deciding({0, 0, 0})};
  const std::vector<eval::Metrics> after = {deciding({1, 1, 1}), deciding({0, 1, 0})};
  EXPECT_EQ(places(changed_answers(before, after, 3)), (Places{{0, 0}, {1, 1}, {0, 1}}));
}

TEST(ChangedAnswers, NothingIsDecidedWithoutClasses) {
  EXPECT_TRUE(changed_answers({{}}, {{}}, 12).empty());
}

TEST(ChangedAnswers, OnlyPicturesHaveThumbnails) {
  const ScratchFolder scratch = ScratchFolder::create("nitro-thumbnail-test").value();
  const auto file = scratch.path() / "x.npy";
  ASSERT_TRUE(runner::write_npy(file, Tensor({DType::kU8, {200, 300}})));
  EXPECT_TRUE(thumbnail_json(file).as_string().starts_with("data:image/png;base64,iVBOR"));
  ASSERT_TRUE(runner::write_npy(file, Tensor({DType::kF32, {3, 2, 2}})));
  EXPECT_FALSE(thumbnail_json(file).is_string());
  EXPECT_FALSE(thumbnail_json(scratch.path() / "gone.png").is_string());
}

}  // namespace
}  // namespace nitro::optimize
