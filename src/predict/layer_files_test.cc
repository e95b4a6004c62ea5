#include "predict/layer_files.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "predict/csv_file.h"

namespace nitro::predict {
namespace {

class LayerFiles : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) const {
    ASSERT_TRUE(write_file_atomic(folder_->path() / name, text).has_value());
  }
  std::string error_of_nets() const {
    const auto nets = read_nets(folder_->path());
    return nets ? "" : nets.error().text();
  }
  Result<ScratchFolder> folder_ = ScratchFolder::create("nitro-layers");
};

Layer layer(int64_t rows) {
  Layer made{.family = Family::kPointwise, .product = {.rows = rows, .columns = 8, .inner = 4}};
  made.flops = static_cast<double>(64 * rows);
  made.weights_read = 32;
  return made;
}

TEST_F(LayerFiles, WhatIsWrittenReadsBack) {
  LayerTable table;
  table.add_net("a", {layer(1), layer(2), layer(1)});
  table.add_net("b", {layer(2)});
  write("layers.csv", table.layers_csv());
  write("nets.csv", table.nets_csv());
  EXPECT_EQ(table.id_of(layer(2)), 1U);
  const auto nets = read_nets(folder_->path());
  ASSERT_TRUE(nets.has_value()) << nets.error().text();
  ASSERT_EQ(nets->at("a").size(), 3U);
  EXPECT_EQ(nets->at("a")[1].product.rows, 2);
  EXPECT_EQ(nets->at("a")[2].flops, 64);
  EXPECT_EQ(nets->at("b")[0].family, Family::kPointwise);
}

TEST_F(LayerFiles, BadFiles) {
  EXPECT_NE(error_of_nets(), "");  // missing
  const std::string head =
      "kind,batch,rows,columns,inner,taps,winograd,flops,read,written,weights\n";
  write("layers.csv", head + "pointwise,1,1,8,4,1,0,64,0,0,32\n");
  write("nets.csv", "net,layers\na,0 1\n");
  EXPECT_NE(error_of_nets().find("no layer '1'"), std::string::npos);
  write("nets.csv", "net,layers\na,0 -1\n");
  EXPECT_NE(error_of_nets().find("no layer '-1'"), std::string::npos);
  write("nets.csv", "net,layers\na\n");
  EXPECT_NE(error_of_nets().find("line 2: 1 cells for 2 columns"), std::string::npos);
  write("layers.csv", head + "pointwise,1,x,8,4,1,0,64,0,0,32\n");
  EXPECT_NE(error_of_nets().find("'x' in column 'rows' is no integer"), std::string::npos);
  write("layers.csv", head + "folding,1,1,8,4,1,0,64,0,0,32\n");
  EXPECT_NE(error_of_nets().find("no kind 'folding'"), std::string::npos);
  write("layers.csv", "kind,batch\npointwise,1\n");
  EXPECT_NE(error_of_nets().find("no column 'rows'"), std::string::npos);
}

TEST_F(LayerFiles, CellsAreFoundByName) {
  write("x.csv", "a,b\n1,two\n\n3.5,four\n");
  const auto rows = read_csv(folder_->path() / "x.csv");
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[1].text("b").value(), "four");
  EXPECT_EQ((*rows)[1].number("a").value(), 3.5);
  EXPECT_FALSE((*rows)[1].integer("a").has_value());
  EXPECT_NE((*rows)[1].number("b").error().text().find("line 4"), std::string::npos);
}

}  // namespace
}  // namespace nitro::predict
