#include "adapter/portal/choice.h"

#include <algorithm>

#include "adapter/audit/event.h"
#include "tests/adapter/stages/consent/consent_fixture.h"

namespace consultd::portal {
namespace {

using fhir::Json;
using testing::given;
using testing::now;
using Types = std::set<std::string>;

const std::string observation =
    R"({"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p"},
        "code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})";
const std::string allergy =
    R"({"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"},
        "code":{"text":"Penicillin"}})";
const std::string hiv =
    R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},
        "code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"B20"}]}})";

class ChoiceTest : public ::testing::Test {
protected:
    ChoiceTest() {
        center_.name = "Cancer Center";
        center_.organization =
            config::OrganizationId{"http://hl7.org/fhir/sid/us-npi", "1234567893"};
    }
    static Request request() {
        Request request = testing::request();
        request.purpose = "PATRQT";
        return request;
    }
    Json consent(const Choice& choice) const { return consent_of(choice, "p", center_, now); }
    // What of these goes under the Consent, by type, beside the patient.
    static Types going(const Json& consent, const std::vector<std::string>& record) {
        std::vector<PacketResource> resources{given(testing::patient_text)};
        for (const std::string& text : record) resources.push_back(given(text));
        const auto consented = apply_consent(consent, request(), "Patient/p", std::move(resources),
                                             now, testing::sensitivity());
        EXPECT_TRUE(consented.ok()) << consented.error().message();
        Types types;
        if (consented)
            for (const PacketResource& one : consented->resources)
                types.emplace(one.resource.type());
        types.erase("Patient");
        return types;
    }
    config::Destination center_;
};

TEST_F(ChoiceTest, OnlyWhatWasTickedGoes) {
    EXPECT_EQ(going(consent({.groups = {"tests"}}), {observation, allergy}), Types{"Observation"});
    EXPECT_EQ(going(consent({.groups = {"allergies"}}), {observation, allergy}),
              Types{"AllergyIntolerance"});
}

TEST_F(ChoiceTest, APrivateMatterGoesOnlyWhereItIsTickedItself) {
    EXPECT_EQ(going(consent({.groups = {"diagnoses", "tests"}}), {hiv, observation}),
              Types{"Observation"});
    EXPECT_EQ(
        going(consent({.groups = {"diagnoses", "tests"}, .matters = {"hiv"}}), {hiv, observation}),
        (Types{"Condition", "Observation"}));
}

TEST_F(ChoiceTest, NobodyElseNotForAnythingElseAndNotLater) {
    const Json agreed = consent({.groups = {"tests"}});
    EXPECT_TRUE(check_consent(agreed, request(), "Patient/p", now).ok());
    EXPECT_TRUE(check_consent(agreed, request(), "Patient/p", now + consent_span).ok());
    EXPECT_FALSE(
        check_consent(agreed, request(), "Patient/p", now + consent_span + std::chrono::hours(25))
            .ok());
    EXPECT_FALSE(check_consent(agreed, request(), "Patient/q", now).ok());
    Request other = request();
    other.destination_value = "8";
    EXPECT_FALSE(check_consent(agreed, other, "Patient/p", now).ok());
    other = request();
    other.purpose = "HMARKT";
    EXPECT_FALSE(check_consent(agreed, other, "Patient/p", now).ok());
}

TEST_F(ChoiceTest, WhatIsReadToChooseFromHasNoPrivateMatter) {
    EXPECT_EQ(going(consent_to_read("p", center_, now), {hiv, observation, allergy}),
              (Types{"AllergyIntolerance", "Observation"}));
}

TEST_F(ChoiceTest, OfTheChosenDaysGoesWhatIsDatedInThemAndWhatIsTrueForLonger) {
    const auto on = [](const char* id, const char* day) {
        return R"({"resourceType":"Procedure","id":")" + std::string(id) +
               R"(","status":"completed","subject":{"reference":"Patient/p"},)"
               R"("code":{"text":"Biopsy"},"performedDateTime":")" +
               day + R"("})";
    };
    const std::string diagnosis =
        R"({"resourceType":"Condition","id":"d","subject":{"reference":"Patient/p"},
            "code":{"text":"Melanoma"},"onsetDateTime":"2015"})";
    const Choice since{.groups = {"operations", "diagnoses", "allergies", "tests"},
                       .since = "2022-01-01"};
    EXPECT_EQ(going(consent(since), {on("a", "2021-12-30"), diagnosis, allergy, observation}),
              (Types{"AllergyIntolerance", "Condition"}))
        << "an observation without a date is of no day that was chosen";
    EXPECT_EQ(going(consent(since), {on("b", "2022-03-01")}), Types{"Procedure"});
    Choice until = since;
    until.until = "2023-01-01";
    EXPECT_EQ(going(consent(until), {on("c", "2024-03-01")}), Types{});
    EXPECT_EQ(going(consent(until), {on("d", "2022-03-01")}), Types{"Procedure"});
    until.since.clear();
    EXPECT_EQ(going(consent(until), {on("e", "1999")}), Types{"Procedure"});
}

