#include "fhir/r4/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace consultd::fhir::r4 {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

// "error PATH: TEXT" or "warning PATH: TEXT".
std::vector<std::string> found(std::string_view text) {
    auto parsed = Json::parse(std::string(text));
    EXPECT_TRUE(parsed.ok()) << text;
    std::vector<std::string> lines;
    if (!parsed) return lines;
    for (const Finding& finding : validate(*parsed))
        lines.push_back((finding.severity == Finding::Severity::Error ? "error " : "warning ") +
                        finding.path + ": " + finding.text.c_str());
    return lines;
}

// An Observation with one more member.
std::string observation(std::string_view member) {
    return R"({"resourceType":"Observation","status":"final","code":{"text":"x"},)" +
           std::string(member) + "}";
}
std::string patient(std::string_view member) {
    return R"({"resourceType":"Patient",)" + std::string(member) + "}";
}

struct Fault {
    const char* name;
    std::string text;
    const char* first_finding;  // how it starts
};
std::ostream& operator<<(std::ostream& out, const Fault& fault) { return out << fault.name; }

class ValidateFaultTest : public testing::TestWithParam<Fault> {};

TEST_P(ValidateFaultTest, IsFoundAtItsPlace) {
    const auto lines = found(GetParam().text);
    ASSERT_FALSE(lines.empty());
    EXPECT_THAT(lines, Contains(StartsWith(GetParam().first_finding)));
}

const auto fault_name = [](const testing::TestParamInfo<Fault>& info) {
    return std::string(info.param.name);
};

const std::vector<Fault> structure_faults = {
    Fault{"UnknownElement", patient(R"("eyeColour":"blue")"), "error Patient: an element"},
    Fault{"UnknownElementDeep", patient(R"("name":[{"nick":"x"}])"),
          "error Patient.name[0]: an element"},
    Fault{"UnknownResource", R"({"resourceType":"Vignette"})", "error : not a resource"},
    Fault{"AbstractResource", R"({"resourceType":"DomainResource"})", "error : not a resource"},
    Fault{"NoResourceType", R"({"id":"1"})", "error : not a resource"},
    Fault{"RequiredMissing", R"({"resourceType":"Observation","code":{"text":"x"}})",
          "error Observation.status: a required"},
    Fault{"RequiredChoiceMissing",
          R"({"resourceType":"MedicationStatement","status":"active","subject":{"display":"p"}})",
          "error MedicationStatement.medication: a required"},
    Fault{"TwoTypesOfOneChoice", observation(R"("valueString":"a","valueInteger":1)"),
          "error Observation.value: a choice"},
    Fault{"ChoiceAndSiblingOfAnother",
          observation(R"("valueString":"a","_valueInteger":{"id":"x"})"),
          "error Observation.value: a choice"},
    Fault{"ArrayWhereNoneRepeats", patient(R"("gender":["male"])"),
          "error Patient.gender: the wrong kind"},
    Fault{"NoArrayWhereItRepeats", patient(R"("name":{"text":"x"})"),
          "error Patient.name: the wrong kind"},
    Fault{"ObjectForPrimitive", patient(R"("birthDate":{"a":1})"),
          "error Patient.birthDate: the wrong kind"},
    Fault{"NullMember", patient(R"("birthDate":null)"), "error Patient: null"},
    Fault{"NullPaddingWithoutReason", patient(R"("name":[{"given":["a",null]}])"),
          "error Patient.name[0]"},
    Fault{"EmptyArray", patient(R"("name":[])"), "error Patient.name: an array"},
    Fault{"EmptyPrimitiveArray", patient(R"("name":[{"text":"x","given":[]}])"),
          "error Patient.name[0].given: an array"},
    Fault{"EmptyObject", patient(R"("name":[{}])"), "error Patient.name[0]: ele-1"},
    Fault{"OnlyAnId", patient(R"("name":[{"id":"x"}])"), "error Patient.name[0]: ele-1"},
    Fault{"EmptySibling", patient(R"("_birthDate":{})"), "error Patient.birthDate: ele-1"},
    Fault{"SiblingsOutOfStep", patient(R"("name":[{"given":["a","b"],"_given":[{"id":"1"}]}])"),
          "error Patient.name[0].given: the array"},
    Fault{"ExtensionWithNothing", patient(R"("extension":[{"url":"u"}])"),
          "error Patient.extension[0]: ext-1"},
    Fault{
        "ExtensionWithBoth",
        patient(
            R"("extension":[{"url":"u","valueCode":"a","extension":[{"url":"v","valueCode":"b"}]}])"),
        "error Patient.extension[0]: ext-1"},
    Fault{"ExtensionWithoutUrl", patient(R"("extension":[{"valueCode":"a"}])"),
          "error Patient.extension[0].url: a required"},
    Fault{"FaultInAPrimitivesExtension",
          patient(R"("birthDate":"1970","_birthDate":{"extension":[{"url":"u","valueCode":" "}]})"),
          "error Patient.birthDate.extension[0].value: a code"},
    Fault{"ModifierExtensionWeDoNotKnow",
          patient(R"("modifierExtension":[{"url":"u","valueCode":"a"}])"),
          "warning Patient.modifierExtension[0]: a modifier"},
    Fault{
        "WrongHash",
        R"({"resourceType":"Media","status":"completed","content":{"data":"YQ==","hash":"YQ=="}})",
        "error Media.content: the hash"},
    Fault{"WrongSize",
          R"({"resourceType":"Media","status":"completed","content":{"data":"YQ==","size":2}})",
          "error Media.content: the size"}};
