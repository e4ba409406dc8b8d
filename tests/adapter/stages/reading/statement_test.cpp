// What a resource says of where it stands, when and of whom: generated over every clinical type and
// every code that R4 has for its status elements.
#include "adapter/stages/reading/statement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fhir/r4/elements.h"
#include "fhir/r4/facts.h"
#include "tests/adapter/stages/reading/statement_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using fhir::Json;

constexpr const char* clinical[] = {"AdverseEvent",
                                    "AllergyIntolerance",
                                    "Appointment",
                                    "BodyStructure",
                                    "CarePlan",
                                    "CareTeam",
                                    "ClinicalImpression",
                                    "Communication",
                                    "CommunicationRequest",
                                    "Composition",
                                    "Condition",
                                    "Consent",
                                    "DetectedIssue",
                                    "Device",
                                    "DeviceRequest",
                                    "DeviceUseStatement",
                                    "DiagnosticReport",
                                    "DocumentManifest",
                                    "DocumentReference",
                                    "Encounter",
                                    "EpisodeOfCare",
                                    "FamilyMemberHistory",
                                    "Flag",
                                    "Goal",
                                    "ImagingStudy",
                                    "Immunization",
                                    "ImmunizationEvaluation",
                                    "List",
                                    "Media",
                                    "Medication",
                                    "MedicationAdministration",
                                    "MedicationDispense",
                                    "MedicationRequest",
                                    "MedicationStatement",
                                    "NutritionOrder",
                                    "Observation",
                                    "Procedure",
                                    "QuestionnaireResponse",
                                    "RequestGroup",
                                    "ResearchSubject",
                                    "RiskAssessment",
                                    "ServiceRequest",
                                    "Specimen",
                                    "SupplyDelivery",
                                    "SupplyRequest",
                                    "Task",
                                    "VisionPrescription"};

// What may never be told as it is, whatever the type.
const std::set<std::string_view> never_plain = {
    "not-done",    "not-taken",   "declined",     "on-hold",         "onhold",
    "suspended",   "stopped",     "draft",        "proposal",        "plan",
    "option",      "proposed",    "planned",      "intended",        "refuted",
    "cancelled",   "revoked",     "rejected",     "preliminary",     "registered",
    "partial",     "potential",   "inactive",     "resolved",        "remission",
    "unconfirmed", "provisional", "differential", "superseded",      "retired",
    "preparation", "noshow",      "abandoned",    "entered-in-error"};

// One resource of a type that holds one code in one of its status elements; a demanded status that
// is not asked about has a code that turns nothing.
Json with_code(std::string_view type, const fhir::r4::Element& element, std::string_view code) {
    Json json = Json::object({{"resourceType", type}});
    for (const char* plain : {"active", "completed", "final", "current", "available", "finished"})
        if (const auto* status = fhir::r4::find_type(type)->find("status"))
            if (std::ranges::any_of(status->required_codes,
                                    [&](const StaticText& one) { return one.view() == plain; }))
                json = json.with("status", plain);
    if (element.required_system.view().empty()) return json.with(element.name.view(), code);
    return json.with(
        element.name.view(),
        Json::object(
            {{"coding", Json::array({Json::object(
                            {{"system", element.required_system.view()}, {"code", code}})})}}));
}

using See = std::function<void(std::string_view type, std::string_view element,
                               std::string_view code, const Json& json)>;
std::size_t for_every_status(const See& see) {
    std::size_t seen = 0;
    for (const char* type : clinical)
        for (const fhir::r4::Fact& fact :
             fhir::r4::find_facts(type)->of(fhir::r4::About::Standing)) {
            const fhir::r4::Element* element = fhir::r4::find_type(type)->find(fact.element.view());
            if (!element || fact.element.view() == "mode") continue;
            for (const StaticText& code : element->required_codes) {
                see(type, fact.element.view(), code.view(), with_code(type, *element, code.view()));
                ++seen;
            }
        }
    return seen;
}

