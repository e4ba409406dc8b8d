#include "adapter/stages/consent/consent.h"

#include "consent_fixture.h"

namespace consultd::testing {
namespace {

const std::string share_all = R"({"type":"permit"})";
const std::string condition =
    R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p"},)"
    R"("onsetDateTime":"2020-05","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33.1"}]}})";

TEST_F(ConsentTest, PlainConsentOfThisPatientAllows) { EXPECT_TRUE(allows(consent(share_all))); }

// Each of these is one change to a Consent that allows everything.
TEST_F(ConsentTest, OneFlawInTheConsentAndNothingLeaves) {
    const std::string good = consent_text(share_all);
    const std::pair<std::string, std::string> flaws[] = {
        {R"("status":"active")", R"("status":"draft")"},
        {R"("status":"active",)", ""},
        {R"("code":"patient-privacy")", R"("code":"research")"},
        {"consentscope", "another"},
        {R"("reference":"Patient/p")", R"("reference":"Patient/q")"},
        {R"("reference":"Patient/p")", R"("reference":"https://other.example/fhir/Patient/p")"},
        {R"("reference":"Patient/p")", R"("identifier":{"system":"urn:x","value":"1"})"},
        {R"("reference":"Patient/p")", R"("display":"Ada")"},
        {R"("dateTime":"2026-11-01",)", ""},
        {"2026-11-01", "2026-13-01"},
        {"2026-11-01", "2026-11-25"},
        {R"("policy":)", R"("verification":[{"verified":false}],"policy":)"},
        {R"("policy":)", R"("verification":[{"verified":true},{}],"policy":)"},
        {R"("policy":)",
         R"("modifierExtension":[{"url":"http://x","valueBoolean":true}],"policy":)"},
        {R"("type":"permit")", R"("type":"permit","modifierExtension":[{"url":"http://x"}])"},
        {R"("status":"active")", R"("status":"active","implicitRules":"http://x")"},
        {R"("policy":)", R"("decision":"permit","policy":)"},
        {R"("policy":)", R"("policyRule":{"text":"as agreed"},"policy":)"},
        {R"("policy":)",
         R"("policyRule":{"coding":[{"system":"urn:x","code":"OPTIN"}]},"policy":)"},
        {R"({"type":"permit"})", R"({"type":"deny"})"},
        {R"({"type":"permit"})", R"({"type":"perhaps"})"},
        {R"({"type":"permit"})", R"({})"},
        {R"({"type":"permit"})", R"([])"},
        {R"({"type":"permit"})", R"({"type":"permit","period":{"end":"2026-11-22"}})"},
        {R"({"type":"permit"})", R"({"type":"permit","period":{"start":"2026-11-24"}})"},
        {R"({"type":"permit"})", R"({"type":"permit","period":{"end":"tomorrow"}})"},
        {R"({"type":"permit"})", R"({"type":"permit","period":{}})"},
        {R"({"type":"permit"})", R"({"type":"permit","weather":"fine"})"},
        {R"("uri":"http://example.org/policy")",
         R"("uri":"https://profiles.ihe.net/ITI/PCF/Policy-deny")"},
    };
    ASSERT_TRUE(allows(json(good)));
    for (const auto& [old, with] : flaws)
        EXPECT_EQ(refusal(json(replaced(good, old, with))), ErrorKind::Denied) << with;
    EXPECT_EQ(refusal(json(R"({"resourceType":"Patient"})")), ErrorKind::Denied);
    EXPECT_EQ(refusal(fhir::Json()), ErrorKind::Denied);
}

TEST_F(ConsentTest, OptInAndOptOutDecideBeforeTheRootType) {
    const auto rule = [](const std::string& code) {
        return R"("policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":")" +
               code + R"("}]},)";
    };
    EXPECT_TRUE(allows(consent("{}", rule("OPTIN"))));
    EXPECT_FALSE(allows(consent("{}", rule("OPTOUT"))));
    EXPECT_FALSE(allows(consent(share_all, rule("OPTOUT"))));
    EXPECT_FALSE(allows(consent(R"({"type":"deny"})", rule("OPTIN"))));
    EXPECT_FALSE(allows(consent(share_all, rule("EMRGONLY"))));
}

TEST_F(ConsentTest, ConsentThatNamesAnotherPatientBesideThisOneIsNobodys) {
    const auto named = [](const std::string& value) {
        std::string text = consent_text(share_all);
        const std::string patient = R"("patient":{"reference":"Patient/p")";
        text.replace(text.find(patient), patient.size(),
                     patient + R"(,"identifier":{"system":"urn:mrn","value":")" + value + R"("})");
        return json(text);
    };
    const auto applied = [](const fhir::Json& asked) {
        return apply_consent(
            asked, request(), "Patient/p",
            {given(R"({"resourceType":"Patient","id":"p","name":[{"text":"Test, Ada"}],)"
                   R"("identifier":[{"system":"urn:mrn","value":"1"}]})")},
            now, sensitivity());
    };
    EXPECT_TRUE(applied(named("1")).ok());
    ASSERT_FALSE(applied(named("2")).ok());
    EXPECT_EQ(applied(named("2")).error().kind(), ErrorKind::Denied);
}

TEST_F(ConsentTest, ClassCodeLabelAndTimeTakeOutWhatTheyName) {
    EXPECT_EQ(outcome(consent(share_all), condition), "");
    EXPECT_EQ(outcome(all_but(class_of("Condition")), condition), "class-denied");
    EXPECT_EQ(outcome(all_but(class_of("Procedure")), condition), "");
    EXPECT_EQ(outcome(all_but(code_of(icd10, "F33.1")), condition), "code-denied");
    EXPECT_EQ(outcome(all_but(code_of(icd10, "F33")), condition), "code-denied");
    EXPECT_EQ(outcome(all_but(code_of(icd10, "F32")), condition), "");
    EXPECT_EQ(outcome(nothing_but(class_of("Procedure")), condition), "class-not-permitted");
    EXPECT_EQ(outcome(nothing_but(class_of("Condition")), condition), "");
    EXPECT_EQ(outcome(nothing_but(code_of(icd10, "F33.1")), condition), "");
    EXPECT_EQ(outcome(all_but(R"("dataPeriod":{"end":"2020"})"), condition), "period");
    EXPECT_EQ(outcome(all_but(R"("dataPeriod":{"end":"2019"})"), condition), "");
    EXPECT_EQ(outcome(nothing_but(R"("dataPeriod":{"start":"2020"})"), condition), "");
    EXPECT_EQ(outcome(nothing_but(R"("dataPeriod":{"start":"2021"})"), condition), "period");
    EXPECT_EQ(
        outcome(
            all_but(R"("data":[{"meaning":"instance","reference":{"reference":"Condition/c1"}}])"),
            condition),
        "instance-denied");
}

TEST_F(ConsentTest, WhatCannotBeDecidedIsWithheld) {
    const std::string text_only =
        R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p"},"code":{"text":"low mood"}})";
    EXPECT_EQ(outcome(all_but(code_of(icd10, "F33.1")), text_only), "undecidable");
    EXPECT_EQ(outcome(all_but(R"("dataPeriod":{"end":"2019"})"), text_only), "undecidable");
    EXPECT_EQ(outcome(nothing_but(R"("dataPeriod":{"start":"2019"})"), text_only), "undecidable");
    EXPECT_EQ(outcome(all_but(class_of("Condition") + R"(,"weather":"fine")"), text_only),
              "undecidable");
    const std::string local =
        R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.90","code":"F33.1"}]}})";
    EXPECT_NE(outcome(all_but(code_of(icd10, "F33.1")), local), "");
}

// A Consent is written by people and by other programs: it spells systems and ranges in their ways.
TEST_F(ConsentTest, CodesAreUnderstoodInEverySpellingOrWithheld) {
    const std::pair<const char*, const char*> denied[] = {
        {icd10, "F30-F39"},
        {icd10, "F33.-"},
        {icd10, "f33"},
        {icd10, "F33-"},
        {"http://terminology.hl7.org/CodeSystem/icd10CM", "F33.1"},
        {"http://hl7.org/fhir/sid/icd-10", "F33"},
        {"2.16.840.1.113883.6.90", "F33.1"},
        {"urn:oid:2.16.840.1.113883.6.90", "F33.1"},
    };
    for (const auto& [system, code] : denied)
        EXPECT_EQ(outcome(all_but(code_of(system, code)), condition), "code-denied") << code;
    for (const char* code : {"F", "F33.*", "F33+", "F30-39"})
        EXPECT_EQ(outcome(all_but(code_of(icd10, code)), condition), "undecidable") << code;
    for (const char* code : {"F10-F19", "F10.-", "F33.10", "F40-F48"})
        EXPECT_EQ(outcome(all_but(code_of(icd10, code)), condition), "") << code;
    const std::string value =
        R"({"resourceType":"Observation","id":"o1","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})";
    for (const char* system :
         {"https://loinc.org", "http://loinc.org/", "urn:oid:2.16.840.1.113883.6.1"})
        EXPECT_EQ(outcome(all_but(code_of(system, "718-7")), value), "code-denied") << system;
    EXPECT_EQ(outcome(all_but(code_of("http://snomed.info/sct", "718-7")), value), "");
}

