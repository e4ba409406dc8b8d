// The first screen and the lists, said truly: what is now, what ended and why, what must not be
// given, what is the newest, of whom.
#include <gtest/gtest.h>

#include "tests/adapter/stages/page/page_text.h"

namespace consultd {
namespace {

using namespace consultd::testing;

std::string medicine(const std::string& type, const std::string& name, const std::string& more) {
    return R"({"resourceType":")" + type + R"(","id":")" + id_of(name) +
           R"(","medicationCodeableConcept":{"text":")" + name + R"("})" + more + "}";
}
std::string order(const std::string& name, const std::string& more) {
    return medicine("MedicationRequest", name, more);
}
std::string lab(const std::string& id, const std::string& name, const std::string& more,
                const std::string& status = "final") {
    return R"({"resourceType":"Observation","id":")" + id + R"(","status":")" + status +
           R"(","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":")" + name +
           R"("})" + more + "}";
}
std::string value(const std::string& number, const std::string& date) {
    return R"(,"valueQuantity":{"value":)" + number + R"(,"unit":"g/dL"},"effectiveDateTime":")" +
           date + '"';
}
std::string allergy(const std::string& name, const std::string& more) {
    return R"({"resourceType":"AllergyIntolerance","id":")" + id_of(name) +
           R"(","code":{"text":")" + name + R"("})" + more + "}";
}
std::string clinical(const char* code) {
    return R"(,"clinicalStatus":{"coding":[{"code":")" + std::string(code) + R"("}]})";
}
std::string verified(const char* code) {
    return R"(,"verificationStatus":{"coding":[{"code":")" + std::string(code) + R"("}]})";
}

TEST(FirstScreen, MedicinesNowAreThoseTakenAndWhatIsOnHoldWithThatWord) {
    const Said said({order("everolimus", R"(,"status":"active","intent":"order")"),
                     order("axitinib", R"(,"status":"active","intent":"plan")"),
                     order("sunitinib", R"(,"status":"stopped","intent":"order",)"
                                        R"("statusReason":{"text":"hand-foot syndrome"})"),
                     medicine("MedicationStatement", "apixaban", R"(,"status":"on-hold")")});
    const std::string now = said.fact("Medicines now");
    EXPECT_TRUE(has(now, "everolimus"));
    EXPECT_TRUE(has(now, "apixaban on hold"));
    EXPECT_FALSE(has(now, "axitinib") || has(now, "sunitinib"));
    EXPECT_TRUE(has(said.fact("Planned"), "axitinib planned"));
    EXPECT_TRUE(has(said.fact("Ended"), "sunitinib stopped: hand-foot syndrome"));
}

TEST(FirstScreen, AMedicineThatALaterEntryStoppedIsNotNow) {
    const Said said(
        {order("lithium", R"(,"status":"active","intent":"order","authoredOn":"2015-04-01")"),
         R"({"resourceType":"MedicationStatement","id":"s","status":"stopped",
             "medicationCodeableConcept":{"text":"Lithium"},"effectivePeriod":{"end":"2017-06-09"}})"});
    EXPECT_EQ(said.fact("Medicines now"), "Medicines now\nnone that stands now");
    EXPECT_TRUE(has(said.page(), "lithium stopped 9 Jun 2017 by a later entry"));
}

TEST(FirstScreen, NoneStandsNowIsNotSaidWhereWhatWasGivenMayGoOn) {
    const auto given = [](const std::string& status) {
        return medicine("MedicationAdministration", "natalizumab",
                        R"(,"effectiveDateTime":"2026-09-01","status":")" + status + "\"");
    };
    const std::string ended = order("fingolimod", R"(,"status":"stopped","intent":"order")");
    EXPECT_TRUE(has(Said({ended, given("completed")}).fact("Medicines now"),
                    "no order or statement that is active"));
    EXPECT_TRUE(
        has(Said({ended, given("in-progress")}).fact("Medicines now"), "natalizumab in progress"));
    EXPECT_TRUE(has(Said({medicine("MedicationDispense", "enoxaparin",
                                   R"(,"status":"completed","whenHandedOver":"2026-11-10",)"
                                   R"("daysSupply":{"value":30})")})
                        .fact("Handed out"),
                    "enoxaparin supply for 30 days, 10 Nov 2026"));
    EXPECT_TRUE(has(Said({R"({"resourceType":"MedicationRequest","id":"n","status":"active",)"
                          R"("intent":"order","authoredOn":"2026-11-01"})"})
                        .fact("Medicines now"),
                    "name not recorded"));
}