TEST_F(ChoiceTest, ASingleOneIsLeftOutThoughItsGroupGoes) {
    const Choice choice{.groups = {"tests", "allergies"}, .without = {"Observation/o"}};
    EXPECT_EQ(going(consent(choice), {observation, allergy}), Types{"AllergyIntolerance"});
}

// What may be private, and what nobody could read, goes only by itself.
TEST_F(ChoiceTest, WhatMayBePrivateGoesWhereItIsTickedByItselfAndNothingElseOfThatKind) {
    const std::string picture =
        R"({"resourceType":"DocumentReference","id":"x","status":"current",
            "subject":{"reference":"Patient/p"},"content":[{"attachment":
            {"contentType":"image/png","data":"iVBORw0KGgo="}}]})";
    const Choice all{.groups = {"diagnoses", "notes"}};
    EXPECT_EQ(going(consent(all), {picture, hiv}), Types{});
    Choice one = all;
    one.also = {"DocumentReference/x"};
    EXPECT_EQ(going(consent(one), {picture, hiv}), Types{"DocumentReference"});
    one.also = {"Condition/c"};
    EXPECT_EQ(going(consent(one), {picture, hiv}), Types{"Condition"});
    EXPECT_EQ(going(consent({.also = {"Condition/c"}}), {picture, hiv, observation}),
              Types{"Condition"})
        << "without any group";
}

// Also where no label is left that is denied.
TEST_F(ChoiceTest, WhatIsAskedForByItsNameAndNotTickedStaysWhateverElseIsTicked) {
    const std::string picture =
        R"({"resourceType":"DocumentReference","id":"x","status":"current",
            "subject":{"reference":"Patient/p"},"content":[{"attachment":
            {"contentType":"image/png","data":"iVBORw0KGgo="}}]})";
    Choice all{.groups = {"diagnoses", "notes"}, .stays = {"DocumentReference/x"}};
    for (const PrivateMatter& matter : private_matters()) all.matters.emplace(matter.name);
    EXPECT_EQ(going(consent(all), {picture, hiv}), Types{"Condition"});
}

std::size_t group_at(std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(groups(), name, &Group::name) -
                                    groups().begin());
}
std::size_t matter_at(std::string_view name) {
    return static_cast<std::size_t>(
        std::ranges::find(private_matters(), name, &PrivateMatter::name) -
        private_matters().begin());
}

TEST_F(ChoiceTest, WhatGoesIsCountedByGroup) {
    const auto going = going_of(
        R"({"line":"resource","source":"Observation/1","outcome":"delivered","as":"urn:uuid:1"}
{"line":"resource","source":"Observation/2","outcome":"merged","into":"urn:uuid:1","rule":"x"}
{"line":"resource","source":"Patient/p","outcome":"delivered","as":"urn:uuid:3"}
{"line":"resource","source":"VisionPrescription/1","outcome":"delivered","as":"urn:uuid:4"}
{"line":"resource","source":"Procedure/1","outcome":"withheld","reason":"class-not-permitted"}
{"line":"total","pulled":5,"delivered":3,"merged":1,"withheld":1,"rejected":0}
)");
    EXPECT_EQ(going[group_at("tests")], 1U);
    EXPECT_EQ(going[group_at("operations")], 0U);
    EXPECT_EQ(going[group_at("other")], 1U);
}

