// repair: what breaks R4 is carried as R4 lets it be carried, and none of it is lost.
#include "fhir/r4/repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/source_folder.h"

namespace consultd::fhir::r4 {
namespace {

using testing::HasSubstr;
using testing::Not;

Json parsed(std::string text) {
    const auto json = Json::parse(std::move(text), {.bytes_max = std::size_t{1} << 30});
    EXPECT_TRUE(json.ok());
    return json.ok() ? *json : Json();
}

std::string findings_of(const Json& resource) {
    std::string out;
    for (const Finding& one : validate(resource))
        if (one.severity == Finding::Severity::Error)
            out += one.path + ": " + one.text.c_str() + "\n";
    return out;
}

// The resource as it goes out, which must be R4.
std::string repaired(const std::string& text) {
    const Json mended = repair(parsed(text));
    EXPECT_EQ(findings_of(mended), "") << mended.print();
    return mended.print();
}

std::string observation(const std::string& members) {
    return R"({"resourceType":"Observation","status":"final","code":{"text":"x"},)" + members + "}";
}

constexpr const char* as_text_of = R"({"url":"http://hl7.org/fhir/StructureDefinition/)"
                                   R"(data-absent-reason","valueCode":"as-text"},{"url":)"
                                   R"("http://hl7.org/fhir/StructureDefinition/originalText",)"
                                   R"("valueString":)";

TEST(RepairTest, WhatIsR4IsTheSame) {
    const Json whole = parsed(observation(R"("valueQuantity":{"value":2.00})"));
    EXPECT_TRUE(same_value(repair(whole), whole));
}

// A date that is none, a number that is a text, a code that is none: absent, with its text beside.
TEST(RepairTest, APrimitiveThatBreaksItsFormTravelsAsText) {
    EXPECT_THAT(repaired(R"({"resourceType":"Patient","birthDate":"1970 -01-01"})"),
                HasSubstr(std::string(R"("_birthDate":{"extension":[)") + as_text_of +
                          R"("1970 -01-01"}]})"));
    EXPECT_THAT(repaired(R"({"resourceType":"Patient","birthDate":"1970-13-01"})"),
                HasSubstr(R"("valueString":"1970-13-01")"));
    EXPECT_THAT(repaired(observation(R"("valueQuantity":{"value":"5.40","unit":"mmol/L"})")),
                HasSubstr(std::string(R"({"_value":{"extension":[)") + as_text_of +
                          R"("5.40"}]},"unit":"mmol/L"})"));
    EXPECT_THAT(
        repaired(R"({"resourceType":"Patient","gender":"weiblich"})"),
        HasSubstr(std::string(R"("_gender":{"extension":[)") + as_text_of + R"("weiblich"}]})"));
    EXPECT_THAT(repaired(R"({"resourceType":"Patient","active":"ja"})"),
                HasSubstr(R"("valueString":"ja")"));
}

// One of several keeps its place among them, and what stood beside it already.
TEST(RepairTest, AnItemAmongOthersKeepsItsPlace) {
    const Json patient = parsed(repaired(
        R"({"resourceType":"Patient","name":[{"given":["Ann",7,"Lee"],"_given":[null,{"id":"a"},null]}]})"));
    const JsonView name = patient["name"].items()[0];
    EXPECT_EQ(name["given"].print(), R"(["Ann",null,"Lee"])");
    EXPECT_EQ(name["_given"].items()[1]["id"].string(), "a");
    EXPECT_THAT(name["_given"].items()[1].print(), HasSubstr(R"("valueString":"7")"));
}

TEST(RepairTest, AConceptOutsideItsRequiredBindingIsSaidInWords) {
    const std::string out = repaired(
        R"({"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{"coding":[
            {"system":"urn:local","code":"akut","display":"Akut"}]}})");
    EXPECT_THAT(out, HasSubstr(std::string(R"("clinicalStatus":{"extension":[)") + as_text_of +
                               R"("urn:local|akut Akut"}]})"));
}

TEST(RepairTest, ACodeThatItsSystemDoesNotHaveIsText) {
    const std::string out = repaired(observation(
        R"("dataAbsentReason":{"coding":[{"system":
            "http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"keine Ahnung"}]})"));
    EXPECT_THAT(out, HasSubstr(R"("valueString":"keine Ahnung")"));
}

TEST(RepairTest, WhatIsRequiredAndNotThereIsAbsent) {
    const std::string out = repaired(R"({"resourceType":"Observation"})");
    EXPECT_THAT(out, HasSubstr(R"("_status":{"extension":[{"url":)"));
    EXPECT_THAT(out, HasSubstr(R"("code":{"extension":[{"url":)"));
    EXPECT_THAT(repaired(R"({"resourceType":"Claim","insurance":[]})"),
                HasSubstr(R"("insurance":[{"extension":)"));
    EXPECT_THAT(repaired(R"({"resourceType":"MedicationRequest"})"),
                HasSubstr(R"("medicationCodeableConcept":{"extension":)"));
}

