#include "adapter/stages/pull/pull.h"

#include <algorithm>

#include "pull_fixture.h"

namespace consultd {
namespace {

using ::testing::Contains;
using ::testing::Not;

TEST_F(PullTest, EveryPageOfEveryTypeComesOnce) {
    for (int i = 0; i < 7; ++i) put_ours("Observation", "o" + std::to_string(i));
    put_ours("Condition", "c");
    const Record record = whole();
    EXPECT_EQ(record.resources.size(), 9u);
    EXPECT_TRUE(std::is_sorted(record.resources.begin(), record.resources.end(),
                               [](const auto& a, const auto& b) { return a.source < b.source; }));
    EXPECT_EQ(record.resources[0].full_url, "https://ehr.example/fhir/Condition/c");
    EXPECT_EQ(record.patient, "Patient/anna");
    EXPECT_EQ(server.requests_for("Patient/anna"), 1u);
}

TEST_F(PullTest, OnlyDeclaredTypesAndParametersAreAskedFor) {
    put_ours("Condition", "c");
    server.offer("Encounter", {"subject"});
    const Record record = whole();
    EXPECT_EQ(server.requests_for("Encounter?subject=Patient%2Fanna"), 1u);
    EXPECT_EQ(server.requests_for("Goal"), 0u);
    EXPECT_EQ(gap(record, "Goal"), "not-offered");
    EXPECT_EQ(gap(record, "Flag"), "");
    EXPECT_EQ(server.requests_for("_revinclude"), 0u);
}

// Epic answers 400 to Observation?patient= without a category.
TEST_F(PullTest, RefusedSearchIsRepeatedByCategory) {
    put_ours("Observation", "lab", R"("category":[{"coding":[{"code":"laboratory"}]}])");
    server.offer("Observation", {"category"});
    server.fail("Observation?patient=anna&_count=2", 400, 1);
    const Record record = whole();
    EXPECT_THAT(kept(record), Contains("Observation/lab"));
    EXPECT_EQ(gap(record, "Observation"), "");
}

TEST_F(PullTest, RefusedSearchWithoutAnotherWayIsAGap) {
    put_ours("Condition", "c");
    server.offer("Goal", {"patient"});
    server.fail("Goal?", 400);
    EXPECT_EQ(gap(whole(), "Goal"), "http-400");
}

TEST_F(PullTest, OneForbiddenTypeLeavesAGapAndTheRest) {
    put_ours("Condition", "c");
    put_ours("Procedure", "p");
    server.fail("Procedure?", 403);
    const Record record = whole();
    EXPECT_THAT(kept(record), Contains("Condition/c"));
    EXPECT_THAT(kept(record), Not(Contains("Procedure/p")));
    EXPECT_EQ(gap(record, "Procedure"), "http-403");
}

TEST_F(PullTest, PageCapKeepsWhatWasReadAndSaysSo) {
    settings.pages_max = 2;
    for (int i = 0; i < 9; ++i) put_ours("Condition", "c" + std::to_string(i));
    const Record record = whole();
    EXPECT_EQ(gap(record, "Condition"), "page-cap");
    EXPECT_EQ(record.resources.size(), 5u);
}

// The second run goes on at the page that failed; searches that were complete are not repeated.
TEST_F(PullTest, FlakyPageIsAskedForAgainAndNothingElse) {
    for (int i = 0; i < 5; ++i) put_ours("Observation", "o" + std::to_string(i));
    put_ours("Condition", "c");
    server.fail("_offset=2", 503, 1);
    const Result<Record> first = run();
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().kind(), ErrorKind::Unavailable);
    const Record record = whole();
    EXPECT_EQ(record.resources.size(), 7u);
    EXPECT_EQ(server.requests_for("Condition?"), 1u);
    EXPECT_EQ(server.requests_for("metadata"), 1u);
    EXPECT_EQ(server.requests_for("_offset=2"), 2u);
    EXPECT_EQ(server.requests_for("Observation?"), 4u);
}

TEST_F(PullTest, RefusedTokenEndsTheRunAndKeepsProgress) {
    put_ours("Condition", "c");
    put_ours("Procedure", "p");
    server.fail("Procedure?", 401, 1);
    EXPECT_EQ(run().error().kind(), ErrorKind::Unauthorized);
    EXPECT_THAT(kept(whole()), Contains("Procedure/p"));
    EXPECT_EQ(server.requests_for("Condition?"), 1u);
}

// A server that fails on one search each time must not keep the rest of the record from the
// patient.
TEST_F(PullTest, SearchThatAlwaysBreaksTheServerBecomesAGap) {
    put_ours("Condition", "c");
    put_ours("Procedure", "p");
    server.fail("Procedure?", 500);
    EXPECT_FALSE(run());
    EXPECT_FALSE(run());
    EXPECT_EQ(gap(whole(), "Procedure"), "http-500");
}

TEST_F(PullTest, PlantedDecoysAreRejectedByNameAndNeverKept) {
    put_ours("Observation", "good");
    server.plant("Observation", R"({"resourceType":"Observation","id":"bad",
                                    "subject":{"reference":"Patient/bob"}})");
    server.plant("Observation", R"({"resourceType":"Observation","id":"unsure",
                                    "subject":{"display":"Anna"}})");
    server.plant("Observation", R"({"resourceType":"Patient","id":"bob"})");
    server.plant("Observation", R"({"resourceType":"Practitioner","id":"stranger"})");
    server.plant("Observation", R"({"resourceType":"Bundle","id":"nested","type":"collection",
        "entry":[{"resource":{"resourceType":"Observation","id":"x"}}]})");
    const Record record = whole();
    EXPECT_EQ(kept(record), (std::vector<std::string>{"Observation/good", "Patient/anna"}));
    EXPECT_EQ(reason(record, "Observation/bad"), "wrong-patient");
    EXPECT_EQ(reason(record, "Observation/unsure"), "unproven-patient");
    EXPECT_EQ(reason(record, "Patient/bob"), "wrong-patient");
    EXPECT_EQ(reason(record, "Practitioner/stranger"), "unproven-patient");
    EXPECT_EQ(reason(record, "Bundle/nested"), "unproven-patient");
    EXPECT_EQ(record.names().size(), 7u);
}