TEST_F(ConsentTest, DeepestRuleWinsAndSiblingsThatDifferDeny) {
    const auto nested = [](const std::string& inside) {
        return all_but(class_of("Condition") + R"(,"provision":[{"type":"permit",)" + inside +
                       "}]");
    };
    EXPECT_EQ(outcome(nested(code_of(icd10, "F33.1")), condition), "");
    EXPECT_EQ(outcome(nested(code_of(icd10, "C43.9")), condition), "class-denied");
    const std::string siblings = R"({"type":"permit","provision":[{"type":"permit",)" +
                                 class_of("Condition") + R"(},{"type":"deny",)" +
                                 code_of(icd10, "F33.1") + "}]}";
    EXPECT_EQ(outcome(consent(siblings), condition), "code-denied");
}

// The outer rule may or may not apply: its exception must not open what would be closed without it.
TEST_F(ConsentTest, ExceptionInsideAnUndecidableRuleOpensNothing) {
    const std::string rules = R"({"type":"deny","provision":[{"type":"permit",)" +
                              class_of("Patient") + R"(},{"type":"deny","weather":"fine",)" +
                              class_of("Condition") + R"(,"provision":[{"type":"permit",)" +
                              class_of("Condition") + "}]}]}";
    EXPECT_NE(outcome(consent(rules), condition), "");
}

