#include "adapter/stages/normalize/normalize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/adapter/stages/normalize/record_of.h"

namespace consultd {
namespace {

using fhir::Json;
using testing::ElementsAre;
using testing::IsEmpty;

class NormalizeTest : public testing::Test {
protected:
    void SetUp() override {
        record.base_url = "https://ehr.example/fhir";
        record.patient = "Patient/1";
        add(R"({"resourceType":"Patient","id":"1"})");
    }
    void add(std::string_view text, std::string full_url = "") {
        add_text(record, text, std::move(full_url));
    }
    // An Observation with a subject as written, normalized.
    Json subject_of(std::string_view subject) {
        add(R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":)" +
            std::string(subject) + "}");
        return delivered("Observation/o").get("subject");
    }
    const Normalized& normalized() {
        if (!done_) {
            auto result = normalize(record);
            EXPECT_TRUE(result.ok());
            if (result) done_ = *std::move(result);
        }
        return *done_;
    }
    Json delivered(std::string_view source) {
        for (const PacketResource& resource : normalized().resources)
            if (resource.source == source) return resource.resource.json();
        return {};
    }
    std::string url_of(std::string_view source) {
        for (const PulledResource& pulled : record.resources)
            if (pulled.source == source) return full_url_of(record, pulled);
        return {};
    }
    std::vector<std::string> rules() {
        std::vector<std::string> out;
        for (const Change& change : normalized().changes)
            if (change.rule.view() != "id.uuid")
                out.push_back(std::string(change.rule.view()) + " " + change.path);
        return out;
    }
    std::vector<std::string> gaps() {
        std::vector<std::string> out;
        for (const auto& one : normalized().gaps) out.push_back(one.gap.what);
        return out;
    }
    Record record;

private:
    std::optional<Normalized> done_;
};

TEST_F(NormalizeTest, EveryWayToNameAResourceLeadsToIt) {
    add(R"({"resourceType":"Group","id":"g","identifier":[{"system":"2.16.840.1.113883.4.6","value":"9|9"}]})");
    add(R"({"resourceType":"Device","id":"d"})", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0");
    add(R"({"resourceType":"Provenance","id":"p","recorded":"2020-01-01T00:00:00Z","agent":[],"target":[
        {"reference":"Patient/1"},{"reference":"https://ehr.example/fhir/Patient/1"},
        {"reference":"Patient/1/_history/3"},{"reference":"https://ehr.example/fhir/Patient/1/_history/3"},
        {"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"},{"reference":"Device/d"},
        {"reference":"Group?identifier=http://hl7.org/fhir/sid/us-npi%7C9|9"}]})");
    std::vector<std::string> found;
    const Json provenance = delivered("Provenance/p");
    for (const fhir::JsonView target : provenance["target"].items())
        found.emplace_back(target["reference"].string());
    EXPECT_THAT(found, ElementsAre(url_of("Patient/1"), url_of("Patient/1"), url_of("Patient/1"),
                                   url_of("Patient/1"), url_of("Device/d"), url_of("Device/d"),
                                   url_of("Group/g")));
    // Version 3 is meant, and which one is held nobody says.
    EXPECT_THAT(gaps(), ElementsAre("Patient version 3"));
}

TEST_F(NormalizeTest, ADeliveredResourceIsNamedByItsUuid) {
    EXPECT_EQ("urn:uuid:" + std::string(delivered("Patient/1")["id"].string()),
              url_of("Patient/1"));
    ASSERT_EQ(normalized().changes.size(), 1U);
    EXPECT_EQ(normalized().changes[0].rule.view(), "id.uuid");
    EXPECT_EQ(normalized().changes[0].path, "Patient.id");
    EXPECT_EQ(normalized().changes[0].before.string(), "1");
}

TEST_F(NormalizeTest, ReferencesAreRewrittenWhereverTheyStand) {
    add(R"({"resourceType":"Condition","id":"c","contained":[{"resourceType":"Observation","id":"o",
        "status":"final","code":{"text":"x"},"subject":{"reference":"Patient/1"}}],
        "subject":{"display":"x","_display":{"extension":[{"url":"u","valueReference":
        {"reference":"Patient/1"}}]}},"evidence":[{"detail":[{"reference":"#o"}]}]})");
    EXPECT_THAT(
        rules(),
        ElementsAre("reference.urn Condition.contained[0].subject.reference",
                    "reference.urn Condition.subject.display.extension[0].value.reference"));
    EXPECT_EQ(
        delivered("Condition/c")["evidence"].items()[0]["detail"].items()[0]["reference"].string(),
        "#o");
}