TEST(FirstScreen, WhatMustNotBeGivenIsAnAlertWithItsReason) {
    const Said said(
        {order("methotrexate", R"(,"status":"active","intent":"order","doNotPerform":true,
                           "reasonCode":[{"text":"pneumonitis 2024"}])")});
    EXPECT_TRUE(has(said.fact("Do not give"), "methotrexate do not give: pneumonitis 2024"));
    EXPECT_EQ(said.fact("Medicines now"), "Medicines now\nnot found");
}

TEST(FirstScreen, DosesGivenAreCountedWithoutThoseThatWereNot) {
    const auto dose = [](const std::string& date, const std::string& status) {
        const std::string why = status == "not-done" ? R"("statusReason":[{"text":"fever"}],)" : "";
        return R"({"resourceType":"MedicationAdministration","id":")" + date + R"(","status":")" +
               status + R"(","medicationCodeableConcept":{"text":"decitabine"},)" + why +
               R"("effectiveDateTime":")" + date + R"("})";
    };
    const Said said({dose("2026-01-05", "completed"), dose("2026-01-06", "completed"),
                     dose("2026-02-02", "not-done")});
    EXPECT_TRUE(has(said.fact("Given"), "decitabine, 2 times, 5 Jan 2026 to 6 Jan 2026"));
    EXPECT_FALSE(has(said.page(), "3 times"));
    EXPECT_TRUE(has(said.lists(), "decitabine not given: fever"));
}

TEST(FirstScreen, AllergiesRefutedOrResolvedAreNotAmongAllergiesNorBesideNoneKnown) {
    const Said said({allergy("no known allergies", R"(,"recordedDate":"2026-10-01")"),
                     allergy("latex", verified("refuted")), allergy("kiwi", clinical("resolved"))});
    const std::string allergies = said.fact("Allergies");
    EXPECT_TRUE(has(allergies, "no known allergies, recorded 1 Oct 2026"));
    EXPECT_FALSE(has(allergies, "latex") || has(allergies, "kiwi"));
    EXPECT_TRUE(has(said.lists(), "latex refuted"));
    EXPECT_TRUE(has(said.lists(), "kiwi resolved"));
    EXPECT_TRUE(has(said.narratives(), "latex (refuted)"));
}

TEST(FirstScreen, AllergiesHaveCriticalityAndReactionAndSuspectedOnesTheirWord) {
    const Said said(
        {allergy("penicillin", R"(,"criticality":"high","reaction":[{"severity":"severe",
                         "manifestation":[{"text":"anaphylaxis"}]}])"),
         allergy("iodine", verified("unconfirmed"))});
    EXPECT_TRUE(has(said.fact("Allergies"), "penicillin criticality high (anaphylaxis, severe)"));
    EXPECT_TRUE(has(said.fact("Allergies"), "iodine unconfirmed"));
}

TEST(FirstScreen, AnAllergyThatCouldNotBeReadIsNotTakenForNone) {
    const Said said({}, {{"1 entry of the record", "malformed"}});
    EXPECT_TRUE(has(said.fact("Allergies"), "not handed over; 1 entry of the record"));
    EXPECT_TRUE(has(said.fact("Allergies"), "could not be read"));
    EXPECT_EQ(said.state_of("allergies"), "not handed over");
    EXPECT_TRUE(has(said.narratives(), "Not available"));
    EXPECT_EQ(Said({}).state_of("allergies"), "not found");
}

std::string said_by_code(const std::string& code, const std::string& name,
                         const std::string& result, const std::string& status = "final") {
    return R"({"resourceType":"Observation","id":")" + id_of(name) + R"(","status":")" + status +
           R"(","code":{"coding":[{"system":"http://loinc.org","code":")" + code +
           R"("}],"text":")" + name + R"("},"valueCodeableConcept":{"text":")" + result +
           R"("},"effectiveDateTime":"2026-01-05"})";
}