// Members that R4 does not have, and a choice made twice, stand as text in what held them.
TEST(RepairTest, WhatHasNoPlaceStandsAsTextBeside) {
    const std::string unknown = repaired(observation(R"("vendorFlag":{"level":3.10})"));
    EXPECT_THAT(unknown, Not(HasSubstr(R"("vendorFlag":)")));
    EXPECT_THAT(unknown, HasSubstr(R"("valueString":"{\"vendorFlag\":{\"level\":3.10}}")"));
    const std::string twice = repaired(observation(R"("valueString":"neg","valueInteger":4)"));
    EXPECT_THAT(twice, HasSubstr(R"("valueString":"{\"valueInteger\":4}")"));
    EXPECT_THAT(twice, HasSubstr(R"("valueString":"neg")"));
    EXPECT_THAT(repaired(R"({"resourceType":"Patient","contact":[{"name":{"x":1}}]})"),
                HasSubstr(R"({\"x\":1})"));
}

TEST(RepairTest, AnExtensionWhereNoneMayStandIsText) {
    const std::string out = repaired(
        R"({"resourceType":"Patient","extension":[{"url":"urn:a"},{"url":"urn:b","valueString":"v"}]})");
    EXPECT_THAT(out, HasSubstr(R"({"url":"urn:b","valueString":"v"})"));
    EXPECT_THAT(out, HasSubstr(R"({\"extension\":{\"url\":\"urn:a\"}})"));
}

TEST(RepairTest, AReferenceThatMayNotLeadThereIsLogical) {
    const Json wrong = parsed(observation(R"("subject":{"reference":"urn:uuid:1","display":"d"})"));
    const TypeOf type_of = [](std::string_view url) -> std::string_view {
        return url == "urn:uuid:1" ? "Practitioner" : "";
    };
    EXPECT_FALSE(is_r4(wrong, type_of));
    const Json mended = repair(wrong, type_of);
    EXPECT_TRUE(is_r4(mended, type_of));
    EXPECT_EQ(
        mended["subject"].print(),
        R"({"display":"d","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:1"}})");
}

TEST(RepairTest, ContainedResourcesKeepTheirIdsWhereTheyMay) {
    const std::string bad_id = repaired(
        R"({"resourceType":"MedicationRequest","status":"active","intent":"order",
            "contained":[{"resourceType":"Medication","id":"med_1","code":{"text":"Aspirin"}}],
            "medicationReference":{"reference":"#med_1"},"subject":{"display":"x"}})");
    EXPECT_THAT(bad_id, Not(HasSubstr("med_1")));
    EXPECT_THAT(bad_id, HasSubstr(R"("code":{"text":"Aspirin"})"));
    const std::string unused = repaired(
        observation(R"("contained":[{"resourceType":"Patient","id":"p","birthDate":"1970"}])"));
    EXPECT_THAT(unused, HasSubstr(R"(\"birthDate\":\"1970\")"));
    const std::string labelled = repaired(observation(
        R"("contained":[{"resourceType":"Patient","id":"p","birthDate":"1970","meta":{
            "versionId":"3","security":[{"code":"R"}]}}],"subject":{"reference":"#p"})"));
    EXPECT_THAT(labelled, HasSubstr(R"("meta":{"security":[{"code":"R"}]})"));
}

TEST(RepairTest, EmptyThingsGo) {
    EXPECT_THAT(repaired(observation(R"("category":[],"method":{},"note":[null],"issued":null)")),
                Not(testing::ContainsRegex("category|method|note|issued")));
}

// Each primitive of our patients' records broken, one after the other.
class BrokenTest : public testing::TestWithParam<const char*> {
protected:
    // Calls with the resource for each of its primitives, which is another one in it.
    using Use = std::function<void(const Json&)>;
    static void each_broken(const Json& json, const Use& use) {
        for (const JsonMember& member : json.members()) {
            const std::string name(member.name());
            if (name == "resourceType" || name == "id" || name == "div") continue;
            each_broken_value(json.share(member.value),
                              [&](const Json& broken) { use(json.with(name, broken)); });
        }
    }
    static void each_broken_value(const Json& value, const Use& use) {
        if (value.is_object()) return each_broken(value, use);
        if (value.is_array()) {
            std::vector<Json> items;
            for (const JsonView item : value.items()) items.push_back(value.share(item));
            for (std::size_t i = 0; i < items.size(); ++i)
                each_broken_value(items[i], [&](const Json& broken) {
                    std::vector<Json> others = items;
                    others[i] = broken;
                    use(Json::array(std::move(others)));
                });
            return;
        }
        if (value.is_string()) {
            use(Json::number("4711"));
            use(Json("4711  ?"));
        } else {
            use(Json("4711 oder so"));
        }
    }
};

TEST_P(BrokenTest, EachPrimitiveIsCarriedWithItsText) {
    std::stringstream text;
    text << std::ifstream(std::filesystem::path(source_folder()) / "samples/patients" / GetParam())
                .rdbuf();
    const Json bundle = parsed(text.str());
    std::set<std::string> shapes;  // one resource of each set of members is enough
    std::size_t broken = 0;
    for (const JsonView entry : bundle["entry"].items()) {
        const Json resource = bundle.share(entry["resource"]);
        std::string shape(resource["resourceType"].string());
        for (const JsonMember& member : resource.members()) shape.append(member.name());
        if (!is_r4(resource) || !shapes.insert(shape).second) continue;
        each_broken(resource, [&](const Json& other) {
            if (is_r4(other)) return;
            ++broken;
            const Json mended = repair(other);
            EXPECT_EQ(findings_of(mended), "") << other.print() << "\n" << mended.print();
            EXPECT_THAT(mended.print(), HasSubstr("4711"));
        });
    }
    EXPECT_GT(broken, 100U);
}
INSTANTIATE_TEST_SUITE_P(Patients, BrokenTest,
                         testing::Values("melanoma.json", "marrow.json", "lupus.json"));

}  // namespace
}  // namespace consultd::fhir::r4
