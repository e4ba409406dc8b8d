#include "adapter/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using ::testing::ElementsAre;
using testing::json_of;

const std::string anna = R"({"resourceType":"Patient","id":"anna"})";
const std::string about_anna =
    R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/anna"}})";
const std::string anna_urn = "urn:uuid:11111111-1111-4111-8111-111111111111";
const std::string condition_urn = "urn:uuid:22222222-2222-4222-8222-222222222222";

std::vector<std::string> places(const std::string& place, const std::string& text) {
    std::vector<std::string> found;
    const auto documents = parse_input(place, text);
    EXPECT_TRUE(documents.ok()) << documents.error().message();
    for (const InputDocument& document : *documents) found.push_back(document.place);
    return found;
}
fhir::Json consent_of(const std::string& patient) {
    return json_of(R"({"resourceType":"Consent","patient":{"reference":")" + patient + "\"}}");
}
Result<Record> record_of(const std::string& text, const std::string& patient = "Patient/anna") {
    const auto documents = parse_input("record.json", text);
    if (!documents) return documents.error();
    return record_from(*documents, patient.empty() ? fhir::Json() : consent_of(patient),
                       Instant(std::chrono::seconds(1'795'000'000)));
}
std::vector<std::string> kept(const Record& record) {
    std::vector<std::string> names;
    for (const PulledResource& resource : record.resources) names.push_back(resource.source);
    return names;
}
// "name reason" of each.
std::vector<std::string> rejected(const Record& record) {
    std::vector<std::string> names;
    for (const RejectedResource& resource : record.rejected)
        names.push_back(resource.source + " " + std::string(resource.reason.view()));
    return names;
}
std::string bundle(const std::string& entries) {
    return R"({"resourceType":"Bundle","type":"collection","entry":[)" + entries + "]}";
}
std::string entry(const std::string& full_url, const std::string& resource) {
    return R"({"fullUrl":")" + full_url + R"(","resource":)" + resource + "}";
}

TEST(ParseInput, OneResourceAnArrayOrLines) {
    EXPECT_THAT(places("a.json", anna), ElementsAre("a.json"));
    EXPECT_THAT(places("a.json", "[" + anna + "," + about_anna + "]"),
                ElementsAre("a.json[0]", "a.json[1]"));
    EXPECT_THAT(places("a.ndjson", anna + "\r\n\n  \n" + about_anna),
                ElementsAre("a.ndjson:1", "a.ndjson:4"));
    EXPECT_THAT(places("-", anna + "\n" + about_anna + "\n"), ElementsAre("-:1", "-:2"));
    EXPECT_THAT(places("a.json", "{\n \"resourceType\": \"Patient\"\n}\n"), ElementsAre("a.json"));
}

TEST(ParseInput, WhatIsNoJsonIsMalformedAtItsLine) {
    const auto line = [](const std::string& place, const std::string& text) {
        const auto documents = parse_input(place, text);
        EXPECT_FALSE(documents.ok());
        EXPECT_EQ(documents.error().kind(), ErrorKind::Malformed);
        return documents.error().number("line").value_or(-1);
    };
    EXPECT_EQ(line("a.ndjson", anna + "\n\n{\"cut\":"), 3);
    EXPECT_EQ(line("a.json", "{\n\"a\": 1,\n\"a\": 2}"), 3);
    EXPECT_EQ(line("a.json", ""), 1);
    EXPECT_EQ(parse_input("a.json", std::string(100'000, '[')).error().kind(), ErrorKind::TooLarge);
}

TEST(ParseInput, XmlIsSaidToBeUnsupported) {
    EXPECT_EQ(parse_input("a.xml", " <Patient/>").error().kind(), ErrorKind::Unsupported);
}

TEST(RecordFrom, BundlesAreTakenApart) {
    const Record record =
        record_of(bundle(entry("", anna) + "," + entry("", about_anna) + R"(,{"search":{}})"))
            .value();
    EXPECT_THAT(kept(record), ElementsAre("Condition/c1", "Patient/anna"));
    EXPECT_EQ(record.patient, "Patient/anna");
    EXPECT_TRUE(record.rejected.empty());
}

TEST(RecordFrom, ReferencesByFullUrlProveThePatient) {
    const Record record =
        record_of(bundle(entry(anna_urn, anna) + "," +
                         entry(condition_urn, R"({"resourceType":"Condition","id":"c1",
                               "subject":{"reference":")" +
                                                  anna_urn + "\"}}")))
            .value();
    EXPECT_THAT(kept(record), ElementsAre("Condition/c1", "Patient/anna"));
    EXPECT_TRUE(record.rejected.empty());
    EXPECT_EQ(record.resources[0].resource.json().at("subject", "reference").string(), anna_urn);
}

// A transaction or message has no ids at all: its resources go by their fullUrls.
TEST(RecordFrom, ResourcesWithoutIdsGoByTheirFullUrls) {
    const std::string text =
        bundle(entry(anna_urn, R"({"resourceType":"Patient"})") + "," +
               entry(condition_urn, R"({"resourceType":"Condition","subject":{"reference":")" +
                                        anna_urn + "\"}}"));
    const Record record = record_of(text, anna_urn).value();
    EXPECT_EQ(record.patient, anna_urn);
    EXPECT_THAT(kept(record), ElementsAre(anna_urn, condition_urn));
    EXPECT_THAT(rejected(record), ElementsAre());
    EXPECT_FALSE(record.resources[0].resource.json().has("id"));
    EXPECT_FALSE(record_of(text, condition_urn).ok());
}

// Promise 6.
TEST(RecordFrom, AnotherPatientsResourcesAreRejectedByName) {
    const Record record =
        record_of("[" + anna + "," + about_anna + R"(,{"resourceType":"Patient","id":"berta"},
            {"resourceType":"Condition","id":"b1","subject":{"reference":"Patient/berta"}},
            {"resourceType":"Condition","id":"b2","subject":{"reference":"https://other/Patient/1"}},
            {"resourceType":"Condition","id":"b3"},
            {"resourceType":"Observation","id":"b4","subject":{"display":"Anna"}}])")
            .value();
    EXPECT_THAT(kept(record), ElementsAre("Condition/c1", "Patient/anna"));
    const std::vector<std::string> lost = rejected(record);
    EXPECT_EQ(lost.size(), 5u);
    EXPECT_THAT(
        lost, ::testing::IsSupersetOf({"Patient/berta wrong-patient", "Condition/b1 wrong-patient",
                                       "Condition/b3 unproven-patient"}));
    EXPECT_EQ(record.names().size(), 7u);
}

TEST(RecordFrom, UnknownModifierIsRejected) {
    const Record record = record_of("[" + anna + R"(,{"resourceType":"Condition","id":"c1",
            "subject":{"reference":"Patient/anna"},"modifierExtension":[{"url":"urn:not"}]}])")
                              .value();
    EXPECT_THAT(rejected(record), ElementsAre("Condition/c1 modifier-extension"));
}

TEST(RecordFrom, WhatIsNoResourceIsRejectedWithItsPlace) {
    const Record record =
        record_of("[" + anna + R"(,{"a":1},{"resourceType":"condition"}])").value();
    EXPECT_THAT(rejected(record),
                ElementsAre("record.json[1] malformed", "record.json[2] malformed"));
}

TEST(RecordFrom, SameResourceTwiceIsOneAndOtherContentIsAnother) {
    const Record record =
        record_of("[" + anna + "," + about_anna + "," + about_anna +
                  R"(,{"resourceType":"Condition","id":"c1","code":{"text":"other"},
                       "subject":{"reference":"Patient/anna"}}])")
            .value();
    EXPECT_THAT(kept(record), ElementsAre("Condition/c1", "Condition/c1#2", "Patient/anna"));
}

TEST(RecordFrom, OnlyThePatientOfTheConsentWillDo) {
    EXPECT_EQ(record_of(anna, "Patient/berta").error().kind(), ErrorKind::NotFound);
    EXPECT_EQ(record_of(about_anna).error().kind(), ErrorKind::NotFound);
    EXPECT_EQ(record_of("[]").error().kind(), ErrorKind::NotFound);
}

TEST(RecordFrom, WithoutAConsentNothingIsProven) {
    const Record record = record_of("[" + anna + "," + about_anna + "]", "").value();
    EXPECT_EQ(record.patient, "Patient/anna");
    EXPECT_EQ(record.resources.size(), 2u);
    EXPECT_TRUE(record_of(R"([{"resourceType":"Patient","id":"a"},
                              {"resourceType":"Patient","id":"b"}])",
                          "")
                    ->patient.empty());
}

}  // namespace
}  // namespace consultd