TEST(FirstScreen, WhatDecidesInTheSpecialtyStandsThereAsAResultOfItsOwn) {
    const std::vector<std::string> record = {
        said_by_code("85337-4", "Estrogen receptor", "Positive"),
        said_by_code("85319-2", "HER2 by immune stain", "Negative"),
        said_by_code("85318-4", "HER2 by FISH", "Amplified", "cancelled"),
        said_by_code("97509-4", "Cancer disease progression", "Partial response"),
        said_by_code("21908-9", "Stage group", "IIIA"),
        said_by_code("1-8", "Shoe size", "Large")};
    const Said said(record, {}, "breast");
    EXPECT_EQ(said.fact("Markers").substr(0, 7), "Markers");
    EXPECT_TRUE(has(said.fact("Markers"), "Estrogen receptor Positive, 5 Jan 2026"));
    EXPECT_TRUE(has(said.fact("Markers"), "HER2 by immune stain Negative"));
    EXPECT_TRUE(has(said.fact("Markers"), "Cancer disease progression Partial response"));
    EXPECT_FALSE(has(said.fact("Markers"), "FISH") || has(said.fact("Markers"), "Shoe"));
    EXPECT_FALSE(has(said.fact("Markers"), "IIIA"));
    EXPECT_TRUE(Said(record, {}, "cardiology").fact("Markers").empty());
}

TEST(FirstScreen, OfTwoStagesOfOneMomentNoneIsTakenForTheLater) {
    const auto stage = [](const std::string& id, const std::string& result) {
        std::string one = said_by_code("21908-9", "Stage group", result);
        return one.replace(one.find("Stage-group"), 11, id);
    };
    const Said said({stage("a", "III"), stage("b", "IIIA"), stage("c", "IIIA")});
    EXPECT_TRUE(has(said.fact("Stage"), "Stage group III, 5 Jan 2026"));
    EXPECT_EQ(lines_with(said.fact("Stage"), "Stage group IIIA, 5 Jan 2026").size(), 1U);
}

TEST(FirstScreen, AMarkerHasWhatWasWrittenOfIt) {
    std::string variant = said_by_code("69548-6", "Genetic variant assessment", "Present");
    variant.insert(variant.size() - 1, R"(,"note":[{"text":"BRAF p.(Val600Glu), 34 %"}])");
    EXPECT_TRUE(has(Said({variant}).fact("Markers"), "Present: “BRAF p.(Val600Glu), 34 %”"));
}

TEST(FirstScreen, WhatWasDoneForTheSpecialtyComesBeforeWhatIsNewer) {
    std::vector<std::string> record = {
        R"({"resourceType":"Procedure","id":"m","status":"completed","code":{"text":"Lumpectomy"},
            "reasonCode":[{"text":"Carcinoma of breast"}],"performedDateTime":"2015-04-21"})"};
    for (const std::string day : {"1", "2", "3", "4", "5", "6", "7"})
        record.push_back(R"({"resourceType":"Procedure","id":"p)" + day +
                         R"(","status":"completed","code":{"text":"Talk )" + day +
                         R"("},"performedDateTime":"2026-01-0)" + day + R"("})");
    const std::string done = Said(record, {}, "breast").fact("Procedures, latest");
    EXPECT_TRUE(has(done, "Lumpectomy, 21 Apr 2015"));
    EXPECT_LT(done.find("Lumpectomy"), done.find("Talk 7"));
    EXPECT_FALSE(has(Said(record, {}, "cardiology").fact("Procedures, latest"), "Lumpectomy"));
}

TEST(FirstScreen, WhatOneGapTookIsToldOnceAndWhetherItIsThatIsNotClaimed) {
    const Said said({}, {{"Observation (1 entry)", "modifier-extension"}}, "rheumatology");
    const auto told = lines_with(said.first_screen(), "Rheumatoid factor");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(has(told.front(), "Social history; "));
    EXPECT_TRUE(has(said.first_screen(), "we do not know; it may be this"));
    EXPECT_EQ(said.state_of("rheumatoid"), "not handed over");
}

TEST(FirstScreen, ADoseNotGivenAndAnOperationThatWaitsStandThere) {
    const Said said(
        {medicine("MedicationAdministration", "bortezomib",
                  R"(,"status":"not-done","statusReason":[{"text":"neutropenia"}])"),
         R"({"resourceType":"Procedure","id":"p","status":"on-hold","code":{"text":"Hemicolectomy"}})"});
    EXPECT_TRUE(has(said.fact("Did not happen"), "bortezomib not given: neutropenia"));
    EXPECT_TRUE(has(said.fact("Planned"), "Hemicolectomy on hold"));
}

