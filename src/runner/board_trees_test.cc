#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "runner/board_gaps.h"
#include "runner/board_notes.h"
#include "runner/board_record.h"
#include "runner/test_board.h"

namespace nitro::runner {
namespace {

std::vector<std::filesystem::path> all_trees() {
  std::vector<std::filesystem::path> trees;
  for (const auto& entry :
       std::filesystem::directory_iterator(NITRO_SOURCE_DIR "/src/runner/boards")) {
    if (entry.path().extension() == ".txt") trees.push_back(entry.path());
  }
  std::ranges::sort(trees);
  return trees;
}

class BoardTrees : public testing::TestWithParam<std::filesystem::path> {
 protected:
  /// The record of the tree's files and, for its gaps, of tegrastats.
  Json record() const {
    const ScratchFolder folder = ScratchFolder::create("nitro-board").value();
    write_tree(tree_, folder.path());
    Json board = board_record(folder.path());
    EXPECT_TRUE(has_gaps(board));
    fill_gaps(board, tree_.tegrastats);
    return board;
  }
  const BoardTree tree_ = read_tree(GetParam());
};

/// Equal, numbers up to rounding.
bool same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return std::abs(a.as_number() - b.as_number()) < 1e-6;
  if (!a.is_object()) return a == b;
  return a.size() == b.size() && std::ranges::all_of(a.members(), [&](const auto& member) {
           return same(member.second, b.at(member.first));
         });
}

TEST_P(BoardTrees, TheRecordIsComplete) {
  const Json board = record();
  std::set<std::string> seen = {"notes"};
  for (const auto& [name, value] : board.members()) {
    ASSERT_TRUE(tree_.expected.contains(name)) << name << " = " << value.dump();
    EXPECT_TRUE(same(value, tree_.expected.at(name))) << name << " = " << value.dump();
    seen.insert(name);
  }
  for (const auto& [name, value] : tree_.expected) EXPECT_TRUE(seen.contains(name)) << name;
}

TEST_P(BoardTrees, NotesSayWhatToSet) {
  Json codes = Json::array();
  for (const measure::QualityNote& note : board_notes(record()))
    codes.push_back(measure::row(note.code).code);
  EXPECT_EQ(codes, tree_.expected.at("notes")) << codes.dump();
}

TEST_P(BoardTrees, TegrastatsAloneGivesWhatItTells) {
  Json board = Json::object({{"l4t", record().at("l4t")}});
  fill_gaps(board, tree_.tegrastats);
  EXPECT_TRUE(board.at("temperatures_c").size() > 3) << board.dump();
  EXPECT_EQ(board.at("total_rail"), tree_.expected.at("total_rail"));
  EXPECT_EQ(board.at("largest_free_blocks"), tree_.expected.at("largest_free_blocks"));
  // Whole megahertz there.
  EXPECT_NEAR(board.at("gpu_mhz").at("now").as_number(),
              tree_.expected.at("gpu_mhz").at("now").as_number(), 1);
}

INSTANTIATE_TEST_SUITE_P(Boards, BoardTrees, testing::ValuesIn(all_trees()), [](const auto& board) {
  std::string name = board.param.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace nitro::runner
