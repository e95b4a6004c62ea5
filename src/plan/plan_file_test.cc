#include "plan/plan_file.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "base/sha256.h"
#include "passes/testing.h"
#include "passes/testing_swin.h"
#include "plan/lower.h"
#include "plan/plan_json.h"
#include "plan/prepare.h"
#include "plan/verify_plan.h"

namespace nitro::plan {
namespace {

using passes::TestGraph;

Plan lowered(const Graph& graph) { return lower(prepare(graph).value()).value(); }

Plan swin_plan() { return lowered(passes::TestSwin().build()); }

/// A product and a loop.
Plan small_plan() {
  TestGraph g;
  const ValueId y = g.linear(g.layer_norm(g.input({3, 16})), 8);
  return lowered(g.finish({g.node(Softmax{1, false}, {y})}));
}

PlanFile with_kernels(Plan plan) {
  PlanFile file{std::move(plan)};
  EmbeddedKernels kernels{90, {}};
  for (size_t i = 0; i < file.plan.steps.size(); ++i) {
    const auto number = static_cast<int64_t>(i);
    kernels.steps.push_back(
        {"step", "variant", {number + 1, 2, 1}, 64, number, 1, i % 2 ? "odd" : "even"});
  }
  file.kernels = std::move(kernels);
  return file;
}

std::string bytes_of(const PlanFile& file) {
  std::string bytes;
  const EncodedPlan encoded = encode_plan(file).value();
  for (std::string_view piece : encoded.pieces()) bytes += piece;
  return bytes;
}

std::string number(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> 8 * i & 0xFF));
  return bytes;
}

/// A file of this JSON with a checksum that holds: docs/plan-format.md in code, for constants of at
/// most 1 MiB.
std::string signed_file(const std::string& json, const std::string& constants) {
  std::string head = "NITROPLN" + number(4) + number(json.size()) + number(constants.size()) + json;
  head.resize((head.size() + 255) / 256 * 256, '\0');
  Sha256 hash;
  hash.add(head);
  const Sha256Digest chunk = sha256(constants);
  if (!constants.empty()) hash.add(std::as_bytes(std::span(chunk)));
  const Sha256Digest digest = hash.finish();
  return head + constants + std::string(reinterpret_cast<const char*>(digest.data()), 32);
}

void expect_same(const PlanFile& wanted, const PlanFile& got) {
  EXPECT_EQ(to_json(wanted).dump(), to_json(got).dump());
  EXPECT_EQ(wanted.kernels, got.kernels);
  ASSERT_EQ(wanted.plan.buffers.size(), got.plan.buffers.size());
  for (size_t i = 0; i < wanted.plan.buffers.size(); ++i) {
    EXPECT_EQ(wanted.plan.buffers[i].type, got.plan.buffers[i].type);
    EXPECT_EQ(wanted.plan.buffers[i].constant, got.plan.buffers[i].constant);
  }
  ASSERT_EQ(wanted.plan.steps.size(), got.plan.steps.size());
  for (size_t i = 0; i < wanted.plan.steps.size(); ++i) {
    EXPECT_EQ(wanted.plan.steps[i].kernel, got.plan.steps[i].kernel);
    EXPECT_EQ(wanted.plan.steps[i].origins, got.plan.steps[i].origins);
  }
}

TEST(PlanFile, RoundTrip) {
  const ScratchFolder folder = ScratchFolder::create("nitro-plan").value();
  for (const PlanFile& file : {PlanFile{swin_plan()}, with_kernels(swin_plan()),
                               PlanFile{small_plan()}, with_kernels(small_plan())}) {
    const std::filesystem::path path = folder.path() / "x.plan";
    ASSERT_TRUE(write_plan(path, file));
    EXPECT_TRUE(is_plan_file(path));
    const auto read = read_plan(path);
    ASSERT_TRUE(read) << read.error().text();
    expect_same(file, *read);
    const auto valid = verify(read->plan);
    EXPECT_TRUE(valid) << valid.error().text();
  }
  EXPECT_FALSE(is_plan_file(folder.path() / "missing"));
}

TEST(PlanFile, TheFormatIsWhatItsPageSays) {
  const PlanFile file = with_kernels(small_plan());
  EXPECT_EQ(bytes_of(file), signed_file(to_json(file).dump(), encode_plan(file)->constants));
}