TEST(FirstScreen, WhatTheSourceGaveInPartSaysSo) {
    const Said said({lab("k", "Sodium",
                         value("1", "2026-01-05") + R"(,"meta":{"tag":[{"code":"SUBSETTED"}]})")});
    EXPECT_TRUE(has(said.page(), "given in part by the source"));
}

TEST(Lists, WhatIsSuspectedIsNotCountedAsNoProblem) {
    const auto problem = [](const std::string& name, const std::string& more) {
        return R"({"resourceType":"Condition","id":")" + name + R"(","code":{"text":")" + name +
               R"("})" + more + "}";
    };
    const Said said({problem("a", clinical("active") + verified("provisional")),
                     problem("b", clinical("resolved")), problem("c", clinical("active"))});
    EXPECT_TRUE(has(said.page(), "3 problems, 1 of them suspected, 1 of them not a problem now"));
}

TEST(FirstScreen, WarningsHarmAndCriticalValuesAreAlertsWhateverTheSpecialty) {
    const Said said(
        {R"({"resourceType":"Flag","id":"f","status":"active","code":{"text":"No blood products"}})",
         R"({"resourceType":"Flag","id":"g","status":"inactive","code":{"text":"MRSA"}})",
         R"({"resourceType":"AdverseEvent","id":"a","actuality":"actual","date":"2025-02-01",
             "event":{"text":"Anaphylaxis to carboplatin"},"outcome":{"text":"recovered"}})",
         R"({"resourceType":"AdverseEvent","id":"b","actuality":"potential","event":{"text":"Fall"}})",
         lab("k", "Sodium",
             value("112", "2026-11-20") + R"(,"interpretation":[{"coding":[{"code":"LL"}]}])"),
         lab("c", "Calcium",
             value("15", "2026-11-01") + R"(,"interpretation":[{"coding":[{"code":"HH"}]}])"),
         lab("d", "Calcium", value("9", "2026-11-02"))},
        {}, "rheumatology");
    EXPECT_TRUE(has(said.fact("Alerts"), "No blood products"));
    EXPECT_FALSE(has(said.first_screen(), "MRSA"));
    EXPECT_TRUE(has(said.fact("Adverse events"),
                    "Anaphylaxis to carboplatin, 1 Feb 2025 (outcome: recovered)"));
    EXPECT_FALSE(has(said.fact("Adverse events"), "Fall"));
    EXPECT_TRUE(has(said.fact("Critical values"), "Sodium 112 g/dL critically low, 20 Nov 2026"));
    EXPECT_FALSE(has(said.fact("Critical values"), "Calcium"));
    EXPECT_TRUE(has(said.narratives(), "Anaphylaxis to carboplatin"));
}

TEST(FirstScreen, TheNewestValueIsAResultOfThePatientWithADateThatCanBeRight) {
    const Said said(
        {lab("1", "Hemoglobin", value("12.4", "2026-11-01")),
         lab("2", "Hemoglobin", value("9.9", "2026-11-02"), "preliminary"),
         lab("3", "Hemoglobin", R"(,"effectiveDateTime":"2026-11-03")", "cancelled"),
         lab("4", "Hemoglobin",
             value("18.1", "2026-11-04") + R"(,"focus":[{"display":"stem cell donor"}])"),
         lab("5", "Hemoglobin", value("7.7", "9999-12-31")),
         lab("6", "Hemoglobin", value("6.6", "2026-12-24"))});
    const std::string newest = said.fact("Newest values");
    EXPECT_TRUE(has(newest, "Hemoglobin 12.4 g/dL, 1 Nov 2026"));
    EXPECT_TRUE(has(newest, "9.9 g/dL preliminary"));
    for (const char* other : {"18.1", "7.7", "6.6", "cancelled"})
        EXPECT_FALSE(has(newest, other)) << other;
    for (const std::string& line : lines_with(said.page(), "18.1"))
        EXPECT_TRUE(has(line, "not the patient: stem cell donor")) << line;
    for (const std::string& line : lines_with(said.lists(), "7.7"))
        EXPECT_TRUE(has(line, "placeholder")) << line;
    for (const std::string& line : lines_with(said.lists(), "6.6"))
        EXPECT_TRUE(has(line, "in the future")) << line;
}

