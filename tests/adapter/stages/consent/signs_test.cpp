// What a resource betrays of a sensitive matter, by whatever it says, and what a consent makes of
// it.
#include <gmock/gmock.h>

#include "signs_fixture.h"
#include "tests/adapter/stages/text/pdf_fixture.h"

namespace consultd::testing {
namespace {

class SignsTest : public ConsentTest {};

// Another system's code, a drug, a viral load, a text, a place, a local code that is a word.
TEST_F(SignsTest, WhateverBetraysALabelThatIsDeniedIsWithheld) {
    const std::pair<const char*, std::string> bearers[] = {
        {"HIV", coded("http://hl7.org/fhir/sid/icd-9-cm", "042")},
        {"HIV", coded("http://snomed.info/sct", "86406008")},
        {"HIV",
         R"({"resourceType":"MedicationRequest","id":"m","medicationCodeableConcept":{"text":"Biktarvy 50-200-25 mg"}})"},
        {"HIV",
         R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","code":"25836-8"}]}})"},
        {"HIV",
         R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"urn:oid:1.2.3","code":"HIV_VL"}]}})"},
        {"SUD", named("Alkoholabhaengigkeit")},
        {"SUD",
         R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"serviceType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/service-type","code":"105"}]}})"},
        {"SUD",
         R"({"resourceType":"Procedure","id":"p","code":{"coding":[{"system":"http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets","code":"H0020"}]}})"},
        {"SUD",
         R"({"resourceType":"MedicationRequest","id":"m","medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"N07BC51"}]}})"},
        {"SUD", named("Tobacco use")},
        {"MH", note("Since the suicide attempt he sleeps badly.")},
        {"SEX", coded("http://hl7.org/fhir/sid/icd-10", "O04.9")},
        {"SDV", named("H\u00e4usliche Gewalt")}};
    for (const auto& [label, text] : bearers)
        EXPECT_EQ(outcome(deny(label), text), "sensitivity:" + std::string(label)) << text;
}

// What somebody was vaccinated with is what everybody is: "IPV" is polio there, and no partner.
TEST_F(SignsTest, AVaccineIsNoSign) {
    const std::string polio =
        R"({"resourceType":"Immunization","id":"i","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"10","display":"IPV"}],"text":"IPV"}})";
    EXPECT_EQ(outcome(deny("SDV"), polio), "");
    EXPECT_EQ(outcome(share, polio), "");
}

TEST_F(SignsTest, WhatBetraysNothingStays) {
    for (const char* label : {"SUD", "MH", "HIV", "STD", "SEX", "SDV", "GDIS", "SICKLE"})
        for (
            const std::string& text :
            {named("Malignant melanoma of skin"), named("Urticaria (hives)"),
             note("ST depression in V4, hearing aids."),
             coded("http://hl7.org/fhir/sid/icd-10-cm", "C43.9"),
             std::string(
                 R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})"),
             std::string(
                 R"({"resourceType":"Observation","id":"o","code":{"text":"BRAF V600E mutation in tumor tissue"}})"),
             std::string(
                 R"({"resourceType":"MedicationRequest","id":"m","medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"6809"}]}})")})
            EXPECT_EQ(outcome(deny(label), text), "") << label << " " << text;
}

// Nobody knows what it is: a name elsewhere in the record tells, else it is withheld while a label
// or a code of another system is denied, and goes where none is.
TEST_F(SignsTest, ABareCodeThatNobodyKnowsCannotBeDecided) {
    const std::string bare = coded("http://snomed.info/sct", "999000001");
    EXPECT_EQ(outcome(deny("HIV"), bare), "undecidable");
    EXPECT_EQ(outcome(share, bare), "");
    EXPECT_EQ(outcome(all_but(code_of(icd10, "F33")), bare), "undecidable");
    EXPECT_EQ(outcome(all_but(code_of("http://snomed.info/sct", "73211009")), bare), "");
    const auto beside = [&](const std::string& name) {
        return apply(
            deny("HIV"),
            {bare,
             R"({"resourceType":"Procedure","id":"p","code":{"text":"x"},"reasonCode":[{"coding":[{"system":"http://snomed.info/sct","code":"999000001","display":")" +
                 name + R"("}]}]})"});
    };
    EXPECT_EQ(beside("Osteoporosis").withheld.size(), 0U);
    EXPECT_EQ(reason_of(beside("HIV infection"), "Condition/c1"), "sensitivity:HIV");
}

