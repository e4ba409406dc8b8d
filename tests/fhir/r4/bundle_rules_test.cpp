#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fhir/r4/validate.h"

namespace consultd::fhir::r4 {
namespace {

using testing::Contains;
using testing::IsEmpty;

constexpr const char* composition_url = "urn:uuid:00000000-0000-4000-8000-000000000001";
constexpr const char* patient_url = "urn:uuid:00000000-0000-4000-8000-000000000002";
constexpr const char* problem_url = "urn:uuid:00000000-0000-4000-8000-000000000003";

Json entry(const char* url, Json resource) {
    return Json::object({{"fullUrl", Json(url)}, {"resource", std::move(resource)}});
}
Json reference(std::string_view text) { return Json::object({{"reference", Json(text)}}); }
Json text_only(const char* text) { return Json::object({{"text", Json(text)}}); }

// A small document that is right; each test breaks one thing.
class DocumentTest : public testing::Test {
protected:
    Json composition = Json::object(
        {{"resourceType", "Composition"},
         {"status", "final"},
         {"type", text_only("summary")},
         {"subject", reference(patient_url)},
         {"date", "2024-01-01"},
         {"author", Json::array({Json::object({{"display", "an author"}})})},
         {"title", "A"},
         {"section",
          Json::array({Json::object(
              {{"title", "Problems"}, {"entry", Json::array({reference(problem_url)})}})})}});
    Json patient = Json::object({{"resourceType", "Patient"}});
    Json problem =
        Json::object({{"resourceType", "Condition"}, {"subject", reference(patient_url)}});
    std::vector<Json> entries;
    Json members = Json::object({{"resourceType", "Bundle"},
                                 {"type", "document"},
                                 {"timestamp", "2024-01-01T00:00:00Z"},
                                 {"identifier", Json::object({{"system", "urn:ietf:rfc:3986"},
                                                              {"value", "urn:oid:1.2.3"}})}});