TEST_F(NormalizeTest, UrisAndCanonicalsAreNotReferences) {
    add(R"({"resourceType":"QuestionnaireResponse","id":"q","status":"completed",
        "questionnaire":"https://ehr.example/fhir/Patient/1","extension":[{"url":"Patient/1",
        "valueUri":"Patient/1"},{"url":"u","valueUrl":"https://ehr.example/fhir/Patient/1"}]})");
    EXPECT_THAT(rules(), IsEmpty());
}

TEST_F(NormalizeTest, WhatIsNotHeldIsSaidLogically) {
    const Json subject = subject_of(R"({"reference":"Group/77","display":"a family"})");
    EXPECT_TRUE(same_value(subject, parse_json(R"({"display":"a family","type":"Group","identifier":
        {"system":"urn:ietf:rfc:3986","value":"https://ehr.example/fhir/Group/77"}})")));
    EXPECT_THAT(gaps(), ElementsAre("Group/77"));
    EXPECT_THAT(rules(), ElementsAre("reference.logical Observation.subject"));
}

TEST_F(NormalizeTest, AReferenceKeepsItsOwnIdentifier) {
    EXPECT_TRUE(same_value(subject_of(R"({"reference":"Group/77","identifier":{"value":"x"}})"),
                           parse_json(R"({"identifier":{"value":"x"},"type":"Group"})")));
}

TEST_F(NormalizeTest, AConditionalReferenceToNothingKeepsItsIdentifier) {
    const Json subject =
        subject_of(R"({"reference":"Group?identifier=urn:oid:2.16.840.1.113883.4.6|5"})");
    EXPECT_TRUE(same_value(subject, parse_json(R"({"type":"Group","identifier":
        {"system":"http://hl7.org/fhir/sid/us-npi","value":"5"}})")));
    EXPECT_THAT(gaps(), ElementsAre("Group"));
}

TEST_F(NormalizeTest, AConditionalReferenceThatFitsTwoLeadsToNeither) {
    add(R"({"resourceType":"Group","id":"a","identifier":[{"system":"s","value":"5"}],"name":"a"})");
    add(R"({"resourceType":"Group","id":"b","identifier":[{"system":"s","value":"5"}],"name":"b"})");
    EXPECT_FALSE(subject_of(R"({"reference":"Group?identifier=s|5"})").has("reference"));
}

TEST_F(NormalizeTest, AnotherPatientIsNotNamedInAGap) {
    subject_of(R"({"reference":"Patient/2"})");
    EXPECT_THAT(gaps(), ElementsAre("Patient"));
}

TEST_F(NormalizeTest, TheSameNameAtAnotherServerIsAnotherResource) {
    EXPECT_FALSE(
        subject_of(R"({"reference":"https://other.example/fhir/Patient/1"})").has("reference"));
}

TEST_F(NormalizeTest, WithoutASourceAddressTheAbsenceHasAReason) {
    record.base_url.clear();
    const Json subject = subject_of(R"({"reference":"Group/77","display":"a family"})");
    EXPECT_TRUE(
        same_value(subject, parse_json(R"({"display":"a family","type":"Group","extension":[{"url":
        "http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]})")));
}

// A copy that is folded misses nothing of its own.
TEST_F(NormalizeTest, AGapSaysWhichOfTheKeptResourcesItComesFrom) {
    for (const char* id : {"a", "b"})
        add(R"({"resourceType":"Observation","id":")" + std::string(id) +
            R"(","status":"final","code":{"text":"x"},"subject":{"reference":"Group/77"}})");
    subject_of(R"({"reference":"Group/77","display":"a family"})");
    ASSERT_EQ(normalized().gaps.size(), 1U);
    EXPECT_THAT(normalized().gaps[0].from,
                testing::UnorderedElementsAre(url_of("Observation/a"), url_of("Observation/o")));
}

// Each way to name a Binary of the record; an attachment has its bytes wherever the packet goes.
TEST_F(NormalizeTest, AttachmentsLeadToTheBinariesThatAreHeld) {
    const std::string text = R"({"resourceType":"Binary","contentType":"text/plain","id":)";
    add(text + R"("7","data":"YQ=="})");
    add(text + R"("8","data":"Yg=="})", "https://ehr.example/files/8.txt");
    add(text + R"("9","data":"YQ=="})");  // the same as 7
    add(R"({"resourceType":"DocumentReference","id":"d","status":"current","content":[
        {"attachment":{"url":"Binary/7"}},{"attachment":{"url":"https://ehr.example/fhir/Binary/7"}},
        {"attachment":{"url":"/files/8.txt"}},{"attachment":{"url":"Binary/9"}},
        {"attachment":{"url":"Binary/77"}},{"attachment":{"url":"https://x.example/Binary/7"}},
        {"attachment":{"url":"Patient/1"}}]})");
    std::vector<std::string> found;
    const Json document = delivered("DocumentReference/d");
    for (const fhir::JsonView content : document["content"].items())
        found.emplace_back(content.at("attachment", "url").string());
    EXPECT_THAT(found, ElementsAre(url_of("Binary/7"), url_of("Binary/7"), url_of("Binary/8"),
                                   url_of("Binary/7"), "Binary/77", "https://x.example/Binary/7",
                                   "Patient/1"));
    EXPECT_THAT(gaps(), IsEmpty());
}

