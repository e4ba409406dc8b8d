#include "adapter/stages/pull/granted.h"

#include <map>

#include "tests/adapter/stages/pull/pull_fixture.h"

namespace consultd {
namespace {

// A door that was opened for these scopes; nullopt: it is not SMART's.
class ScopedDoor final : public fhir::Credentials {
public:
    Result<std::optional<std::string>> authorization(const fhir::Url&, Deadline,
                                                     std::stop_token) override {
        return std::optional<std::string>("Bearer x");
    }
    void refused(std::string_view) override {}
    Result<std::optional<std::string>> granted_scope(Deadline, std::stop_token) override {
        return scope;
    }
    std::optional<std::string> scope;
};

class Answers final : public fhir::KeptAnswers {
public:
    Result<std::optional<fhir::HttpResponse>> find(const fhir::HttpRequest& request) override {
        const auto found = kept_.find(name(request));
        return found == kept_.end() ? std::optional<fhir::HttpResponse>() : found->second;
    }
    Status keep(const fhir::HttpRequest& request, const fhir::HttpResponse& answer) override {
        kept_[name(request)] = answer;
        return {};
    }

private:
    static std::string name(const fhir::HttpRequest& request) {
        return request.method + " " + request.url.text();
    }
    std::map<std::string, fhir::HttpResponse> kept_;
};

class GrantedTest : public PullTest {
protected:
    GrantedTest() {
        for (const char* type : {"Observation", "Condition", "AllergyIntolerance"})
            server.offer(type, {"patient"});
        put_ours("Condition", "c1");
        put_ours("Observation", "o1");
    }
    Record under(std::optional<std::string> scope) {
        door_.scope = std::move(scope);
        fhir::FhirClient client = server.client().as(door_).keeping(answers_);
        Pull pull(client, table(), settings, limits, "anna", server.clock());
        return pull.run(server.call().deadline, {}).value();
    }
    ScopedDoor door_;
    Answers answers_;
};

// Servers that filter by scope answer an empty searchset: it looks like a patient without
// allergies.
TEST_F(GrantedTest, WhatNoGrantedScopeCoversIsAGapAndNeverComplete) {
    const Record record = under("system/Patient.rs system/Condition.rs");
    EXPECT_EQ(end_of(record, "AllergyIntolerance"), "refused");
    EXPECT_EQ(gap(record, "AllergyIntolerance"), "not-granted");
    EXPECT_EQ(gap(record, "Observation"), "not-granted") << "what came may be a part";
    EXPECT_EQ(end_of(record, "Condition"), "complete");
    EXPECT_EQ(gap(record, "Condition"), "");
}

TEST_F(GrantedTest, AScopeForAPartOfATypeOrWithoutSearchDoesNotProveTheType) {
    const Record record = under(
        "system/Observation.rs?category=vital-signs system/AllergyIntolerance.r "
        "system/Condition.read");
    EXPECT_EQ(gap(record, "Observation"), "not-granted");
    EXPECT_EQ(gap(record, "AllergyIntolerance"), "not-granted");
    EXPECT_EQ(gap(record, "Condition"), "") << "read of version 1 is read and search";
}

TEST_F(GrantedTest, AGrantOfAllOrOneThatNobodyKnowsLeavesNoGap) {
    for (const std::optional<std::string>& scope :
         {std::optional<std::string>("system/*.rs"), std::optional<std::string>("patient/*.read"),
          std::optional<std::string>()})
        for (const Gap& found : under(scope).gaps)
            EXPECT_EQ(found.reason.view(), "not-offered") << found.what;
}

TEST_F(GrantedTest, AGrantOfNothingLeavesEachTypeAGap) {
    const Record record = under("");
    for (const char* type : {"Observation", "Condition", "AllergyIntolerance"})
        EXPECT_EQ(gap(record, type), "not-granted") << type;
}

// The searches were answered under the narrow grant, and are not asked again.
TEST_F(GrantedTest, AWiderGrantAfterACrashProvesNothingOfWhatWasAnsweredBefore) {
    under("system/Condition.rs");
    const std::size_t requests = server.transport().requests().size();
    const Record record = under("system/*.rs");
    EXPECT_EQ(server.transport().requests().size(), requests);
    EXPECT_EQ(gap(record, "AllergyIntolerance"), "not-granted");
}

TEST_F(GrantedTest, AGrantThatShrinksOnTheWayCounts) {
    server.answer_then("Patient/anna", [&] { door_.scope = "system/Condition.rs"; });
    EXPECT_EQ(gap(under("system/*.rs"), "AllergyIntolerance"), "not-granted");
}

}  // namespace
}  // namespace consultd
