// The pure half of a transfer as a whole: what the stages promise only together.
#include "adapter/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "adapter/stages/intake/intake.h"
#include "tests/support/source_folder.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

Json parse_json(std::string text) {
    const auto parsed = Json::parse(std::move(text));
    EXPECT_TRUE(parsed.ok());
    return parsed.ok() ? *parsed : Json();
}

// Shares all; or all but the Conditions with the code F33.
Json consent_of(const std::string& patient, bool denies = false) {
    const std::string provision =
        denies ? R"({"type":"permit","provision":[{"type":"deny","code":[{"coding":[{"system":
                 "http://hl7.org/fhir/sid/icd-10-cm","code":"F33"}]}]}]})"
               : R"({"type":"permit"})";
    return parse_json(R"({"resourceType":"Consent","status":"active","scope":{"coding":[{"system":
        "http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
        "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
        "dateTime":"2026-11-01","policy":[{"uri":"http://example.org/policy"}],
        "patient":{"reference":")" +
                      patient + R"("},"provision":)" + provision + "}");
}

const Knowledge& knowledge() {
    static const Knowledge read = built_in_knowledge();
    return read;
}

Request request() {
    return {.transfer_id = "0d9e0a0e-6a3e-4c53-9f0b-5c4bb5a1f4a1",
            .question = "What next?",
            .as_of = parse_instant("2026-11-23T12:00:00Z").value()};
}

Record record_of(const std::vector<std::string>& texts) {
    Record record{.base_url = "https://ehr.example/fhir", .patient = "Patient/p"};
    for (const std::string& text : texts) {
        auto resource = fhir::Resource::from(parse_json(text));
        EXPECT_TRUE(resource.ok());
        std::string source = resource->key();
        record.resources.push_back({std::move(source), "", *std::move(resource)});
    }
    return record;
}

constexpr const char* patient = R"({"resourceType":"Patient","id":"p","name":[{"text":"x"}]})";
constexpr const char* secret = R"({"resourceType":"Condition","id":"secret","code":{"coding":[{
    "system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F33"}]},"subject":{"reference":"Patient/p"},
    "asserter":{"reference":"Practitioner/of-secret"},"encounter":{"reference":"Encounter/of-both"}})";
constexpr const char* open = R"({"resourceType":"Condition","id":"open","code":{"coding":[{
    "system":"http://hl7.org/fhir/sid/icd-10-cm","code":"J45"}]},
    "subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/of-both"}})";

std::vector<std::string> told(const Prepared& prepared) {
    std::vector<std::string> out;
    for (const Gap& gap : prepared.input.gaps) out.push_back(gap.what);
    return out;
}

// Who attended to what is withheld would tell of it (promise 3), told by the pull or found here.
TEST(PrepareTest, AGapOfWhatIsWithheldIsNotTold) {
    Record record = record_of({patient, secret, open});
    record.gaps = {{"Condition/secret attachment 1", "http-404"},
                   {"Practitioner/of-secret", "http-404"},
                   {"Encounter/of-both", "http-404"},
                   {"Observation?category=laboratory", "http-403"}};
    const auto all = prepare(record, consent_of("Patient/p"), request(), knowledge());
    ASSERT_TRUE(all.ok()) << all.error().message();
    EXPECT_EQ(told(*all).size(), 4U);
    const auto most = prepare(record, consent_of("Patient/p", true), request(), knowledge());
    ASSERT_TRUE(most.ok()) << most.error().message();
    EXPECT_EQ(most->counts.withheld, 1U);
    EXPECT_THAT(told(*most),
                testing::ElementsAre("Observation?category=laboratory", "1 entry of the record"));
    record.gaps.clear();
    const auto found_here = prepare(record, consent_of("Patient/p", true), request(), knowledge());
    ASSERT_TRUE(found_here.ok());
    EXPECT_THAT(told(*found_here), testing::ElementsAre("1 entry of the record"));
}

// The packet says by which knowledge it was made, and is the same only by the same.
TEST(PrepareTest, ThePacketNamesTheKnowledgeThatItWasMadeBy) {
    const Record record = record_of({patient, open});
    const auto prepared = prepare(record, consent_of("Patient/p"), request(), knowledge());
    ASSERT_TRUE(prepared.ok()) << prepared.error().message();
    const std::string& digest = knowledge().digest;
    for (const std::string& text :
         {prepared->manifest, prepared->packet.html, prepared->packet.bundle.print()})
        EXPECT_THAT(text, testing::HasSubstr(digest));
    const LoadedKnowledge other = read_knowledge(
        {{KnowledgeKind::Sensitivity, "/knowledge/sensitivity/0", "own.json",
          R"({"name":"own","version":"2026-12-01","description":"d","rows":[{"label":"HIV",)"
          R"("system":"urn:local","codes":"X1","source":"s"}]})"}});
    ASSERT_TRUE(other.knowledge.has_value());
    const auto again = prepare(record, consent_of("Patient/p"), request(), *other.knowledge);
    ASSERT_TRUE(again.ok());
    EXPECT_NE(again->packet.bundle.print(), prepared->packet.bundle.print());
    EXPECT_THAT(again->manifest, testing::HasSubstr("\"version\": \"2026-12-01\""));
}