TEST_F(ConsentTest, LabelsOfOneFamilyAndLabelsThatCodesImply) {
    const auto deny = [](const std::string& code) {
        return all_but(
            R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":")" +
            code + R"("}])");
    };
    const auto labelled = [](const std::string& system, const std::string& code) {
        return R"({"resourceType":"Observation","id":"o1","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/)" +
               system + R"(","code":")" + code +
               R"("}]},"code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})";
    };
    for (const char* code : {"ETH", "SUD", "ETHUD", "OPIOIDUD"})
        EXPECT_EQ(outcome(deny("SUD"), labelled("v3-ActCode", code)), "sensitivity:SUD") << code;
    EXPECT_EQ(outcome(deny("HIV"), labelled("v3-Confidentiality", "HIV")), "sensitivity:HIV");
    EXPECT_EQ(outcome(deny("HIV"), labelled("v3-ActCode", "MH")), "");
    EXPECT_EQ(outcome(deny("MH"), condition), "sensitivity:MH");
    EXPECT_EQ(outcome(deny("SUD"), condition), "");
}

TEST_F(ConsentTest, ConfidentialityIsAHighWaterMark) {
    const std::string level =
        R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}])";
    const auto labelled = [](const std::string& code) {
        return R"({"resourceType":"Observation","id":"o1","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":")" +
               code + R"("}]},"code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})";
    };
    EXPECT_EQ(outcome(all_but(level), labelled("N")), "");
    EXPECT_EQ(outcome(all_but(level), labelled("R")), "confidentiality:R");
    EXPECT_EQ(outcome(all_but(level), labelled("V")), "confidentiality:R");
    EXPECT_EQ(outcome(nothing_but(level), labelled("R")), "");
    EXPECT_EQ(outcome(nothing_but(level), labelled("V")), "confidentiality:R");
}

