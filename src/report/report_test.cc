#include "report/report.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/sha256.h"
#include "report/content_security.h"
#include "report/page_data.h"
#include "report/sample_document.h"

namespace nitro::report {
namespace {

std::string page(const Json& document) {
  auto rendered = render(document);
  EXPECT_TRUE(rendered.has_value()) << rendered.error().text();
  return rendered.value_or("");
}

std::string between(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t from = text.find(begin);
  if (from == std::string_view::npos) return "";
  const std::string_view rest = text.substr(from + begin.size());
  return std::string(rest.substr(0, rest.find(end)));
}

size_t count(std::string_view text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

/// The page without what only a script shows.
std::string without_script(std::string_view html) {
  return std::string(html.substr(0, html.find("<script")));
}

TEST(Report, SaysTheVerdictFirst) {
  const std::string html = page(sample_document("swin"));
  const std::string headline = between(html, "<h1>", "</h1>");
  EXPECT_EQ(headline,
            "swin runs <em>1.30×</em> faster: 260.0\u00A0ms per frame became 200.0\u00A0ms.");
  const std::string lead = between(html, "<p class=\"lead\">", "</p>");
  EXPECT_NE(lead.find("Its outputs equal the original ones to 2.4e-6"), std::string::npos) << lead;
  EXPECT_NE(lead.find("of the remaining time in layers is limited by"), std::string::npos) << lead;
  EXPECT_LT(html.find("<h1>"), html.find("<h2>"));
}

TEST(Report, TellsThePredictedApartFromTheMeasured) {
  Json document = sample_document();
  EXPECT_EQ(page(document).find("id=\"prediction\""), std::string::npos);
  const auto frame = [](double ms) {
    return Json::object({{"total_ns", ms * 1e6}, {"low_ns", ms * 0.8e6}, {"high_ns", ms * 1.2e6}});
  };
  document["prediction"] = Json::object({{"device", "jetson-nano"},
                                         {"device_title", "Jetson <Nano>"},
                                         {"runtime", "TensorRT 8"},
                                         {"precision", "fp16"},
                                         {"fitted_to", "published"},
                                         {"baseline", frame(300)},
                                         {"optimized", frame(200)}});
  const std::string html = page(document);
  const std::string section = between(html, "<section id=\"prediction\">", "</section>");
  EXPECT_NE(section.find("Predicted on Jetson &lt;Nano&gt;: 1.50×"), std::string::npos) << section;
  EXPECT_NE(section.find("Not measured"), std::string::npos);
  EXPECT_NE(section.find("300.0"), std::string::npos);
  EXPECT_NE(html.find("<a href=\"#prediction\">Predicted</a>"), std::string::npos);
}

TEST(Report, NeverRoundsAnUnclearVerdictToAGain) {
  Json document = sample_document();
  document["comparison"]["verdict"] = "unclear";
  const std::string unclear = page(document);
  EXPECT_NE(between(unclear, "<h1>", "</h1>").find("unclear"), std::string::npos);
  EXPECT_EQ(unclear.find("class=\"figure good\""), std::string::npos);
  document["comparison"]["verdict"] = "same";
  EXPECT_NE(between(page(document), "<h1>", "</h1>").find("as fast as before"), std::string::npos);
  document["comparison"]["verdict"] = "slower";
  document["comparison"]["speedup"] = 0.5;
  EXPECT_NE(between(page(document), "<h1>", "</h1>").find("2.00× slower"), std::string::npos);
}

TEST(Report, SaysWhenOutputsDiffer) {
  Json document = sample_document();
  Json failed = document.at("numerics").items().front();
  failed["ok"] = false;
  failed["cosine"] = Json();
  failed["max_abs"] = Json();
  document["numerics"].push_back(failed);
  const std::string html = page(document);
  EXPECT_NE(html.find("The outputs differ: 1 of 2 checks failed."), std::string::npos);
  EXPECT_NE(html.find("✗ differs"), std::string::npos);
  EXPECT_NE(html.find("not finite"), std::string::npos);
}

TEST(Report, ReadsWithoutScript) {
  const std::string html = without_script(page(sample_document("net", 7)));
  for (int i = 0; i < 7; ++i) {
    EXPECT_NE(html.find("<span>net" + std::to_string(i) + "</span>"), std::string::npos)
        << "layer " << i;
  }
  EXPECT_EQ(count(html, "is the evidence"), 7U);
  EXPECT_NE(html.find("id=\"ledger\""), std::string::npos);
  EXPECT_NE(html.find("id=\"samples\""), std::string::npos);
}

TEST(Report, PolicyAllowsItsScriptOnly) {
  const std::string html = page(sample_document());
  const std::string policy =
      between(html, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
  const std::string script = between(html, "<script>", "</script>");
  ASSERT_FALSE(script.empty());
  const Sha256Digest digest = sha256(script);
  EXPECT_NE(policy.find("'sha256-" + base64(std::as_bytes(std::span(digest))) + "'"),
            std::string::npos)
      << policy;
  EXPECT_TRUE(policy.starts_with("default-src 'none';")) << policy;
  EXPECT_EQ(count(html, "<script"), 2U);
  EXPECT_EQ(html.find("src="), std::string::npos);
  EXPECT_EQ(html.find("url("), std::string::npos);
}

TEST(Report, HostileNamesAreInert) {
  for (std::string_view name :
       {"</script><img src=x onerror=alert(1)>", "<!--<script>", "\" onload=\"x", "' onload='x",
        "{}{0}%s%n", "\x1b[2J", "\u202eabc", "\u2028\u2029", "\xff\xfe\xc3", "__proto__"}) {
    const std::string html = page(sample_document(name));
    EXPECT_EQ(count(html, "<script"), 2U) << name;
    EXPECT_EQ(count(html, "</script"), 2U) << name;
    for (std::string_view markup : {"<img", "<!--", "\x1b", "\u202e", "\u2028", "\u2029"}) {
      EXPECT_EQ(html.find(markup), std::string::npos) << name;
    }
    // Quotes end no attribute; inside the data they are JSON's own.
    for (std::string_view attribute : {"\" onload=", "' onload="}) {
      EXPECT_EQ(without_script(html).find(attribute), std::string::npos) << name;
    }
    const std::string data = between(html, "id=\"data\">", "</script>");
    EXPECT_TRUE(Json::parse(data).has_value()) << name;
  }
}

TEST(Report, LongNamesAndManyLayersStaySmall) {
  EXPECT_LT(page(sample_document(std::string(1 << 20, 'x'), 3)).size(), 300'000U);
  EXPECT_LT(page(sample_document("/encoder/layers.2/blocks.17/attention/query/MatMul", 600)).size(),
            1'500'000U);
}

TEST(Report, IsDeterministic) { EXPECT_EQ(page(sample_document()), page(sample_document())); }

TEST(Report, ProfileHasNoComparison) {
  Json document = sample_document();
  document["kind"] = "profile";
  for (std::string_view key : {"optimized", "comparison"}) document[key] = Json();
  for (std::string_view key : {"numerics", "ledger"}) document[key] = Json::array();
  const std::string html = page(document);
  EXPECT_NE(html.find("model takes 260.0\u00A0ms per frame."), std::string::npos);
  for (std::string_view id : {"id=\"ledger\"", "id=\"numerics\"", "Optimised, median"}) {
    EXPECT_EQ(html.find(id), std::string::npos) << id;
  }
}

TEST(Report, SaysThatItWasInterrupted) {
  Json document = sample_document();
  EXPECT_EQ(page(document).find("Interrupted."), std::string::npos);
  document["interrupted"] = true;
  EXPECT_NE(page(document).find("Interrupted."), std::string::npos);
}

TEST(Report, MissingMembersAreUnknownNotFatal) {
  Json document = sample_document();
  const Json::Object members = document.members();
  for (const auto& [key, value] : members) {
    if (key == "schema_version" || key == "kind" || key == "baseline") continue;
    Json reduced = document;
    reduced[key] = Json();
    EXPECT_TRUE(render(reduced).has_value()) << "without " << key;
    if (key == "optimized") continue;
    reduced[key] = "of another type";
    EXPECT_TRUE(render(reduced).has_value()) << "with a text as " << key;
  }
}

TEST(Report, RefusesOtherDocuments) {
  EXPECT_EQ(render(Json()).error().code, ErrorCode::kBadFile);
  EXPECT_EQ(render(Json::array()).error().code, ErrorCode::kBadFile);
  Json document = sample_document();
  document["schema_version"] = 2;
  EXPECT_NE(render(document).error().message.find("schema_version"), std::string::npos);
  document = sample_document();
  document["kind"] = "trace";
  EXPECT_EQ(render(document).error().code, ErrorCode::kBadFile);
  document = sample_document();
  document["optimized"]["profile"]["layers"] = "none";
  EXPECT_EQ(render(document).error().message, "optimized.profile.layers is no list");
  document = sample_document();
  document["baseline"]["profile"]["layers"].push_back(Json(3));
  EXPECT_EQ(render(document).error().message, "baseline.profile.layers[4] is no object");
}

TEST(Report, RefusesAModuleTreeThatIsNone) {
  for (int parent : {2, 3, -2}) {
    Json document = sample_document();
    Json module;
    module["path"] = "own parent";
    module["parent"] = parent;
    document["baseline"]["profile"]["modules"].push_back(module);
    EXPECT_EQ(render(document).error().message,
              "baseline.profile.modules[2].parent is no earlier module");
  }
}

TEST(PageData, EscapesWhatWouldEndItsElement) {
  EXPECT_EQ(script_safe("<>&\u2028\u2029é"), "\\u003c\\u003e\\u0026\\u2028\\u2029é");
}

TEST(PageData, FindsModulesByPosition) {
  const Json layers =
      page_data(sample_document("net", 4)).at("profiles").at("baseline").at("layers");
  EXPECT_EQ(layers.at("module"), Json::array({1, 0, 1, 0}));
}

}  // namespace
}  // namespace nitro::report