TEST_F(NormalizeTest, SystemsBecomeCanonicalInCodingsQuantitiesAndIdentifiers) {
    add(R"({"resourceType":"Observation","id":"o","status":"final",
        "identifier":[{"system":"1.2.3.4","value":"x"}],
        "code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.1","code":"718-7"},
            {"system":"http://snomed.info/sct/731000124108","code":"1"}]},
        "valueQuantity":{"value":2.00,"system":"urn:oid:2.16.840.1.113883.6.8","code":"g/dL"}})");
    const Json observation = delivered("Observation/o");
    EXPECT_EQ(observation.at("valueQuantity", "system").string(), "http://unitsofmeasure.org");
    EXPECT_EQ(observation.at("valueQuantity", "value").number(), "2.00");
    EXPECT_THAT(rules(), ElementsAre("system.canonical Observation.identifier[0].system",
                                     "system.canonical Observation.code.coding[0].system",
                                     "system.canonical Observation.code.coding[1].system",
                                     "system.canonical Observation.code.coding[1].version",
                                     "system.canonical Observation.value.system"));
}

TEST_F(NormalizeTest, AnEditionIsNotLostToAVersionThatStandsThere) {
    add(R"({"resourceType":"Observation","id":"o","status":"final","code":{"coding":[
        {"system":"http://snomed.info/sct/731000124108","version":"2020","code":"1"}]}})");
    EXPECT_THAT(rules(), IsEmpty());
}

TEST_F(NormalizeTest, NarrativesDoNotLinkToResources) {
    add(R"({"resourceType":"Basic","id":"b","code":{"text":"x"},"text":{"status":"generated","div":
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><!-- <a href=\"Patient/1\"> --><a class='x' href='Patient/1#n'>A &amp; B</a> <img src=\"https://ehr.example/fhir/Patient/1\" alt=\"p\"/> <a href=\"https://x.example/\">y</a></div>"}})");
    EXPECT_EQ(
        delivered("Basic/b").at("text", "div").string(),
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><!-- <a href=\"Patient/1\"> --><a "
        "class='x'>A &amp; B</a> <img alt=\"p\"/> <a href=\"https://x.example/\">y</a></div>");
    EXPECT_THAT(rules(), ElementsAre("narrative.link Basic.text.div"));
}

TEST_F(NormalizeTest, ABundleInTheRecordIsWholeInItself) {
    add(R"({"resourceType":"Bundle","id":"b","type":"collection","entry":[{"resource":{"resourceType":
        "Condition","subject":{"reference":"Patient/1"}}}]})");
    EXPECT_THAT(rules(), IsEmpty());
}

