#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapter/stages/normalize/normalize.h"
#include "tests/adapter/stages/normalize/record_of.h"

namespace consultd {
namespace {

using fhir::Json;

class UndoTest : public testing::Test {
protected:
    void normalize_all() {
        auto result = normalize(record);
        ASSERT_TRUE(result.ok());
        normalized = *std::move(result);
        for (const PacketResource& resource : normalized.resources)
            delivered.push_back(resource.resource.json());
    }
    Record record;
    Normalized normalized;
    std::vector<Json> delivered;
};

TEST_F(UndoTest, BringsBackEveryResourceAsItStood) {
    add_text(record, R"({"resourceType":"Patient","id":"1"})");
    add_text(record, R"({"resourceType":"Patient","active":true})", "urn:uuid:no-id-here");
    add_text(record, R"({"resourceType":"Observation","id":"o","status":"final",
        "contained":[{"resourceType":"Group","id":"g","member":[{"entity":{"reference":"Patient/1"}}]}],
        "text":{"status":"generated","div":"<div><a href=\"Patient/1\">x</a></div>"},
        "_issued":{"extension":[{"url":"u","valueReference":{"reference":"Patient/1"}}]},
        "code":{"coding":[{"system":"1.2.3","code":"x"},{"system":"http://snomed.info/sct/1","code":"1"}],
            "_text":{"extension":[{"url":"u","valueCoding":{"system":"https://loinc.org","code":"1"}}]}},
        "subject":{"reference":"#g"},"focus":[{"reference":"Patient/1"},{"reference":"Group/9",
            "identifier":{"system":"2.16.840.1.113883.4.6","value":"1"}},{"reference":"Group/10"}],
        "derivedFrom":[{"reference":"DocumentReference/d"}],"valueQuantity":{"value":1.50,"system":"urn:oid:2.16.840.1.113883.6.8"},
        "component":[{"code":{"text":"x"}},{"code":{"coding":[{"system":"1.2.3"}]}}]})");
    for (const char* id : {"7", "8"})
        add_text(record,
                 R"({"resourceType":"Binary","contentType":"text/plain","data":"YQ==","id":")" +
                     std::string(id) + "\"}");
    add_text(record, R"({"resourceType":"DocumentReference","id":"d","status":"current","content":[
        {"attachment":{"url":"Binary/7"}},{"attachment":{"url":"Binary/8"}}]})");
    normalize_all();
    const auto restored = undo(delivered, normalized.changes);
    ASSERT_TRUE(restored.ok());
    for (std::size_t i = 0; i < restored->size(); ++i)
        for (const PulledResource& pulled : record.resources) {
            if (pulled.source != normalized.resources[i].source) continue;
            EXPECT_EQ((*restored)[i].print_canonical(), pulled.resource.json().print_canonical());
        }
    EXPECT_GE(normalized.changes.size(), 15U);
}

// What the later stages tell: an absence said of a primitive, a member taken out, a whole resource.
TEST_F(UndoTest, ChangesOfTheLaterStagesAreTakenBackToo) {
    const Json before = parse_json(R"({"resourceType":"Observation","id":"o","status":"final",
        "focus":[{"display":"x"}],"valueCodeableConcept":{"text":"y"},"_issued":{"id":"kept"}})");
    const Json reason = parse_json(R"([{"url":"u","valueCode":"unknown"}])");
    const Json absent = Json::object({{"extension", reason}});
    const Json after = before.without("focus")
                           .without("valueCodeableConcept")
                           .with("_effectiveDateTime", absent)
                           .with("_issued", absent.with("id", Json("kept")));
    const Json binary = parse_json(R"({"resourceType":"Binary","id":"o","data":"YQ=="})");
    const auto restored =
        undo({binary}, {{"urn:uuid:o", "Observation.focus", "x", before.get("focus"), {}},
                        {"urn:uuid:o",
                         "Observation.valueCodeableConcept",
                         "x",
                         before.get("valueCodeableConcept"),
                         {}},
                        {"urn:uuid:o", "Observation.effective.extension", "x", {}, reason},
                        {"urn:uuid:o", "Observation.issued.extension", "x", {}, reason},
                        {"urn:uuid:o", "Observation", "x", after, binary}});
    ASSERT_TRUE(restored.ok()) << restored.error().message();
    EXPECT_EQ((*restored)[0].print_canonical(), before.print_canonical());
}

TEST_F(UndoTest, AResourceThatSomebodyChangedIsNotOverwritten) {
    add_text(record, R"({"resourceType":"Basic","id":"b","code":{"coding":[{"system":"1.2.3"}]}})");
    normalize_all();
    delivered[0] = delivered[0].with(
        "code", parse_json(R"({"coding":[{"system":"http://somebody.example"}]})"));
    const auto restored = undo(delivered, normalized.changes);
    ASSERT_FALSE(restored.ok());
    EXPECT_EQ(restored.error().kind(), ErrorKind::Corrupt);
}

TEST_F(UndoTest, APathThatLeadsNowhereIsRefused) {
    add_text(record, R"({"resourceType":"Basic","id":"b","code":{"text":"x"}})");
    normalize_all();
    const std::string full_url = normalized.resources[0].full_url;
    for (const char* path :
         {"", "Basic", "Basic.nothing", "Basic.code.coding[4].system", "Patient.id", "Basic.code[",
          "Basic.code[1", "Basic.code[x]", "Basic.code.text.value"}) {
        const auto restored = undo(delivered, {{full_url, path, "x", Json("a"), Json("b")}});
        EXPECT_FALSE(restored.ok()) << path;
    }
}

TEST_F(UndoTest, ChangesOfWhatIsNotThereAreLeftAlone) {
    EXPECT_TRUE(undo({}, {{"urn:uuid:x", "Basic.id", "x", Json("a"), Json("b")}}).ok());
}

}  // namespace
}  // namespace consultd
