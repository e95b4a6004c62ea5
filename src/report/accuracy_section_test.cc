#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "report/answer_changes.h"
#include "report/report.h"
#include "report/sample_document.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

Json comparison(std::string_view verdict, double difference) {
  return Json::object({{"difference", difference},
                       {"low", difference - 0.02},
                       {"high", difference + 0.02},
                       {"verdict", verdict},
                       {"images_needed", Json()}});
}

Json confusions(std::vector<std::array<int64_t, 3>> entries) {
  Json side = Json::object({{"confusion", Json::array()}});
  for (const auto& [label, decided, images] : entries)
    side["confusion"].push_back(Json::array({label, decided, images}));
  return side;
}

Json accuracy_of(Json baseline, Json optimized) {
  return Json::object({{"classes", Json::array({"bed", "<b>"})},
                       {"modalities", Json::array({Json::object({{"modality", "rgb"},
                                                                 {"baseline", baseline},
                                                                 {"optimized", optimized}})})}});
}

/// A document whose last pass is lossy and moved the outputs.
Json lossy_document() {
  Json document = sample_document();
  Json entry = document.at("ledger").items().front();
  entry["kind"] = "lossy";
  document["ledger"].push_back(std::move(entry));
  Json check = document.at("numerics").items().front();
  check["ok"] = false;
  check["cosine"] = 0.98;
  document["numerics"] = Json::array({check});
  return document;
}

TEST(AccuracySection, TheVerdictInWords) {
  EXPECT_EQ(accuracy_verdict(comparison("worse", -0.031), 0.01),
            "Worse: −3.1 points [−5.1, −1.1].");
  EXPECT_EQ(accuracy_verdict(comparison("better", 0.04), 0.01),
            "Better: +4.0 points [+2.0, +6.0].");
  EXPECT_EQ(accuracy_verdict(comparison("same", 0), 0.05),
            "The same: 0.0 points [−2.0, +2.0] lies within ±5.");
  Json unclear = comparison("unclear", 0.001);
  EXPECT_NE(accuracy_verdict(unclear, 0.01).find("no number of images"), std::string::npos);
  unclear["images_needed"] = 1200;
  EXPECT_NE(accuracy_verdict(unclear, 0.01).find("about 1,200 more images"), std::string::npos);
}

TEST(AccuracySection, ConfusionsAreSortedByTheirChange) {
  const Json accuracy = accuracy_of(confusions({{0, 1, 5}, {1, 0, 2}, {1, -1, 4}}),
                                    confusions({{0, 1, 6}, {1, 0, 9}, {1, -1, 4}}));
  const std::string html = confusion_changes(accuracy);
  EXPECT_LT(html.find("<th scope=\"row\">&lt;b&gt;</th><td>bed</td><td>rgb</td><td>2</td>"),
            html.find("<th scope=\"row\">bed</th><td>&lt;b&gt;</td><td>rgb</td><td>5</td>"))
      << html;
  EXPECT_EQ(html.find("nothing"), std::string::npos) << "what stays is not shown";
  EXPECT_NE(html.find("+7"), std::string::npos);
}

TEST(AccuracySection, OddEntriesAreLeftOut) {
  Json odd = confusions({{0, 7, 1}});
  odd["confusion"].push_back(Json::array({1}));
  odd["confusion"].push_back("x");
  const std::string html = confusion_changes(accuracy_of(confusions({}), odd));
  EXPECT_NE(html.find("<td>nothing</td>"), std::string::npos);
  EXPECT_EQ(confusion_changes(Json::object({})), "");
  EXPECT_EQ(changed_examples(Json::object({})), "");
}

TEST(AccuracySection, OnlyPicturesAreEmbedded) {
  Json accuracy = accuracy_of(Json(), Json());
  const auto shown = [&](std::string_view image) {
    accuracy["examples"] = Json::array({Json::object({{"label", 1},
                                                      {"modality", "rgb"},
                                                      {"baseline", 1},
                                                      {"optimized", -1},
                                                      {"image", image}})});
    return changed_examples(accuracy);
  };
  EXPECT_NE(shown("data:image/png;base64,AAAA").find("<img src=\"data:image/png;base64,AAAA\""),
            std::string::npos);
  for (const char* image : {"", "http://x/y.png", "data:image/svg+xml;base64,AAAA",
                            "data:image/png;base64,AA\" onload=\"x"}) {
    EXPECT_EQ(shown(image).find("<img"), std::string::npos) << image;
  }
}

TEST(AccuracySection, LossyOutputsAreJudgedByAccuracy) {
  Json document = lossy_document();
  const std::string unjudged = render(document).value();
  EXPECT_NE(unjudged.find("nothing judged them"), std::string::npos);
  EXPECT_EQ(unjudged.find("✗ differs"), std::string::npos);
  EXPECT_EQ(unjudged.find("id=\"accuracy\""), std::string::npos);
  document["accuracy"] = accuracy_of(Json(), Json());
  EXPECT_NE(render(document).value().find("accuracy decides"), std::string::npos);
  Json broken = document.at("numerics").items().front();
  broken["cosine"] = Json();
  document["numerics"].push_back(broken);
  EXPECT_NE(render(document).value().find("The outputs differ"), std::string::npos)
      << "what is not finite no accuracy excuses";
}

}  // namespace
}  // namespace nitro::report
