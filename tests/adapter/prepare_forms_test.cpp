// What we send is R4 (promise 5): whatever single thing a record says in a form that R4 does not
// have, the packet is made, each of its resources is R4, the original words stand in it, and the
// ledger takes the change back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "adapter/prepare.h"
#include "adapter/stages/intake/intake.h"
#include "fhir/r4/validate.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;
using testing::HasSubstr;
using testing::Not;

Json parsed(std::string text) {
    const auto json = Json::parse(std::move(text));
    EXPECT_TRUE(json.ok());
    return json.ok() ? *json : Json();
}

const Json& consent() {
    static const Json json =
        parsed(R"({"resourceType":"Consent","status":"active","scope":{"coding":[{"system":
        "http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
        "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
        "dateTime":"2026-11-01","policy":[{"uri":"http://example.org/policy"}],
        "patient":{"reference":"Patient/p"},"provision":{"type":"permit"}})");
    return json;
}

// The same without what `rule` says.
Json all_but(const std::string& rule) {
    return consent().with(
        "provision", parsed(R"({"type":"permit","provision":[{"type":"deny",)" + rule + "}]}"));
}

const Request& request() {
    static const Request one{.transfer_id = "0d9e0a0e-6a3e-4c53-9f0b-5c4bb5a1f4a1",
                             .as_of = parse_instant("2026-11-23T12:00:00Z").value()};
    return one;
}

const Knowledge& knowledge() {
    static const Knowledge read = built_in_knowledge();
    return read;
}

class FormsTest : public testing::Test {
protected:
    // Prepares a record of the patient p with these beside.
    void prepare_record(const std::vector<std::string>& resources,
                        const Json& allowed = consent()) {
        std::vector<InputDocument> documents{
            {"patient.json", parsed(R"({"resourceType":"Patient","id":"p"})")}};
        for (const std::string& text : resources) documents.push_back({"x.json", parsed(text)});
        auto read = record_from(documents, allowed, request().as_of);
        ASSERT_TRUE(read.ok()) << read.error().message();
        record = *std::move(read);
        auto made = prepare(record, allowed, request(), knowledge());
        ASSERT_TRUE(made.ok()) << made.error().message();
        prepared = *std::move(made);
    }

    std::string errors() const {
        std::string out;
        for (const auto& one : fhir::r4::validate(prepared.packet.bundle))
            if (one.severity == fhir::r4::Finding::Severity::Error)
                out += one.path + ": " + one.text.c_str() + "\n";
        return out;
    }

    // What a source called it, as it is delivered.
    Json delivered(const std::string& source) const {
        const auto& lines = prepared.ledger.lines();
        const auto line = std::ranges::find(lines, source, &Ledger::Line::source);
        if (line == lines.end()) return {};
        for (const JsonView entry : prepared.packet.bundle["entry"].items())
            if (entry["fullUrl"].string() == line->detail)
                return prepared.packet.bundle.share(entry["resource"]);
        return {};
    }

    Json undone(const std::string& source) const {
        const auto back = undo({delivered(source)}, prepared.ledger.changes());
        EXPECT_TRUE(back.ok()) << back.error().message();
        return back.ok() ? back->front() : Json();
    }

    Record record;
    Prepared prepared;
};

TEST_F(FormsTest, OneBadDateNeitherStopsNorIsLost) {
    const std::string condition = R"({"resourceType":"Condition","id":"c","clinicalStatus":{
        "coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical",
            "code":"active"}]},"code":{"text":"Lupus"},"subject":{"reference":"Patient/p"},
        "onsetDateTime":"2020-02-30"})";
    ASSERT_NO_FATAL_FAILURE(prepare_record({condition}));
    EXPECT_EQ(errors(), "");
    EXPECT_EQ(delivered("Condition/c")["_onsetDateTime"]["extension"].items()[1].print(),
              R"({"url":"http://hl7.org/fhir/StructureDefinition/originalText",)"
              R"("valueString":"2020-02-30"})");
    EXPECT_TRUE(same_value(undone("Condition/c"), parsed(condition)));
}

TEST_F(FormsTest, EachKindOfFaultIsCarriedAndTakenBack) {
    const std::map<std::string, std::string> observations = {
        {"number-as-text", R"("valueQuantity":{"value":"5,4","unit":"mmol/L"})"},
        {"bad-binding", R"("valueQuantity":{"value":5.40,"comparator":"ca."})"},
        {"not-r4", R"("valueString":"x","triggeredByUs":[{"a":1.50}])"},
        {"choice-twice", R"("valueString":"neg","valueInteger":4)"},
        {"empty", R"("valueString":"x","category":[],"method":{})"},
        {"wrong-target", R"("valueString":"x","specimen":{"reference":"Patient/p"})"},
        {"unused-contained",
         R"("valueString":"x","contained":[{"resourceType":"Device","id":"d","lotNumber":"7"}])"},
    };
    std::vector<std::string> texts;
    for (const auto& [id, members] : observations)
        texts.push_back(R"({"resourceType":"Observation","id":")" + id +
                        R"(","status":"final","code":{"text":"x"},"subject":{"reference":)"
                        R"("Patient/p"},)" +
                        members + "}");
    ASSERT_NO_FATAL_FAILURE(prepare_record(texts));
    EXPECT_EQ(errors(), "");
    EXPECT_EQ(prepared.counts.delivered, observations.size() + 1);
    std::size_t at = 0;
    for (const auto& [id, members] : observations) {
        const Json back = undone("Observation/" + id), before = parsed(texts[at++]);
        EXPECT_TRUE(same_value(back, before)) << id << "\n" << back.print();
    }
    for (const char* words : {"5,4", "ca.", "{\\\"a\\\":1.50}", "neg", "\\\"lotNumber\\\":\\\"7"})
        EXPECT_THAT(prepared.packet.bundle.print(), HasSubstr(words));
}