// A private item is counted in its matter, never in the group that is shown beside the others.
TEST_F(ChoiceTest, WhatThereIsIsCountedByGroupAndByMatter) {
    using enum Offered::Standing;
    const There there = there_is(
        {{.source = "Observation/1", .name = "Weight"},
         {.source = "Condition/1", .name = "a", .standing = Stays, .reason = "sensitivity:SUD"},
         {.source = "MedicationRequest/1",
          .name = "b",
          .standing = Stays,
          .reason = "sensitivity:SUD"},
         {.source = "Condition/2",
          .name = "c",
          .standing = Stays,
          .reason = "sensitivity:SEX.abortion"},
         {.source = "List/1", .name = "d", .standing = Stays, .reason = "names-withheld"},
         {.source = "Condition/3", .name = "e", .standing = Possible, .reason = "sensitivity:HIV"},
         {.source = "Practitioner/1", .name = "f"}});
    EXPECT_EQ(there.groups[group_at("tests")], 1U);
    EXPECT_EQ(there.groups[group_at("diagnoses")], 0U);
    EXPECT_EQ(there.withheld[group_at("diagnoses")], 2U);
    EXPECT_EQ(there.withheld[group_at("other")], 1U);
    EXPECT_EQ(there.other_types, (std::set<std::string, std::less<>>{"List"}));
    EXPECT_EQ(there.matters[matter_at("drugs")].count, 2U);
    EXPECT_EQ(there.matters[matter_at("drugs")].groups,
              (std::set{group_at("diagnoses"), group_at("medicines")}));
    EXPECT_EQ(there.matters[matter_at("sexual")].count, 1U);
    EXPECT_EQ(there.matters[matter_at("hiv")].count, 0U) << "it is asked for by its name";
}

TEST_F(ChoiceTest, WhatWasTickedIsKeptWhole) {
    const Choice kept = choice_in(text_of(Choice{.groups = {"tests", "notes"},
                                                 .matters = {"hiv"},
                                                 .other_types = {},
                                                 .since = "2024-01-01",
                                                 .until = "2025-01-01",
                                                 .without = {"Observation/7"},
                                                 .also = {"Condition/3", "Binary/1"}}));
    EXPECT_EQ(kept.groups, (std::set<std::string, std::less<>>{"notes", "tests"}));
    EXPECT_EQ(kept.matters, (std::set<std::string, std::less<>>{"hiv"}));
    EXPECT_EQ(kept.since + kept.until, "2024-01-012025-01-01");
    EXPECT_EQ(kept.without, std::vector<std::string>{"Observation/7"});
    EXPECT_EQ(kept.also, (std::vector<std::string>{"Condition/3", "Binary/1"}));
    EXPECT_TRUE(choice_in("[]").groups.empty());
}

// A diagnosis of a programme under its own law is of that matter too: ticked, it goes.
TEST_F(ChoiceTest, WhatALawOfItsOwnProtectsGoesWithItsMatter) {
    const std::string labelled =
        R"({"resourceType":"Condition","id":"c","meta":{"security":[{"system":
            "http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"42CFRPart2"}]},
            "subject":{"reference":"Patient/p"},"code":{"text":"Alcohol dependence"}})";
    EXPECT_EQ(going(consent({.groups = {"diagnoses"}}), {labelled}), Types{});
    EXPECT_EQ(going(consent({.groups = {"diagnoses"}, .matters = {"drugs"}}), {labelled}),
              Types{"Condition"});
}

// How much of it there is, nobody knows: a gap is a question without an answer.
TEST_F(ChoiceTest, WhatIsMissingIsNamedByTheGroupsThatAPatientKnows) {
    const auto missing = missing_in(
        R"([{"what":"DiagnosticReport?category=LP7839-6","reason":"http-403"},
            {"what":"DocumentReference/d attachment 1","reason":"hash-mismatch"},
            {"what":"Binary/4","reason":"http-404"},{"what":"1 entry of the record"}])");
    for (std::size_t i = 0; i < groups().size(); ++i) {
        const std::string_view name = groups()[i].name;
        EXPECT_EQ(missing[i], name == "notes" || name == "reports" || name == "other") << name;
    }
}

// The hospital gave it: it is not to be asked for it again.
TEST_F(ChoiceTest, WhatCameAndWasPutAsideIsNotMissing) {
    const auto missing = missing_in(R"([{"what":"Observation/7","reason":"modifier-extension"},
                       {"what":"Condition","reason":"malformed"}])");
    EXPECT_EQ(std::ranges::count(missing, true), 0);
}

TEST_F(ChoiceTest, AReceiptKeepsWhatWentByGroup) {
    audit::Disclosure disclosure;
    disclosure.bundle_identifier = "urn:uuid:11111111-1111-4111-8111-111111111111";
    disclosure.bundle_hash = "00";
    disclosure.resource_counts = {{"Patient", 1}, {"Condition", 2}, {"Observation", 3}};
    const Json leaf = audit::disclosure_intent(disclosure);
    const auto counts = counts_in(Json::object({{"leaf", leaf.print()}}).print());
    for (std::size_t i = 0; i < groups().size(); ++i)
        EXPECT_EQ(counts[i], groups()[i].name == "diagnoses" ? 2U
                             : groups()[i].name == "tests"   ? 3U
                                                             : 0U);
}

}  // namespace
}  // namespace consultd::portal