// What is withheld unless the consent names it, and what goes: no oncologist loses the pain
// medicines or a pregnancy by default.
TEST_F(SignsTest, SomeMattersGoOnlyWhereTheyAreNamed) {
    for (const char* text : {"Opioid use disorder", "HIV infection", "Victim of domestic violence",
                             "Termination of pregnancy", "Gender dysphoria"})
        EXPECT_THAT(outcome(share, named(text)), ::testing::StartsWith("sensitivity:")) << text;
    for (const char* text : {"Major depressive disorder", "Pregnancy", "Sickle cell disease",
                             "Gonorrhea", "Tobacco use", "Oxycodone 5 MG", "Contraception"})
        EXPECT_EQ(outcome(share, named(text)), "") << text;
}

// Text is text, whatever it is said to be and however its words are written or split.
TEST_F(SignsTest, WordsAreFoundInEveryFormOfAnAttachment) {
    for (const std::string& bytes :
         {std::string("History of heroin use."),
          std::string("<html><p>her<b>oi</b>n use</p></html>"),
          std::string("<p>&#104;&#x65;roin</p>"), std::string("{\\rtf1\\ansi {\\b her}oin\\par}"),
          std::string("<p title=\"heroin\">x</p>"),
          std::string("h\xc3\xa9ro\xc3\xafn, her\xc2\xadoin"), utf16("History of heroin use."),
          crypto::base64("History of heroin use.")})
        EXPECT_EQ(outcome(deny("SUD"), letter(bytes)), "sensitivity:SUD") << bytes;
    EXPECT_EQ(outcome(deny("SUD"), letter("Wound heals well.", "text/plain")), "");
    // A copy of a record, whatever it is said to be.
    for (const char* copy : {"<ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>", "MSH|^~\\&|",
                             R"({"resourceType":"Condition"})"})
        EXPECT_EQ(outcome(deny("SUD"), letter(copy, "text/plain")), "undecidable") << copy;
}

// The only sensitive words of a record may stand in a narrative: the resource goes, and they do
// not.
TEST_F(SignsTest, ANarrativeThatBetraysAMatterDoesNotGo) {
    const std::string hemoglobin =
        R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Hemoglobin"},
            "text":{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">HIV positive</div>"}})";
    for (const auto& asked : {deny("HIV"), share}) {
        const Consented consented = apply(asked, {hemoglobin});
        EXPECT_TRUE(consented.withheld.empty());
        EXPECT_EQ(printed(consented).find("HIV"), std::string::npos);
        EXPECT_NE(printed(consented).find("Hemoglobin"), std::string::npos);
    }
}

// What is denied by its code is a matter too, and takes its words wherever they stand.
TEST_F(SignsTest, WordsOfWhatIsDeniedByCodeAreFoundInAttachments) {
    const std::string gout =
        R"({"resourceType":"Condition","id":"c","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"M10.9","display":"Gout"}]}})";
    for (const std::string& bytes :
         {std::string("Known gout since 2010."), std::string("<p>G<b>ou</b>t</p>"), utf16("gout"),
          std::string("{\\rtf1 {\\b g}out}"), crypto::base64("Known gout since 2010."),
          std::string("Known go-\r\n   ut."), std::string("Known g\u043eut.")}) {
        const Consented consented = apply(all_but(code_of(icd10, "M10")), {gout, letter(bytes)});
        EXPECT_EQ(reason_of(consented, "DocumentReference/d1"), "names-withheld") << bytes;
    }
    EXPECT_EQ(apply(all_but(code_of(icd10, "M10")), {gout, letter("A scout.")}).resources.size(),
              2U);
}

