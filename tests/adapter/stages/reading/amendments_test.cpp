// What one record says of an earlier one stands beside both.
#include "adapter/stages/reading/amendments.h"

#include <gtest/gtest.h>

#include "tests/adapter/stages/page/page_text.h"

namespace consultd {
namespace {

using namespace consultd::testing;

std::string of(const std::string& id, const std::string& day, const std::string& more,
               const std::string& type = "DiagnosticReport") {
    return R"({"resourceType":")" + type + R"(","id":")" + id +
           R"(","status":"final","code":{"text":"Pathology"},"effectiveDateTime":"2026-10-)" + day +
           R"(","conclusion":"Says )" + id + "\"" + more + "}";
}
std::string extension(const std::string& name, const std::string& target) {
    return R"(,"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/)" + name +
           R"(","valueReference":{"reference":")" + target + R"("}}])";
}

// In the order of the resources, after the patient.
std::vector<std::string> words(std::vector<std::string> texts) {
    texts.insert(texts.begin(), plain_patient);
    const PacketInput input = packet_input(texts);
    const Reading reading(input.resources, input.patient, input.request.as_of);
    std::vector<std::string> out;
    for (const Statement& one : reading.all()) out.push_back(one.words);
    out.erase(out.begin());
    return out;
}

TEST(Amendments, WhatIsReplacedAndWhatReplacesItBothSaySo) {
    const auto said =
        words({of("a", "01", ""),
               of("b", "08", extension("diagnosticReport-replaces", "DiagnosticReport/a")),
               of("c", "09", extension("diagnosticReport-addendumOf", "DiagnosticReport/b"))});
    EXPECT_EQ(said[0], "replaced by that of 8 Oct 2026");
    EXPECT_EQ(said[1], "replaces that of 1 Oct 2026, has an addendum of 9 Oct 2026");
    EXPECT_EQ(said[2], "addendum to that of 8 Oct 2026");
}

TEST(Amendments, OfDocumentsToo) {
    const auto document = [](const std::string& id, const std::string& more) {
        return R"({"resourceType":"DocumentReference","id":")" + id +
               R"(","status":"current","type":{"text":"Operative note"},"date":"2026-06-10T08:00:00Z")" +
               more + "}";
    };
    const auto said = words(
        {document("a", ""),
         document(
             "b",
             R"(,"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/a"}}])"),
         document("c", R"(,"relatesTo":[{"code":"appends","target":{"display":"the first"}}])")});
    EXPECT_TRUE(said[0].starts_with("replaced by that of ")) << said[0];
    EXPECT_TRUE(said[1].starts_with("replaces that of ")) << said[1];
    EXPECT_EQ(said[2], "adds to the first");
}

// A hemoglobin that was replaced stood as the newest.
TEST(Amendments, AReplacedValueIsNotTheNewestButAPreliminaryOneReplacesNothing) {
    const auto value = [](const std::string& id, const std::string& number,
                          const std::string& more) {
        return of(id, "01", R"(,"valueQuantity":{"value":)" + number + R"(,"unit":"g/dL"})" + more,
                  "Observation");
    };
    std::vector<std::string> texts = {
        value("a", "15", ""), value("b", "8", extension("observation-replaces", "Observation/a"))};
    EXPECT_FALSE(has(Said(texts).lists(), "Pathology | 15"));
    texts[1].replace(texts[1].find("final"), 5, "preliminary");
    EXPECT_TRUE(has(Said(texts).lists(), "Pathology | 15"));
}

// What is left behind at the source is named as such.
TEST(Amendments, WhatIsReplacedElsewhereIsSaidToBeElsewhere) {
    EXPECT_EQ(
        words({of("b", "08", extension("diagnosticReport-replaces", "DiagnosticReport/gone"))})
            .front(),
        "replaces another, which is not here");
}

}  // namespace
}  // namespace consultd
