// The document Bundle: whole, resolvable, the same for the same input, and honest about absence.
#include "adapter/stages/document/document.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using fhir::Json;
using fhir::JsonView;

constexpr const char* patient =
    R"({"resourceType":"Patient","id":"p","name":[{"family":"Teverin"}],"birthDate":"1968-03"})";

std::string observation(const std::string& id, const std::string& category,
                        const std::string& rest) {
    return R"({"resourceType":"Observation","id":")" + id +
           R"(","status":"final","category":[{"coding":[{"system":)"
           R"("http://terminology.hl7.org/CodeSystem/observation-category","code":")" +
           category + R"("}]}],"code":{"text":"LDH"},"subject":{"reference":"Patient/p"})" + rest +
           "}";
}

Document document_of(const std::vector<std::string>& texts) {
    Result<Document> document = make_document(packet_input(texts), knowledge());
    EXPECT_TRUE(document.ok());
    return std::move(*document);
}

JsonView entry(const Document& document, std::string_view type, std::size_t nth = 0) {
    for (const JsonView& one : document.bundle["entry"].items())
        if (one["resource"]["resourceType"].string() == type && nth-- == 0) return one["resource"];
    return {};
}

JsonView section(const Document& document, std::string_view loinc) {
    for (const JsonView& one : entry(document, "Composition")["section"].items())
        if (one["code"]["coding"].items()[0]["code"].string() == loinc) return one;
    return {};
}

bool holds(JsonView section_json, std::string_view key) {
    for (const JsonView& reference : section_json["entry"].items())
        if (reference["reference"].string() == url_of(key)) return true;
    return false;
}

// A reader must be able to tell "nobody told us" from "there is none".
TEST(Document, ARecordOfOnlyAPatientSaysThatNothingIsKnown) {
    const Document document = document_of({patient});
    for (const auto& [loinc, code] : {std::pair{"11450-4", "no-problem-info"},
                                      {"48765-2", "no-allergy-info"},
                                      {"10160-0", "no-medication-info"}}) {
        EXPECT_EQ(section(document, loinc)["entry"].size(), 1U);
        EXPECT_NE(document.bundle.print().find(code), std::string::npos);
    }
    EXPECT_EQ(document.bundle.print().find("no-known"), std::string::npos);
    EXPECT_EQ(entry(document, "Composition")["event"].items()[0]["period"].size(), 0U);
}

std::string under_part2(const std::string& id) {
    return observation(
        id, "laboratory",
        R"(,"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"42CFRPart2"}]})");
}

// Whoever opens the packet must see on its cover that a part of it is under 42 CFR Part 2.
TEST(Document, TheBundleCarriesTheLawThatAPartOfItIsUnder) {
    for (const bool is_under : {true, false}) {
        const Document document = document_of(
            {patient, is_under ? under_part2("o") : observation("o", "laboratory", "")});
        const std::string cover = document.bundle.at("meta", "security").print();
        EXPECT_EQ(cover.find("42CFRPart2") != std::string::npos, is_under) << cover;
        EXPECT_EQ(cover.find("NORDSCLCD") != std::string::npos, is_under) << cover;
        EXPECT_EQ(section(document, "57017-6").is_null(), !is_under);
    }
}

// 42 CFR 2.32: each disclosure carries the statement, and what the consent covers.
TEST(Document, TheNoticeStandsBeforeTheRecordWithWhatItCoversAndTheScopeOfTheConsent) {
    PacketInput input =
        packet_input(std::vector{std::string(patient), under_part2("a"), under_part2("b"),
                                 observation("c", "laboratory", "")});
    input.consent = {.given = "2026-11-20", .until = "2027-05-31"};
    const Result<Document> document = make_document(input, knowledge());
    ASSERT_TRUE(document.ok());
    const JsonView first = entry(*document, "Composition")["section"].items()[0];
    const std::string text(first.at("text", "div").string());
    EXPECT_EQ(first["entry"].size(), 2U);
    EXPECT_TRUE(holds(first, "Observation/a") && holds(first, "Observation/b"));
    for (const std::string& said :
         {knowledge().part2_notice, std::string("20 Nov 2026"), std::string("31 May 2027"),
          input.request.source_name, input.request.destination_name, std::string("treatment"),
          std::string("may withdraw"), std::string("Result: LDH")})
        EXPECT_NE(text.find(said), std::string::npos) << said << " in " << text;
    const auto carried = carried_notice(document->bundle);
    ASSERT_TRUE(carried.ok());
    EXPECT_EQ(carried->notice, knowledge().part2_notice);
    EXPECT_EQ(carried->covers, 2U);
}

