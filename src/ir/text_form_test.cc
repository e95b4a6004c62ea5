#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "ir/equal.h"
#include "ir/parse.h"
#include "ir/parse_op.h"
#include "ir/print.h"
#include "ir/print_op.h"
#include "ir/random_graph.h"

namespace nitro {
namespace {

constexpr std::string_view kExample = R"(graph "example \"1\""
origin 0 "Split_0" "blocks.0"
origin 1 "" "\xc3\xa9\\"
%0 "x" = input f32[1,4]
%1 "w" = constant f32[2] {1, -inf}
%2 "a", %3 = Split{axis=1, sizes=[1, 3]}(%0) : f32[1,1], f32[1,3] from 0, 1
%4 = Clip{low=-0.1, high=inf}(%2) : f32[1,1]
= Opaque{domain="", op_type="Sink", encoded="\x00\xff", types=[]}(%4, _)
%5, %6 = Opaque{domain="d", op_type="Make", encoded="", types=[i64[2,0], bool[]]}() : i64[2,0], bool[]
outputs %4, %0
)";

std::string replaced(std::string_view what, std::string_view with) {
  std::string text(kExample);
  text.replace(text.find(what), what.size(), with);
  return text;
}

void expect_round_trip(const Graph& graph) {
  const std::string text = print(graph);
  const auto parsed = parse_graph(text);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text() << "\n" << text;
  EXPECT_TRUE(equal(graph, *parsed)) << text;
  EXPECT_EQ(print(*parsed), text);
}

Graph with_constant(Tensor tensor) {
  Graph graph;
  graph.set_outputs({graph.add_constant(std::move(tensor))});
  return graph;
}

TEST(TextForm, ReadsAndPrintsTheExample) {
  const auto graph = parse_graph(kExample);
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  EXPECT_EQ(print(*graph), kExample);
  EXPECT_EQ(graph->name, "example \"1\"");
  EXPECT_EQ(graph->nodes().size(), 4U);
  EXPECT_EQ(graph->origins()[1].module, "\xc3\xa9\\");
  EXPECT_EQ(graph->node(0).origins, (std::vector<OriginId>{0, 1}));
  EXPECT_EQ(std::get<Opaque>(graph->node(2).op).encoded, std::string("\0\xff", 2));
}

TEST(TextForm, EmptyGraph) {
  EXPECT_EQ(print(Graph()), "graph \"\"\noutputs\n");
  expect_round_trip(Graph());
}

TEST(TextForm, SkipsBlankLinesCommentsAndCarriageReturns) {
  const auto graph = parse_graph(
      "# made by hand\r\n\r\ngraph \"g\"\r\n\t%0=input f32 [ 2 ]\n"
      "%1 = Unary{}(%0):f32[2]\noutputs%1");
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  EXPECT_EQ(std::get<Unary>(graph->node(0).op).kind, UnaryKind::kAbs);
}

TEST(TextForm, FieldsLeftOutKeepTheirDefaults) {
  Scanner scanner("Gemm{beta=0}", 1);
  const Op op = parse_op(scanner).value();
  EXPECT_EQ(op, Op(Gemm{.beta = 0}));
}

TEST(TextForm, SmallConstantsAreListedWhereDecimalsAreExact) {
  const auto shown = [](Tensor tensor) {
    const std::string text = print(with_constant(std::move(tensor)));
    const size_t begin = text.find("constant ") + 9;
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(shown(Tensor::of<double>(DType::kF32, {4}, {0.1, -0.0, inf, -inf})),
            "f32[4] {0.1, -0, inf, -inf}");
  EXPECT_EQ(shown(Tensor::scalar(DType::kF64, std::nan(""))), "f64[] {nan}");
  EXPECT_EQ(shown(Tensor::scalar(DType::kF16, 0.1)), "f16[] {0.099975586}");
  EXPECT_EQ(shown(Tensor::scalar(DType::kBF16, 3)), "bf16[] {3}");
  EXPECT_EQ(shown(Tensor::scalar(DType::kBool, 1)), "bool[] {1}");
  EXPECT_EQ(shown(Tensor::of<int64_t>(DType::kI8, {2}, {-128, 127})), "i8[2] {-128, 127}");
  EXPECT_EQ(shown(Tensor::vector({INT64_MIN, INT64_MAX})),
            "i64[2] {-9223372036854775808, 9223372036854775807}");
  EXPECT_EQ(shown(Tensor({DType::kF32, {3, 0}})), "f32[3,0] {}");
  EXPECT_EQ(shown(Tensor::adopt({DType::kF32, {}}, std::string("\x01\0\xc0\xff", 4)).value()),
            "f32[] 0x0100c0ff");
  EXPECT_EQ(shown(Tensor({DType::kU8, {65}})), "u8[65] 0x" + std::string(130, '0'));
  EXPECT_EQ(shown(Tensor({DType::kU8, {64}})).substr(0, 10), "u8[64] {0,");
}

TEST(TextForm, ConstantsOfEveryTypeRoundTrip) {
  for (int dtype = 0; dtype < kDTypeCount; ++dtype) {
    for (int64_t count : {0, 1, 7, 64, 65, 300}) {
      Random random(static_cast<uint64_t>(dtype * 1000 + count));
      Tensor tensor({static_cast<DType>(dtype), {count}});
      const int64_t bound = tensor.dtype() == DType::kBool ? 2 : 256;
      for (std::byte& byte : tensor.mutable_bytes()) byte = std::byte(random.below(bound));
      SCOPED_TRACE(text(tensor.type()));
      expect_round_trip(with_constant(tensor));
    }
  }
}

TEST(TextForm, ElidedConstantsAreShownAndRefused) {
  const std::string text =
      print(with_constant(Tensor({DType::kF32, {3}})), {.elide_above_bytes = 11});
  EXPECT_NE(text.find("constant f32[3] ...\n"), std::string::npos) << text;
  const auto parsed = parse_graph(text);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().message,
            "line 2, column 25: the elements of this constant were left out");
}

void randomize(Random& random, int64_t& value) { value = static_cast<int64_t>(random.next()); }
void randomize(Random& random, double& value) { value = std::bit_cast<double>(random.next()); }
void randomize(Random& random, bool& value) { value = random.below(2) == 1; }
void randomize(Random& random, DType& value) {
  value = static_cast<DType>(random.below(kDTypeCount));
}
void randomize(Random& random, std::string& value) {
  value.resize(static_cast<size_t>(random.below(20)));
  for (char& c : value) c = static_cast<char>(random.below(256));
}
void randomize(Random& random, TensorType& value) {
  randomize(random, value.dtype);
  value.shape.resize(static_cast<size_t>(random.below(5)));
  for (int64_t& dim : value.shape) dim = random.below(100);
}
template <class Enum>
  requires std::is_enum_v<Enum>
void randomize(Random& random, Enum& value) {
  value = static_cast<Enum>(random.below(std::ssize(enum_names(value))));
}
template <class T>
void randomize(Random& random, std::vector<T>& values) {
  values.resize(static_cast<size_t>(random.below(4)));
  for (T& value : values) randomize(random, value);
}

template <size_t... kIndex>
std::vector<Op> all_ops(std::index_sequence<kIndex...>) {
  return {Op(std::in_place_index<kIndex>)...};
}

TEST(TextForm, EveryOpRoundTripsWithAnyAttributes) {
  for (Op op : all_ops(std::make_index_sequence<std::variant_size_v<AnyOp>>())) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
      Random random(seed);
      std::visit(
          [&]<class OpT>(OpT& known) {
            std::apply(
                [&](const auto&... fields) { (randomize(random, known.*(fields.member)), ...); },
                OpT::fields());
          },
          op);
      const std::string text = print_op(op);
      Scanner scanner(text, 1);
      const auto parsed = parse_op(scanner);
      ASSERT_TRUE(parsed.has_value()) << parsed.error().text() << "\n" << text;
      EXPECT_TRUE(scanner.at_end());
      EXPECT_TRUE(equal(op, *parsed)) << "seed " << seed << ": " << text;
    }
  }
}

