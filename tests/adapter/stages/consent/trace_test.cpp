// What is withheld leaves no trace: a marker in each place where a record is known to repeat what
// stands in another resource, and records made at random with an oracle of their own.
#include <functional>
#include <set>

#include "consent_fixture.h"
#include "tests/support/seeded_random.h"

namespace consultd::testing {
namespace {

// The withheld: a diagnosis with an id long enough to be a name by itself. ZEBRA is the marker.
const std::string secret =
    R"({"resourceType":"Condition","id":"ZEBRA-5f2b8c1d9e","identifier":[{"system":"urn:case","value":"ZEBRA-77"}],"text":{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">ZEBRA</div>"},"subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33.1","display":"ZEBRA"}],"text":"ZEBRA words"},"note":[{"text":"ZEBRA"}]})";
const std::string letter =
    R"({"resourceType":"DocumentReference","id":"d1","status":"current","description":"ZEBRA letter","type":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33.1"}]},"content":[{"attachment":{"contentType":"text/plain","title":"ZEBRA.pdf","url":"Binary/b1"}}]})";
const std::string bytes =
    R"({"resourceType":"Binary","id":"b1","contentType":"text/plain","data":"WkVCUkE="})";

const std::string ref = R"({"reference":"Condition/ZEBRA-5f2b8c1d9e","display":"ZEBRA"})";
const std::string urn_ref =
    R"({"reference":")" + address_of("Condition/ZEBRA-5f2b8c1d9e") + R"("})";
const std::string narrative =
    R"("text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">ZEBRA</div>"},)";
const std::string visit =
    R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},)";
const std::string value =
    R"({"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},)";
const std::string order =
    R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p"},"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"1"}]},)";

