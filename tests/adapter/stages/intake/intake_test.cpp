#include "adapter/stages/intake/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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
std::string condition_of(const std::string& id) {
    return R"({"resourceType":"Condition","id":")" + id +
           R"(","subject":{"reference":"Patient/anna"}})";
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

// RFC 8259 §8.1: a reader may ignore it. Files that were put together have one within.
TEST(ParseInput, AByteOrderMarkIsNoData) {
    const std::string mark = "\xef\xbb\xbf";
    EXPECT_THAT(places("a.json", mark + anna), ElementsAre("a.json"));
    EXPECT_THAT(places("a.ndjson", mark + anna + "\n" + mark + about_anna),
                ElementsAre("a.ndjson:1", "a.ndjson:2"));
    EXPECT_THAT(places("-", mark + anna + "\n" + about_anna), ElementsAre("-:1", "-:2"));
    EXPECT_FALSE(parse_input("a.json", mark + mark + anna).ok());
}

TEST(ParseInput, XmlIsOneDocument) {
    const std::string xml = R"(<Patient xmlns="http://hl7.org/fhir"><id value="anna"/></Patient>)";
    for (const std::string before : {"", " \n", "\xef\xbb\xbf", "<?xml version=\"1.0\"?>\n"}) {
        const auto documents = parse_input("a.xml", before + xml);
        ASSERT_TRUE(documents) << before;
        ASSERT_EQ(documents->size(), 1U);
        EXPECT_EQ((*documents)[0].json["id"].string(), "anna");
    }
    const auto broken = parse_input("a.xml", "\n<Patient/>");
    EXPECT_EQ(broken.error().kind(), ErrorKind::Malformed);
    EXPECT_EQ(broken.error().number("line"), 2);
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

// Two servers number their patients alike; the consent names one of them by its URL.
TEST(RecordFrom, PatientOfTheSameIdAtAnotherServerIsAnother) {
    const auto at = [](const std::string& base) {
        return entry(base + "/Patient/anna", anna) + "," +
               entry(base + "/Condition/" + base.substr(8, 1), condition_of(base.substr(8, 1)));
    };
    const std::string both =
        bundle(at("https://a.example/fhir") + "," + at("https://b.example/fhir"));
    const Record record = record_of(both, "https://b.example/fhir/Patient/anna").value();
    EXPECT_THAT(kept(record), ElementsAre("Condition/b", "Patient/anna"));
    EXPECT_THAT(rejected(record), ElementsAre("https://a.example/fhir/Condition/a unproven-patient",
                                              "https://a.example/fhir/Patient/anna wrong-patient"));
    EXPECT_EQ(record_of(both).error().kind(), ErrorKind::Conflict);
    const std::string by_url = bundle(
        at("https://a.example/fhir") + "," + entry("https://b.example/fhir/Patient/anna", anna) +
        "," + entry("", R"({"resourceType":"Condition","id":"c","subject":{"reference":
                  "https://b.example/fhir/Patient/anna"}})"));
    EXPECT_THAT(kept(record_of(by_url, "https://a.example/fhir/Patient/anna").value()),
                ElementsAre("Condition/a", "Patient/anna"));
}

// A URN is unique in its Bundle and not among files.
TEST(RecordFrom, SameUrnInTwoFilesIsNotOnePatient) {
    const std::string berta = R"({"resourceType":"Patient","id":"berta"})";
    const auto file = [](const std::string& patient, const std::string& id) {
        return bundle(entry(anna_urn, patient) + "," +
                      entry("", R"({"resourceType":"Condition","id":")" + id +
                                    R"(","subject":{"reference":")" + anna_urn + R"("}})"));
    };
    const Record record = record_of("[" + file(anna, "a") + "," + file(berta, "b") + "]").value();
    EXPECT_THAT(kept(record), ElementsAre("Condition/a", "Patient/anna"));
    EXPECT_THAT(rejected(record),
                ElementsAre("Condition/b wrong-patient", "Patient/berta wrong-patient"));
}