INSTANTIATE_TEST_SUITE_P(Structure, ValidateFaultTest, testing::ValuesIn(structure_faults),
                         fault_name);

const std::vector<Fault> primitives_faults = {
    Fault{"StringForNumber", observation(R"("valueQuantity":{"value":"1"})"),
          "error Observation.value.value: a number"},
    Fault{"NumberForString", observation(R"("valueString":1)"),
          "error Observation.value: a string"},
    Fault{"StringForBoolean", patient(R"("active":"true")"), "error Patient.active: true"},
    Fault{"EmptyString", patient(R"("name":[{"text":""}])"),
          "error Patient.name[0].text: a string"},
    Fault{"IdWithSpace", patient(R"("id":"a b")"), "error Patient.id: not an id"},
    Fault{"IdWithUnderscore", patient(R"("id":"a_b")"), "error Patient.id: not an id"},
    Fault{"UriWithSpace", patient(R"("implicitRules":"a b")"),
          "error Patient.implicitRules: a URI"},
    Fault{"MonthThirteen", patient(R"("birthDate":"1970-13-01")"),
          "error Patient.birthDate: not a"},
    Fault{"DateWithTime", patient(R"("birthDate":"1970-01-01T00:00:00Z")"),
          "error Patient.birthDate: a date"},
    Fault{"InstantWithoutTime", patient(R"("meta":{"lastUpdated":"2020-01-01"})"),
          "error Patient.meta.lastUpdated: an instant"},
    Fault{"TimeWithoutSeconds", observation(R"("valueTime":"10:30")"),
          "error Observation.value: not"},
    Fault{"HourTwentyFour", observation(R"("valueTime":"24:00:00")"),
          "error Observation.value: not"},
    Fault{"FractionForInteger", observation(R"("valueInteger":1.0)"),
          "error Observation.value: a whole"},
    Fault{"IntegerOverflow", observation(R"("valueInteger":2147483648)"),
          "error Observation.value: a whole"},
    Fault{"PositiveIntZero", patient(R"("telecom":[{"rank":0}])"),
          "error Patient.telecom[0].rank: the number"},
    Fault{"UnsignedIntNegative",
          R"({"resourceType":"Media","status":"completed","content":{"size":-1}})",
          "error Media.content.size: the number"},
    Fault{"BadBase64", R"({"resourceType":"Binary","contentType":"text/plain","data":"YQ=*"})",
          "error Binary.data: not base64"},
    Fault{"CodeWithTrailingSpace", patient(R"("language":"en ")"),
          "error Patient.language: a code"},
    Fault{"CodeOutsideItsValueSet", patient(R"("gender":"girl")"),
          "error Patient.gender: not a code of"},
    Fault{"ControlCharacter", patient(R"("name":[{"text":"a\u0007"}])"),
          "error Patient.name[0].text: a control"},
    Fault{"StringTooLong",
          patient(R"("name":[{"text":")" + std::string((1 << 20) + 1, 'x') + R"("}])"),
          "error Patient.name[0].text: a string has at most"},
    Fault{"BadOid", patient(R"("extension":[{"url":"u","valueOid":"urn:oid:1.02"}])"),
          "error Patient.extension[0].value: not urn:oid"},
    Fault{
        "UpperCaseUuid",
        patient(
            R"("extension":[{"url":"u","valueUuid":"urn:uuid:C757873D-EC9A-4326-A141-556F43239520"}])"),
        "error Patient.extension[0].value: not urn:uuid"}};
INSTANTIATE_TEST_SUITE_P(Primitives, ValidateFaultTest, testing::ValuesIn(primitives_faults),
                         fault_name);

