#include "profile/module_tree.h"

#include <gtest/gtest.h>

namespace nitro::profile {
namespace {

Layer layer(std::string module, double time_ns) {
  Layer made;
  made.module = std::move(module);
  made.time_ns = time_ns;
  made.flops = 10 * time_ns;
  made.bytes = 2 * time_ns;
  return made;
}

TEST(ModuleTree, SumsUpwardsWithParentsFirst) {
  const std::vector<Module> modules =
      module_tree({layer("net.block.0.attn", 5), layer("net.head", 1), layer("net.block.0", 2)});
  ASSERT_FALSE(modules.empty());
  EXPECT_EQ(modules[0].path, "");
  EXPECT_EQ(modules[0].parent, -1);
  EXPECT_EQ(modules[0].time_ns, 8);
  std::vector<std::string> paths;
  for (size_t i = 0; i < modules.size(); ++i) {
    paths.push_back(modules[i].path);
    EXPECT_LT(modules[i].parent, static_cast<int64_t>(i));
    EXPECT_EQ(modules[i].flops, 10 * modules[i].time_ns);
    EXPECT_EQ(modules[i].bytes, 2 * modules[i].time_ns);
  }
  EXPECT_EQ(paths, (std::vector<std::string>{"", "net", "net.block", "net.block.0",
                                             "net.block.0.attn", "net.head"}));
  EXPECT_EQ(modules[1].time_ns, 8);
  EXPECT_EQ(modules[3].time_ns, 7);
  EXPECT_EQ(modules[3].parent, 2);
  EXPECT_EQ(modules[5].parent, 1);
}

TEST(ModuleTree, IsARootWithoutLayersOrPaths) {
  EXPECT_EQ(module_tree({}).size(), 1U);
  const std::vector<Module> modules = module_tree({layer("", 3), layer("", 4)});
  ASSERT_EQ(modules.size(), 1U);
  EXPECT_EQ(modules[0].time_ns, 7);
}

TEST(ModuleTree, EmptyPartsOfAPathAreKept) {
  const std::vector<Module> modules = module_tree({layer("a..b", 1), layer(".c", 1)});
  EXPECT_EQ(modules.front().time_ns, 2);
  for (size_t i = 1; i < modules.size(); ++i) EXPECT_GE(modules[i].parent, 0);
}

}  // namespace
}  // namespace nitro::profile