TEST_F(PullTest, UnknownModifierExtensionStopsTheResource) {
    put_ours("Observation", "negated",
             R"("modifierExtension":[{"url":"urn:not","valueBoolean":true}])");
    EXPECT_EQ(reason(whole(), "Observation/negated"), "modifier-extension");
}

TEST_F(PullTest, ReferencesAreFollowedThroughCyclesAndEachReadOnce) {
    put_ours("Observation", "o", R"("performer":[{"reference":"PractitionerRole/r"}],
        "hasMember":[{"reference":"Observation/o"}],"specimen":{"reference":"Specimen/s"})");
    put_ours("Observation", "p", R"("performer":[{"reference":"PractitionerRole/r"}])");
    server.put(R"({"resourceType":"PractitionerRole","id":"r",
                   "organization":{"reference":"Organization/a"}})");
    server.put(
        R"({"resourceType":"Organization","id":"a","partOf":{"reference":"Organization/b"}})");
    server.put(
        R"({"resourceType":"Organization","id":"b","partOf":{"reference":"Organization/a"}})");
    put_ours("Specimen", "s");
    const Record record = whole();
    EXPECT_EQ(kept(record),
              (std::vector<std::string>{"Observation/o", "Observation/p", "Organization/a",
                                        "Organization/b", "Patient/anna", "PractitionerRole/r",
                                        "Specimen/s"}));
    EXPECT_EQ(server.requests_for("PractitionerRole/r"), 1u);
    EXPECT_EQ(server.requests_for("Organization/a"), 1u);
}

TEST_F(PullTest, ReferencedResourceOfAnotherPatientIsNotKept) {
    put_ours("Observation", "o", R"("hasMember":[{"reference":"Observation/theirs"}])");
    server.put(R"({"resourceType":"Observation","id":"theirs","subject":{"reference":"Patient/bob"},
                   "performer":[{"reference":"Practitioner/their-doctor"}]})");
    server.put(R"({"resourceType":"Practitioner","id":"their-doctor"})");
    const Record record = whole();
    EXPECT_EQ(reason(record, "Observation/theirs"), "wrong-patient");
    EXPECT_EQ(server.requests_for("their-doctor"), 0u);
}

TEST_F(PullTest, MissingAndForeignReferencesAreGaps) {
    put_ours("Observation", "o", R"("performer":[{"reference":"Practitioner/gone"},
        {"reference":"https://other.example/fhir/Practitioner/1"}])");
    const Record record = whole();
    EXPECT_EQ(gap(record, "Practitioner/gone"), "http-404");
    EXPECT_EQ(gap(record, "Practitioner"), "foreign-host");
    for (const std::string& line : server.transport().log())
        EXPECT_TRUE(line.starts_with("GET https://ehr.example/")) << line;
}

