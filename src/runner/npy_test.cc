#include "runner/npy.h"

#include <gtest/gtest.h>

#include <random>

#include "base/file.h"

namespace nitro::runner {
namespace {

std::string file(std::string header, const std::string& data, char major = 1) {
  header += '\n';
  std::string content = "\x93NUMPY";
  content +=
      {major, '\0', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  if (major > 1) content += {'\0', '\0'};
  return content + header + data;
}

TEST(Npy, WritesAndReadsEveryDtype) {
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  for (int i = 0; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    for (const Shape& shape : {Shape{}, Shape{2, 3}, Shape{0, 4}, Shape{6}}) {
      Tensor tensor({dtype, shape});
      std::vector<double> values(static_cast<size_t>(tensor.elements()));
      for (size_t k = 0; k < values.size(); ++k) values[k] = static_cast<double>(k % 2);
      tensor.assign(std::span<const double>(values));
      const auto path = folder.path() / "x.npy";
      ASSERT_TRUE(write_npy(path, tensor).has_value());
      const auto back = read_npy(path);
      ASSERT_TRUE(back.has_value()) << back.error().text();
      EXPECT_TRUE(*back == tensor) << text(tensor.type());
    }
  }
}

TEST(Npy, ReadsForeignSpelling) {
  const std::string data{1, 2, 3, 4, 5, 6};
  const auto fortran =
      parse_npy(file(R"({"shape" :(2L ,3),"fortran_order":True ,  'descr': "|u1"})", data, 3));
  ASSERT_TRUE(fortran.has_value()) << fortran.error().text();
  EXPECT_EQ(fortran->as<int64_t>(), (std::vector<int64_t>{1, 3, 5, 2, 4, 6}));
}

TEST(Npy, RefusesMalformedFiles) {
  const std::string good = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }";
  ASSERT_TRUE(parse_npy(file(good, "ab")).has_value());
  const auto expect_bad = [](const std::string& content) {
    const auto tensor = parse_npy(content);
    ASSERT_FALSE(tensor.has_value()) << content;
    EXPECT_EQ(exit_code(tensor.error().code), 3) << tensor.error().text();
  };
  expect_bad("");
  expect_bad("\x93NUMPY");
  expect_bad(file(good, "a"));
  expect_bad(file(good, "abc"));
  expect_bad(file(good, "ab", 4));
  for (size_t cut = 0; cut < file(good, "ab").size(); ++cut) {
    expect_bad(file(good, "ab").substr(0, cut));
  }
  for (const char* header :
       {"{}", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,-1)}",
        "{'descr': '|u1', 'fortran_order': 1, 'shape': (2,)}",
        "{'descr': '|u1', 'descr': '|u1', 'shape': (2,)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (9223372036854775807, 9)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'more': 1}"}) {
    expect_bad(file(header, "ab"));
  }
  expect_bad(file("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", "\x01\x02"));
}

TEST(Npy, RandomDamageIsRefusedOrRead) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string good =
      file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", std::string(16, 'x'));
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = good;
    for (unsigned k = random() % 4 + 1; k-- > 0;) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    const auto tensor = parse_npy(damaged);
    if (tensor) {
      EXPECT_EQ(tensor->bytes().size(), 16U);
    }
  }
}

}  // namespace
}  // namespace nitro::runner