TEST_F(FormsTest, WhatIsOfAnotherJsonKindIsKeptAndTakenBack) {
    const std::string allergy = R"({"resourceType":"AllergyIntolerance","id":"a",
        "category":"food","code":[{"text":"Nuts"}],"patient":{"reference":"Patient/p"},
        "note":{"text":"since 2010"},"recordedDate":["2010-13"]})";
    ASSERT_NO_FATAL_FAILURE(prepare_record({allergy}));
    EXPECT_EQ(errors(), "");
    EXPECT_THAT(delivered("AllergyIntolerance/a").print(), HasSubstr(R"("category":["food"])"));
    EXPECT_THAT(delivered("AllergyIntolerance/a").print(), HasSubstr("2010-13"));
    EXPECT_TRUE(same_value(undone("AllergyIntolerance/a"), parsed(allergy)));
}

// What cannot be kept is a gap that says what it is: an allergy is missing, not absent.
TEST_F(FormsTest, WhatIsLostIsToldByItsType) {
    ASSERT_NO_FATAL_FAILURE(prepare_record({R"({"resourceType":"AllergyIntolerance","id":"a",
        "code":"Nuts","patient":{"reference":"Patient/p"}})"}));
    ASSERT_EQ(prepared.input.gaps.size(), 1U);
    EXPECT_EQ(prepared.input.gaps[0].what, "AllergyIntolerance (1 entry)");
    EXPECT_EQ(prepared.input.gaps[0].reason.view(), "malformed");
    for (const JsonView item : prepared.packet.completeness["checklist"].items())
        EXPECT_TRUE(item["item"].string() != "allergies" ||
                    item["state"].string() == "not handed over");
}

// Where the consent is for results alone, that there is an allergy is nobody's business.
TEST_F(FormsTest, WhatIsLostIsToldByNumberWhereItsTypeMayNotBe) {
    ASSERT_NO_FATAL_FAILURE(
        prepare_record({R"({"resourceType":"AllergyIntolerance","code":"Nuts"})"},
                       all_but(R"("class":[{"system":"http://hl7.org/fhir/resource-types",)"
                               R"("code":"AllergyIntolerance"}])")));
    ASSERT_EQ(prepared.input.gaps.size(), 1U);
    EXPECT_EQ(prepared.input.gaps[0].what, "1 entry of the record");
    EXPECT_THAT(prepared.packet.html, Not(HasSubstr("AllergyIntolerance (")));
}

// A code that is no text is still the code that the consent denies.
TEST_F(FormsTest, ACodeInAnotherFormIsDeniedAllTheSame) {
    for (const char* code : {"77", R"("77 ")", R"(["77"])"}) {
        ASSERT_NO_FATAL_FAILURE(prepare_record(
            {std::string(R"({"resourceType":"Condition","id":"c","subject":{"reference":)"
                         R"("Patient/p"},"code":{"coding":[{"system":"urn:x","code":)") +
             code + "}]}}"},
            all_but(R"("code":[{"coding":[{"system":"urn:x","code":"77"}]}])")));
        EXPECT_EQ(prepared.counts.withheld, 1U) << code;
    }
}

// A name that R4 does not have is found wherever it would tell of what is withheld.
TEST_F(FormsTest, AnIdBeyondR4LeavesNoTrace) {
    ASSERT_NO_FATAL_FAILURE(prepare_record(
        {R"({"resourceType":"Condition","id":"of_the_withheld_1","subject":{"reference":
            "Patient/p"},"code":{"coding":[{"system":"urn:x","code":"77"}]}})",
         R"({"resourceType":"Condition","id":"other","subject":{"reference":"Patient/p"},
            "extension":[{"url":"urn:e","valueString":"see Condition/of_the_withheld_1."}],
            "code":{"coding":[{"system":"urn:x","code":"78"}]}})"},
        all_but(R"("code":[{"coding":[{"system":"urn:x","code":"77"}]}])")));
    EXPECT_EQ(prepared.counts.withheld, 1U);
    EXPECT_THAT(prepared.packet.bundle.print(), Not(HasSubstr("of_the_withheld")));
    EXPECT_THAT(prepared.packet.html, Not(HasSubstr("of_the_withheld")));
}