// Each place is a resource that is allowed for itself, with the marker in it.
const std::vector<std::pair<const char*, std::string>> places = {
    {"reference", value + R"("focus":[)" + ref + "]}"},
    {"reference and narrative", value + narrative + R"("focus":[)" + ref + "]}"},
    {"reference by urn and narrative", value + narrative + R"("focus":[)" + urn_ref + "]}"},
    {"absolute reference",
     value + R"("focus":[{"reference":"https://ehr.example/fhir/Condition/ZEBRA-5f2b8c1d9e"}]})"},
    {"versioned reference",
     value + R"("focus":[{"reference":"Condition/ZEBRA-5f2b8c1d9e/_history/3"}]})"},
    {"logical reference",
     value + R"("focus":[{"identifier":{"system":"urn:case","value":"ZEBRA-77"}}]})"},
    {"display alone", value + R"("focus":[{"display":"ZEBRA words"}]})"},
    {"required reference of an entry",
     visit + R"("diagnosis":[{"condition":)" + ref + R"(,"use":{"text":"main"}}]})"},
    {"reason", visit + R"("reasonReference":[)" + ref + "]}"},
    {"reason of a drug",
     order + R"("reasonReference":[)" + ref + R"(],"note":[{"text":"for ZEBRA"}]})"},
    {"note beside a reference", value + R"("note":[{"text":"ZEBRA"}],"focus":[)" + ref + "]}"},
    {"extension reference",
     value + R"("extension":[{"url":"urn:x","valueReference":)" + ref + "}]}"},
    {"nested extension",
     value + R"("extension":[{"url":"urn:x","extension":[{"url":"y","valueReference":)" + ref +
         "}]}]}"},
    {"extension uri",
     value + R"("extension":[{"url":"urn:x","valueUri":"Condition/ZEBRA-5f2b8c1d9e"}]})"},
    {"extension string",
     value + R"("extension":[{"url":"urn:x","valueString":"ZEBRA-5f2b8c1d9e"}]})"},
    {"extension of a primitive",
     value +
         R"("effectiveDateTime":"2026","_effectiveDateTime":{"extension":[{"url":"urn:x","valueReference":)" +
         ref + "}]}}"},
    {"extension coding of the same code",
     value +
         R"("extension":[{"url":"urn:ZEBRA","valueCoding":{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33.1","display":"ZEBRA"}}]})"},
    {"identifier with its id",
     value + R"("identifier":[{"system":"urn:x","value":"ZEBRA-5f2b8c1d9e"}]})"},
    {"meta.source", value + R"("meta":{"source":"https://ehr/fhir/Condition/ZEBRA-5f2b8c1d9e"}})"},
    {"free text that names the id",
     value + R"("note":[{"text":"see Condition/ZEBRA-5f2b8c1d9e."}]})"},
    {"escaped name", value + R"("note":[{"text":"open?x=Condition%2FZEBRA-5f2b8c1d9e"}]})"},
    {"unknown element", value + R"("wizardry":{"of":"Condition/ZEBRA-5f2b8c1d9e"}})"},
    {"contained resource of the code", value + R"("contained":[)" + secret + "]}"},
    {"contained reference",
     value + R"("contained":[{"resourceType":"Specimen","id":"s","parent":[)" + ref + "]}]}"},
    {"coding elsewhere",
     visit +
         R"("reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33.1","display":"ZEBRA"}]}]})"},
    {"value of an observation",
     value +
         R"("valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33.1"}],"text":"ZEBRA"}})"},
    {"list entry and its words",
     R"({"resourceType":"List","id":"l","status":"current","mode":"working","title":"ZEBRA list",)" +
         narrative + R"("entry":[{"item":)" + ref + "}]}"},
    {"section of a composition",
     R"({"resourceType":"Composition","id":"x","status":"final","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},"date":"2026","author":[{"display":"a"}],"title":"t","section":[{"title":"ZEBRA",)" +
         narrative + R"("entry":[)" + ref +
         R"(]},{"title":"rest","entry":[{"reference":"Patient/p"}]}]})"},
    {"provenance target",
     R"({"resourceType":"Provenance","id":"v","recorded":"2026-01-01T00:00:00Z",)" + narrative +
         R"("agent":[{"who":{"display":"a"}}],"target":[{"reference":"Patient/p"},)" + ref + "]}"},
    {"report with a conclusion",
     R"({"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"24323-8"}]},"conclusion":"ZEBRA","result":[)" +
         ref + "]}"},
    {"document about it",
     R"({"resourceType":"DocumentReference","id":"d2","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},"content":[{"attachment":{"title":"ZEBRA","data":"WkVCUkE="}}],"context":{"related":[)" +
         ref + "]}}"},
    {"document with withheld bytes",
     R"({"resourceType":"DocumentReference","id":"d3","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},"content":[{"attachment":{"contentType":"text/plain","title":"copy","url":"Binary/b1"}}],"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/d1","display":"ZEBRA"}}]})"},
    {"care plan",
     R"({"resourceType":"CarePlan","id":"k","status":"active","intent":"plan","subject":{"reference":"Patient/p"},"description":"ZEBRA plan","addresses":[)" +
         ref + "]}"},
    {"conclusion beside a logical reference",
     R"({"resourceType":"DiagnosticReport","id":"r2","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"24323-8"}]},"conclusion":"ZEBRA","result":[{"identifier":{"system":"urn:case","value":"ZEBRA-77"}}]})"},
    {"value in words beside a reference",
     value + R"("valueString":"ZEBRA","focus":[)" + ref + "]}"},
    {"progress of an activity",
     R"({"resourceType":"CarePlan","id":"k2","status":"active","intent":"plan","activity":[{"reference":)" +
         ref + R"(,"progress":[{"text":"ZEBRA"}]}]})"},
    {"answers to questions",
     R"({"resourceType":"QuestionnaireResponse","id":"q","status":"completed","item":[{"linkId":"1","answer":[{"valueReference":)" +
         ref + R"(}]},{"linkId":"2","text":"ZEBRA"}]})"},
    {"message about it",
     R"({"resourceType":"Communication","id":"q2","status":"completed","about":[)" + ref +
         R"(],"payload":[{"contentString":"ZEBRA"}]})"},
    {"prediction from it",
     R"({"resourceType":"RiskAssessment","id":"q3","status":"final","basis":[)" + ref +
         R"(],"prediction":[{"outcome":{"text":"ZEBRA"}}]})"},
    {"service billed for it",
     R"({"resourceType":"Claim","id":"q4","diagnosis":[{"sequence":1,"diagnosisReference":)" + ref +
         R"(}],"item":[{"sequence":1,"productOrService":{"text":"ZEBRA therapy"}}]})"},
    {"event that it was the outcome of",
     R"({"resourceType":"AdverseEvent","id":"q5","actuality":"actual","resultingCondition":[)" +
         ref + R"(],"event":{"text":"ZEBRA"}})"},
    {"note of a list",
     R"({"resourceType":"List","id":"l2","status":"current","mode":"working","note":[{"text":"ZEBRA"}],"entry":[{"item":)" +
         ref + R"(},{"item":{"reference":"Patient/p"}}]})"},
    {"its words in a note", value + R"("note":[{"text":"known zebra words, ZEBRA"}]})"},
    {"its words as a reason", visit + R"("reasonCode":[{"text":"ZEBRA words"}]})"},
    {"its words in a narrative",
     value +
         R"("text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">ZEBRA words</div>"}})"},
    {"written narrative",
     value +
         R"("text":{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">ZEBRA</div>"}})"},
};