TEST(TextForm, RandomGraphsRoundTrip) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    expect_round_trip(random_graph(random, 1 + random.below(40)));
  }
}

TEST(TextForm, ErrorsNameLineColumnAndWhatWasExpected) {
  const auto message = [](std::string_view text) {
    const auto parsed = parse_graph(text);
    EXPECT_FALSE(parsed.has_value()) << text;
    if (parsed) return std::string("no error");
    EXPECT_EQ(parsed.error().code, ErrorCode::kBadFile);
    return parsed.error().message;
  };
  EXPECT_EQ(message(""), "line 1: expected 'graph' and its name, found the end of the text");
  EXPECT_EQ(message("graph \"g\"\n"),
            "line 2: expected the 'outputs' line, found the end of the text");
  EXPECT_EQ(message("graph g"), "line 1, column 7: expected a quoted string, found 'g'");
  EXPECT_EQ(message(replaced("%1 \"w\"", "%7 \"w\"")), "line 5, column 3: expected %1");
  EXPECT_EQ(message(replaced("(%0)", "(%4)")), "line 6, column 44: %4 is not defined yet");
  EXPECT_EQ(message(replaced("axis=1", "axle=1")), "line 6, column 25: Split has no field 'axle'");
  EXPECT_EQ(message(replaced("axis=1", "axis=1, axis=1")),
            "line 6, column 32: field 'axis' is given twice");
  EXPECT_EQ(message(replaced("Split{", "Spilt{")), "line 6, column 19: there is no op 'Spilt'");
  EXPECT_EQ(message(replaced("high=inf", "high=1e999")),
            "line 7, column 26: expected a number, found '1e999}(%2) : f32[1,1]'");
  EXPECT_EQ(message(replaced("f32[1,3] from", "f32[1,2] from")),
            "line 6, column 76: %3 is f32[1,3], the text says f32[1,2]");
  EXPECT_EQ(message(replaced("from 0, 1", "from 0, 2")),
            "line 6, column 76: origin 2 is not defined");
  EXPECT_EQ(message(replaced("{1, -inf}", "{1}")),
            "line 5, column 29: f32[2] has 2 elements, the list has 1");
  EXPECT_EQ(message(replaced("\\xff", "\\xfg")),
            "line 8, column 51: expected an escape: \\\", \\\\ or \\x and two hex digits, found "
            "'xfg\", types=[]}(%4, _)'");
}