TEST(PlanFile, ADeviceMayDoSeveralStepsInOne) {
  PlanFile file = with_kernels(small_plan());
  ASSERT_GT(file.plan.steps.size(), 1);
  file.kernels->steps.pop_back();
  const auto read = parse_plan(bytes_of(file));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->kernels, file.kernels);
  file.kernels->steps.resize(file.plan.steps.size() + 1, file.kernels->steps[0]);
  const auto more = parse_plan(bytes_of(file));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kBadFile);
}

TEST(PlanFile, EveryTruncationIsBad) {
  const std::string whole = bytes_of(with_kernels(swin_plan()));
  for (size_t part = 0; part < 64; ++part) {
    const auto read = parse_plan(whole.substr(0, whole.size() * part / 64));
    ASSERT_FALSE(read) << part;
    EXPECT_EQ(read.error().code, ErrorCode::kBadFile) << part;
  }
  EXPECT_FALSE(parse_plan(whole.substr(0, whole.size() - 1)));
  EXPECT_FALSE(parse_plan(whole + '\0'));
}

TEST(PlanFile, EveryFlippedByteIsFound) {
  const std::string whole = bytes_of(PlanFile{small_plan()});
  for (size_t place = 0; place < whole.size(); place += place < 64 ? 1 : 37) {
    std::string damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x21);
    EXPECT_FALSE(parse_plan(damaged)) << "byte " << place;
  }
}

/// Where the numbers of a JSON text are.
std::vector<std::pair<size_t, size_t>> numbers_in(const std::string& json) {
  std::vector<std::pair<size_t, size_t>> places;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (in_string && json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && std::string_view("-0123456789").contains(json[i])) {
      const size_t end = json.find_first_of(",]}", i);
      places.emplace_back(i, end - i);
      i = end;
    }
  }
  return places;
}

/// Puts each `step`th number of the file's JSON to the worst that it could be, one at a time.
void expect_survives(const PlanFile& file, size_t step) {
  const std::string constants = encode_plan(file)->constants;
  const std::string json = to_json(file).dump();
  const auto numbers = numbers_in(json);
  size_t refused = 0, accepted = 0;
  for (const char* value :
       {"-1", "0", "3", "257", "2147483648", "1099511627776", "9223372036854775807",
        "-9223372036854775808", "1e300", "\"1\"", "null"}) {
    for (size_t i = 0; i < numbers.size(); i += step) {
      std::string changed = json;
      changed.replace(numbers[i].first, numbers[i].second, value);
      const auto read = parse_plan(signed_file(changed, constants));
      if (read) {
        ++accepted;
        const auto checked = verify(read->plan);  // whatever it says, it must come back
        EXPECT_TRUE(checked || checked.error().code == ErrorCode::kInternal);
      } else {
        ++refused;
        EXPECT_TRUE(read.error().code == ErrorCode::kBadFile ||
                    read.error().code == ErrorCode::kLimitExceeded)
            << read.error().text();
      }
    }
  }
  EXPECT_GT(refused, accepted);
}

TEST(PlanFile, HostileNumbersWithAChecksumAreRefusedOrHarmless) {
  expect_survives(with_kernels(small_plan()), 1);
  expect_survives(PlanFile{swin_plan()}, 17);
}

TEST(PlanFile, WhatTheMessageSays) {
  const PlanFile file{small_plan()};
  const std::string constants = encode_plan(file)->constants, json = to_json(file).dump();
  EXPECT_EQ(parse_plan("").error().code, ErrorCode::kBadFile);
  std::string other = signed_file(json, constants);
  other[8] = 9;
  EXPECT_TRUE(parse_plan(other).error().text().contains("format 9")) << "before the checksum";
  EXPECT_TRUE(parse_plan(signed_file(json, constants).append(1, 'x'))
                  .error()
                  .text()
                  .contains("bytes, and has"));
  EXPECT_TRUE(parse_plan(signed_file("{}", constants)).error().text().contains("'name'"));
  EXPECT_EQ(parse_plan(signed_file("[", constants)).error().code, ErrorCode::kBadFile);
  PlanFile twice = file;
  twice.plan.steps.push_back(twice.plan.steps[0]);
  EXPECT_EQ(encode_plan(twice).error().code, ErrorCode::kInternal);
}

/// The error of a file whose first kernel of a family has a field changed.
Error error_with(const std::string& family, const std::string& field, const Json& value,
                 const std::string& view = "", const PlanFile& file = {swin_plan()}) {
  Json json = to_json(file);
  Json::Array steps = json.at("steps").items();
  const auto step = std::ranges::find_if(steps, [&](const Json& each) {
    return each.at("kernel").at("family").as_string() == family;
  });
  if (step == steps.end()) return {ErrorCode::kUsage, "no such family"};
  Json& kernel = (*step)["kernel"];
  (view.empty() ? kernel : kernel[view])[field] = value;
  json["steps"] = Json(std::move(steps));
  const auto read = parse_plan(signed_file(json.dump(), encode_plan(file)->constants));
  return read ? Error{ErrorCode::kUsage, "accepted"} : read.error();
}