TEST_F(NormalizeTest, ExactCopiesAreFoldedAndTheFirstIsKept) {
    const auto copy = [](const char* id, const char* rest) {
        return R"({"resourceType":"Condition","id":")" + std::string(id) +
               R"(","code":{"text":"x"},"subject":{"reference":"Patient/1"})" + rest + "}";
    };
    add(copy("b",
             R"(,"meta":{"versionId":"7","lastUpdated":"2020-01-01T00:00:00Z","source":"#q"})"));
    add(copy("a", R"(,"text":{"status":"generated","div":"<div>x</div>"})"));
    add(copy("c", R"(,"note":[{"text":"more"}])"));
    add(copy("d", R"(,"text":{"status":"additional","div":"<div>more</div>"})"));
    add(copy("e", R"(,"meta":{"security":[{"code":"R"}]})"));
    add(copy("f", R"(,"text":{"div":"<div>written by hand</div>"})"));
    ASSERT_EQ(normalized().merged.size(), 1U);
    EXPECT_EQ(normalized().merged[0].source, "Condition/b");
    EXPECT_EQ(normalized().merged[0].into, url_of("Condition/a"));
    EXPECT_EQ(normalized().merged[0].rule.view(), "duplicate.exact");
    EXPECT_EQ(normalized().resources.size(), 6U);
    for (const PacketResource& kept : normalized().resources)
        EXPECT_EQ(kept.copies.size(), kept.source == "Condition/a" ? 1U : 0U);
}

TEST_F(NormalizeTest, AnErrorIsNeverFoldedIntoItsValidTwin) {
    add(R"({"resourceType":"Observation","id":"a","status":"final","code":{"text":"x"}})");
    add(R"({"resourceType":"Observation","id":"b","status":"entered-in-error","code":{"text":"x"}})");
    EXPECT_THAT(normalized().merged, IsEmpty());
}

TEST_F(NormalizeTest, NumbersOfOtherPrecisionAreOtherNumbers) {
    add(R"({"resourceType":"Observation","id":"a","status":"final","code":{"text":"x"},"valueQuantity":{"value":2.0}})");
    add(R"({"resourceType":"Observation","id":"b","status":"final","code":{"text":"x"},"valueQuantity":{"value":2.00}})");
    EXPECT_THAT(normalized().merged, IsEmpty());
}

TEST_F(NormalizeTest, APatientIsNeverFolded) {
    add(R"({"resourceType":"Patient","id":"2"})");
    EXPECT_THAT(normalized().merged, IsEmpty());
}

TEST_F(NormalizeTest, WhatWasDoneIsFoldedOnlyWhereAnHourOrANumberSaysThatItIsOne) {
    const auto twice = [&](const std::string& rest) {
        for (const char* id : {"a", "b"})
            add(R"({"id":")" + std::string(id) + R"(","resourceType":)" + rest + '}');
    };
    twice(R"("MedicationAdministration","effectiveDateTime":"2026-10-01")");
    twice(R"("MedicationDispense","whenHandedOver":"2026-10-01")");
    twice(R"("Procedure","performedPeriod":{"start":"2026-10-01"})");
    EXPECT_THAT(normalized().merged, IsEmpty());
}

TEST_F(NormalizeTest, TwoOfOneHourOrOneNumberAreOne) {
    for (const std::string id : {"a", "b"}) {
        add(R"({"resourceType":"MedicationAdministration","id":")" + id +
            R"(","effectiveDateTime":"2026-10-01T08:00:00Z"})");
        add(R"({"resourceType":"Procedure","id":")" + id +
            R"(","performedDateTime":"2026-10-01","identifier":[{"value":"7"}]})");
    }
    EXPECT_EQ(normalized().merged.size(), 2U);
}

// The two results differ only in that each has its own copy of the encounter.
TEST_F(NormalizeTest, CopiesThatReferToCopiesAreFoldedToo) {
    for (const char* n : {"1", "2"}) {
        const std::string id = n;
        add(R"({"resourceType":"Encounter","id":"e)" + id +
            R"(","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/1"}})");
        add(R"({"resourceType":"Observation","id":"o)" + id +
            R"(","status":"final","code":{"text":"x"},"encounter":{"reference":"Encounter/e)" + id +
            R"("}})");
    }
    add(R"({"resourceType":"Observation","id":"z","status":"final","code":{"text":"y"},
        "encounter":{"reference":"Encounter/e2"},"hasMember":[{"reference":"Observation/o2"}]})");
    EXPECT_EQ(normalized().merged.size(), 2U);
    const Json z = delivered("Observation/z");
    EXPECT_EQ(z.at("encounter", "reference").string(), url_of("Encounter/e1"));
    EXPECT_EQ(z["hasMember"].items()[0]["reference"].string(), url_of("Observation/o1"));
}