TEST_F(SignsTest, WhatCannotBeReadGoesOnlyWhereNoRuleIsOnAMatter) {
    const std::string pdf = letter("%PDF-1.7 words", "application/pdf");
    EXPECT_EQ(outcome(deny("SUD"), pdf), "undecidable");
    EXPECT_EQ(outcome(deny("SUD"), letter(std::string("\x89PNG\r\n\x1a\n\0", 9))), "undecidable");
    EXPECT_EQ(outcome(all_but(class_of("Condition")), pdf), "");
    EXPECT_EQ(outcome(share, pdf), "");
}

// A PDF with words is read as any other letter; a page that is a picture cannot be.
TEST_F(SignsTest, APdfIsDecidedByItsWords) {
    EXPECT_EQ(outcome(deny("SUD"), letter(pdf_of({"History of heroin use."}))), "sensitivity:SUD");
    EXPECT_EQ(outcome(deny("SUD"), letter(pdf_of({"Wound heals well."}))), "");
    EXPECT_EQ(outcome(deny("SUD"), letter(pdf_of({"Wound heals well.", ""}))), "undecidable");
}

// The page for people prints it.
TEST_F(SignsTest, TheNameThatAResourceHasAtItsSourceBetraysToo) {
    const auto follow_up = [](const std::string& id) {
        return R"({"resourceType":"Condition","id":")" + id + R"(","code":{"text":"Follow-up"}})";
    };
    const auto of = [&](const fhir::Json& asked, const std::string& id) {
        std::vector<PacketResource> resources{given(patient_text), given(follow_up("1"))};
        resources.back().source = "Condition/" + id;
        const auto consented =
            apply_consent(asked, request(), "Patient/p", std::move(resources), now, sensitivity());
        return consented.ok() && consented->withheld.empty();
    };
    for (const char* id : {"cid-hiv-1", "hiv00012345", "HIV2", "hivClinic-7"})
        EXPECT_FALSE(of(deny("HIV"), id)) << id;
    for (const char* id : {"123456", "obs-000123", "8944e7cf-1482-b552", "chive-7"})
        EXPECT_TRUE(of(deny("HIV"), id)) << id;
}

std::string labels_on(const Consented& consented, std::size_t at) {
    std::string out;
    for (const fhir::JsonView label :
         consented.resources[at].resource.json().at("meta", "security").items())
        out += std::string(label["code"].string()) + " ";
    return out;
}

// What goes though it betrays something goes with its label, restricted where it is more than
// possible; a label that stands there already is not said twice.
TEST_F(SignsTest, WhatGoesIsLabelledForWhoeverReceivesIt) {
    const Consented consented = apply(
        share,
        {named("Major depressive disorder"),
         R"({"resourceType":"Condition","id":"c2","code":{"text":"Tobacco use"}})",
         R"({"resourceType":"Condition","id":"c3","code":{"text":"Melanoma"}})",
         R"({"resourceType":"Condition","id":"c4","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]},"code":{"text":"Depression"}})"});
    ASSERT_EQ(consented.resources.size(), 5U);
    EXPECT_EQ(labels_on(consented, 1), "R MH ");
    EXPECT_EQ(labels_on(consented, 2), "SUD ");
    EXPECT_EQ(labels_on(consented, 3), "");
    EXPECT_EQ(labels_on(consented, 4), "V MH ");
    EXPECT_EQ(consented.changes.size(), 3U);
}

// The ledger can say by which rule, on what sign, and where that is known from.
TEST_F(SignsTest, EachDecisionSaysItsRuleItsSignAndTheSource) {
    const Consented consented = apply(deny("HIV"), {named("HIV infection"), note("x")});
    ASSERT_EQ(consented.withheld.size(), 1U);
    EXPECT_EQ(consented.withheld[0].why, "provision.provision[0]; HIV certain (words: own list)");
    ASSERT_EQ(consented.why_kept.size(), consented.resources.size());
    EXPECT_EQ(consented.why_kept.back(), "provision");
}