void expect_for_some_device(const Error& error, const std::string& field) {
  EXPECT_EQ(error.code, ErrorCode::kBadFile) << field;
  EXPECT_TRUE(error.text().contains("for some device")) << field << ": " << error.text();
}

TEST(PlanFile, WhatIsMadeForOneDeviceIsRefused) {
  for (const char* field :
       {"packed_rows", "packed_columns", "row_parts_out", "row_part_bases", "row_parts_in"}) {
    expect_for_some_device(error_with("gemm", field, 1), field);
  }
  expect_for_some_device(error_with("gemm", "pairs", true), "pairs");
  for (const char* view : {"a", "b", "out"}) {
    for (const int rows : {-1, 8, 64, 2000})
      expect_for_some_device(error_with("gemm", "panel_rows", rows, view), view);
  }
  for (const char* field : {"panel_rows", "panel_columns", "out_bases", "out_panel_rows"}) {
    expect_for_some_device(error_with("attention", field, 1), field);
  }
}

TEST(PlanFile, AQuantumIsOfIntegers) {
  EXPECT_EQ(error_with("gemm", "quantum", 0.5).code, ErrorCode::kBadFile);
}

TEST(PlanFile, FieldsOfDevicesAreThereAllTheSame) {
  for (const char* field : {"packed_rows", "panel_rows", "out_panel_rows"}) {
    const bool of_gemm = std::string_view(field) == "packed_rows";
    const Error error = error_with(of_gemm ? "gemm" : "attention", field, Json());
    EXPECT_EQ(error.code, ErrorCode::kBadFile);
    EXPECT_TRUE(error.text().contains(fmt::format("'{}'", field))) << error.text();
  }
}

/// Written by nobody, since the writer checks too: its kernel as JSON with the parts of others.
TEST(PlanFile, FusedKernelsAreRefused) {
  const PlanFile file{swin_plan()};
  Json json = to_json(file);
  Json::Array steps = json.at("steps").items();
  Json attention, gemm;
  for (const Json& step : steps) {
    const std::string& family = step.at("kernel").at("family").as_string();
    if (family == "attention") attention = step.at("kernel");
    if (family == "gemm") gemm = step.at("kernel");
  }
  Json window = Json::object(), head = Json::object();
  window["family"] = "window attention";
  window["projection"] = gemm;
  window["attention"] = attention;
  head["family"] = "pooled head";
  head["product"] = gemm;
  for (const Json& kernel : {window, head}) {
    steps[0]["kernel"] = kernel;
    json["steps"] = Json(Json::Array(steps));
    const auto read = parse_plan(signed_file(json.dump(), encode_plan(file)->constants));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kBadFile) << read.error().text();
  }
}

TEST(PlanFile, WorkOnRowsStaysInItsBuffers) {
  TestGraph g;
  const Reduce mean{.kind = ReduceKind::kMean, .axes = {1}, .keep_dims = false};
  const PlanFile file{lowered(g.finish({g.node(mean, {g.input({2, 4, 16})})}))};
  const auto error = [&](const std::string& field, const Json& value) {
    return error_with("loop", field, value, "work", file);
  };
  for (const char* field : {"rows", "columns"}) {
    for (const int64_t size : {int64_t{-1}, int64_t{0}, int64_t{1} << 20, int64_t{1} << 40})
      EXPECT_EQ(error(field, size).code, ErrorCode::kBadFile) << field << ' ' << size;
  }
  EXPECT_EQ(error("together", 3).code, ErrorCode::kBadFile);
  EXPECT_EQ(error("x", Json()).code, ErrorCode::kBadFile);
  EXPECT_EQ(error("scale", 1).code, ErrorCode::kBadFile);
  EXPECT_EQ(error("kind", "median").code, ErrorCode::kBadFile);
  EXPECT_EQ(error("kind", "other").code, ErrorCode::kUsage);  // accepted
}

TEST(PlanFile, APackedPlanIsForOneDevice) {
  PlanFile file{small_plan()};
  for (Step& step : file.plan.steps) {
    if (auto* gemm = std::get_if<Gemm>(&step.kernel)) gemm->packed_rows = 64;
  }
  EXPECT_EQ(encode_plan(file).error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace nitro::plan