TEST_F(PullTest, ProvenanceComesWithTheSearchOrByItsTarget) {
    put_ours("Condition", "with");
    put_ours("Procedure", "apart");
    server.offer_provenance_with("Condition");
    server.offer("Provenance", {"target"});
    server.put(
        R"({"resourceType":"Provenance","id":"1","target":[{"reference":"Condition/with"}]})");
    server.put(R"({"resourceType":"Provenance","id":"2","target":[{"reference":"Procedure/apart"}],
                   "agent":[{"who":{"reference":"Practitioner/d"}}]})");
    server.put(R"({"resourceType":"Practitioner","id":"d"})");
    server.put(
        R"({"resourceType":"Observation","id":"theirs","subject":{"reference":"Patient/bob"}})");
    server.put(R"({"resourceType":"Provenance","id":"3",
        "target":[{"reference":"Procedure/apart"},{"reference":"Observation/theirs"}]})");
    const Record record = whole();
    EXPECT_THAT(kept(record), Contains("Provenance/1"));
    EXPECT_THAT(kept(record), Contains("Provenance/2"));
    EXPECT_THAT(kept(record), Contains("Practitioner/d"));
    EXPECT_EQ(reason(record, "Provenance/3"), "unproven-patient");
}

TEST_F(PullTest, SameVersionTwiceIsOneAndTheNewestOfTwoVersionsStands) {
    put_ours("Observation", "o",
             R"("meta":{"versionId":"1","lastUpdated":"2024-01-01T00:00:00Z"})");
    server.plant("Observation", R"({"resourceType":"Observation","id":"o","status":"amended",
        "meta":{"versionId":"2","lastUpdated":"2024-01-02T00:00:00Z"},
        "subject":{"reference":"Patient/anna"}})");
    server.plant("Observation",
                 R"({"subject":{"reference":"Patient/anna"},"resourceType":"Observation",
        "id":"o","meta":{"versionId":"1","lastUpdated":"2024-01-01T00:00:00Z"}})");
    const Record record = whole();
    ASSERT_EQ(record.resources.size(), 2u);
    EXPECT_EQ(record.resources[0].resource["status"].string(), "amended");
    EXPECT_EQ(reason(record, "Observation/o#2"), "superseded");
    EXPECT_EQ(record.names().size(), 3u);
}

// A URL names a resource; the same id at another server is another one.
TEST_F(PullTest, NamesakeOfAnotherServerDoesNotShutOutOurs) {
    put_ours("Observation", "o");
    server.plant_at("Observation", "https://other.example/fhir/Observation/o",
                    R"({"resourceType":"Observation","id":"o","status":"final",
                        "subject":{"reference":"Patient/anna"}})");
    const Record record = whole();
    EXPECT_THAT(kept(record), Contains("Observation/o"));
    EXPECT_EQ(reason(record, "https://other.example/fhir/Observation/o"), "unproven-patient");
}

TEST_F(PullTest, WhatTheServerCallsItselfIsSaidAndTheConfigurationSettlesIt) {
    server.plant_at("Observation", "http://inside.example/r4/Observation/o",
                    R"({"resourceType":"Observation","id":"o","status":"final",
                        "subject":{"reference":"Patient/anna"}})");
    put_ours("Condition", "c");
    EXPECT_EQ(gap(whole(), "Observation fullUrl"), "foreign-host");
    Pull informed(server.client(), table(), settings, limits, "anna", server.clock(), std::nullopt,
                  {fhir::Url::parse("http://inside.example/r4").value()});
    const Result<Record> record = informed.run(server.call().deadline, {});
    ASSERT_TRUE(record);
    EXPECT_EQ(gap(*record, "Observation fullUrl"), "");
    EXPECT_THAT(kept(*record), Contains("Observation/o"));
}

TEST_F(PullTest, OneVersionWithTwoContentsIsKeptTwiceUnderTwoNames) {
    put_ours("Observation", "o", R"("meta":{"versionId":"1"},"status":"final")");
    put_ours("Observation", "p");
    server.plant("Observation", R"({"resourceType":"Observation","id":"o","meta":{"versionId":"1"},
        "status":"amended","subject":{"reference":"Patient/anna"}})");
    const Record record = whole();
    EXPECT_EQ(kept(record), (std::vector<std::string>{"Observation/o", "Observation/o#2",
                                                      "Observation/p", "Patient/anna"}));
}