// Where a resource may stand: where all that holds of it lets it.
Places places(const Json& json) {
    Places out = places_of(Standing::Fact);
    for (const StandingWord& word : standing_words(json)) out = both(out, places_of(word.standing));
    return out;
}

TEST(Standing, EveryCodeThatR4HasForAStatusHasItsRow) {
    const std::size_t seen =
        for_every_status([](auto type, auto element, auto code, const Json& json) {
            for (const StandingWord& word : standing_words(json))
                EXPECT_EQ(word.words.find("as written"), std::string::npos)
                    << type << '.' << element << ' ' << code;
        });
    EXPECT_GT(seen, 200U);
}

TEST(Standing, WhatIsNoFactHasAWordAtItsSide) {
    for_every_status([](auto type, auto element, auto code, const Json& json) {
        const std::vector<StandingWord> words = standing_words(json);
        // "plan" is what a care plan is.
        if (!never_plain.contains(code) || (type == "CarePlan" && code == "plan")) return;
        ASSERT_FALSE(words.empty()) << type << '.' << element << ' ' << code;
        EXPECT_FALSE(words.front().words.empty()) << type << '.' << element << ' ' << code;
    });
}

TEST(Standing, WhatDidNotHappenIsPlannedRefutedOrCancelledStandsNowhereAsAFact) {
    const std::set<std::string_view> not_so = {
        "not-done",    "not-taken",   "declined",     "draft",      "proposal",
        "option",      "proposed",    "planned",      "intended",   "refuted",
        "cancelled",   "revoked",     "potential",    "noshow",     "entered-in-error",
        "unconfirmed", "provisional", "differential", "superseded", "preparation"};
    for_every_status([&](auto type, auto element, auto code, const Json& json) {
        if (!not_so.contains(code)) return;
        const Places may = places(json);
        EXPECT_FALSE(may.now || may.newest || may.found || may.drawn)
            << type << '.' << element << ' ' << code;
    });
}

TEST(Standing, WhatWasEnteredInErrorIsShownNowhereWhateverElseIsSaidOfIt) {
    for_every_status([](auto type, auto element, auto code, const Json& json) {
        if (code != "entered-in-error") return;
        EXPECT_FALSE(places(json.with("doNotPerform", Json(true))).shown) << type << '.' << element;
    });
}

TEST(Standing, ACodeThatNobodyKnowsIsSaidAsWrittenAndIsNoFact) {
    const auto words =
        standing_words(*Json::parse(R"({"resourceType":"Procedure","status":"half-done"})"));
    ASSERT_EQ(words.size(), 1U);
    EXPECT_EQ(words[0].words, "status as written: half-done");
    EXPECT_FALSE(places_of(words[0].standing).found);
}

std::string problem(const std::string& more) {
    return R"({"resourceType":"Condition","id":"c","code":{"text":"lupus"})" + more + "}";
}

// By another system, by a name, by a text: none of them passes for a fact.
TEST_F(StatementTest, AStatusInOtherWordsThanR4sIsHeededAndSaidInThem) {
    const auto verified = [&](const std::string& status) {
        return say(problem(R"(,"verificationStatus":{)" + status + "}"));
    };
    const Statement absent = verified(
        R"("coding":[{"system":"http://snomed.info/sct","code":"410516002","display":"Known absent"}])");
    EXPECT_EQ(absent.standing, Standing::RuledOut);
    EXPECT_EQ(absent.words, "Known absent");
    EXPECT_EQ(verified(R"("coding":[{"code":"confirmed"}],"text":"Suspected")").words, "Suspected");
    EXPECT_EQ(verified(R"("coding":[{"code":"confirmed"}],"text":"Refuted by challenge")").standing,
              Standing::RuledOut);
    EXPECT_EQ(verified(R"("coding":[{"code":"x7","display":"Half sure"}])").words,
              "status as written: Half sure");
    EXPECT_EQ(verified(R"("text":"Not ruled out")").standing, Standing::Unclear);
    EXPECT_TRUE(verified(R"("coding":[{"code":"410605003"}])").is_plain());
    EXPECT_TRUE(verified(R"("coding":[{"code":"confirmed"}],"text":"Verified")").is_plain());
    EXPECT_EQ(say(problem(R"(,"clinicalStatus":{"coding":[{"code":"413322009",)"
                          R"("display":"Problem resolved"}]})"))
                  .standing,
              Standing::Over);
}

TEST_F(StatementTest, HowSureAGermanDiagnosisIsStandsBesideIt) {
    const auto sure = [&](const std::string& code) {
        return say(R"({"resourceType":"Condition","id":"c","code":{"coding":[{"code":"C90.0",)"
                   R"("display":"Myelom","extension":[{"url":"http://fhir.de/StructureDefinition/)"
                   R"(icd-10-gm-diagnosesicherheit","valueCoding":{"code":")" +
                   code + R"("}}]}]}})");
    };
    EXPECT_EQ(sure("A").standing, Standing::RuledOut);
    EXPECT_EQ(sure("A").words, "ausgeschlossen (A, excluded)");
    EXPECT_EQ(sure("V").standing, Standing::Suspected);
    EXPECT_EQ(sure("Z").standing, Standing::Over);
    EXPECT_TRUE(sure("G").is_plain());
}