// What a withheld matter is the reason for, or was given, found or written about it, goes too; what
// only happened at the same visit stays, unless that was at a programme for substance use.
TEST_F(SignsTest, WhatBetraysByItsRelationGoesToo) {
    const std::string visit =
        R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"type":[{"text":"Visit"}],"serviceType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/service-type","code":")";
    const auto record = [&](const std::string& service) -> std::vector<std::string> {
        return {
            visit + service + R"("}]}})",
            R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"SUD"}]},"medicationCodeableConcept":{"text":"Tablet A"}})",
            R"({"resourceType":"MedicationDispense","id":"d","status":"completed","medicationCodeableConcept":{"text":"Tablet B"},"authorizingPrescription":[{"reference":"MedicationRequest/m"}]})",
            R"({"resourceType":"MedicationAdministration","id":"a","status":"completed","medicationCodeableConcept":{"text":"Tablet C"},"request":{"reference":"MedicationRequest/m"}})",
            R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Haemoglobin"},"encounter":{"reference":"Encounter/e"}})"};
    };
    const Consented at_program = apply(deny("SUD"), record("105"));
    for (const char* gone : {"MedicationDispense/d", "MedicationAdministration/a", "Observation/o"})
        EXPECT_EQ(reason_of(at_program, gone), "names-withheld") << gone;
    const Consented at_psychiatry = apply(deny("MH"), record("140"));
    EXPECT_EQ(reason_of(at_psychiatry, "Encounter/e"), "sensitivity:MH");
    EXPECT_EQ(reason_of(at_psychiatry, "Observation/o"), "");
    EXPECT_EQ(printed(at_psychiatry).find("Encounter"), std::string::npos);
}

// Whoever treats a patient must know the allergies: one that is told in words alone cannot be
// compared with a code, and is decided by its words.
TEST_F(SignsTest, AnAllergyInWordsStaysBesideADenyOfAnotherMatter) {
    const auto allergy = [](const std::string& text) {
        return R"({"resourceType":"AllergyIntolerance","id":"a","code":{"text":")" + text +
               R"("}})";
    };
    const auto deny_code = [](const std::string& coding) {
        return all_but(R"("code":[{"coding":[{)" + coding + "}]}]");
    };
    const fhir::Json opioids = deny_code(
        R"("system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F11.20","display":"Opioid dependence, uncomplicated")");
    const fhir::Json bare =
        deny_code(R"("system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F11.20")");
    const fhir::Json penicillin = deny_code(
        R"("system":"http://snomed.info/sct","code":"91936005","display":"Allergy to penicillin")");
    for (const fhir::Json& asked : {opioids, bare}) {
        EXPECT_EQ(outcome(asked, allergy("Penicillin: hives")), "");
        EXPECT_EQ(outcome(asked, allergy("Methadone")), "undecidable");
    }
    EXPECT_EQ(outcome(penicillin, allergy("Latex")), "");
    EXPECT_EQ(outcome(penicillin, allergy("Allergic to penicillins")), "code-denied");
    // Of a code that nobody names nothing is known, and of an allergy without words.
    const fhir::Json unknown = deny_code(R"("system":"urn:oid:1.2.3","code":"77")");
    EXPECT_EQ(outcome(unknown, allergy("Latex")), "undecidable");
    EXPECT_EQ(outcome(opioids, R"({"resourceType":"AllergyIntolerance","id":"a"})"), "undecidable");
    // A diagnosis has too many names.
    EXPECT_EQ(outcome(opioids, named("Back pain")), "undecidable");
}

