#include "ir/parse.h"

#include "base/text.h"
#include "ir/parse_constant.h"
#include "ir/parse_op.h"
#include "ir/verify.h"

namespace nitro {
namespace {

class Parser {
 public:
  Result<Graph> parse(std::string_view text);

 private:
  Result<void> parse_line(Scanner& scanner);
  Result<void> parse_header(Scanner& scanner);
  Result<void> parse_origin(Scanner& scanner);
  Result<void> parse_outputs(Scanner& scanner);
  Result<void> parse_definition(Scanner& scanner);
  Result<void> parse_node(Scanner& scanner, std::vector<std::string> names);
  Result<std::vector<std::string>> parse_defined(Scanner& scanner);
  Result<ValueId> parse_reference(Scanner& scanner);
  Result<std::vector<ValueId>> parse_operands(Scanner& scanner);
  Result<std::vector<TensorType>> parse_types(Scanner& scanner);
  Result<std::vector<OriginId>> parse_origins(Scanner& scanner);
  Result<void> check_types(Scanner& scanner, const std::vector<ValueId>& values,
                           const std::vector<TensorType>& stated) const;

  Graph graph_;
  bool begun_ = false;
  bool complete_ = false;
};

Result<Graph> Parser::parse(std::string_view text) {
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    Scanner scanner(text.substr(0, end), ++number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (scanner.at_end() || scanner.next_is('#')) continue;
    TRY(parse_line(scanner));
    TRY(scanner.expect_end());
  }
  if (!complete_) {
    return fail(ErrorCode::kBadFile, "line {}: expected {}, found the end of the text", number + 1,
                begun_ ? "the 'outputs' line" : "'graph' and its name");
  }
  return std::move(graph_);
}

Result<void> Parser::parse_line(Scanner& scanner) {
  if (complete_) return scanner.expected("the end of the text");
  if (!begun_) return parse_header(scanner);
  if (scanner.next_is('%') || scanner.next_is('=')) return parse_definition(scanner);
  if (scanner.accept("origin ")) return parse_origin(scanner);
  if (scanner.accept("outputs")) return parse_outputs(scanner);
  return scanner.expected("'origin', 'outputs' or a value such as '%0'");
}

Result<void> Parser::parse_header(Scanner& scanner) {
  TRY(scanner.expect("graph"));
  graph_.name = TRY(scanner.string());
  begun_ = true;
  return {};
}

Result<void> Parser::parse_origin(Scanner& scanner) {
  const size_t wanted = graph_.origins().size();
  if (TRY(scanner.index()) != wanted) return scanner.bad(fmt::format("expected origin {}", wanted));
  std::string node = TRY(scanner.string());
  std::string module = TRY(scanner.string());
  if (graph_.add_origin({std::move(node), std::move(module)}) != wanted) {
    return scanner.bad("this origin is a repetition");
  }
  return {};
}

Result<void> Parser::parse_outputs(Scanner& scanner) {
  std::vector<ValueId> outputs;
  while (!scanner.at_end()) {
    if (!outputs.empty()) TRY(scanner.expect(","));
    outputs.push_back(TRY(parse_reference(scanner)));
  }
  graph_.set_outputs(std::move(outputs));
  complete_ = true;
  return {};
}

Result<std::vector<std::string>> Parser::parse_defined(Scanner& scanner) {
  std::vector<std::string> names;
  while (!scanner.accept("=")) {
    if (!names.empty()) TRY(scanner.expect(","));
    const size_t wanted = graph_.values().size() + names.size();
    TRY(scanner.expect("%"));
    if (TRY(scanner.index()) != wanted) return scanner.bad(fmt::format("expected %{}", wanted));
    names.push_back(scanner.next_is('"') ? TRY(scanner.string()) : std::string());
  }
  return names;
}

Result<void> Parser::parse_definition(Scanner& scanner) {
  std::vector<std::string> names = TRY(parse_defined(scanner));
  const bool input = scanner.accept("input ");
  if (!input && !scanner.accept("constant ")) return parse_node(scanner, std::move(names));
  if (names.size() != 1) return scanner.bad("an input or a constant is one value");
  TensorType type = TRY(scanner.type());
  if (input) {
    graph_.add_input(std::move(names[0]), std::move(type));
  } else {
    graph_.add_constant(TRY(parse_constant(scanner, std::move(type))), std::move(names[0]));
  }
  return {};
}

Result<void> Parser::parse_node(Scanner& scanner, std::vector<std::string> names) {
  const size_t count = names.size();
  Op op = TRY(parse_op(scanner));
  std::vector<ValueId> operands = TRY(parse_operands(scanner));
  const std::vector<TensorType> types = TRY(parse_types(scanner));
  std::vector<OriginId> origins = TRY(parse_origins(scanner));
  auto outputs =
      graph_.add_node(std::move(op), std::move(operands), std::move(origins), std::move(names));
  if (!outputs) return scanner.bad(outputs.error().text());
  if (outputs->size() != count) {
    return scanner.bad(
        fmt::format("the op has {} outputs, the text names {}", outputs->size(), count));
  }
  return check_types(scanner, *outputs, types);
}

Result<ValueId> Parser::parse_reference(Scanner& scanner) {
  TRY(scanner.expect("%"));
  const ValueId id = TRY(scanner.index());
  if (id >= graph_.values().size()) return scanner.bad(fmt::format("%{} is not defined yet", id));
  return id;
}

Result<std::vector<ValueId>> Parser::parse_operands(Scanner& scanner) {
  std::vector<ValueId> operands;
  TRY(scanner.expect("("));
  while (!scanner.accept(")")) {
    if (!operands.empty()) TRY(scanner.expect(","));
    operands.push_back(scanner.accept("_") ? kNoValue : TRY(parse_reference(scanner)));
  }
  return operands;
}

Result<std::vector<TensorType>> Parser::parse_types(Scanner& scanner) {
  std::vector<TensorType> types;
  if (!scanner.accept(":")) return types;
  do {
    types.push_back(TRY(scanner.type()));
  } while (scanner.accept(","));
  return types;
}

Result<std::vector<OriginId>> Parser::parse_origins(Scanner& scanner) {
  std::vector<OriginId> origins;
  if (!scanner.accept("from ")) return origins;
  do {
    origins.push_back(TRY(scanner.index()));
    if (origins.back() >= graph_.origins().size()) {
      return scanner.bad(fmt::format("origin {} is not defined", origins.back()));
    }
  } while (scanner.accept(","));
  return origins;
}

Result<void> Parser::check_types(Scanner& scanner, const std::vector<ValueId>& values,
                                 const std::vector<TensorType>& stated) const {
  if (stated.size() != values.size()) {
    return scanner.bad(
        fmt::format("expected {} output types, found {}", values.size(), stated.size()));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const TensorType& inferred = graph_.type(values[i]);
    if (inferred != stated[i]) {
      return scanner.bad(
          fmt::format("%{} is {}, the text says {}", values[i], text(inferred), text(stated[i])));
    }
  }
  return {};
}

}  // namespace

Result<Graph> parse_graph(std::string_view text) {
  Graph graph = TRY(Parser().parse(text));
  const auto verified = verify(graph);
  if (!verified) return fail(ErrorCode::kBadFile, "{}", verified.error().text());
  return graph;
}

}  // namespace nitro
