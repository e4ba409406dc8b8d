// What a report holds within itself is read as what stands by itself.
#include "adapter/stages/reading/within.h"

#include <gtest/gtest.h>

#include "tests/adapter/stages/page/page_text.h"

namespace consultd {
namespace {

using namespace consultd::testing;

std::string report(const std::string& contained, const std::string& results) {
    return R"({"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"Panel"},)"
           R"("effectiveDateTime":"2026-11-01","contained":[)" +
           contained + R"(],"result":[)" + results + "]}";
}
std::string psa(const std::string& id, const std::string& status, const std::string& number) {
    return R"({"resourceType":"Observation","id":")" + id + R"(","status":")" + status +
           R"(","code":{"coding":[{"system":"http://loinc.org","code":"2857-1"}],"text":"PSA"},)"
           R"("interpretation":[{"coding":[{"code":"HH"}]}],)"
           R"("valueQuantity":{"value":)" +
           number + R"(,"unit":"ng/mL"}})";
}

TEST(Within, AResultWithinAReportIsTheNewestAndCritical) {
    std::string earlier = psa("f", "final", "4.4");
    earlier.insert(earlier.size() - 1, R"(,"effectiveDateTime":"2025-11-01")");
    const Said said({report(psa("o1", "final", "55.5") + "," + psa("o2", "cancelled", "7.7"),
                            R"({"reference":"#o1"},{"reference":"#o2"})"),
                     earlier},
                    {}, "prostate");
    EXPECT_TRUE(has(said.fact("Newest values"), "PSA 55.5 ng/mL")) << said.first_screen();
    EXPECT_TRUE(has(said.fact("Critical values"), "55.5"));
    EXPECT_TRUE(has(said.narratives(), "PSA | 55.5 ng/mL"));
    EXPECT_TRUE(has(said.narratives(), "PSA (cancelled) | 7.7 ng/mL"));
}

// Each reference of the document leads to an entry of it.
TEST(Within, TheSectionLeadsToTheReportThatHoldsIt) {
    PacketInput input = packet_input(std::vector<std::string>{
        plain_patient, report(psa("o1", "final", "55.5"), R"({"reference":"#o1"})")});
    const Packet packet = *assemble(input, knowledge());
    const fhir::JsonView composition = packet.bundle["entry"].items()[0]["resource"];
    std::size_t seen = 0;
    for (const fhir::JsonView& section : composition["section"].items())
        for (const fhir::JsonView& entry : section["entry"].items()) {
            EXPECT_FALSE(has(std::string(entry["reference"].string()), "#"));
            seen += entry["reference"].string() == url_of("DiagnosticReport/r") ? 1 : 0;
        }
    EXPECT_EQ(seen, 1U);
}

TEST(Within, WhatNoResultLeadsToIsNoResult) {
    EXPECT_FALSE(has(Said({report(psa("o1", "final", "55.5"), "")}).page(), "55.5"));
}

}  // namespace
}  // namespace consultd