// Seen from large vendors: ids of more than 64 characters, and with `_`.
TEST_F(FormsTest, IdsBeyondR4AreNamesThatStayInside) {
    const std::string id = "e" + std::string(107, 'X') + "_3";
    const std::string medication =
        R"({"resourceType":"Medication","id":")" + id + R"(","code":{"text":"Olaparib"}})";
    const std::string order = R"({"resourceType":"MedicationRequest","id":"o_1","status":"active",
        "intent":"order","medicationReference":{"reference":"Medication/)" +
                              id + R"("},"subject":{"reference":"Patient/p"}})";
    ASSERT_NO_FATAL_FAILURE(prepare_record({medication, order}));
    EXPECT_EQ(errors(), "");
    EXPECT_EQ(prepared.counts.delivered, 3U);
    const std::string url = "urn:uuid:" + std::string(delivered("Medication/" + id)["id"].string());
    EXPECT_EQ(delivered("MedicationRequest/o_1").at("medicationReference", "reference").string(),
              url);
    EXPECT_THAT(prepared.packet.bundle.print(), Not(HasSubstr(id)));
    EXPECT_TRUE(same_value(undone("Medication/" + id), parsed(medication)));
    EXPECT_TRUE(same_value(undone("MedicationRequest/o_1"), parsed(order)));
}

// A version that is not the one that is held is not silently taken for it.
TEST_F(FormsTest, AReferenceToAnotherVersionIsAGap) {
    const auto observation = [](const std::string& id, const std::string& members) {
        return R"({"resourceType":"Observation","id":")" + id +
               R"(","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},)" +
               members + "}";
    };
    ASSERT_NO_FATAL_FAILURE(prepare_record(
        {observation("o1", R"("meta":{"versionId":"2"},"valueString":"x")"),
         observation("o2", R"("derivedFrom":[{"reference":"Observation/o1/_history/1"}])"),
         observation("o3", R"("derivedFrom":[{"reference":"Observation/o1/_history/2"}])")}));
    ASSERT_EQ(prepared.input.gaps.size(), 1U);
    EXPECT_EQ(prepared.input.gaps[0].what, "Observation/o1 version 1");
    EXPECT_EQ(prepared.input.gaps[0].reason.view(), "other-version-held");
}

// Given by reference in R5: never read as R4.
TEST_F(FormsTest, WhatIsOfAnotherReleaseAndHasNoPlaceInR4IsRejectedByName) {
    ASSERT_NO_FATAL_FAILURE(prepare_record(
        {R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order",
            "medication":{"reference":{"reference":"Medication/1"}},
            "subject":{"reference":"Patient/p"}})",
         R"({"resourceType":"DiagnosticOrder","id":"d","subject":{"reference":"Patient/p"},
            "ofNoRelease":1})"}));
    for (const char* source : {"MedicationRequest/m", "DiagnosticOrder/d"}) {
        const auto& lines = prepared.ledger.lines();
        const auto line = std::ranges::find(lines, source, &Ledger::Line::source);
        ASSERT_NE(line, lines.end()) << source;
        EXPECT_EQ(line->detail, "other-version");
    }
}

// Not given in STU3, ordered in DSTU2: what was not done is said not to have been, and each change
// stands in the ledger with what was there before.
TEST_F(FormsTest, WhatIsOfAnOlderReleaseIsSaidInR4AndTheLedgerHasWhatItWas) {
    ASSERT_NO_FATAL_FAILURE(prepare_record(
        {R"({"resourceType":"Immunization","id":"i","status":"completed","notGiven":true,
            "vaccineCode":{"text":"BCG"},"patient":{"reference":"Patient/p"}})",
         R"({"resourceType":"MedicationOrder","id":"d","status":"active",
            "patient":{"reference":"Patient/p"},"medicationCodeableConcept":{"text":"iron"}})"}));
    EXPECT_THAT(prepared.packet.bundle.print(), HasSubstr("not-done"));
    EXPECT_THAT(prepared.packet.bundle.print(), HasSubstr("MedicationRequest"));
    std::string before;
    for (const Change& change : prepared.ledger.changes()) before += change.before.print();
    EXPECT_THAT(before, HasSubstr("notGiven"));
    EXPECT_THAT(before, HasSubstr("MedicationOrder"));
}

// What IPS demands where the record says nothing is no part of the record: not posted as such.
TEST_F(FormsTest, WhatOnlyTheDocumentNeedsIsNotDelivered) {
    ASSERT_NO_FATAL_FAILURE(prepare_record({}));
    EXPECT_THAT(prepared.packet.bundle.print(), HasSubstr("no-problem-info"));
    const auto packet = restore_packet(prepared.packet.bundle.print(), "");
    ASSERT_TRUE(packet.ok());
    const auto input = restore_input(*packet, request());
    ASSERT_TRUE(input.ok());
    ASSERT_EQ(input->resources.size(), 1U);
    EXPECT_EQ(input->resources[0].resource.type(), "Patient");
}

}  // namespace
}  // namespace consultd