// Each pair becomes the same when the pair before it has been folded: the whole chain goes, one
// change of the reference for each round that touched it.
TEST_F(NormalizeTest, AChainOfCopiesIsFoldedToItsEnd) {
    constexpr int length = 300;
    const auto name = [](char chain, int at) { return chain + std::to_string(1000 + at); };
    for (const char chain : {'a', 'b'})
        for (int i = 0; i < length; ++i)
            add(R"({"resourceType":"Observation","id":")" + name(chain, i) +
                R"(","status":"final","code":{"text":")" + std::to_string(i) + R"("})" +
                (i == 0 ? "}"
                        : R"(,"derivedFrom":[{"reference":"Observation/)" + name(chain, i - 1) +
                              R"("}]})"));
    ASSERT_EQ(normalized().merged.size(), std::size_t{length});
    for (const auto& merged : normalized().merged)
        EXPECT_EQ(merged.into, url_of("Observation/a" + merged.source.substr(13)));
    EXPECT_EQ(
        delivered("Observation/" + name('a', 7))["derivedFrom"].items()[0]["reference"].string(),
        url_of("Observation/" + name('a', 6)));
}

// The first by name stays, also where it became a copy only later: the reference goes on with it.
TEST_F(NormalizeTest, AReferenceFollowsThroughTheRoundsAndSaysEach) {
    const auto add_result = [&](const std::string& id, const std::string& refers_to) {
        add(R"({"resourceType":"Observation","id":")" + id +
            R"(","status":"final","code":{"text":"x"},"derivedFrom":[{"reference":"Device/)" +
            refers_to + R"("}]})");
    };
    add(R"({"resourceType":"Device","id":"d1","serialNumber":"7"})");
    add(R"({"resourceType":"Device","id":"d2","serialNumber":"7"})");
    add_result("o1", "d2");
    add_result("o2", "d1");
    add_result("o3", "d1");
    add(R"({"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"x"},
        "result":[{"reference":"Observation/o3"}]})");
    EXPECT_THAT(rules(),
                testing::IsSupersetOf({"reference.urn DiagnosticReport.result[0].reference",
                                       "reference.urn Observation.derivedFrom[0].reference"}));
    std::vector<std::string> steps;
    for (const Change& change : normalized().changes)
        if (change.path == "DiagnosticReport.result[0].reference")
            steps.emplace_back(change.after.string());
    EXPECT_THAT(steps, ElementsAre(url_of("Observation/o3"), url_of("Observation/o2"),
                                   url_of("Observation/o1")));
    EXPECT_EQ(delivered("DiagnosticReport/r")["result"].items()[0]["reference"].string(),
              url_of("Observation/o1"));
}

// An extension's url is no reference: two that differ in it are two, though what stands there are
// the addresses of two copies.
TEST_F(NormalizeTest, WhatOnlyLooksLikeALinkIsCompared) {
    add(R"({"resourceType":"Device","id":"d1"})");
    add(R"({"resourceType":"Device","id":"d2"})");
    for (const std::string at : {"1", "2"})
        add(R"({"resourceType":"Observation","id":"o)" + at +
            R"(","status":"final","code":{"text":"x"},"extension":[{"url":")" +
            url_of("Device/d" + at) + R"(","valueCode":"x"}]})");
    ASSERT_EQ(normalized().merged.size(), 1U);
    EXPECT_EQ(normalized().merged[0].source, "Device/d2");
}

TEST_F(NormalizeTest, EndsWhereItIsAskedToAndAtItsLimits) {
    add(R"({"resourceType":"Device","id":"d1"})");
    std::stop_source stop;
    EXPECT_TRUE(normalize(record, {.stop = stop.get_token(), .resources_max = 2}).ok());
    EXPECT_EQ(normalize(record, {.resources_max = 1}).error().kind(), ErrorKind::TooLarge);
    stop.request_stop();
    EXPECT_EQ(normalize(record, {.stop = stop.get_token()}).error().kind(), ErrorKind::Cancelled);
}

TEST_F(NormalizeTest, TwoResourcesOfOneNameStopTheTransfer) {
    add(R"({"resourceType":"Basic","id":"b","code":{"text":"x"}})");
    add(R"({"resourceType":"Basic","id":"b","code":{"text":"y"}})");
    const auto result = normalize(record);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind(), ErrorKind::Conflict);
}

TEST_F(NormalizeTest, TheFullUrlDependsOnTheSourceAndTheNameAlone) {
    const std::string first = url_of("Patient/1");
    record.base_url = "https://ehr.example/fhir/";
    EXPECT_EQ(url_of("Patient/1"), first);
    record.base_url = "https://other.example/fhir";
    EXPECT_NE(url_of("Patient/1"), first);
    EXPECT_EQ(first.size(), 45U);
    EXPECT_EQ(first[9 + 14], '5') << "version 5";
}

}  // namespace
}  // namespace consultd
