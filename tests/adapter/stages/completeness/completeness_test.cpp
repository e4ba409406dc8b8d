// What is missing is said, and what was only named is not taken for what was handed over.
#include "adapter/stages/completeness/completeness.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

ItemState state_of(std::string_view item, const std::vector<std::string>& texts,
                   const std::vector<Gap>& gaps = {}, std::string_view specialty = "oncology") {
    const PacketInput input = packet_input(texts);
    const Reading reading(input.resources, input.patient, input.request.as_of);
    for (const ChecklistItem& one :
         check_list(knowledge().specialties, specialty, input.request.as_of, reading, gaps))
        if (one.row->id == item) return one.state;
    ADD_FAILURE() << "no such item";
    return ItemState::NotFound;
}

std::string ldh(const std::string& date, const std::string& status = "final") {
    return R"({"resourceType":"Observation","id":"l","status":")" + status +
           R"(","code":{"coding":[{"system":"http://loinc.org","code":"2532-0"}]},"valueQuantity":{"value":702,"unit":"U/L"},"effectiveDateTime":")" +
           date + R"("})";
}

TEST(Completeness, AValueIsFoundUntilItIsTooOldForTheList) {
    EXPECT_EQ(state_of("tumour-markers", {ldh("2026-11-01")}), ItemState::Found);
    EXPECT_EQ(state_of("tumour-markers", {ldh("2026-01-01")}), ItemState::Old);
}

TEST(Completeness, WhatWasEnteredInErrorIsNotFound) {
    EXPECT_EQ(state_of("tumour-markers", {ldh("2026-11-01", "entered-in-error")}),
              ItemState::NotFound);
}

TEST(Completeness, APathologyReportIsFoundByItsNameAlone) {
    const std::string report =
        R"({"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"Skin BIOPSY, left calf"},"conclusion":"nevus"})";
    EXPECT_EQ(state_of("pathology", {report}), ItemState::Found);
    EXPECT_EQ(state_of("slides", {report}), ItemState::ReportOnly);
}

// Servers hand over that it was done where the report is not there, and call it as they do.
TEST(Completeness, ItIsFoundByWhicheverKindOfRecordAndByEachOfItsNames) {
    const auto procedure = [](const char* name) {
        return std::string(R"({"resourceType":"Procedure","id":"x","status":"completed",)") +
               R"("code":{"text":")" + name + "\"}}";
    };
    EXPECT_EQ(state_of("radiotherapy", {procedure("Teleradiotherapy procedure (procedure)")}),
              ItemState::Found);
    EXPECT_EQ(state_of("plan", {R"({"resourceType":"CarePlan","id":"c","status":"active",)"
                                R"("intent":"plan","category":[{"coding":[{"system":)"
                                R"("http://hl7.org/fhir/us/core/CodeSystem/careplan-category",)"
                                R"("code":"assess-plan"}]}]})"}),
              ItemState::Found);
    const std::string marker = R"({"resourceType":"Observation","id":"m","status":"final",)"
                               R"("effectiveDateTime":"2026-11-01","valueString":"4.1",)"
                               R"("code":{"coding":[{"system":"urn:lab","display":"CA 15-3"}]}})";
    EXPECT_EQ(state_of("tumour-markers", {marker}), ItemState::Found);
}

TEST(Completeness, AMedicineOfWhichNobodyKnowsHowItGoesOnIsHere) {
    for (const char* type : {"MedicationStatement", "MedicationRequest"})
        EXPECT_EQ(state_of("medicines", {std::string(R"({"resourceType":")") + type +
                                         R"(","id":"m","status":"unknown","intent":"order",)"
                                         R"("medicationCodeableConcept":{"text":"X"}})"}),
                  ItemState::Found)
            << type;
    EXPECT_EQ(state_of("procedures", {R"({"resourceType":"Procedure","id":"p","status":"unknown",)"
                                      R"("code":{"text":"X"}})"}),
              ItemState::NotFound);
}

