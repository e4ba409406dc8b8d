// Profiles are claimed by what satisfies them, absence is said with the standard's word, and both
// are told.
#include "adapter/stages/document/profiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "adapter/stages/document/corrections.h"
#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

const std::string patient =
    R"({"resourceType":"Patient","id":"p","name":[{"family":"A"}],"birthDate":"1968"})";

std::string laboratory(const std::string& rest, const std::string& status = "final") {
    return R"({"resourceType":"Observation","id":"o","status":")" + status +
           R"(","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category",)"
           R"("code":"laboratory"}]}],"code":{"text":"LDH"},"subject":{"reference":"Patient/p"})" +
           rest + "}";
}

struct Claimed {
    fhir::Json json;
    ChangeList changes;
    bool claims(std::string_view name) const {
        return json.print().find(name) != std::string::npos;
    }
    std::optional<Change> told(std::string_view path) const {
        for (const Change& change : changes)
            if (change.path == path) return change;
        return std::nullopt;
    }
};

// The claim of the last of the resources.
Claimed claim(const std::vector<std::string>& texts) {
    Result<ProfileClaims> claims = claim_profiles(packet_input(texts).resources);
    EXPECT_TRUE(claims.ok());
    return {claims->resources.back().resource.json(), std::move(claims->changes)};
}

TEST(Profiles, AResultWithoutItsLaboratorySaysThatItIsUnknown) {
    const Claimed result = claim(
        {patient,
         laboratory(
             R"(,"valueQuantity":{"value":7,"unit":"U/L","system":"http://unitsofmeasure.org",)"
             R"("code":"U/L"})")});
    EXPECT_TRUE(result.claims("Observation-results-laboratory-uv-ips"));
    ASSERT_TRUE(result.told("Observation.performer"));
    EXPECT_TRUE(result.told("Observation.performer")->before.is_null());
    EXPECT_EQ(result.json["_effectiveDateTime"]["extension"].items()[0]["valueCode"].string(),
              "unknown");
}

TEST(Profiles, AValueWithoutACodedUnitClaimsOnlyTheGeneralProfile) {
    const Claimed result =
        claim({patient, laboratory(R"(,"valueQuantity":{"value":7,"unit":"units"})")});
    EXPECT_FALSE(result.claims("results-laboratory"));
    EXPECT_TRUE(result.claims("Observation-results-uv-ips"));
    EXPECT_FALSE(result.json.has("performer"));
}

TEST(Profiles, APreliminaryResultClaimsNothingAndStaysAsItIs) {
    const Claimed result = claim({patient, laboratory(R"(,"valueString":"x")", "preliminary")});
    EXPECT_FALSE(result.json.has("meta"));
    EXPECT_FALSE(result.json.has("_effectiveDateTime"));
}

// A panel is no better than its members: the profile binds what it leads to.
TEST(Profiles, APanelWithAMemberThatFailsClaimsNothing) {
    const Claimed result = claim(
        {patient,
         R"({"resourceType":"Observation","id":"m","status":"preliminary","code":{"text":"x"}})",
         laboratory(R"(,"hasMember":[{"reference":"Observation/m"}])")});
    EXPECT_FALSE(result.claims("uv-ips"));
}

TEST(Profiles, WhatTheSourceSaidOfAbsenceIsKept) {
    const Claimed result = claim(
        {R"({"resourceType":"Patient","id":"p","name":[{"text":"A"}],"_birthDate":{"extension":[{"url":)"
         R"("http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}})"});
    EXPECT_TRUE(result.claims("masked"));
    EXPECT_FALSE(result.claims("unknown"));
}

TEST(Profiles, AClaimWeCannotCheckIsNotPassedOnAndIsTold) {
    const Claimed result = claim(
        {R"({"resourceType":"Patient","id":"p","meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/)"
         R"(us-core-patient","http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-patient"]}})"});
    EXPECT_FALSE(result.claims("us-core-patient"));
    EXPECT_TRUE(result.claims("mcode-cancer-patient"));
    ASSERT_TRUE(result.told("Patient.meta.profile"));
    EXPECT_EQ(result.told("Patient.meta.profile")->before.size(), 2U);
}

TEST(Corrections, TheCodeThatR4FixesStandsBesideTheRetiredOne) {
    ChangeList changes;
    const auto resources = packet_input(std::vector<std::string>{
        R"({"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":)"
        R"("http://loinc.org","code":"55284-4"}]}})"});
    const auto corrected =
        correct_codes(resources.resources, knowledge().maps, knowledge().quirks, changes);
    ASSERT_TRUE(corrected.ok());
    EXPECT_EQ((*corrected)[0].resource["code"]["coding"].size(), 2U);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].path, "Observation.code.coding");
    EXPECT_EQ(changes[0].before.size(), 1U);
}

// As often as it stands there, and each can be undone.
TEST(Corrections, EachMisspelledCategoryIsWrittenRight) {
    ChangeList changes;
    const std::string wrong =
        R"({"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category",)"
        R"("code":"vital-sign"}]})";
    const auto resources = packet_input(std::vector<std::string>{
        R"({"resourceType":"Observation","id":"o","status":"final","category":[)" + wrong + "," +
        wrong + R"(],"code":{"text":"x"}})"});
    const auto corrected =
        correct_codes(resources.resources, knowledge().maps, knowledge().quirks, changes);
    ASSERT_TRUE(corrected.ok());
    for (const fhir::JsonView category : (*corrected)[0].resource["category"].items())
        EXPECT_EQ(category["coding"].items()[0]["code"].string(), "vital-signs");
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[1].path, "Observation.category[1].coding[0].code");
    EXPECT_EQ(changes[1].before.string(), "vital-sign");
}

// A server older than R4, or a hostile one: one object where R4 has a list.
TEST(Corrections, AnObjectWhereAListBelongsIsLeftAsItIs) {
    ChangeList changes;
    const auto resources = packet_input(std::vector<std::string>{
        R"({"resourceType":"DiagnosticReport","id":"r","category":{"text":"x","coding":{"code":"y"}}})",
        R"({"resourceType":"Patient","id":"p","extension":{"url":"x","extension":{"url":"y"}}})"});
    const auto corrected =
        correct_codes(resources.resources, knowledge().maps, knowledge().quirks, changes);
    ASSERT_TRUE(corrected.ok());
    EXPECT_TRUE(changes.empty());
}

TEST(Corrections, ACodeOutsideItsBindingGoesAndTheWordsStay) {
    ChangeList changes;
    const auto resources = packet_input(std::vector<std::string>{
        R"({"resourceType":"Patient","id":"p","extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/)"
        R"(us-core-race","extension":[{"url":"ombCategory","valueCoding":{"code":"2135-2"}},{"url":"text",)"
        R"("valueString":"Other"}]}]})"});
    const auto corrected =
        correct_codes(resources.resources, knowledge().maps, knowledge().quirks, changes);
    ASSERT_TRUE(corrected.ok());
    EXPECT_EQ((*corrected)[0].resource.json().print().find("2135-2"), std::string::npos);
    EXPECT_NE((*corrected)[0].resource.json().print().find("Other"), std::string::npos);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].before.items()[0]["valueCoding"]["code"].string(), "2135-2");
}

}  // namespace
}  // namespace consultd