class TraceTest : public ConsentTest {};

TEST_F(TraceTest, MarkerInEachPlaceIsNowhereAfterwards) {
    ASSERT_GE(places.size(), 30U);
    for (const auto& [name, text] : places) {
        const Consented consented =
            apply(all_but(code_of(icd10, "F33")), {secret, letter, bytes, text});
        EXPECT_EQ(printed(consented).find("ZEBRA"), std::string::npos) << name;
        EXPECT_EQ(printed(consented).find("WkVCUkE"), std::string::npos) << name;
        EXPECT_EQ(printed(consented).find("Binary/b1"), std::string::npos) << name;
        EXPECT_EQ(consented.resources.size() + consented.withheld.size(), 5U) << name;
        EXPECT_EQ(printed(consented).find(address_of("Condition/ZEBRA-5f2b8c1d9e")),
                  std::string::npos);
    }
}

// What only mentions the withheld is kept without the mention, and the change says what stood
// there.
TEST_F(TraceTest, ReferenceIsTakenOutAndTheRestStays) {
    const std::string text =
        value + narrative + R"("valueQuantity":{"value":2.00},"partOf":[)" + ref + "]}";
    const Consented consented = apply(all_but(code_of(icd10, "F33")), {secret, text});
    ASSERT_EQ(consented.resources.size(), 2U);
    const fhir::Json& kept = consented.resources[1].resource.json();
    EXPECT_EQ(kept.at("valueQuantity", "value").number(), "2.00");
    EXPECT_FALSE(kept.has("partOf"));
    EXPECT_FALSE(kept.has("text"));
    ASSERT_EQ(consented.changes.size(), 2U);
    EXPECT_EQ(consented.changes[0].rule.view(), "consent.reference");
    EXPECT_EQ(consented.changes[0].path, "Observation.partOf");
    EXPECT_EQ(consented.changes[0].before.items()[0]["display"].string(), "ZEBRA");
    EXPECT_EQ(consented.changes[1].rule.view(), "consent.narrative");
}

TEST_F(TraceTest, NothingWithheldChangesNoByteButForLabels) {
    std::vector<std::string> record = {secret, letter, bytes};
    for (const auto& place : places)
        if (std::string_view(place.first) == "reason of a drug") record.push_back(place.second);
    const Consented consented = apply(consent(R"({"type":"permit"})"), record);
    ASSERT_EQ(consented.resources.size(), record.size() + 1);
    for (const Change& change : consented.changes) EXPECT_EQ(change.rule.view(), "consent.label");
    for (std::size_t i = 0; i < record.size(); ++i)
        EXPECT_EQ(consented.resources[i + 1].resource.json().without("meta").print(),
                  json(record[i]).print());
}

// A required reference cannot go: it says that its value is not known, and nothing of whose it was.
TEST_F(TraceTest, RequiredReferenceBecomesAbsent) {
    const std::string drug =
        R"({"resourceType":"Medication","id":"drug","code":{"coding":[{"system":"urn:x","code":"ZEBRA"}]}})";
    const std::string given_text =
        R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/drug","display":"ZEBRA"}})";
    const Consented consented = apply(all_but(class_of("Medication")), {drug, given_text});
    ASSERT_EQ(consented.resources.size(), 2U);
    EXPECT_EQ(
        consented.resources[1].resource.json()["medicationReference"].print(),
        R"({"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]})");
}

// A label stands on the Condition alone: its code as another's reason tells of it all the same, and
// so do the report of which no result is left, the sample, and the source's copy of the Consent.
TEST_F(TraceTest, WhatIsLeftWithoutTheWithheldIsWithheldToo) {
    const std::string label =
        R"("meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"PSY"}]},)";
    const std::string loinc = R"("code":{"coding":[{"system":"http://loinc.org","code":")";
    const fhir::Json asked = all_but(
        R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"PSY"}])");
    const Consented consented = apply(
        asked,
        {R"({"resourceType":"Condition","id":"c",)" + label +
             R"("code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"M54.5"}]}})",
         R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"M54.5"}]}]})",
         R"({"resourceType":"Observation","id":"o","status":"final",)" + label + loinc +
             R"(718-7"}]},"specimen":{"reference":"Specimen/s"}})",
         R"({"resourceType":"Specimen","id":"s"})",
         R"({"resourceType":"DiagnosticReport","id":"r","status":"final",)" + loinc +
             R"(58410-2"}]},"result":[{"reference":"Observation/o"}]})",
         R"({"resourceType":"Observation","id":"panel","status":"final",)" + loinc +
             R"(2951-2"}]},"hasMember":[{"reference":"Observation/o"}]})",
         consent_text(R"({"type":"permit"})", R"("id":"copy",)")});
    EXPECT_EQ(reason_of(consented, "Encounter/e"), "names-withheld");
    EXPECT_EQ(reason_of(consented, "Specimen/s"), "only-with-withheld");
    EXPECT_EQ(reason_of(consented, "DiagnosticReport/r"), "only-with-withheld");
    EXPECT_EQ(reason_of(consented, "Observation/panel"), "only-with-withheld");
    EXPECT_EQ(reason_of(consented, "Consent/copy"), "names-withheld");
    EXPECT_EQ(consented.resources.size(), 1U);
}