TEST_F(StatementTest, AnOrderNotToGiveIsForbiddenWhateverItsStatus) {
    const Statement& one = say(order(R"(,"status":"active","intent":"plan","doNotPerform":true,
        "reasonCode":[{"text":"bleeding"}])"));
    EXPECT_EQ(one.standing, Standing::Forbidden);
    EXPECT_EQ(one.aside(), "do not give, planned: bleeding");
    EXPECT_FALSE(one.places().now);
}

TEST_F(StatementTest, APeriodThatIsOverOrAheadIsNotNow) {
    const auto taken = [](const std::string& period) {
        return R"({"resourceType":"MedicationStatement","id":"m","status":"active",)"
               R"("medicationCodeableConcept":{"text":"x"},"effectivePeriod":)" +
               period + "}";
    };
    EXPECT_EQ(say(taken(R"({"start":"2020","end":"2021-02-03"})")).words, "ended 3 Feb 2021");
    EXPECT_EQ(say(taken(R"({"start":"2030-01-01"})")).words, "starts 1 Jan 2030");
    EXPECT_TRUE(say(taken(R"({"start":"2020-01-01","end":"2030-01-01"})")).is_plain());
    EXPECT_TRUE(say(taken(R"({"start":"2020-01-01","end":"9999-12-31"})")).places().now);
}

TEST_F(StatementTest, AProblemThatAbatedIsOverEvenWhereItsStatusIsAbsentOrActive) {
    for (const char* abatement :
         {R"("abatementDateTime":"2019-06-01")", R"("abatementString":"years ago")",
          R"("abatementAge":{"value":40,"unit":"a"})"})
        for (const char* status : {"", R"(,"clinicalStatus":{"coding":[{"code":"active"}]})"})
            EXPECT_EQ(
                say(std::string(R"({"resourceType":"Condition","id":"c","code":{"text":"gout"},)") +
                    abatement + status + "}")
                    .standing,
                Standing::Over)
                << abatement;
    EXPECT_TRUE(say(R"({"resourceType":"Condition","id":"c","abatementDateTime":"9999-12-31"})")
                    .places()
                    .now);
}

std::string potassium(const std::string& more) {
    return R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Potassium"})" +
           more + "}";
}

TEST_F(StatementTest, AValueOfSomebodyElseIsNeverThePatients) {
    const std::string value = R"(,"valueQuantity":{"value":4})";
    for (const char* focus :
         {R"({"display":"stem cell donor"})", R"({"reference":"RelatedPerson/9","display":"x"})",
          R"({"type":"Group"})"}) {
        const Statement& one = say(potassium(value + R"(,"focus":[)" + focus + "]"));
        EXPECT_EQ(one.standing, Standing::NotThePatient) << focus;
        EXPECT_FALSE(one.places().newest || one.places().found) << focus;
    }
    // The tumor that a stage is of is the patient's.
    EXPECT_TRUE(say(potassium(value + R"(,"focus":[{"type":"Condition","display":"melanoma"}])"))
                    .is_plain());
}

TEST_F(StatementTest, AResultWithoutAValueSaysWhyAndIsNeverTheNewest) {
    const Statement& one = say(potassium(R"(,"dataAbsentReason":{"text":"hemolyzed"})"));
    EXPECT_EQ(one.words, "no value: hemolyzed");
    EXPECT_FALSE(one.places().newest || one.places().found);
}

TEST_F(StatementTest, AValueWhoseOwnElementSaysWhyItIsAbsentIsNoValue) {
    const Statement& one =
        say(potassium(R"(,"valueQuantity":{"unit":"mmol/L","extension":[{"valueCode":"masked",)"
                      R"("url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]})"));
    EXPECT_EQ(one.words, "no value: masked");
}