const std::vector<Fault> references_faults = {
    Fault{"WrongTarget", observation(R"("subject":{"reference":"Practitioner/1"})"),
          "error Observation.subject: a resource of this type"},
    Fault{"WrongTargetByUrl",
          observation(R"("subject":{"reference":"https://a.b/Practitioner/1"})"),
          "error Observation.subject: a resource of this type"},
    Fault{"WrongTargetBySaidType",
          observation(R"("subject":{"type":"Practitioner","display":"x"})"),
          "error Observation.subject: a resource of this type"},
    Fault{"SaysAnotherType", observation(R"("subject":{"reference":"Patient/1","type":"Group"})"),
          "error Observation.subject: the reference leads to another type"},
    Fault{"ContainedMissing", observation(R"("subject":{"reference":"#p"})"),
          "error Observation.subject: ref-1"},
    Fault{
        "ContainedOfWrongType",
        observation(
            R"("contained":[{"resourceType":"Practitioner","id":"p"}],"subject":{"reference":"#p"})"),
        "error Observation.subject: a resource of this type"},
    Fault{"ContainedNotReferredTo",
          observation(R"("contained":[{"resourceType":"Patient","id":"p"}])"),
          "error Observation.contained[0]: dom-3"},
    Fault{"ContainedTwiceTheSameId",
          observation(R"("contained":[{"resourceType":"Patient","id":"p"},
                  {"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"})"),
          "error Observation.contained[1]: the same id"},
    Fault{"ContainedNested",
          observation(R"("contained":[{"resourceType":"Patient","id":"p","contained":[
                  {"resourceType":"Organization","id":"o"}],"managingOrganization":{"reference":"#o"}}],
                  "subject":{"reference":"#p"})"),
          "error Observation.contained[0]: dom-2"}};
INSTANTIATE_TEST_SUITE_P(References, ValidateFaultTest, testing::ValuesIn(references_faults),
                         fault_name);

std::string coded(std::string_view system, std::string_view code, std::string_view more = "") {
    return observation(R"("bodySite":{"coding":[{"system":")" + std::string(system) +
                       R"(","code":")" + std::string(code) + "\"" + std::string(more) + "}]}");
}
std::string condition(std::string_view clinical_status) {
    return R"({"resourceType":"Condition","subject":{"display":"p"},"clinicalStatus":)" +
           std::string(clinical_status) + "}";
}
std::string binary(std::string_view mime_type) {
    return R"({"resourceType":"Binary","contentType":")" + std::string(mime_type) + R"("})";
}
std::string narrative_of(std::string_view inside, std::string_view members) {
    return patient(
        R"("text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">)" +
        std::string(inside) + R"(</div>"})" + std::string(members));
}
constexpr std::string_view drug_form = "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm";
constexpr std::string_view category = "http://terminology.hl7.org/CodeSystem/observation-category";

// What R4 itself can tell of codes, extensions and the places that narratives point at.
const std::vector<Fault> definitions_faults = {
    Fault{"CodeOfFhirsOwnSystem", coded(category, "vital-sign"),
          "error Observation.bodySite.coding[0].code: not a code of its code system"},
    Fault{"CodeInOtherLetters", coded(drug_form, "Tab"),
          "error Observation.bodySite.coding[0].code: the code system has this code in other"},
    Fault{"CodeThatALaterEditionMayHave", coded(drug_form, "GUMMY"),
          "warning Observation.bodySite.coding[0].code: not a code of its code system as R4"},
    Fault{"UnitThatIsNoCode",
          observation(R"("valueQuantity":{"value":1,"system":")" + std::string(drug_form) +
                      R"(","code":"tab"})"),
          "error Observation.value.code: the code system has"},
    Fault{"RequiredConceptOfAnotherSystem",
          condition(R"({"coding":[{"system":"http://x.org","code":"active"}]})"),
          "error Condition.clinicalStatus: no coding of the required"},
    Fault{"RequiredConceptWithTextAlone", condition(R"({"text":"active"})"),
          "error Condition.clinicalStatus: no coding of the required"},
    Fault{"NoMimeType", binary("PDF"), "error Binary.contentType: not in the form"},
    Fault{"NoMimeSubtype", binary("application/"), "error Binary.contentType: not in the form"},
    Fault{"MimeParameterWithoutValue", binary("text/plain; charset"),
          "error Binary.contentType: not in the form"},
    Fault{"NoCurrency", observation(R"("extension":[{"url":"u","valueMoney":{"currency":"usd"}}])"),
          "error Observation.extension[0].value.currency: not in the form"},
    Fault{"ExtensionOfAnotherResource",
          observation(
              R"("extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                      "valueDateTime":"2020"}])"),
          "error Observation.extension[0]: R4 does not let"},
    Fault{"ExtensionOfAPartOnTheWhole",
          patient(R"("name":[{"text":"x","extension":[{"valueString":"van",
                  "url":"http://hl7.org/fhir/StructureDefinition/humanname-own-prefix"}]}])"),
          "error Patient.name[0].extension[0]: R4 does not let"},
    Fault{"LinkToNothing", narrative_of(R"(<a href=\"#x\">a</a>)", ""),
          "error Patient.text.div: a link or image"},
    Fault{"ImageOfNothing", narrative_of(R"(a<img src=\"#\"/>)", ""),
          "error Patient.text.div: a link or image"}};