TEST(FirstScreen, MassAndMolesAreOneAnalyteAndValuesOfOneMomentStandTogether) {
    const Said said({lab("1", "Hemoglobin", value("12.4", "2026-11-01")),
                     lab("2", "Hemoglobin [Moles/volume] in Blood", value("5.75", "2026-11-20")),
                     lab("3", "Platelets", value("150", "2026-11-20")),
                     lab("4", "Platelets", value("90", "2026-11-20"))});
    const std::string newest = said.fact("Newest values");
    EXPECT_TRUE(has(newest, "5.75"));
    EXPECT_FALSE(has(newest, "12.4"));
    EXPECT_TRUE(has(newest, "150") && has(newest, "90 g/dL"));
}

// One result that two visits have, under an id each.
TEST(FirstScreen, TheSameValueOfTheSameMomentIsSaidOnce) {
    const auto potassium = [](const std::string& id, const std::string& value) {
        return R"({"resourceType":"Observation","id":")" + id +
               R"(","status":"final","code":{"text":"Potassium"},"encounter":{"display":")" + id +
               R"("},"effectiveDateTime":"2026-11-10T12:17:10Z","valueQuantity":{"value":)" +
               value + R"(,"unit":"mmol/L"}})";
    };
    const std::string twice =
        Said({potassium("a", "4.9"), potassium("b", "4.9"), potassium("c", "5.1")}, {},
             "cardiology")
            .fact("Newest values");
    EXPECT_TRUE(has(twice, "4.9 mmol/L") && has(twice, "5.1 mmol/L")) << twice;
    EXPECT_EQ(twice.find("4.9"), twice.rfind("4.9")) << twice;
}

TEST(FirstScreen, WhatDidNotHappenIsNoProcedureAndSaysWhy) {
    const Said said(
        {R"({"resourceType":"Procedure","id":"n","status":"not-done","code":{"text":"Nephrectomy"},
                         "statusReason":{"text":"patient declined"}})",
         R"({"resourceType":"Procedure","id":"d","status":"completed","code":{"text":"Biopsy"},
                         "performedString":"in spring","complication":[{"text":"bleeding"}]})"});
    EXPECT_FALSE(has(said.fact("Procedures, latest"), "Nephrectomy"));
    EXPECT_TRUE(has(said.fact("Procedures, latest"), "Biopsy, in spring"));
    EXPECT_TRUE(has(said.fact("Did not happen"), "Nephrectomy not done: patient declined"));
    EXPECT_TRUE(has(said.lists(), "complication: bleeding"));
}

TEST(FirstScreen, SuspectedProblemsStandApartAndRefutedOnesInTheListAlone) {
    const auto problem = [](const std::string& name, const std::string& more) {
        return R"({"resourceType":"Condition","id":")" + id_of(name) + R"(","code":{"text":")" +
               name + R"("})" + more + "}";
    };
    const Said said({problem("Acne", ""), problem("Renal carcinoma", clinical("relapse")),
                     problem("Lymphoma", verified("differential")),
                     problem("Sarcoma", verified("refuted")),
                     problem("Gout", R"(,"abatementString":"years ago")")});
    EXPECT_TRUE(has(said.fact("Problems"), "Renal carcinoma relapse"));
    EXPECT_LT(said.fact("Problems").find("Renal"), said.fact("Problems").find("Acne"));
    EXPECT_TRUE(has(said.fact("Suspected"), "Lymphoma differential diagnosis"));
    EXPECT_FALSE(has(said.first_screen(), "Sarcoma") || has(said.first_screen(), "Gout"));
    EXPECT_TRUE(has(said.lists(), "Sarcoma refuted"));
    EXPECT_TRUE(has(said.lists(), "Gout until years ago"));
}

TEST(FirstScreen, WhoThePersonIsIsSaidWhole) {
    PacketInput input = packet_input(std::vector<std::string>{
        R"({"resourceType":"Patient","id":"p","name":[{"family":"Test","given":["Ada"]},
            {"use":"maiden","family":"Byron"}],"birthDate":"1961-02-03","deceasedDateTime":"2026-11-02",
            "communication":[{"language":{"text":"Greek"}},{"language":{"text":"English"},"preferred":true}],
            "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired",
            "valueBoolean":true}],"managingOrganization":{"display":"First Hospital"}})"});
    const std::string page = text_of_html(assemble(input, knowledge())->html);
    for (const char* said : {"Byron (maiden)", "Greek, English (preferred)", "2 Nov 2026",
                             "First Hospital", "required"})
        EXPECT_TRUE(has(page, said)) << said;
}

}  // namespace
}  // namespace consultd