// 42 CFR Part 2: a programme is known by its name or its type alone, wherever that is said, and
// what came from there goes, a haemoglobin too.
TEST_F(SignsTest, WhatCameFromAProgrammeGoesHoweverThatIsKnown) {
    const std::string organization = R"({"resourceType":"Organization","id":"g",)";
    const std::string visit =
        R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},)";
    const std::string at_organization =
        visit + R"("serviceProvider":{"reference":"Organization/g"}})";
    const std::pair<std::string, std::string> known[] = {
        {organization + R"("name":"Bay Area Opioid Treatment Program"})", at_organization},
        {organization + R"("name":"Suchtklinik Nord"})", at_organization},
        {organization +
             R"("name":"Northside","type":[{"coding":[{"system":"http://nucc.org/provider-taxonomy","code":"261QM2800X"}]}]})",
         at_organization},
        {R"({"resourceType":"Location","id":"l","type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":"RHAT"}]}]})",
         visit + R"("location":[{"location":{"reference":"Location/l"}}]})"},
        {R"({"resourceType":"Location","id":"l","name":"Floor 2","managingOrganization":{"display":"Methadone clinic"}})",
         visit + R"("location":[{"location":{"reference":"Location/l"}}]})"},
        {organization + R"("name":"General"})",
         visit + R"("serviceProvider":{"display":"Detox unit"}})"},
        {organization + R"("name":"General"})",
         visit + R"("type":[{"text":"Methadone clinic visit"}]})"},
    };
    const std::string haemoglobin =
        R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Haemoglobin"},"encounter":{"reference":"Encounter/e"}})";
    for (const auto& [place, stay] : known) {
        const Consented consented = apply(share, {place, stay, haemoglobin});
        EXPECT_NE(reason_of(consented, "Encounter/e"), "") << place << stay;
        EXPECT_EQ(reason_of(consented, "Observation/o"), "names-withheld") << place << stay;
    }
    const Consented by_programme = apply(
        share,
        {R"({"resourceType":"Observation","id":"o","code":{"text":"Weight"},"performer":[{"display":"Methadone clinic"}]})"});
    EXPECT_EQ(reason_of(by_programme, "Observation/o"), "sensitivity:SUD");
}

// What goes of a programme's, because the consent names it, carries the law it is under.
TEST_F(SignsTest, WhatTheConsentLetsGoOfAProgrammeIsLabelled) {
    const Consented consented = apply(
        consent(R"({"type":"permit","provision":[{"type":"permit",)" + label_of("SUD") + "}]}"),
        {R"({"resourceType":"Organization","id":"g","name":"Opioid treatment program"})",
         R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"serviceProvider":{"reference":"Organization/g"}})",
         R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Haemoglobin"},"encounter":{"reference":"Encounter/e"}})",
         R"({"resourceType":"Observation","id":"p","status":"final","code":{"text":"Weight"}})"});
    ASSERT_EQ(consented.withheld.size(), 0U);
    for (const PacketResource& one : consented.resources) {
        const std::string labels = one.resource.json().at("meta", "security").print();
        const bool is_of_programme = one.source != "Patient/p" && one.source != "Observation/p";
        for (const char* code : {"42CFRPart2", "NORDSCLCD", R"("R")"})
            EXPECT_EQ(labels.find(code) != std::string::npos, is_of_programme)
                << one.source << labels;
    }
}

// A source that knows its law says so itself; what came from there is under it too, whatever it is
// called.
TEST_F(SignsTest, WhatItsSourceLabelsAsUnderPart2TakesWhatCameFromThereAlong) {
    const std::string by_law =
        R"("meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"42CFRPart2"}]},)";
    const std::vector<std::string> record{
        R"({"resourceType":"Encounter","id":"e",)" + by_law +
            R"("status":"finished","class":{"code":"AMB"}})",
        R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Haemoglobin"},"encounter":{"reference":"Encounter/e"}})"};
    EXPECT_EQ(reason_of(apply(deny("SUD"), record), "Observation/o"), "names-withheld");
    const Consented kept = apply(consent(R"({"type":"permit","provision":[{"type":"permit",)" +
                                         label_of("42CFRPart2") + "}]}"),
                                 record);
    ASSERT_EQ(kept.withheld.size(), 0U);
    for (const PacketResource& one : kept.resources) {
        const std::string labels = one.resource.json().at("meta", "security").print();
        for (const char* code : {"42CFRPart2", "NORDSCLCD"})
            EXPECT_EQ(labels.find(code) != std::string::npos, one.source != "Patient/p")
                << one.source << labels;
    }
}