INSTANTIATE_TEST_SUITE_P(Definitions, ValidateFaultTest, testing::ValuesIn(definitions_faults),
                         fault_name);

TEST(ValidateTest, WhatR4CannotTellOfACodeIsNoFinding) {
    EXPECT_THAT(found(coded(category, "vital-signs")), IsEmpty());
    EXPECT_THAT(found(coded(category, "new", R"(,"version":"9.0.0")")), IsEmpty());
    EXPECT_THAT(found(coded("http://loinc.org", "no code")), IsEmpty());
    // Version 2's tables do not tell letters apart, and some leave codes out.
    EXPECT_THAT(found(coded("http://terminology.hl7.org/CodeSystem/v2-0203", "mr")), IsEmpty());
    EXPECT_THAT(found(coded("http://terminology.hl7.org/CodeSystem/v2-0141", "Q9")), IsEmpty());
    EXPECT_THAT(found(condition(R"({"coding":[{"system":"http://x.org","code":"1"},
        {"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]})")),
                IsEmpty());
    EXPECT_THAT(found(condition(R"({"extension":[{"valueCode":"unknown",
        "url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]})")),
                IsEmpty());
}

TEST(ValidateTest, MimeTypesMayHaveParametersAndAsterisks) {
    for (const char* type : {"application/fhir+json; fhirVersion=4.0", "image/*", "text/plain;",
                             R"(multipart/related;type=\"a/b\")", "application/vnd.ms-excel"})
        EXPECT_THAT(found(binary(type)), IsEmpty()) << type;
}

TEST(ValidateTest, ExtensionsStandWhereTheirDefinitionsLetThem) {
    const std::string own = "http://hl7.org/fhir/StructureDefinition/";
    EXPECT_THAT(found(patient(R"("birthDate":"1970-03-30","_birthDate":{"extension":[
        {"url":")" + own + R"(patient-birthTime","valueDateTime":"1970-03-30T01:02:03Z"}]})")),
                IsEmpty());
    EXPECT_THAT(found(patient(R"("name":[{"family":"x","_family":{"extension":[
        {"url":")" + own + R"(humanname-own-prefix","valueString":"van"}]}}])")),
                IsEmpty());
    // Of Element, of code, and one that R4 does not have.
    EXPECT_THAT(found(observation(R"("extension":[{"valueUrl":"a","url":")" + own +
                                  R"(narrativeLink"},{"valueCode":"b","url":")" + own +
                                  R"(nothing-of-ours"}])")),
                IsEmpty());
}

TEST(ValidateTest, ANarrativeMayPointAtAnythingInItsResource) {
    EXPECT_THAT(found(narrative_of(R"(<a href=\"#n\">a</a><img src=\"#o\"/><a href=\"#p\">b</a>)"
                                   R"(<a name=\"q\">c</a><a href=\"#q\">d</a><a href=\"#\">e</a><a href=\"x.html#no\">f</a>)",
                                   R"(,"name":[{"id":"n","text":"x"}],"_birthDate":{"id":"p",
        "extension":[{"url":"u","valueCode":"a"}]},"managingOrganization":{"reference":"#o"},
        "contained":[{"resourceType":"Organization","id":"o","name":"x"}])")),
                IsEmpty());
}

std::string narrative(std::string_view div) {
    return patient(R"("text":{"status":"generated","div":")" + std::string(div) + R"("})");
}

TEST(ValidateTest, ANarrativeIsWellFormedXhtmlWithSomethingToRead) {
    const std::string ns = R"(xmlns=\"http://www.w3.org/1999/xhtml\")";
    EXPECT_THAT(found(narrative("<div " + ns + ">a &amp; b &#160;<b>c</b></div>")), IsEmpty());
    for (const char* inside : {"<p>a</div>", "<script>a</script>b", "a&nbsp;b", " ", "<b></b>",
                               "<!-- x --><form>a</form>"})
        EXPECT_THAT(found(narrative("<div " + ns + ">" + inside + "</div>")),
                    ElementsAre(StartsWith("error Patient.text.div: txt-")))
            << inside;
    EXPECT_THAT(found(narrative("<p>a</p>")),
                ElementsAre(StartsWith("error Patient.text.div: txt-1")));
}

