#include "eval/data_set.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/file.h"

namespace nitro::eval {
namespace {

namespace fs = std::filesystem;

class DataSetTest : public testing::Test {
 protected:
  void put(const std::string& name, std::string_view content = "") {
    fs::create_directories((root() / name).parent_path());
    std::ofstream(root() / name, std::ios::binary) << content;
  }
  const fs::path& root() const { return scratch_.path(); }
  Result<DataSet> open(const std::vector<std::string>& modalities = {}) {
    return open_data_set(root(), modalities);
  }
  Result<DataSet> manifest(std::string_view text, const std::vector<std::string>& modalities = {}) {
    put("list.csv", text);
    return open_data_set(root() / "list.csv", modalities);
  }

 private:
  ScratchFolder scratch_ = ScratchFolder::create("nitro-data-set-test").value();
};

TEST_F(DataSetTest, AlignsModalitiesByName) {
  for (const char* name : {"rgb/b/1.jpg", "rgb/a/2.JPEG", "rgb/a/1.png", "depth/a/1.png",
                           "depth/a/2.npy", "depth/b/1.png", "rgb/a/.hidden.png", "rgb/README"}) {
    put(name);
  }
  const DataSet data = open().value();
  EXPECT_EQ(data.modalities, (std::vector<std::string>{"depth", "rgb"}));
  EXPECT_EQ(data.classes, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(data.samples.size(), 3U);
  EXPECT_EQ(data.samples[1].id, "a/2");
  EXPECT_EQ(data.samples[1].files[0], root() / "depth/a/2.npy");
  EXPECT_EQ(data.samples[1].files[1], root() / "rgb/a/2.JPEG");
  EXPECT_EQ(data.samples[2].label, 1U);
  EXPECT_TRUE(data.notes.empty());
}

TEST_F(DataSetTest, LeavesOutWhatIsNotThereInEveryModality) {
  for (const char* name : {"rgb/a/1.jpg", "rgb/a/2.jpg", "rgb/a/3.jpg", "depth/a/1.png",
                           "depth/a/9.png", "rgb/a/notes.txt"}) {
    put(name);
  }
  const DataSet data = open({"rgb", "depth"}).value();
  ASSERT_EQ(data.samples.size(), 1U);
  ASSERT_EQ(data.notes.size(), 3U);
  EXPECT_TRUE(data.notes[0].starts_with("1 scene(s) without an image of rgb")) << data.notes[0];
  EXPECT_TRUE(data.notes[1].starts_with("2 scene(s) without an image of depth")) << data.notes[1];
  EXPECT_EQ(open({"rgb"})->samples.size(), 3U);
}

TEST_F(DataSetTest, RefusesAmbiguousAndEmptyFolders) {
  EXPECT_EQ(open().error().code, ErrorCode::kBadFile);
  put("rgb/a/1.jpg");
  put("depth/a/2.png");
  EXPECT_EQ(open().error().code, ErrorCode::kBadFile);
  EXPECT_EQ(open({"ir"}).error().code, ErrorCode::kUsage);
  put("rgb/a/1.png");
  EXPECT_NE(open({"rgb"}).error().message.find("are the same scene"), std::string::npos);
  EXPECT_FALSE(open_data_set(root() / "missing", {}));
}

TEST_F(DataSetTest, HostileNamesStayNames) {
  const std::string hostile = "a\x1b[31m<script>%s{}\xff";
  put("rgb/" + hostile + "/" + hostile + ".png");
  const DataSet data = open().value();
  EXPECT_EQ(data.classes[0], hostile);
  EXPECT_NE(data.samples[0].id.find("\xef\xbf\xbd"), std::string::npos);
  // Two names of bytes that are no UTF-8 would be one.
  put("rgb/" + hostile + "/a\xfe.png");
  put("rgb/" + hostile + "/a\xff.png");
  const auto both = open();
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().message.find('\x1b'), std::string::npos);
}

TEST_F(DataSetTest, ReadsAManifest) {
  const DataSet data =
      manifest("class,rgb,depth\nb,x/1.jpg,y/1.png\na,\"x/2,b.jpg\",y/2.png\na,3.jpg,\n").value();
  EXPECT_EQ(data.modalities, (std::vector<std::string>{"rgb", "depth"}));
  ASSERT_EQ(data.samples.size(), 2U);
  EXPECT_EQ(data.samples[0].id, "x/1.jpg");
  EXPECT_EQ(data.samples[0].label, 1U);
  EXPECT_EQ(data.samples[1].files[0], root() / "x/2,b.jpg");
  EXPECT_EQ(data.notes.size(), 1U);
  EXPECT_EQ(manifest("id,class,depth,rgb\n7,a,d.png,r.png\n", {"rgb"})->samples[0].id, "7");
}

TEST_F(DataSetTest, RefusesBadManifests) {
  for (const char* text :
       {"", "rgb,depth\na,b\n", "class\na\n", "class,rgb\n", "class,rgb\na\n", "class,rgb\na,b,c\n",
        "class,rgb,rgb\na,b,c\n", "class,,rgb\na,b,c\n", "class,rgb\n,x.png\n",
        "class,rgb\n\"a,b\n", "class,rgb\na,x.png\na,x.png\n", "class,rgb\na,\n"}) {
    const auto data = manifest(text);
    ASSERT_FALSE(data) << text;
    EXPECT_EQ(data.error().code, ErrorCode::kBadFile) << text;
  }
  EXPECT_EQ(manifest("class,rgb\na,x.png\n", {"class"}).error().code, ErrorCode::kUsage);
  EXPECT_EQ(manifest("class,rgb\na,x.png\n", {"ir"}).error().code, ErrorCode::kUsage);
}

DataSet uneven() {
  DataSet data{{"rgb"}, {"a", "b", "c"}, {}};
  for (size_t i = 0; i < 60; ++i)
    data.samples.push_back({std::to_string(i), i < 40U ? 0U : i < 58U ? 1U : 2U});
  return data;
}

TEST(ChooseSamples, IsEvenOverTheClassesAndRepeatable) {
  const DataSet data = uneven();
  const auto chosen = choose_samples(data, 14, 5);
  std::vector<size_t> counts(3);
  for (size_t i : chosen) ++counts[data.samples[i].label];
  EXPECT_EQ(counts, (std::vector<size_t>{6, 6, 2}));
  EXPECT_EQ(chosen, choose_samples(data, 14, 5));
  EXPECT_NE(chosen, choose_samples(data, 14, 6));
}

TEST(ChooseSamples, TakesEachOnceWithTheClassesMixed) {
  const DataSet data = uneven();
  for (const size_t limit : {0U, 60U, 1000U}) {
    const auto chosen = choose_samples(data, limit, 1);
    EXPECT_EQ(std::set(chosen.begin(), chosen.end()).size(), 60U);
    std::set<size_t> first;
    for (size_t i = 0; i < 3; ++i) first.insert(data.samples[chosen[i]].label);
    EXPECT_EQ(first.size(), 3U);
  }
}

}  // namespace
}  // namespace nitro::eval
