#include "adapter/opinion.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::json_of;

const fhir::Json task =
    json_of(R"({"resourceType":"Task","id":"5","meta":{"versionId":"1"},"output":[
    {"type":{"text":"opinion"},"valueString":"I agree."},
    {"type":{"text":"letter"},"valueAttachment":{"contentType":"text/plain","title":"Letter",
     "data":"QUJD"}}]})");
const fhir::Json report =
    json_of(R"({"resourceType":"DiagnosticReport","id":"1","code":{"text":"Second look"},
    "conclusion":"Agreed.","presentedForm":[{"contentType":"application/pdf","data":"QQ=="}]})");
const Instant now{Milliseconds(0)};

TEST(OpinionTest, EveryThingThatCanBeReadIsNamedWithItsBytes) {
    Opinion opinion;
    ASSERT_TRUE(opinion.add(task, {report}, now));
    const std::vector<OpinionItem> items = opinion.items(0);
    ASSERT_EQ(items.size(), 5u);
    EXPECT_EQ(items[0].form, "text");
    EXPECT_EQ(items[0].bytes, "I agree.");
    EXPECT_EQ(items[1].title, "Letter");
    EXPECT_EQ(items[1].bytes, "ABC");
    EXPECT_EQ(items[2].form, "DiagnosticReport");
    EXPECT_EQ(items[3].bytes, "Agreed.");
    EXPECT_EQ(items[4].content_type, "application/pdf");
    EXPECT_EQ(opinion.bundle()["entry"].size(), 2u);
}

// Looked at every quarter of an hour, it is one opinion; amended, it is two.
TEST(OpinionTest, AVersionIsAddedOnlyWhereSomethingElseIsSaid) {
    Opinion opinion;
    ASSERT_TRUE(opinion.add(task, {report}, now));
    EXPECT_FALSE(opinion.add(task.with("meta", json_of(R"({"versionId":"2"})")), {report}, now));
    EXPECT_TRUE(opinion.add(task, {report.with("conclusion", "Not agreed.")}, now));
    EXPECT_EQ(opinion.versions(), 2u);
    const Opinion again = Opinion::parse(opinion.text()).value();
    EXPECT_EQ(again.items(0)[3].bytes, "Agreed.");
    EXPECT_EQ(again.items(1)[3].bytes, "Not agreed.");
}

TEST(OpinionTest, WhatIsNoOpinionOfOursIsNotRead) {
    for (const char* text : {"", "[]", "{}", R"({"versions":[]})"})
        EXPECT_EQ(Opinion::parse(text).error().kind(), ErrorKind::Corrupt) << text;
    EXPECT_FALSE(has_output(json_of(R"({"resourceType":"Task"})")));
    EXPECT_TRUE(has_output(task));
}

}  // namespace
}  // namespace consultd