TEST(ValidateTest, WhatIsRightIsNotComplainedOf) {
    EXPECT_THAT(found(R"({"resourceType":"Observation","id":"a-1.B","status":"final",
        "contained":[{"resourceType":"Patient","id":"p","managingOrganization":{"reference":"#o"}},
            {"resourceType":"Organization","id":"o"}],
        "code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"subject":{"reference":"#p"},
        "_effectiveDateTime":{"extension":[{"url":"u","valueCode":"unknown"}]},
        "performer":[{"reference":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}],
        "valueQuantity":{"value":-0.0010E2},"issued":"2020-02-29T23:59:60.123+14:00"})"),
                IsEmpty());
}

TEST(ValidateTest, ARequiredPrimitiveMayBeAbsentWithAReason) {
    EXPECT_THAT(found(R"({"resourceType":"Observation","code":{"text":"x"},"_status":{"extension":
        [{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}})"),
                IsEmpty());
}

TEST(ValidateTest, AContainedResourceMayPointToItsContainerInstead) {
    EXPECT_THAT(
        found(R"({"resourceType":"Patient","contained":[{"resourceType":"Provenance","id":"p",
        "target":[{"reference":"#"}],"recorded":"2020-01-01T00:00:00Z","agent":[{"who":{"display":"x"}}]}]})"),
        IsEmpty());
}

TEST(ValidateTest, ACanonicalMayNameAContainedResource) {
    EXPECT_THAT(found(R"({"resourceType":"QuestionnaireResponse","status":"completed",
        "questionnaire":"#q","contained":[{"resourceType":"Questionnaire","id":"q","status":"active"}]})"),
                IsEmpty());
}

// https://hl7.org/fhir/R4/datatypes.html#string: 1024*1024 characters, not bytes.
TEST(ValidateTest, TheLengthOfAStringIsCountedInCharacters) {
    std::string text;
    for (int i = 0; i < 1 << 20; ++i) text += "\xc3\xa9";
    EXPECT_THAT(found(patient(R"("name":[{"text":")" + text + R"("}])")), IsEmpty());
}

TEST(ValidateTest, FindingsNeverQuoteTheData) {
    const auto lines = found(patient(R"("Zzz":1,"gender":"Zzz","birthDate":"Zzz","id":"Zzz Zzz")"));
    EXPECT_EQ(lines.size(), 4U);
    for (const std::string& line : lines) EXPECT_EQ(line.find("Zzz"), std::string::npos) << line;
}

// A crawl over the others for each of them would take minutes here.
TEST(ValidateTest, ManyContainedResourcesAreLookedUpQuickly) {
    constexpr int count = 50'000;
    std::string contained, references;
    for (int i = 0; i < count; ++i) {
        const std::string id = std::to_string(i), comma = i == 0 ? "" : ",";
        contained += comma + R"({"resourceType":"Organization","name":"x","id":")" + id + "\"}";
        references += comma + R"({"reference":"#)" + id + "\"}";
    }
    const auto before = std::chrono::steady_clock::now();
    EXPECT_THAT(found(patient(R"("contained":[)" + contained + R"(],"generalPractitioner":[)" +
                              references + "]")),
                IsEmpty());
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST(ValidateTest, FaultsWithoutEndAreNotListedWithoutEnd) {
    std::string nulls = "null";
    for (int i = 0; i < 100'000; ++i) nulls += ",null";
    const auto lines = found(patient(R"("name":[)" + nulls + "]"));
    EXPECT_EQ(lines.size(), 10'001U);
    EXPECT_THAT(lines.back(), testing::HasSubstr("too many findings"));
}

TEST(ValidateTest, HostileShapesAreFindingsNotCrashes) {
    for (const char* text :
         {"[]", "null", "1", "\"Patient\"", R"({"resourceType":1})",
          R"({"resourceType":"Bundle","type":"document","entry":{}})",
          R"({"resourceType":"Bundle","type":"document","entry":[1,null,[]]})",
          R"({"resourceType":"Bundle","type":["document"]})",
          R"({"resourceType":"Observation","subject":"Patient/1","contained":"x"})"})
        EXPECT_FALSE(found(text).empty()) << text;
}

}  // namespace
}  // namespace consultd::fhir::r4