// What was not pulled was decided by nobody: a rule that looks at what a resource holds might have
// withheld it, so nothing is left of where it stood. Who did something is no such thing.
TEST_F(TraceTest, WhatWasNotPulledIsToldByNoNameBesideARuleOnContent) {
    const std::string text =
        R"({"resourceType":"Procedure","id":"x","status":"completed","performedDateTime":"2024","code":{"coding":[{"system":"http://snomed.info/sct","code":"80146002","display":"Appendectomy"}]},"subject":{"reference":"Patient/p"},)"
        R"("reasonReference":[{"type":"Condition","display":"ZEBRA","identifier":{"system":"urn:ietf:rfc:3986","value":"https://ehr.example/Condition/ZEBRA"}}],)"
        R"("performer":[{"actor":{"type":"Practitioner","display":"Dr. Open","identifier":{"value":"1"}}}]})";
    for (const std::string& rule : {code_of(icd10, "F33"), class_of("Condition"),
                                    std::string(R"("dataPeriod":{"end":"2020"})")}) {
        const Consented consented = apply(all_but(rule), {text});
        EXPECT_TRUE(consented.hides_unpulled);
        EXPECT_EQ(consented.resources.size(), 2U) << rule;
        EXPECT_EQ(printed(consented).find("ZEBRA"), std::string::npos) << rule;
        EXPECT_EQ(printed(consented).find("reasonReference"), std::string::npos) << rule;
    }
    const Consented consented = apply(all_but(code_of(icd10, "F33")), {text});
    EXPECT_NE(printed(consented).find("Dr. Open"), std::string::npos);
    EXPECT_NE(printed(apply(consent(R"({"type":"permit"})"), {text})).find("ZEBRA"),
              std::string::npos);
}

// One that was pulled, and is meant by its identifier, was decided.
TEST_F(TraceTest, AnIdentifierOfWhatIsKeptStays) {
    const Consented consented = apply(
        all_but(code_of(icd10, "F33")),
        {R"({"resourceType":"Condition","id":"open","identifier":[{"system":"urn:case","value":"7"}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"J45"}]}})",
         value + R"("focus":[{"identifier":{"system":"urn:case","value":"7"}}]})"});
    ASSERT_EQ(consented.resources.size(), 3U);
    EXPECT_NE(consented.resources[2].resource.json().print().find("focus"), std::string::npos);
}

// A narrative may tell of anything: once something is withheld, none of the source's goes.
TEST_F(TraceTest, NoNarrativeGoesOnceAnythingIsWithheld) {
    const std::string other = value + narrative + R"("valueInteger":1})";
    EXPECT_NE(printed(apply(everything(), {other})).find("ZEBRA"), std::string::npos);
    EXPECT_EQ(printed(apply(all_but(code_of(icd10, "F33")), {secret, other})).find("ZEBRA"),
              std::string::npos);
}

// Second of one would tell that a first was there.
TEST_F(TraceTest, RanksDoNotTellThatOneIsMissing) {
    const Consented consented = apply(
        all_but(code_of(icd10, "F33")),
        {secret,
         R"({"resourceType":"Condition","id":"open","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"J45"}]}})",
         visit + R"("diagnosis":[{"condition":)" + ref +
             R"(,"rank":1},{"condition":{"reference":"Condition/open"},"rank":2}]})"});
    ASSERT_EQ(consented.resources.size(), 3U);
    EXPECT_EQ(consented.resources[2].resource.json()["diagnosis"].print(),
              R"([{"condition":{"reference":"Condition/open"}}])");
}