    void fill() {
        entries = {entry(composition_url, composition), entry(patient_url, patient),
                   entry(problem_url, problem)};
    }
    std::vector<std::string> paths() {
        if (entries.empty()) fill();
        std::vector<std::string> found;
        for (const Finding& finding : validate(members.with("entry", Json::array(entries))))
            found.push_back((finding.severity == Finding::Severity::Error ? "" : "warning ") +
                            finding.path);
        return found;
    }
};

TEST_F(DocumentTest, IsRightAsItStands) { EXPECT_THAT(paths(), IsEmpty()); }

TEST_F(DocumentTest, TheCompositionComesFirst) {
    fill();
    std::swap(entries[0], entries[1]);
    EXPECT_THAT(paths(), Contains("Bundle.entry"));
}

TEST_F(DocumentTest, NeedsATimestamp) {
    members = members.without("timestamp");
    EXPECT_THAT(paths(), Contains("Bundle.timestamp"));
}

TEST_F(DocumentTest, NeedsAnIdentifierWithSystemAndValue) {
    members = members.with("identifier", Json::object({{"value", "x"}}));
    EXPECT_THAT(paths(), Contains("Bundle.identifier"));
}

TEST_F(DocumentTest, HoldsNoRequestResponseSearchOrTotal) {
    fill();
    entries[1] = entries[1].with("request", Json::object({{"method", "GET"}, {"url", "x"}}));
    entries[2] = entries[2].with("search", Json::object({{"mode", "match"}}));
    members = members.with("total", Json(std::int64_t{3}));
    const auto found = paths();
    EXPECT_THAT(found, Contains("Bundle.entry[1].request"));
    EXPECT_THAT(found, Contains("Bundle.entry[2].search"));
    EXPECT_THAT(found, Contains("Bundle.total"));
}

TEST_F(DocumentTest, EachFullUrlStandsOnce) {
    fill();
    entries.push_back(entries[1]);
    EXPECT_THAT(paths(), Contains("Bundle.entry[3].fullUrl"));
}

TEST_F(DocumentTest, EveryEntryHasAFullUrlAndAResource) {
    fill();
    entries[1] = entries[1].without("fullUrl");
    entries[2] = entries[2].without("resource");
    const auto found = paths();
    EXPECT_THAT(found, Contains("Bundle.entry[1]"));
    EXPECT_THAT(found, Contains("Bundle.entry[2]"));
}

TEST_F(DocumentTest, ADanglingUrnIsAnErrorWhereverItStands) {
    problem = problem.with("asserter", reference("urn:uuid:00000000-0000-4000-8000-0000000000ff"));
    EXPECT_THAT(paths(), Contains("Bundle.entry[2].resource.asserter"));
}

TEST_F(DocumentTest, WhatTheCompositionRefersToIsInside) {
    composition = composition.with("custodian", reference("Organization/1"));
    EXPECT_THAT(paths(), Contains("Bundle.entry[0].resource.custodian"));
}

TEST_F(DocumentTest, OthersMayReferOutsideWithAWarning) {
    problem = problem.with("encounter", reference("Encounter/1"));
    EXPECT_THAT(paths(), Contains("warning Bundle.entry[2].resource.encounter"));
}

TEST_F(DocumentTest, AReferenceToAnEntryOfTheWrongTypeIsFound) {
    problem = problem.with("asserter", reference(composition_url));
    EXPECT_THAT(paths(), Contains("Bundle.entry[2].resource.asserter"));
}

TEST_F(DocumentTest, HoldsOnlyWhatTheCompositionLeadsTo) {
    fill();
    entries.push_back(entry("urn:uuid:00000000-0000-4000-8000-000000000009", problem));
    EXPECT_THAT(paths(), Contains("Bundle.entry[3]"));
}

TEST_F(DocumentTest, AProvenanceOfWhatIsInsideMayStandInIt) {
    fill();
    entries.push_back(entry(
        "urn:uuid:00000000-0000-4000-8000-000000000009",
        Json::object({{"resourceType", "Provenance"},
                      {"target", Json::array({reference(problem_url)})},
                      {"recorded", "2024-01-01T00:00:00Z"},
                      {"agent", Json::array({Json::object({{"who", reference(patient_url)}})})}})));
    EXPECT_THAT(paths(), IsEmpty());
}

TEST_F(DocumentTest, AResourceOfAnUnknownTypeIsFound) {
    problem = Json::object({{"resourceType", "Vignette"}});
    EXPECT_THAT(paths(), Contains("Bundle.entry[2].resource"));
}

TEST(BundleRulesTest, RelativeReferencesResolveByTheEntrysOwnBase) {
    const auto findings =
        validate(*Json::parse(R"({"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"https://a.example/fhir/Observation/1","resource":{"resourceType":"Observation",
         "id":"1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/1"}}},
        {"fullUrl":"https://a.example/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1"}}]})"));
    EXPECT_TRUE(findings.empty());
}

TEST(BundleRulesTest, AFullUrlNamesItsOwnResourceWithoutVersion) {
    const auto findings =
        validate(*Json::parse(R"({"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"https://a.example/Patient/2","resource":{"resourceType":"Patient","id":"1"}},
        {"fullUrl":"https://a.example/Patient/3/_history/1","resource":{"resourceType":"Patient","id":"3"}}]})"));
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].path, "Bundle.entry[0].fullUrl");
    EXPECT_EQ(findings[1].path, "Bundle.entry[1].fullUrl");
}

TEST(BundleRulesTest, AMessageBeginsWithItsHeader) {
    const auto message = [](const char* resource) {
        return validate(*Json::parse(R"({"resourceType":"Bundle","type":"message","entry":[
            {"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001","resource":)" +
                                     std::string(resource) + "}]}"));
    };
    EXPECT_THAT(
        message(
            R"({"resourceType":"MessageHeader","eventUri":"urn:e","source":{"endpoint":"urn:s"}})"),
        IsEmpty());
    ASSERT_EQ(message(R"({"resourceType":"Patient"})").size(), 1U);
    EXPECT_EQ(message(R"({"resourceType":"Patient"})")[0].path, "Bundle.entry");
}

TEST(BundleRulesTest, ATransactionAsksAndASearchsetDoesNot) {
    const char* entry = R"("entry":[{"resource":{"resourceType":"Patient"}}]})";
    EXPECT_EQ(validate(*Json::parse(R"({"resourceType":"Bundle","type":"transaction",)" +
                                    std::string(entry)))
                  .at(0)
                  .path,
              "Bundle.entry[0].request");
    EXPECT_TRUE(validate(*Json::parse(R"({"resourceType":"Bundle","type":"searchset",)" +
                                      std::string(entry)))
                    .empty());
}

}  // namespace
}  // namespace consultd::fhir::r4