// https://hl7.org/fhir/R4/observation-definitions.html#Observation.category is 0..*
TEST(Completeness, AResultOfALaboratoryIsFoundByItsCodeToo) {
    const auto coded = [](const std::string& code) {
        return R"({"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{)"
               R"("system":"http://loinc.org","code":")" +
               code + R"("}]},"valueQuantity":{"value":1},"effectiveDateTime":"2026-11-01"})";
    };
    EXPECT_EQ(state_of("laboratory", {coded("2823-3")}), ItemState::Found);
    EXPECT_EQ(state_of("laboratory", {coded("29463-7")}), ItemState::NotFound);
    // INR is no LDH, and bicarbonate no rheumatoid factor.
    EXPECT_EQ(state_of("ldh", {coded("6301-6")}, {}, "haematology"), ItemState::NotFound);
    EXPECT_EQ(state_of("rheumatoid", {coded("14627-4")}, {}, "rheumatology"), ItemState::NotFound);
}

// "No evidence of a biopsy" in a report's prose must not count as a biopsy.
TEST(Completeness, WordsInProseAreNoEvidence) {
    EXPECT_EQ(
        state_of("pathology", {R"({"resourceType":"DiagnosticReport","id":"r","status":"final",)"
                               R"("code":{"text":"Letter"},"conclusion":"no biopsy was taken"})"}),
        ItemState::NotFound);
}

// "BRAF V600E" in a conclusion is all that many records hold of it, and "not found" would be
// untrue.
TEST(Completeness, AGeneThatATextNamesIsToldToBeThere) {
    const std::string report =
        R"({"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"Panel"},)"
        R"("conclusion":"BRAF V600E 34 %. NRAS: no variant."})";
    EXPECT_EQ(state_of("braf", {report}, {}, "melanoma"), ItemState::NamedInText);
    EXPECT_EQ(state_of("braf", {}, {}, "melanoma"), ItemState::NotFound);
    // That something else of its kind was not handed over does not take it away.
    EXPECT_EQ(state_of("braf", {report}, {{"DiagnosticReport (1 entry)", "malformed"}}, "melanoma"),
              ItemState::NamedInText);
}

TEST(Completeness, AWordIsFoundAsAWordAndNeverAsAPartOfOne) {
    const auto letter = [](const std::string& name) {
        return R"({"resourceType":"DocumentReference","id":"d","status":"current","type":{"text":")" +
               name +
               R"("},"date":"2026-11-01T00:00:00Z","content":[{"attachment":{"data":"c2FpZA=="}}]})";
    };
    for (const char* name : {"Competency evaluation", "Direct contact", "Octopus", "Petition"})
        EXPECT_EQ(state_of("imaging-reports", {letter(name)}), ItemState::NotFound) << name;
    for (const char* name : {"PET of 3 May", "CT, abdomen", "PET/CT"})
        EXPECT_EQ(state_of("imaging-reports", {letter(name)}), ItemState::Found) << name;
}

TEST(Completeness, WhatWasNotDoneRefutedOrHasNoValueIsNotFound) {
    EXPECT_EQ(state_of("radiotherapy", {R"({"resourceType":"Procedure","id":"r","status":"not-done",
                                            "code":{"text":"Radiotherapy"}})"}),
              ItemState::NotFound);
    EXPECT_EQ(state_of("allergies", {R"({"resourceType":"AllergyIntolerance","id":"a",
        "verificationStatus":{"coding":[{"code":"refuted"}]},"code":{"text":"Latex"}})"}),
              ItemState::NotFound);
    EXPECT_EQ(state_of("heart", {R"({"resourceType":"Observation","id":"o","status":"final",
        "code":{"coding":[{"system":"http://loinc.org","code":"10230-1"}]},
        "dataAbsentReason":{"text":"not performed"}})"}),
              ItemState::NotFound);
    EXPECT_EQ(state_of("allergies", {R"({"resourceType":"AllergyIntolerance","id":"a",
        "code":{"coding":[{"code":"no-allergy-info"}]}})"}),
              ItemState::NotFound);
    EXPECT_EQ(state_of("allergies", {R"({"resourceType":"AllergyIntolerance","id":"a",
        "code":{"text":"No known allergies"}})"}),
              ItemState::Found);
}