TEST_F(StatementTest, AProposalThatWasCompletedIsStillNoMedicineThatWasTaken) {
    const Statement& one = say(order(R"(,"status":"completed","intent":"proposal")"));
    EXPECT_EQ(one.words, "completed, proposal");
    EXPECT_FALSE(one.places().found || one.places().newest || one.places().drawn);
}

TEST_F(StatementTest, ThatThereIsNoneAndThatNothingIsKnownAreTwoThings) {
    const auto allergy = [](const std::string& code) {
        return R"({"resourceType":"AllergyIntolerance","id":"a","code":)" + code + "}";
    };
    using Says = Statement::Says;
    for (const char* code :
         {R"({"coding":[{"code":"716186003"}]})", R"({"text":"No Known Allergies"})",
          R"({"coding":[{"code":"no-known-allergies"}]})", R"({"text":"NKDA"})"})
        EXPECT_EQ(say(allergy(code)).says, Says::NoneKnown) << code;
    EXPECT_EQ(say(allergy(R"({"coding":[{"code":"no-allergy-info"}]})")).says, Says::NoInformation);
    EXPECT_EQ(say(allergy(R"({"text":"Nokia"})")).says, Says::Something);
}

TEST_F(StatementTest, ATimeWithoutAZoneGivesItsDay) {
    const Statement& one =
        say(potassium(R"(,"valueInteger":4,"effectiveDateTime":"2026-11-04T08:00:00")"));
    EXPECT_EQ(one.when.date, "2026-11-04");
    EXPECT_TRUE(one.is_dated());
}

TEST_F(StatementTest, PlaceholdersAndDatesToComeOrderNothingAndSayWhy) {
    for (const char* date : {"9999-12-31", "0001-01-01T00:00:00Z", "1900-01-01", "2031-05-05"}) {
        const Statement& one =
            say(potassium(R"(,"valueInteger":4,"effectiveDateTime":")" + std::string(date) + "\""));
        EXPECT_FALSE(one.is_dated()) << date;
        EXPECT_NE(when_text(one.when).find(" ("), std::string::npos) << date;
    }
}

TEST_F(StatementTest, WhenIsSaidAsTheRecordSaysIt) {
    const auto when = [&](const std::string& onset) {
        return when_text(say(R"({"resourceType":"Condition","id":"c",)" + onset + "}").when);
    };
    EXPECT_EQ(when(R"("onsetString":"in her twenties")"), "in her twenties");
    EXPECT_EQ(when(R"("onsetAge":{"value":42,"unit":"years"})"), "age 42 years");
    EXPECT_EQ(when(R"("onsetPeriod":{"end":"2019-11-13"})"), "until 13 Nov 2019");
    EXPECT_EQ(when(R"("onsetPeriod":{"start":"2018","end":"2019-11"})"), "2018 to Nov 2019");
    EXPECT_EQ(when(R"("recordedDate":"2025-05-05")"), "recorded 5 May 2025");
    EXPECT_EQ(when(R"("onsetDateTime":"sometime")"), "sometime (as written, not a date)");
}

}  // namespace
}  // namespace consultd