// Short ids are common words: another resource's number is not a trace.
TEST_F(TraceTest, SameNumberOfAnotherTypeIsNoTrace) {
    const std::string hidden =
        R"({"resourceType":"Condition","id":"12","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33.1"}]}})";
    const std::string other =
        R"({"resourceType":"Observation","id":"12","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"note":[{"text":"12 of 12, Condition/123"}]})";
    const Consented consented = apply(all_but(code_of(icd10, "F33")), {hidden, other});
    ASSERT_EQ(consented.resources.size(), 2U);
    EXPECT_EQ(consented.resources[1].resource.json().print(), json(other).print());
}

// --- records at random
// ---------------------------------------------------------------------------------

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    std::size_t below(std::size_t limit) {
        const std::string drawn = random_.bytes(2);
        return (static_cast<unsigned char>(drawn[0]) * 256U +
                static_cast<unsigned char>(drawn[1])) %
               limit;
    }

private:
    SeededRandom random_;
};

const std::vector<std::string> types = {"Condition", "Observation", "Procedure", "Encounter"};
const std::vector<std::string> codes = {"F33.1", "C43.9", "B20", "D46.9"};

struct Made {
    std::string key, type, code, text;
    bool is_denied = false;
};

// Every resource refers to some others with its own marker word in the display.
std::vector<Made> make_record(Dice& dice, const std::string& denied_code,
                              const std::string& denied_type) {
    std::vector<Made> record;
    const std::size_t count = 5 + dice.below(25);
    for (std::size_t i = 0; i < count; ++i) {
        Made made;
        made.type = types[dice.below(types.size())];
        made.code = codes[dice.below(codes.size())];
        made.key = made.type + "/n" + std::to_string(i);
        made.is_denied = made.code == denied_code || made.type == denied_type;
        record.push_back(made);
    }
    for (std::size_t i = 0; i < count; ++i) {
        Made& made = record[i];
        std::string references;
        for (std::size_t r = dice.below(4); r > 0; --r) {
            const Made& target = record[dice.below(count)];
            const std::string literal = dice.below(2) == 0 ? target.key : address_of(target.key);
            references += std::string(references.empty() ? "" : ",") +
                          R"({"url":"urn:r","valueReference":{"reference":")" + literal +
                          R"(","display":"MARK-)" + target.key.substr(target.key.find('/') + 1) +
                          R"(."}})";
        }
        const std::string element = made.type == "Encounter" ? "type" : "code";
        const std::string concept_text =
            R"({"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":")" + made.code +
            R"("}]})";
        made.text = R"({"resourceType":")" + made.type + R"(","id":"n)" + std::to_string(i) +
                    R"(",)" + (references.empty() ? "" : R"("extension":[)" + references + "],") +
                    R"(")" + element + R"(":)" +
                    (element == "type" ? "[" + concept_text + "]" : concept_text) +
                    (dice.below(3) == 0 ? R"(,"note":[{"text":"free words"}])" : "") + "}";
    }
    return record;
}

TEST_F(TraceTest, RandomRecordsKeepNothingDeniedAndNothingDangling) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        Dice dice(seed);
        const std::string denied_code = codes[dice.below(codes.size())];
        const std::string denied_type = types[dice.below(types.size())];
        const std::vector<Made> record = make_record(dice, denied_code, denied_type);
        const fhir::Json asked = consent(R"({"type":"permit","provision":[{"type":"deny",)" +
                                         code_of(icd10, denied_code) + R"(},{"type":"deny",)" +
                                         class_of(denied_type) + "}]}");
        std::vector<std::string> texts;
        for (const Made& made : record) texts.push_back(made.text);
        const Consented consented = apply(asked, texts);

        std::set<std::string> kept, withheld;
        for (const PacketResource& resource : consented.resources) kept.insert(resource.source);
        for (const auto& one : consented.withheld) withheld.insert(one.source);
        EXPECT_EQ(kept.size() + withheld.size(), record.size() + 1);
        EXPECT_EQ(kept.size(), consented.resources.size());
        const std::string all = printed(consented);
        for (const Made& made : record) {
            EXPECT_NE(kept.contains(made.key), withheld.contains(made.key)) << made.key;
            EXPECT_TRUE(!made.is_denied || withheld.contains(made.key)) << made.key;
            if (kept.contains(made.key)) continue;
            EXPECT_EQ(all.find(made.key + "\""), std::string::npos) << made.key;
            EXPECT_EQ(all.find(address_of(made.key)), std::string::npos) << made.key;
            const std::string mark = "MARK-" + made.key.substr(made.key.find('/') + 1) + ".";
            EXPECT_EQ(all.find(mark), std::string::npos) << made.key;
        }
    }
}

}  // namespace
}  // namespace consultd::testing