// The law is one of the United States: elsewhere it is said of nothing that its source does not say
// it of.
TEST_F(SignsTest, WhereTheLawDoesNotHoldAProgrammeIsNotLabelledAsUnderIt) {
    Sensitivity abroad = sensitivity();
    abroad.leave_part2();
    const auto consented = apply_consent(
        consent(R"({"type":"permit","provision":[{"type":"permit",)" + label_of("SUD") + "}]}"),
        request(), "Patient/p",
        {given(patient_text),
         given(R"({"resourceType":"Organization","id":"g","name":"Suchtklinik Nord"})"),
         given(
             R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"serviceProvider":{"reference":"Organization/g"}})")},
        now, abroad);
    ASSERT_TRUE(consented.ok());
    ASSERT_EQ(consented->resources.size(), 3U);
    for (const PacketResource& one : consented->resources)
        EXPECT_EQ(one.resource.json().print().find("42CFRPart2"), std::string::npos);
}

// What another telling place did there goes with the visit; what any place would have measured
// stays, and does not say where it was.
TEST_F(SignsTest, OfOtherTellingPlacesOnlyWhatTheyDoGoes) {
    const std::pair<const char*, const char*> known[] = {{"MH", "State Psychiatric Hospital"},
                                                         {"HIV", "HIV clinic"},
                                                         {"STD", "STD clinic"},
                                                         {"SEX", "Sexual Health Centre"},
                                                         {"SDV", "Frauenhaus Mitte"}};
    for (const auto& [label, name] : known) {
        const Consented consented = apply(
            deny(label),
            {R"({"resourceType":"Organization","id":"g","name":")" + std::string(name) + R"("})",
             R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"serviceProvider":{"reference":"Organization/g"}})",
             R"({"resourceType":"Procedure","id":"q","status":"completed","code":{"text":"Conversation"},"encounter":{"reference":"Encounter/e"}})",
             R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Haemoglobin"},"encounter":{"reference":"Encounter/e"},"performer":[{"reference":"Organization/g"}]})"});
        for (const char* gone : {"Organization/g", "Encounter/e", "Procedure/q"})
            EXPECT_NE(reason_of(consented, gone), "") << name << " " << gone;
        EXPECT_EQ(reason_of(consented, "Observation/o"), "") << name;
        EXPECT_EQ(printed(consented).find("Encounter"), std::string::npos) << name;
        EXPECT_EQ(printed(consented).find("Organization"), std::string::npos) << name;
    }
    const Consented elsewhere = apply(
        share,
        {R"({"resourceType":"Organization","id":"g","name":"Cardiac Rehabilitation Center"})",
         R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"serviceProvider":{"reference":"Organization/g"}})"});
    EXPECT_EQ(elsewhere.withheld.size(), 0U);
}

// Who did something may be called Gay; an address that betrays is shown to nobody.
TEST_F(SignsTest, ANameOfAPersonIsNoMatterAndADisplayThatBetraysGoes) {
    const Consented consented = apply(
        share,
        {R"({"resourceType":"Observation","id":"o","code":{"text":"Weight"},"performer":[{"display":"HIV clinic"}],"encounter":{"display":"Visit"}})",
         R"({"resourceType":"Practitioner","id":"d","name":[{"family":"Gay"}]})",
         R"({"resourceType":"Procedure","id":"q","code":{"text":"Biopsy"},"performer":[{"actor":{"reference":"Practitioner/d","display":"Dr. A"}}]})"});
    EXPECT_EQ(consented.withheld.size(), 0U);
    EXPECT_EQ(printed(consented).find("HIV"), std::string::npos);
    EXPECT_NE(printed(consented).find("Visit"), std::string::npos);
    EXPECT_NE(printed(consented).find("Gay"), std::string::npos);
}

}  // namespace
}  // namespace consultd::testing