// What is under the law and cannot be said in R4 travels in a Binary: under the law still.
TEST(Document, WhatIsEnclosedKeepsItsLabels) {
    const Document document = document_of(
        {patient,
         R"({"resourceType":"Composition","id":"letter","title":"Letter","meta":{"security":[{"code":"42CFRPart2"}]}})"});
    EXPECT_EQ(entry(document, "Binary").at("meta", "security").items()[0]["code"].string(),
              "42CFRPart2");
    EXPECT_EQ(carried_notice(document.bundle)->covers, 1U);
}

// A document without the notice may not be sent.
TEST(Document, WhatIsUnderTheLawAndNotCoveredIsFound) {
    const Document document = document_of({patient, under_part2("a")});
    const std::string whole = document.bundle.print();
    const std::size_t code = whole.find("57017-6");
    const Json without = *Json::parse(std::string(whole).replace(code, 7, "10154-3"));
    ASSERT_FALSE(carried_notice(without).ok());
    EXPECT_EQ(carried_notice(without).error().kind(), ErrorKind::Corrupt);
    EXPECT_EQ(carried_notice(document_of({patient}).bundle)->notice, "");
}

TEST(Document, APacketWithoutItsPatientIsRefused) {
    PacketInput input = packet_input(std::vector<std::string>{patient});
    input.patient = "urn:uuid:00000000-0000-0000-0000-000000000000";
    EXPECT_FALSE(make_document(input, knowledge()).ok());
}

TEST(Document, TheSameRecordInAnotherOrderGivesTheSameBytes) {
    const std::vector<std::string> texts = {
        patient, observation("b", "laboratory", R"(,"valueQuantity":{"value":2.00,"unit":"U/L"})"),
        observation("a", "vital-signs", ""), R"({"resourceType":"Claim","id":"c"})"};
    std::vector<std::string> turned(texts.rbegin(), texts.rend());
    EXPECT_EQ(document_of(texts).bundle.print(), document_of(turned).bundle.print());
    EXPECT_NE(document_of(texts).bundle.print().find("\"value\":2.00"), std::string::npos);
}

TEST(Document, WhatNoSectionTakesAndNothingLeadsToLiesInTheLastSection) {
    const Document document = document_of(
        {patient, R"({"resourceType":"Claim","id":"c"})", R"({"resourceType":"Binary","id":"b"})",
         observation("o", "laboratory", R"(,"encounter":{"reference":"Encounter/e"})"),
         R"({"resourceType":"Encounter","id":"e"})"});
    const JsonView last = section(document, "77599-9");
    EXPECT_TRUE(holds(last, "Claim/c"));
    EXPECT_TRUE(holds(last, "Binary/b"));
    EXPECT_FALSE(holds(last, "Encounter/e")) << "the Observation leads to it";
}