// Two exports of one record: the Patient is one, in the version updated last.
TEST(RecordFrom, OfTwoVersionsTheOneUpdatedLastStands) {
    const auto version = [](const std::string& updated, const std::string& more = "") {
        return R"({"resourceType":"Patient","id":"anna","meta":{"lastUpdated":")" + updated +
               R"("})" + more + "}";
    };
    const std::string old = version("2026-01-01T00:00:00Z");
    const std::string young = version("2026-02-01T00:00:00Z", R"(,"birthDate":"1970-01-01")");
    for (const std::string& text :
         {"[" + old + "," + young + "]", "[" + young + "," + old + "," + about_anna + "]"}) {
        const Record record = record_of(text).value();
        EXPECT_EQ(record.resources.back().resource.json()["birthDate"].string(), "1970-01-01");
        EXPECT_THAT(rejected(record), ElementsAre("Patient/anna#2 superseded"));
        EXPECT_TRUE(record.gaps.empty());
    }
    const std::string another = version("2026-03-01T00:00:00Z", R"(,"birthDate":"1971-01-01")");
    EXPECT_EQ(record_of("[" + young + "," + another + "]").error().kind(), ErrorKind::Conflict);
    EXPECT_EQ(record_of("[" + anna + "," + young + "]").error().kind(), ErrorKind::Conflict);
}

TEST(RecordFrom, WhereAFileLiesIsNoPartOfTheRecord) {
    const auto documents = parse_input(
        "/home/somebody/record.json",
        "[" + anna + R"(,{"resourceType":"Condition","subject":{"reference":"Patient/anna"}}])");
    const auto record = record_from(*documents, consent_of("Patient/anna"), Instant());
    EXPECT_THAT(kept(*record), ElementsAre("Patient/anna", "record.json[1]"));
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

TEST(RecordFrom, WhatIsNoFhirAtAllIsSaidToBeNone) {
    for (const char* text : {R"({"hello":"x"})", R"([1,2])", R"({"resourceType":"Patience"})"})
        EXPECT_EQ(record_of(text).error().kind(), ErrorKind::Malformed) << text;
    EXPECT_EQ(record_of(R"([{"a":1},)" + about_anna + "]").error().kind(), ErrorKind::NotFound);
}

TEST(RecordFrom, OfContentsOfOneVersionTheNewestStandsInEveryOrder) {
    const std::string base = "https://e.example/fhir/";
    const auto content = [&](const std::string& day, const std::string& value) {
        return entry(base + "Observation/o", R"({"resourceType":"Observation","id":"o","meta":
            {"versionId":"1","lastUpdated":"2024-01-0)" +
                                                 day +
                                                 R"(T00:00:00Z"},"subject":{"reference":
            "Patient/anna"},"valueInteger":)" + value +
                                                 "}");
    };
    std::vector<std::string> entries = {entry(base + "Patient/anna", anna),
                                        entry(base + "Condition/c1", about_anna), content("1", "4"),
                                        content("2", "5"), content("1", "6")};
    std::sort(entries.begin(), entries.end());
    do {
        std::string all = entries[0];
        for (std::size_t i = 1; i < entries.size(); ++i) all += "," + entries[i];
        const Record record = record_of(bundle(all)).value();
        EXPECT_THAT(kept(record), ElementsAre("Condition/c1", "Observation/o", "Patient/anna"));
        EXPECT_EQ(record.resources[1].resource["valueInteger"].integer(), 5);
        EXPECT_THAT(rejected(record),
                    ElementsAre("Observation/o#2 superseded", "Observation/o#3 superseded"));
    } while (std::next_permutation(entries.begin(), entries.end()));
}

// https://hl7.org/fhir/R4/bundle.html#searchset
TEST(RecordFrom, AnOutcomeIsNoRecordAndAGapOnlyWhereItSaysThatSomethingLacks) {
    const auto with_outcome = [](const std::string& severity, const std::string& code) {
        return bundle(entry("", anna) + "," + entry("", about_anna) +
                      R"(,{"search":{"mode":"outcome"},"resource":{"resourceType":
                          "OperationOutcome","issue":[{"severity":")" +
                      severity + R"(","code":")" + code + R"("}]}})");
    };
    const Record told = record_of(with_outcome("information", "informational")).value();
    EXPECT_THAT(told.names(), ElementsAre("Condition/c1", "Patient/anna"));
    EXPECT_TRUE(told.gaps.empty());
    const Record lacking = record_of(with_outcome("warning", "suppressed")).value();
    EXPECT_EQ(lacking.names().size(), 2u);
    ASSERT_EQ(lacking.gaps.size(), 1u);
    EXPECT_EQ(lacking.gaps[0].reason.view(), "suppressed");
}