// A label that does not say its system, or stands on one element, or is wider than what is denied,
// closes what it is on.
TEST_F(ConsentTest, LabelsThatSayLessThanTheyShouldStillClose) {
    const auto deny = [](const std::string& system, const std::string& code) {
        return all_but(R"("securityLabel":[{)" + system + R"("code":")" + code + R"("}])");
    };
    const std::string act = R"("system":"http://terminology.hl7.org/CodeSystem/v3-ActCode",)";
    const std::string level =
        R"("system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality",)";
    const auto labelled = [](const std::string& system, const std::string& code) {
        return R"({"resourceType":"Observation","id":"o1","meta":{"security":[{)" + system +
               R"("code":")" + code +
               R"("}]},"code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})";
    };
    EXPECT_EQ(outcome(deny(level, "R"), labelled("", "R")), "confidentiality:R");
    EXPECT_EQ(outcome(deny(level, "R"), labelled(R"("system":"urn:local",)", "V")),
              "confidentiality:R");
    EXPECT_EQ(outcome(deny("", "R"), labelled(level, "V")), "confidentiality:R");
    EXPECT_EQ(outcome(deny("", "R"), labelled(level, "N")), "");
    EXPECT_EQ(outcome(deny(act, "MH"), labelled(act, "BH")), "sensitivity:MH");
    EXPECT_EQ(outcome(deny(act, "SUD"), labelled(act, "SPI")), "sensitivity:SUD");
    EXPECT_EQ(outcome(deny(act, "SDV"), labelled(act, "MST")), "sensitivity:SDV");
    EXPECT_EQ(outcome(deny(act, "MH"), labelled(act, "STD")), "");
    const std::string inline_label =
        R"({"resourceType":"Observation","id":"o1","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"note":[{"text":"x","extension":[{"url":"http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label","valueCoding":{)" +
        act + R"("code":"HIV"}}]}]})";
    EXPECT_EQ(outcome(deny(act, "HIV"), inline_label), "sensitivity:HIV");
    EXPECT_EQ(outcome(deny(act, "SEX"), inline_label), "sensitivity:HIV") << "nobody named it";
}

TEST_F(ConsentTest, DocumentsByTypeAndCopiesOfARecordNotAtAll) {
    const auto document = [](const std::string& mime) {
        return R"({"resourceType":"DocumentReference","id":"d1","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},"content":[{"attachment":{"contentType":")" +
               mime + R"(","data":"QUJD"}}]})";
    };
    const auto deny = [](const std::string& code) {
        return all_but(R"("class":[{"system":"http://loinc.org","code":")" + code + R"("}])");
    };
    EXPECT_EQ(outcome(deny("11488-4"), document("application/pdf")), "class-denied");
    EXPECT_EQ(outcome(deny("18842-5"), document("application/pdf")), "");
    EXPECT_EQ(outcome(deny("18842-5"), document("application/fhir+json")), "undecidable");
    EXPECT_EQ(outcome(consent(share_all), document("application/fhir+json")), "");
}

// A class is a type, a profile or a media type: by any of its names, and of what does not say,
// none.
TEST_F(ConsentTest, ClassesByProfileAndMediaType) {
    const auto deny = [](const std::string& system, const std::string& code) {
        return all_but(R"("class":[{"system":")" + system + R"(","code":")" + code + R"("}])");
    };
    const std::string core = "http://hl7.org/fhir/StructureDefinition/";
    const std::string us = "http://hl7.org/fhir/us/core/StructureDefinition/";
    const std::string claims =
        replaced(condition, R"("id":"c1")",
                 R"("id":"c1","meta":{"profile":[")" + us + R"(us-core-condition|7.0.0"]})");
    for (const std::string& text : {condition, claims}) {
        EXPECT_EQ(outcome(deny("urn:ietf:rfc:3986", core + "Condition"), text), "class-denied");
        EXPECT_EQ(outcome(deny("http://hl7.org/fhir/StructureDefinition", "Condition"), text),
                  "class-denied");
        EXPECT_EQ(outcome(deny("urn:ietf:rfc:3986", core + "Observation"), text), "");
        EXPECT_EQ(outcome(deny("urn:ietf:rfc:3986", us + "us-core-problems"), text), "undecidable");
    }
    EXPECT_EQ(outcome(deny("urn:ietf:rfc:3986", us + "us-core-condition|6.1.0"), claims),
              "class-denied");
    const auto document = [](const std::string& mime) {
        return R"({"resourceType":"DocumentReference","id":"d1","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},"content":[{"attachment":{)" +
               mime + R"("data":"QUJD"}}]})";
    };
    const fhir::Json no_pdf = deny("urn:ietf:bcp:13", "application/pdf");
    EXPECT_EQ(outcome(no_pdf, document(R"("contentType":"Application/PDF; version=1.4",)")),
              "class-denied");
    EXPECT_EQ(outcome(no_pdf, document("")), "undecidable");
    EXPECT_EQ(outcome(no_pdf, document(R"("contentType":"image/png",)")), "");
}

TEST_F(ConsentTest, ContainedResourceDecidesForItsContainer) {
    const std::string container =
        R"({"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","subject":{"reference":"Patient/p"},"contained":[{"resourceType":"Condition","id":"x","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33.1"}]}}],"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"1"}]},"reasonReference":[{"reference":"#x"}]})";
    EXPECT_EQ(outcome(all_but(class_of("Condition")), container), "class-denied");
    EXPECT_EQ(outcome(all_but(code_of(icd10, "F33.1")), container), "code-denied");
    EXPECT_EQ(outcome(nothing_but(class_of("MedicationRequest")), container),
              "class-not-permitted");
}