TEST(Document, WhatIsOverStandsApartAndWhatWasAnErrorInNeither) {
    const auto condition = [](const std::string& id, const std::string& status) {
        return R"({"resourceType":"Condition","id":")" + id +
               R"(","code":{"text":"x"},"subject":{"reference":)"
               R"("Patient/p"},)" +
               status + "}";
    };
    const Document document = document_of(
        {patient, condition("now", R"("clinicalStatus":{"coding":[{"code":"active"}]})"),
         condition("remission", R"("clinicalStatus":{"coding":[{"code":"remission"}]})"),
         condition("past", R"("clinicalStatus":{"coding":[{"code":"resolved"}]})"),
         condition("error", R"("verificationStatus":{"coding":[{"code":"entered-in-error"}]})")});
    EXPECT_TRUE(holds(section(document, "11450-4"), "Condition/now"));
    EXPECT_TRUE(holds(section(document, "11450-4"), "Condition/remission"));
    EXPECT_TRUE(holds(section(document, "11348-0"), "Condition/past"));
    EXPECT_TRUE(holds(section(document, "77599-9"), "Condition/error"));
}

// bdl-ips-1: a second Composition may not stand in the Bundle, and may not be lost either.
TEST(Document, ACompositionOfTheRecordTravelsWholeInsideABinary) {
    const Document document = document_of(
        {patient, R"({"resourceType":"Composition","id":"letter","title":"Letter of 2.00"})"});
    const JsonView binary = entry(document, "Binary");
    EXPECT_NE(crypto::from_base64(binary["data"].string())->find("Letter of 2.00"),
              std::string::npos);
    EXPECT_TRUE(entry(document, "Composition", 1).is_null());
    EXPECT_TRUE(holds(section(document, "77599-9"), "Composition/letter"));
}

TEST(Document, ASourcesTextCannotBreakOutOfTheNarrative) {
    const Document document = document_of(
        {patient,
         R"({"resourceType":"Condition","id":"c","code":{"text":"</td><script>x</script>&\u0001"},)"
         R"("subject":{"reference":"Patient/p"}})"});
    const std::string_view div = section(document, "11450-4")["text"]["div"].string();
    EXPECT_EQ(div.find("<script"), std::string_view::npos);
    EXPECT_NE(div.find("&lt;script&gt;"), std::string_view::npos);
    EXPECT_EQ(div.find('\x01'), std::string_view::npos);
}

TEST(Document, AScriptInASourcesNarrativeIsTakenOutAndTold) {
    const Document document = document_of(
        {R"({"resourceType":"Patient","id":"p","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">A<script>x</script></div>"}})",
         R"({"resourceType":"Claim","id":"c","text":{"status":"generated","div":"<div>unclosed"}})"});
    EXPECT_EQ(document.bundle.print().find("script"), std::string::npos);
    const auto told = [&](std::string_view rule) {
        for (const Change& change : document.changes)
            if (change.rule.view() == rule) return true;
        return false;
    };
    EXPECT_TRUE(told("narrative.sanitized"));
    EXPECT_TRUE(told("narrative.dropped"));
    EXPECT_FALSE(entry(document, "Claim").has("text"));
}

TEST(Document, WordsThatStandInTheNarrativeAloneAreKeptThoughItIsNoXhtml) {
    const Document document = document_of(
        {patient,
         R"({"resourceType":"Observation","id":"o","text":{"status":"additional","div":"<div>a<br>b &lt; c</div>"}})"});
    EXPECT_EQ(entry(document, "Observation")["text"]["div"].string(),
              "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a<br/>b &lt; c</p></div>");
}

TEST(Document, OnlyTheNewestSmokingStatusStandsInSocialHistory) {
    const auto smoking = [](const std::string& id, const std::string& date) {
        return R"({"resourceType":"Observation","id":")" + id +
               R"(","status":"final","category":[{"coding":[{"code":)"
               R"("social-history"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},)"
               R"("effectiveDateTime":")" +
               date + R"("})";
    };
    const Document document =
        document_of({patient, smoking("old", "2019"), smoking("new", "2020-01-02")});
    EXPECT_TRUE(holds(section(document, "29762-2"), "Observation/new"));
    EXPECT_FALSE(holds(section(document, "29762-2"), "Observation/old"));
    EXPECT_TRUE(holds(section(document, "77599-9"), "Observation/old"));
}

}  // namespace
}  // namespace consultd
