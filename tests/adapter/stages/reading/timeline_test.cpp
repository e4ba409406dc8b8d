#include "adapter/stages/reading/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<PacketResource> resources_of(const std::vector<std::string>& texts) {
    std::vector<PacketResource> out;
    for (const std::string& text : texts) {
        const std::string id = std::to_string(out.size());
        out.push_back({id, url_of(id), resource_of(text)});
    }
    return out;
}
std::string given(const std::string& date, const std::string& status = "completed") {
    return R"({"resourceType":"MedicationAdministration","status":")" + status +
           R"(","medicationCodeableConcept":{"text":"nivolumab"},"effectiveDateTime":")" + date +
           "\"}";
}
std::string ordered(const std::string& status) {
    return R"({"resourceType":"MedicationRequest","intent":"order","status":")" + status +
           R"(","medicationCodeableConcept":{"text":"dabrafenib"},"authoredOn":"2025-07-01"})";
}

TEST(TimelineTest, DosesOfOneNameAreOneRow) {
    const auto resources = resources_of({given("2024-02-06"), given("2024-03-05T10:00:00Z"),
                                         R"({"resourceType":"Procedure","status":"completed",
                                            "code":{"text":"excision"},"performedDateTime":"2022-10-03"})"});
    const auto rows = timeline_of(resources, PacketIndex(resources));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].name, "excision");
    EXPECT_EQ(rows[1].days.size(), 2U);
    EXPECT_EQ(rows[1].days[1] - rows[1].days[0], 28);
}

TEST(TimelineTest, WhatDidNotHappenIsNotDrawn) {
    for (const char* status : {"not-done", "entered-in-error"}) {
        const auto resources = resources_of({given("2024-02-06", status)});
        EXPECT_THAT(timeline_of(resources, PacketIndex(resources)), IsEmpty()) << status;
    }
    const auto resources = resources_of({ordered("cancelled"), ordered("draft")});
    EXPECT_THAT(timeline_of(resources, PacketIndex(resources)), IsEmpty());
}

TEST(TimelineTest, NoEndIsConcludedFromAnything) {
    for (const auto& [status, is_current] : {std::pair{"active", true}, {"completed", false}}) {
        const auto resources = resources_of({ordered(status)});
        const auto rows = timeline_of(resources, PacketIndex(resources));
        ASSERT_EQ(rows.size(), 1U);
        EXPECT_EQ(rows[0].is_current, is_current);
        EXPECT_THAT(rows[0].spans, IsEmpty());
    }
}

TEST(TimelineTest, ADateWithoutADayHasNoPlaceOnAnAxis) {
    const auto resources = resources_of({given("2024-02"), given("2024-05-01")});
    const auto rows = timeline_of(resources, PacketIndex(resources));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].days.size(), 1U);
    EXPECT_EQ(rows[0].records.size(), 2U);
}

TEST(TimelineTest, APeriodIsASpanAndItsEndMayBeOpen) {
    const auto period = [](const std::string& end) {
        return R"({"resourceType":"Procedure","status":"completed","code":{"text":"radiotherapy )" +
               end + R"("},"performedPeriod":{"start":"2025-01-01")" +
               (end.empty() ? "" : ",\"end\":\"" + end + '"') + "}}";
    };
    const auto resources = resources_of({period("2025-02-01"), period("")});
    const auto rows = timeline_of(resources, PacketIndex(resources));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_FALSE(rows[0].spans.at(0).last);
    EXPECT_EQ(*rows[1].spans.at(0).last - rows[1].spans.at(0).first, 31);
}

}  // namespace
}  // namespace consultd