TEST(Completeness, APlaceholderOrADateToComeMakesNothingRecent) {
    EXPECT_EQ(state_of("tumour-markers", {ldh("2026-01-01"), ldh("9999-12-31")}), ItemState::Old);
    EXPECT_EQ(state_of("tumour-markers", {ldh("2026-01-01"), ldh("2027-01-01")}), ItemState::Old);
}

TEST(Completeness, WhatTheRecordLostUnnamedMayBeWhatIsNotFound) {
    EXPECT_EQ(state_of("allergies", {}, {{"1 entry of the record", "malformed"}}),
              ItemState::NotHandedOver);
    EXPECT_EQ(state_of("allergies", {}, {{"AllergyIntolerance/7", "http-404"}}),
              ItemState::NotHandedOver);
    EXPECT_EQ(state_of("allergies", {}, {{"Observation/7", "http-404"}}), ItemState::NotFound);
}

// What a rejection or the seal took may be what is looked for, whichever of the item's types it
// was.
ItemState state_without(const std::shared_ptr<const ChecklistRow>& row, std::string_view specialty,
                        const Gap& gap) {
    const Instant now = sample_request().as_of;
    const std::vector<PacketResource> none;
    const Reading nothing(none, "", now);
    for (const ChecklistItem& item :
         check_list(knowledge().specialties, specialty, now, nothing, {gap}))
        if (item.row == row) return item.state;
    return ItemState::NotFound;
}
TEST(Completeness, WhatAGapOfAnyOfItsTypesTookIsNotHandedOver) {
    for (const char* specialty :
         {"oncology", "lung", "cardiology", "neurology", "rheumatology", "haematology"})
        for (const auto& row : knowledge().specialties.find(specialty).specialty.checklist) {
            if (row->only_if_there) continue;
            for (const std::string& type : row->types)
                for (const char* more : {" (1 entry)", ""})
                    EXPECT_EQ(state_without(row, specialty, {type + more, "malformed"}),
                              ItemState::NotHandedOver)
                        << row->id << type << more;
        }
}

TEST(Completeness, TheGapThatSomebodyCanBeAskedForIsNamedBeforeTheSealedOne) {
    const Instant now = sample_request().as_of;
    const std::vector<PacketResource> none;
    const Reading nothing(none, "", now);
    const std::vector<Gap> gaps = {{"DiagnosticReport (1 entry)", "first-opinion-sealed"},
                                   {"DocumentReference (1 entry)", "malformed"}};
    const auto items = check_list(knowledge().specialties, "oncology", now, nothing, gaps);
    const auto pathology = std::ranges::find_if(
        items, [](const ChecklistItem& item) { return item.row->id == "pathology"; });
    ASSERT_NE(pathology, items.end());
    EXPECT_EQ(pathology->gap, &gaps[1]);
}

