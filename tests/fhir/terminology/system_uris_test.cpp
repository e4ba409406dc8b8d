#include "fhir/terminology/system_uris.h"

#include <gtest/gtest.h>

#include <string>

namespace consultd::fhir {
namespace {

std::string canonical(std::string_view system) {
    const auto found = canonical_system(system);
    return found ? found->uri : std::string(system);
}

TEST(SystemUrisTest, OidsBecomeTheUriOfTheirSystem) {
    EXPECT_EQ(canonical("2.16.840.1.113883.6.1"), "http://loinc.org");
    EXPECT_EQ(canonical("urn:oid:2.16.840.1.113883.6.1"), "http://loinc.org");
    EXPECT_EQ(canonical("urn:oid:2.16.840.1.113883.6.96"), "http://snomed.info/sct");
    EXPECT_EQ(canonical("urn:oid:2.16.840.1.113883.6.8"), "http://unitsofmeasure.org");
    EXPECT_EQ(canonical("urn:oid:2.16.840.1.113883.4.6"), "http://hl7.org/fhir/sid/us-npi");
    EXPECT_EQ(canonical("urn:oid:2.16.840.1.113883.12.292"), "http://hl7.org/fhir/sid/cvx");
    EXPECT_EQ(canonical("1.0.3166.1"), "urn:iso:std:iso:3166");
}

TEST(SystemUrisTest, HL7TablesAreFoundByEitherArc) {
    EXPECT_EQ(canonical("2.16.840.1.113883.12.203"),
              "http://terminology.hl7.org/CodeSystem/v2-0203");
    EXPECT_EQ(canonical("2.16.840.1.113883.18.108"),
              "http://terminology.hl7.org/CodeSystem/v2-0203");
    EXPECT_EQ(canonical("urn:oid:2.16.840.1.113883.5.4"),
              "http://terminology.hl7.org/CodeSystem/v3-ActCode");
    EXPECT_EQ(canonical("2.16.840.1.113883.5.1008"),
              "http://terminology.hl7.org/CodeSystem/v3-NullFlavor");
}

TEST(SystemUrisTest, AnUnknownOidIsNeverBare) {
    EXPECT_EQ(canonical("1.2.3.4.5"), "urn:oid:1.2.3.4.5");
    EXPECT_EQ(canonical_system("urn:oid:1.2.3.4.5"), std::nullopt);
}

TEST(SystemUrisTest, RaceAndEthnicityKeepTheirOid) {
    EXPECT_EQ(canonical_system("urn:oid:2.16.840.1.113883.6.238"), std::nullopt);
    EXPECT_EQ(canonical("2.16.840.1.113883.6.238"), "urn:oid:2.16.840.1.113883.6.238");
    EXPECT_EQ(canonical("http://hl7.org/fhir/v3/Race"), "urn:oid:2.16.840.1.113883.6.238");
}

TEST(SystemUrisTest, LegacyUrlsBecomeR4s) {
    EXPECT_EQ(canonical("http://hl7.org/fhir/v2/0203"),
              "http://terminology.hl7.org/CodeSystem/v2-0203");
    EXPECT_EQ(canonical("http://hl7.org/fhir/v2/0078"),
              "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation");
    EXPECT_EQ(canonical("http://hl7.org/fhir/v3/ActCode"),
              "http://terminology.hl7.org/CodeSystem/v3-ActCode");
    EXPECT_EQ(canonical("http://hl7.org/fhir/observation-category"),
              "http://terminology.hl7.org/CodeSystem/observation-category");
    EXPECT_EQ(canonical("http://hl7.org/fhir/allergy-clinical-status"),
              "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical");
    EXPECT_EQ(canonical("http://hl7.org/fhir/medication-request-status"),
              "http://hl7.org/fhir/CodeSystem/medicationrequest-status");
}

TEST(SystemUrisTest, WhatR4KeepsUnderItsOwnRootStays) {
    for (const char* system :
         {"http://hl7.org/fhir/observation-status", "http://hl7.org/fhir/administrative-gender",
          "http://hl7.org/fhir/sid/us-npi", "http://hl7.org/fhir/sid/icd-10", "http://loinc.org",
          "http://hl7.org/fhir/nothing-of-the-kind", "http://hl7.org/fhir/v3/NothingOfTheKind"})
        EXPECT_EQ(canonical_system(system), std::nullopt) << system;
}

TEST(SystemUrisTest, AnEditionOfSnomedIsAVersionNotASystem) {
    const auto edition = canonical_system("http://snomed.info/sct/731000124108");
    ASSERT_TRUE(edition);
    EXPECT_EQ(edition->uri, "http://snomed.info/sct");
    EXPECT_EQ(edition->version, "http://snomed.info/sct/731000124108");
}

TEST(SystemUrisTest, VariantsSeenInRecords) {
    EXPECT_EQ(canonical("https://loinc.org/"), "http://loinc.org");
    EXPECT_EQ(canonical("http://hl7.org/fhir/sid/icd-10-pcs"),
              "http://www.cms.gov/Medicare/Coding/ICD10");
    EXPECT_EQ(canonical("http://nema.org/dicom/dicm"),
              "http://dicom.nema.org/resources/ontology/DCM");
}

TEST(SystemUrisTest, OtherPeoplesSystemsAreLeftAlone) {
    for (const char* system :
         {"", "urn:oid:", "1.2", "1..2.3", "1.2.3.", "v1.2.3", "9.1.2", "12.3.4",
          "http://hospital.example/mrn", "urn:ietf:rfc:3986", "http://snomed.info/sct",
          "http://snomed.info/sct/", "HTTP://LOINC.ORG"})
        EXPECT_EQ(canonical_system(system), std::nullopt) << system;
}

TEST(SystemUrisTest, TheAnswerOfAnAnswerIsNone) {
    for (const char* system : {"2.16.840.1.113883.6.1", "1.2.3.4", "http://hl7.org/fhir/v3/Race",
                               "2.16.840.1.113883.5.104", "http://hl7.org/fhir/identifier-type",
                               "2.16.840.1.113883.12.5", "https://loinc.org"})
        EXPECT_EQ(canonical_system(canonical(system)), std::nullopt) << system;
}

}  // namespace
}  // namespace consultd::fhir