TEST_F(ConsentTest, AttachmentsProvenanceAndSharedResourcesFollowWhatUsesThem) {
    const std::vector<std::string> record = {
        condition,
        R"({"resourceType":"DocumentReference","id":"d1","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},"author":[{"reference":"Practitioner/dr"}],"content":[{"attachment":{"contentType":"application/pdf","url":"Binary/b1"}}]})",
        R"({"resourceType":"Binary","id":"b1","contentType":"application/pdf","data":"QUJD"})",
        R"({"resourceType":"Practitioner","id":"dr","name":[{"text":"Dr"}]})",
        R"({"resourceType":"Provenance","id":"v1","target":[{"reference":"DocumentReference/d1"}],"recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"reference":"Practitioner/dr"}}]})",
        R"({"resourceType":"Provenance","id":"v2","target":[{"reference":"DocumentReference/d1"},{"reference":"Condition/c1"}],"recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"display":"EHR"}}]})"};
    EXPECT_TRUE(apply(consent(share_all), record).withheld.empty());
    const Consented consented = apply(all_but(class_of("DocumentReference")), record);
    EXPECT_EQ(reason_of(consented, "DocumentReference/d1"), "class-denied");
    for (const char* source : {"Binary/b1", "Practitioner/dr", "Provenance/v1"})
        EXPECT_EQ(reason_of(consented, source), "only-with-withheld") << source;
    EXPECT_EQ(consented.resources.size(), 3U);
    EXPECT_EQ(printed(consented).find("DocumentReference/d1"), std::string::npos);
    EXPECT_NE(printed(consented).find("Condition/c1"), std::string::npos);
}

// What is denied by its name is denied in each of its copies: folded into another, or a second one.
TEST_F(ConsentTest, InstanceIsDeniedUnderEachOfItsNames) {
    const fhir::Json asked =
        all_but(R"("data":[{"meaning":"instance","reference":{"reference":"Condition/c2"}}])");
    for (const bool is_folded : {true, false}) {
        std::vector<PacketResource> record{given(patient_text), given(condition)};
        (is_folded ? record[1].copies.emplace_back() : record[1].source) =
            is_folded ? "Condition/c2" : "Condition/c2#2";
        record.push_back(given(
            R"({"resourceType":"Observation","id":"o1","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"note":[{"text":"see Condition/c2"}]})"));
        const auto consented =
            apply_consent(asked, request(), "Patient/p", std::move(record), now, sensitivity());
        ASSERT_TRUE(consented.ok());
        ASSERT_EQ(consented->withheld.size(), 2U);
        EXPECT_EQ(printed(*consented).find("Condition/c2"), std::string::npos);
    }
}

TEST_F(ConsentTest, PatientWithheldMeansNothingLeaves) {
    std::vector<PacketResource> record{given(
        R"({"resourceType":"Patient","id":"p","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}]}})")};
    const auto consented = apply_consent(
        all_but(
            R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}])"),
        request(), "Patient/p", std::move(record), now, sensitivity());
    ASSERT_FALSE(consented.ok());
    EXPECT_EQ(consented.error().kind(), ErrorKind::Denied);
}

TEST_F(ConsentTest, TooManyOrTooDeepRulesAreRefused) {
    std::string deep = R"({"type":"deny"})", many = R"({"type":"deny"})";
    for (int i = 0; i < 20; ++i) deep = R"({"type":"permit","provision":[)" + deep + "]}";
    EXPECT_FALSE(allows(consent(deep)));
    for (int i = 0; i < 1500; ++i) many += R"(,{"type":"permit"})";
    EXPECT_FALSE(allows(consent(R"({"type":"permit","provision":[)" + many + "]}")));
}

}  // namespace
}  // namespace consultd::testing
