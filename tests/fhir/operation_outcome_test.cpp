#include "fhir/operation_outcome.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

std::vector<OperationOutcomeIssue> issues(const char* text) {
    return issues_of(*Json::parse(text));
}

TEST(OperationOutcomeTest, SaysHowBadAndWhatKind) {
    const auto found = issues(R"({"resourceType":"OperationOutcome","issue":[
        {"severity":"warning","code":"suppressed"},{"severity":"fatal","code":"throttled"}]})");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_FALSE(found[0].is_error());
    EXPECT_FALSE(found[0].is_transient());
    EXPECT_EQ(found[0].code, "suppressed");
    EXPECT_TRUE(found[1].is_error());
    EXPECT_TRUE(found[1].is_transient());
}

// A server may write a name where a code belongs; it must not reach a log.
TEST(OperationOutcomeTest, FreeTextInTheCodesIsNotKeptAndCountsAsAnError) {
    const auto found = issues(R"({"resourceType":"OperationOutcome","issue":[
        {"severity":"John Doe","code":"Jane Doe","diagnostics":"Jim Doe"},{},7]})");
    ASSERT_EQ(found.size(), 3U);
    for (const OperationOutcomeIssue& issue : found) {
        EXPECT_EQ(issue.severity, "error");
        EXPECT_EQ(issue.code, "");
        EXPECT_TRUE(issue.is_error());
    }
}

TEST(OperationOutcomeTest, AnotherResourceHasNoIssues) {
    EXPECT_TRUE(issues(R"({"resourceType":"Patient","issue":[{}]})").empty());
    EXPECT_TRUE(issues("[]").empty());
}

TEST(OperationOutcomeTest, OursIsReadAsItWasMeant) {
    const Json ours = operation_outcome("error", "not-found", "no such transfer");
    EXPECT_EQ(ours.print(), R"({"resourceType":"OperationOutcome","issue":[{"severity":"error",)"
                            R"("code":"not-found","details":{"text":"no such transfer"}}]})");
    EXPECT_EQ(issues_of(ours).at(0).code, "not-found");
}

}  // namespace
}  // namespace consultd::fhir