TEST(TextForm, RefusesMalformedText) {
  const std::pair<std::string_view, std::string_view> kChanges[] = {
      {"f32[1,4]", "f33[1,4]"},
      {"f32[1,4]", "f32[1,-4]"},
      {"f32[1,4]", "f32[1,99999999999999999999]"},
      {"f32[1,4]", "f32[4294967296,4294967296]"},
      {"f32[1,4]", "f32[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4]"},
      {"f32[1,4]", "f32[1,4"},
      {"f32[1,4]", "f32[1,4] trailing"},
      {"f32[2] {1, -inf}", "f32[4611686018427387904] {1, -inf}"},
      {"f32[2] {1, -inf}", "f32[100000000000] 0x00"},
      {"f32[2] {1, -inf}", "f32[2] 0x000000000000000"},
      {"f32[2] {1, -inf}", "f32[2] {1 -inf}"},
      {"f32[2] {1, -inf}", "i8[1] {128}"},
      {"f32[2] {1, -inf}", "i64[1] {1.5}"},
      {"f32[2] {1, -inf}", "bool[1] {2}"},
      {"origin 1", "origin 0"},
      {"origin 1 \"\" \"\\xc3\\xa9\\\\\"", "origin 1 \"Split_0\" \"blocks.0\""},
      {"%2 \"a\", %3", "%2 \"a\""},
      {"%2 \"a\"", "%2 \"a"},
      {"%2 \"a\"", "%2 \"\\xff\""},
      {"%0 \"x\" = input", "%0 \"x\", %1 = input"},
      {"sizes=[1, 3]", "sizes=[1, 4]"},
      {"outputs %4, %0", "outputs %4, %9"},
      {"outputs %4, %0", "outputs %4, _"},
      {"outputs %4, %0", "outputs %4\noutputs %4"},
      {"outputs %4, %0", "outputs %4\n%7 = input f32[]"},
      {"%5, %6 = ", "%5, , %6 = "},
      {"%5, %6 = ", "%5, %4294967295 = "},
  };
  for (const auto& [what, with] : kChanges) {
    const auto parsed = parse_graph(replaced(what, with));
    ASSERT_FALSE(parsed.has_value()) << with;
    EXPECT_EQ(parsed.error().code, ErrorCode::kBadFile) << with;
  }
}

TEST(TextForm, DamagedTextIsRefusedOrReadsAsAGraph) {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    std::string text = print(random_graph(random, 6));
    for (int64_t i = 1 + random.below(3); i > 0; --i) {
      const auto position = static_cast<size_t>(random.below(std::ssize(text)));
      if (random.below(3) == 0) text.erase(position, 1 + static_cast<size_t>(random.below(5)));
      if (text.empty()) break;
      text[position % text.size()] = "%=_{}[](),:\"\\\n 019-.ex"[random.below(22)];
    }
    const auto parsed = parse_graph(text);
    SCOPED_TRACE(seed);
    if (parsed) {
      expect_round_trip(*parsed);
    } else {
      EXPECT_EQ(parsed.error().code, ErrorCode::kBadFile) << parsed.error().text();
    }
  }
}

TEST(Equal, SeesEveryDifference) {
  Random random(1);
  const Graph graph = random_graph(random, 10);
  const auto changed = [&](auto&& change) {
    Graph copy = graph;
    change(copy);
    return !equal(graph, copy);
  };
  EXPECT_TRUE(equal(graph, Graph(graph)));
  EXPECT_TRUE(changed([](Graph& g) { g.name = "other"; }));
  EXPECT_TRUE(changed([](Graph& g) { g.set_value_name(0, "other"); }));
  EXPECT_TRUE(changed([](Graph& g) { g.set_outputs({}); }));
  EXPECT_TRUE(changed([](Graph& g) { g.add_origin({"other", ""}); }));
  EXPECT_TRUE(changed([](Graph& g) { g.add_input("other", {}); }));
  EXPECT_TRUE(changed([](Graph& g) { g.add_constant(Tensor::scalar(DType::kF32, 1)); }));
  EXPECT_TRUE(changed([](Graph& g) { EXPECT_TRUE(g.add_node(Unary{}, {0}).has_value()); }));
}

TEST(Equal, TakesNaNsAsOneAndTellsZerosApart) {
  const double nan = std::nan("");
  EXPECT_TRUE(equal(Op(Clip{nan, 0}), Op(Clip{-nan, 0})));
  EXPECT_FALSE(equal(Op(Clip{0, 0}), Op(Clip{-0.0, 0})));
  EXPECT_FALSE(equal(Op(Clip{}), Op(Unary{})));
}

}  // namespace
}  // namespace nitro