// One type's answer ended the whole pull.
TEST_F(PullTest, AnOutcomeInThePlaceOfOneTypeIsThatTypesOwn) {
    const auto outcome_of = [](const std::string& code) {
        return testing::json_answer(
            200, R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":")" +
                     code + R"("}]})");
    };
    put_ours("Condition", "c");
    for (const auto& [type, code] :
         {std::pair("Procedure", "login"), std::pair("Goal", "forbidden"),
          std::pair("CarePlan", "exception"), std::pair("Flag", "processing")}) {
        put_ours(type, "x");
        server.fail_with(std::string(type) + "?", outcome_of(code), 1 << 20);
    }
    Result<Record> record = run();
    for (int tries = 0; tries < 4 && !record; ++tries) record = run();
    ASSERT_TRUE(record);
    EXPECT_THAT(kept(*record), Contains("Condition/c"));
    EXPECT_EQ(gap(*record, "Procedure"), "refused");
    EXPECT_EQ(end_of(*record, "Procedure"), "refused");
    EXPECT_EQ(end_of(*record, "Goal"), "refused");
    EXPECT_EQ(end_of(*record, "CarePlan"), "unreadable");
    EXPECT_EQ(end_of(*record, "Flag"), "unreadable");
}

TEST_F(PullTest, AWebPageInThePlaceOfATypeIsAGapWithItsName) {
    put_ours("Condition", "c");
    put_ours("Procedure", "p");
    server.fail_with("Procedure?",
                     testing::answer(200, "text/html; charset=utf-8", "<html></html>"), 1 << 20);
    const Record record = whole();
    EXPECT_EQ(gap(record, "Procedure"), "web-page");
    EXPECT_EQ(end_of(record, "Procedure"), "unreadable");
}

// It was rejected without a word that something of the patient's is lacking.
TEST_F(PullTest, WhatIsOursAndNamesAnotherIsMissedByItsType) {
    put_ours("Observation", "o");
    put_ours("AllergyIntolerance", "a", R"("asserter":{"reference":"Patient/bob"})");
    server.plant(
        "Observation",
        R"({"resourceType":"Observation","id":"theirs","subject":{"reference":"Patient/bob"}})");
    const Record record = whole();
    EXPECT_EQ(reason(record, "AllergyIntolerance/a"), "wrong-patient");
    EXPECT_EQ(gap(record, "AllergyIntolerance (1 entry)"), "names-another");
    EXPECT_EQ(gap(record, "Observation (1 entry)"), "");
}

// Who it is about cannot be said of two.
TEST_F(PullTest, APatientOfTwoContentsIsAConflict) {
    server.offer("Condition", {"patient"});
    put_ours("Condition", "c");
    server.plant("Condition", R"({"resourceType":"Patient","id":"anna","birthDate":"1970-01-01"})");
    EXPECT_EQ(run().error().kind(), ErrorKind::Conflict);
}

TEST_F(PullTest, MergedPatientIsHeldForAPerson) {
    server.put(R"({"resourceType":"Patient","id":"anna",
                   "link":[{"type":"replaced-by","other":{"reference":"Patient/anna2"}}]})");
    EXPECT_EQ(run().error().kind(), ErrorKind::Conflict);
}

TEST_F(PullTest, UnknownPatientIsNotFound) {
    server.erase("Patient/anna");
    EXPECT_EQ(run().error().kind(), ErrorKind::NotFound);
}

TEST_F(PullTest, ZeroRecordsIsAFinding) {
    server.offer("Condition", {"patient"});
    EXPECT_EQ(gap(whole(), "record"), "no-records");
}

TEST_F(PullTest, RecordOverItsLimitIsNeverAShortOne) {
    limits.resources = 3;
    for (int i = 0; i < 5; ++i) put_ours("Condition", "c" + std::to_string(i));
    EXPECT_EQ(run().error().kind(), ErrorKind::TooLarge);
    limits = {};
    limits.record_bytes = 100;
    pull_.reset();
    EXPECT_EQ(run().error().kind(), ErrorKind::TooLarge);
}

}  // namespace
}  // namespace consultd
