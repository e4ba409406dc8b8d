#include "adapter/stages/reading/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using ::testing::IsEmpty;

std::vector<PacketResource> resources_of(const std::vector<std::string>& texts) {
    std::vector<PacketResource> out;
    for (const std::string& text : texts) {
        const std::string id = std::to_string(out.size());
        out.push_back({id, url_of(id), resource_of(text)});
    }
    return out;
}
// The timeline of them, as a packet made in 2026 has it.
class TimelineTest : public ::testing::Test {
protected:
    const std::vector<TimelineRow>& rows_of(const std::vector<std::string>& texts) {
        resources_ = resources_of(texts);
        reading_.emplace(resources_, "", sample_request().as_of);
        return rows_ = timeline_of(*reading_);
    }

private:
    std::vector<PacketResource> resources_;
    std::optional<Reading> reading_;
    std::vector<TimelineRow> rows_;
};

std::string given(const std::string& date, const std::string& status = "completed") {
    return R"({"resourceType":"MedicationAdministration","status":")" + status +
           R"(","medicationCodeableConcept":{"text":"nivolumab"},"effectiveDateTime":")" + date +
           "\"}";
}
std::string ordered(const std::string& status) {
    return R"({"resourceType":"MedicationRequest","intent":"order","status":")" + status +
           R"(","medicationCodeableConcept":{"text":"dabrafenib"},"authoredOn":"2025-07-01"})";
}

TEST_F(TimelineTest, DosesOfOneNameAreOneRow) {
    const auto& rows = rows_of({given("2024-02-06"), given("2024-03-05T10:00:00Z"),
                                R"({"resourceType":"Procedure","status":"completed",
                                    "code":{"text":"excision"},"performedDateTime":"2022-10-03"})"});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].name, "excision");
    EXPECT_EQ(rows[1].days.size(), 2U);
    EXPECT_EQ(rows[1].days[1] - rows[1].days[0], 28);
}

TEST_F(TimelineTest, WhatDidNotHappenIsNotDrawn) {
    for (const char* status : {"not-done", "entered-in-error"})
        EXPECT_THAT(rows_of({given("2024-02-06", status)}), IsEmpty()) << status;
    EXPECT_THAT(rows_of({ordered("cancelled"), ordered("draft")}), IsEmpty());
}

TEST_F(TimelineTest, NoEndIsConcludedFromAnything) {
    for (const auto& [status, is_current] : {std::pair{"active", true}, {"completed", false}}) {
        const auto& rows = rows_of({ordered(status)});
        ASSERT_EQ(rows.size(), 1U);
        EXPECT_EQ(rows[0].is_current, is_current);
        EXPECT_THAT(rows[0].spans, IsEmpty());
    }
}

TEST_F(TimelineTest, AMonthOrAYearIsASpanInWhichTheDayLies) {
    const auto& rows = rows_of({given("2024-02"), given("2024-05-01")});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].days.size(), 1U);
    ASSERT_EQ(rows[0].spans.size(), 1U);
    EXPECT_TRUE(rows[0].spans[0].is_one_day);
    EXPECT_EQ(*rows[0].spans[0].last - rows[0].spans[0].first, 28);
}

TEST_F(TimelineTest, WhatIsNotPlainStandsInARowOfItsOwnWithItsWord) {
    const auto& rows = rows_of({given("2024-02-06"), given("2024-03-06", "stopped")});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].words, "");
    EXPECT_EQ(rows[1].words, "stopped");
}

TEST_F(TimelineTest, ADateThatCannotBeRightHasNoPlaceOnAnAxis) {
    EXPECT_THAT(rows_of({given("9999-12-31"), given("1900-01-01"), given("2031-01-01")}),
                IsEmpty());
}

TEST_F(TimelineTest, APeriodIsASpanAndItsEndMayBeOpen) {
    const auto period = [](const std::string& end) {
        return R"({"resourceType":"Procedure","status":"completed","code":{"text":"radiotherapy )" +
               end + R"("},"performedPeriod":{"start":"2025-01-01")" +
               (end.empty() ? "" : ",\"end\":\"" + end + '"') + "}}";
    };
    const auto& rows = rows_of({period("2025-02-01"), period("")});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_FALSE(rows[0].spans.at(0).last);
    EXPECT_EQ(*rows[1].spans.at(0).last - rows[1].spans.at(0).first, 31);
}

}  // namespace
}  // namespace consultd