std::vector<std::filesystem::path> patients() {
    std::vector<std::filesystem::path> files;
    if (const char* folder = std::getenv("CONSULTD_DATA"))
        for (const char* sub : {"synthea-r4", "synthea-r4/large"})
            for (const auto& file :
                 std::filesystem::directory_iterator(std::filesystem::path(folder) / sub))
                if (file.path().extension() == ".json" &&
                    file.path().string().find("-referenced") == std::string::npos)
                    files.push_back(file.path());
    return files;
}

Record record_of_file(const std::filesystem::path& file, const Json& consent = {}) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    const auto documents = parse_input(file.filename().string(), text.str());
    EXPECT_TRUE(documents.ok());
    auto record = record_from(*documents, consent, request().as_of);
    EXPECT_TRUE(record.ok());
    return record.ok() ? *std::move(record) : Record();
}

// Everything that the ledger says was changed, by whatever stage, can be undone (promise 5): what
// the document holds is then the record as it came.
class UndoneDocumentTest : public testing::Test {
protected:
    static void expect_the_record_back(const Record& record, const Json& consent) {
        const auto prepared = prepare(record, consent, request(), knowledge());
        ASSERT_TRUE(prepared.ok()) << prepared.error().message();
        std::vector<Json> delivered;
        const Json& bundle = prepared->packet.bundle;
        for (const JsonView entry : bundle["entry"].items())
            delivered.push_back(bundle.share(entry["resource"]));
        const auto undone = undo(delivered, prepared->ledger.changes());
        ASSERT_TRUE(undone.ok()) << undone.error().message();
        std::map<std::string, JsonView> by_url;
        for (std::size_t i = 0; i < undone->size(); ++i)
            by_url.emplace("urn:uuid:" + std::string(delivered[i]["id"].string()), (*undone)[i]);
        std::size_t compared = 0;
        for (const PulledResource& pulled : record.resources) {
            const auto& lines = prepared->ledger.lines();
            const auto line = std::ranges::find(lines, pulled.source, &Ledger::Line::source);
            ASSERT_NE(line, lines.end());
            if (line->outcome != Ledger::Line::Outcome::Delivered) continue;
            EXPECT_TRUE(same_value(by_url[line->detail], pulled.resource.json()))
                << pulled.resource.type();
            ++compared;
        }
        EXPECT_EQ(compared, prepared->counts.delivered);
        EXPECT_GT(prepared->ledger.changes().size(), compared);
    }
};

TEST_F(UndoneDocumentTest, IsTheRecordOfEachPatient) {
    if (patients().empty()) GTEST_SKIP() << "CONSULTD_DATA is not set";
    for (const auto& file : patients()) {
        SCOPED_TRACE(file.filename().string());
        const Record record = record_of_file(file);
        expect_the_record_back(record, consent_of(record.patient));
    }
}

TEST_F(UndoneDocumentTest, IsTheRecordOfOurOwnPatients) {
    const std::pair<const char*, const char*> stories[] = {
        {"melanoma", "mel-1"}, {"marrow", "marrow-1"}, {"lupus", "lupus-1"}};
    for (const auto& [story, id] : stories) {
        SCOPED_TRACE(story);
        const Json consent = consent_of("Patient/" + std::string(id));
        expect_the_record_back(
            record_of_file(std::filesystem::path(source_folder()) / "samples/patients" /
                               (std::string(story) + ".json"),
                           consent),
            consent);
    }
}

// What the consent took out of the rest comes back as well, from the ledger that stays with us.
TEST_F(UndoneDocumentTest, IsTheRecordWithWhatNamedTheWithheld) {
    const std::string encounter = R"({"resourceType":"Encounter","id":"e","status":"finished",
        "class":{"code":"AMB"},"subject":{"reference":"Patient/p"},
        "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},
        "diagnosis":[{"condition":{"reference":"Condition/secret"}},
            {"condition":{"reference":"Condition/open"},"rank":1}],
        "reasonReference":[{"reference":"Condition/open"},{"reference":"Condition/secret"},
            {"reference":"Condition/secret"},{"reference":"Condition/open"}]})";
    const std::string list = R"({"resourceType":"List","id":"l","status":"current","mode":"working",
        "subject":{"reference":"Patient/p"},"entry":[{"item":{"reference":"Condition/secret"}},
            {"item":{"reference":"Condition/open"}}]})";
    const Record record = record_of({patient, secret, open, encounter, list});
    expect_the_record_back(record, consent_of("Patient/p", true));
}

}  // namespace
}  // namespace consultd