// https://hl7.org/fhir/R4/http.html#history
TEST(RecordFrom, WhatAHistorySaysIsDeletedIsNotLive) {
    const std::string gone = R"({"fullUrl":"https://e.example/fhir/Condition/c1",
        "request":{"method":"DELETE","url":"Condition/c1"})";
    const auto history = [&](const std::string& response, const std::string& meta) {
        return R"({"resourceType":"Bundle","type":"history","entry":[)" + gone + response + "}," +
               entry("https://e.example/fhir/Patient/anna", anna) + "," +
               entry("https://e.example/fhir/Condition/c1",
                     R"({"resourceType":"Condition","id":"c1",)" + meta +
                         R"("subject":{"reference":"Patient/anna"}})") +
               "]}";
    };
    const std::string at = R"(,"response":{"status":"204","lastModified":"2026-06-01T00:00:00Z"})";
    const auto updated = [](const std::string& month) {
        return R"("meta":{"lastUpdated":"2026-)" + month + R"(-01T00:00:00Z"},)";
    };
    const Record deleted = record_of(history(at, updated("05"))).value();
    EXPECT_THAT(kept(deleted), ElementsAre("Patient/anna"));
    EXPECT_THAT(rejected(deleted), ElementsAre("Condition/c1 deleted"));
    EXPECT_TRUE(deleted.gaps.empty());
    EXPECT_THAT(rejected(record_of(history("", "")).value()), ElementsAre("Condition/c1 deleted"));
    // Another server's is another one.
    std::string elsewhere = history(at, updated("05"));
    elsewhere.replace(elsewhere.find("e.example"), 9, "f.example");
    EXPECT_THAT(kept(record_of(elsewhere).value()), ElementsAre("Condition/c1", "Patient/anna"));
    // It came back.
    EXPECT_THAT(kept(record_of(history(at, updated("07"))).value()),
                ElementsAre("Condition/c1", "Patient/anna"));
}

// https://hl7.org/fhir/R4/http.html#paging
TEST(RecordFrom, APageThatWasLeftBehindIsAGap) {
    const auto page = [](const std::string& head, const std::string& resource) {
        return R"({"resourceType":"Bundle","type":"searchset",)" + head + R"("entry":[)" +
               entry("", resource) + "]}";
    };
    const auto link = [](const std::string& relation, const std::string& url) {
        return R"({"relation":")" + relation + R"(","url":"https://e.example/)" + url + R"("})";
    };
    const std::string first =
        page(R"("total":2,"link":[)" + link("self", "1") + "," + link("next", "2") + "],", anna);
    const std::string second =
        page(R"("total":2,"link":[)" + link("self", "2") + "," + link("previous", "1") + "],",
             about_anna);
    EXPECT_EQ(record_of(first)->gaps.size(), 1u);
    EXPECT_EQ(record_of("[" + first + "," + second + "]")->gaps.size(), 0u);
    EXPECT_EQ(record_of(page(R"("total":1,)", anna))->gaps.size(), 0u);
    EXPECT_EQ(record_of(page(R"("total":9,)", anna))->gaps[0].reason.view(), "fewer-than-total");
}

// As from a server: bytes and people that nothing of the patient's leads to are nobody's.
TEST(RecordFrom, WhatIsSharedIsKeptWhereSomethingOfThePatientsLeadsToIt) {
    const Record record = record_of("[" + anna + R"(,
        {"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/anna"},
         "asserter":{"reference":"Practitioner/d"}},
        {"resourceType":"Practitioner","id":"d"},{"resourceType":"Practitioner","id":"stranger"},
        {"resourceType":"Binary","id":"stray","data":"AAAA"}])")
                              .value();
    EXPECT_THAT(kept(record), ElementsAre("Condition/c1", "Patient/anna", "Practitioner/d"));
    EXPECT_THAT(rejected(record), ElementsAre("Binary/stray unproven-patient",
                                              "Practitioner/stranger unproven-patient"));
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