// A report that is only listed is not here, and its slides cannot be told to be all that is
// missing.
TEST(Completeness, AReportWithoutItsWordsOrFileIsNotFound) {
    const auto report = [](const std::string& more) {
        return R"({"resourceType":"DiagnosticReport","id":"r","status":"final","code":)"
               R"({"text":"Skin biopsy"})" +
               more + "}";
    };
    const auto letter = [](const std::string& attachment) {
        return R"({"resourceType":"DocumentReference","id":"d","status":"current","type":)"
               R"({"text":"Pathology report"},"content":[{"attachment":{)" +
               attachment + "}}]}";
    };
    for (const std::string& text :
         {report(""), report(R"(,"presentedForm":[{"url":"http://ehr.example/Binary/1"}])"),
          report(R"(,"result":[{"reference":"urn:uuid:not-here"}])"),
          letter(R"("url":"http://ehr.example/Binary/1")"), letter(R"("title":"Pathology")"),
          letter(R"("data":"?!")"),
          letter(R"("data":"c2FpZA==","hash":"2jmj7l5rSw0yVb/vlWAYkK/YBwk=")")}) {
        EXPECT_EQ(state_of("pathology", {text}), ItemState::NotHandedOver) << text;
        EXPECT_EQ(state_of("slides", {text}), ItemState::NotFound) << text;
    }
    for (const std::string& text :
         {report(R"(,"conclusionCode":[{"text":"melanoma"}])"),
          report(R"(,"contained":[{"resourceType":"Observation","id":"o","status":"final",)"
                 R"("code":{"text":"Depth"},"valueString":"2 mm"}],"result":[{"reference":"#o"}])"),
          letter(R"("data":"c2FpZA==")"),
          letter(R"("data":"c2FpZA==","hash":"q8E1Dytb6HDKiq/4ceiv3QzJxVo=")")}) {
        EXPECT_EQ(state_of("pathology", {text}), ItemState::Found) << text;
        EXPECT_EQ(state_of("slides", {text}), ItemState::ReportOnly) << text;
    }
}

TEST(Completeness, WhatIsNotFinalYetIsPreliminary) {
    for (const char* status : {"preliminary", "partial", "registered"})
        EXPECT_EQ(
            state_of("pathology", {R"({"resourceType":"DiagnosticReport","id":"r","status":")" +
                                   std::string(status) +
                                   R"(","code":{"text":"Skin biopsy"},"conclusion":"x"})"}),
            ItemState::Preliminary)
            << status;
    EXPECT_EQ(state_of("tumour-markers", {ldh("2026-11-01", "preliminary")}),
              ItemState::Preliminary);
}

// As far as the date allows: of a year alone the day may be any of it.
TEST(Completeness, AnAgeIsToldAsFarAsTheDateAllows) {
    for (const char* date : {"2026", "9999-12-31", "2027-05-05", "1900-01-01"})
        EXPECT_EQ(state_of("tumour-markers", {ldh(date)}), ItemState::Undated) << date;
    EXPECT_EQ(state_of("tumour-markers", {ldh("2025")}), ItemState::Old);
    EXPECT_EQ(state_of("tumour-markers", {ldh("2026-11")}), ItemState::Found);
}

TEST(Completeness, ARefusedSearchIsNotHandedOver) {
    EXPECT_EQ(state_of("allergies", {}, {{"AllergyIntolerance", "http-403"}}),
              ItemState::NotHandedOver);
    EXPECT_EQ(state_of("laboratory", {}, {{"Observation?category=laboratory", "http-403"}}),
              ItemState::NotHandedOver);
    EXPECT_EQ(state_of("vitals", {}, {{"Observation?category=laboratory", "http-403"}}),
              ItemState::NotFound);
}

TEST(Completeness, AGapMakesThePacketIncomplete) {
    EXPECT_TRUE(completeness_json({}, {})["complete"].is_true());
    const fhir::Json partial = completeness_json({}, {{"Practitioner/7", "not-found"}});
    EXPECT_FALSE(partial["complete"].is_true());
    EXPECT_EQ(partial["gaps"].items()[0]["reason"].string(), "not-found");
}

TEST(Completeness, EverySpecialtyHasItsList) {
    const Instant now = sample_request().as_of;
    const std::vector<PacketResource> none;
    const Reading nothing(none, "", now);
    for (const char* specialty :
         {"oncology", "melanoma", "breast", "lung", "colorectal", "prostate", "haematology",
          "aml-mds", "lymphoma", "myeloma", "rheumatology", "neurology", "cardiology", "general",
          "", "podiatry"})
        EXPECT_GE(check_list(knowledge().specialties, specialty, now, nothing, {}).size(), 12U)
            << specialty;
}

}  // namespace
}  // namespace consultd
