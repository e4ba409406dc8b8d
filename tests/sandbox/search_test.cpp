#include "samples/sandbox/search.h"

#include <gmock/gmock.h>

#include "tests/sandbox/fixtures.h"

namespace consultd::sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::json;

class SearchTest : public ::testing::Test {
protected:
    SearchTest() {
        put(testing::patient("p1"));
        put(testing::patient("p2"));
        put(testing::observation("a", "p1", "lab", "2024-01-10"));
        put(testing::observation("b", "p1", "vital", "2024-02"));
        put(testing::observation("c", "p2", "lab", "2024-03-01T10:00:00Z"));
        put(json("{'resourceType':'Medication','id':'m'}"));
        put(
            json("{'resourceType':'MedicationRequest','id':'r','status':'active','intent':'order',"
                 "'subject':{'reference':'Patient/"
                 "p1'},'medicationReference':{'reference':'Medication/m'}}"));
        put(json(
            "{'resourceType':'Provenance','id':'v','target':[{'reference':'Observation/a'}]}"));
    }
    void put(const fhir::Json& resource) {
        store_.put(resource["resourceType"].string(), resource["id"].string(), resource, Instant());
    }
    std::vector<std::string> find(std::string_view type, std::string_view query) {
        const auto result = search(store_, type, *parse_query(query), rules_);
        EXPECT_TRUE(result) << query;
        return result ? result->matches : std::vector<std::string>();
    }
    Store store_;
    SearchRules rules_;
};

TEST_F(SearchTest, OnlyThePatientAskedForIsFound) {
    EXPECT_THAT(find("Observation", "patient=p1"), ElementsAre("Observation/a", "Observation/b"));
    EXPECT_THAT(find("Observation", "patient=Patient/p2"), ElementsAre("Observation/c"));
    EXPECT_THAT(find("Observation", "subject=Patient%2Fp2"), ElementsAre("Observation/c"));
    EXPECT_THAT(find("Observation", "patient=p3"), IsEmpty());
}

TEST_F(SearchTest, TokensMatchBySystemAndCodeAndCommasMeanOr) {
    EXPECT_THAT(find("Observation", "category=urn:cat|lab"),
                ElementsAre("Observation/a", "Observation/c"));
    EXPECT_THAT(find("Observation", "category=urn:other|lab"), IsEmpty());
    EXPECT_THAT(find("Observation", "category=|lab"), IsEmpty());
    EXPECT_THAT(find("Observation", "patient=p1&category=lab,vital"),
                ElementsAre("Observation/a", "Observation/b"));
    EXPECT_THAT(find("Patient", "identifier=urn:mrn%7Cp2"), ElementsAre("Patient/p2"));
    EXPECT_THAT(find("MedicationRequest", "intent=order,plan&status=active"),
                ElementsAre("MedicationRequest/r"));
}

TEST_F(SearchTest, DatesMatchByTheirPrecision) {
    EXPECT_THAT(find("Observation", "date=2024-01"), ElementsAre("Observation/a"));
    EXPECT_THAT(find("Observation", "date=ge2024-02-15"),
                ElementsAre("Observation/b", "Observation/c"));
    EXPECT_THAT(find("Observation", "date=lt2024-02-01"), ElementsAre("Observation/a"));
    EXPECT_THAT(find("Observation", "date=sa2024-02-29"), ElementsAre("Observation/c"));
    EXPECT_THAT(find("Observation", "date=ge2024-02&date=le2024-02-29"),
                ElementsAre("Observation/b"));
}

TEST_F(SearchTest, ResultsAreSortedAsAsked) {
    EXPECT_THAT(find("Observation", "_sort=-date"),
                ElementsAre("Observation/c", "Observation/b", "Observation/a"));
}

TEST_F(SearchTest, WhatIsUnknownIsRefusedUnlessTheServerIsLenient) {
    EXPECT_FALSE(search(store_, "Observation", {{"colour", "red"}}, rules_));
    EXPECT_FALSE(search(store_, "Observation", {{"date", "yesterday"}}, rules_));
    EXPECT_FALSE(search(store_, "Observation", {{"_count", "many"}}, rules_));
    rules_.lenient = true;
    const auto result = search(store_, "Observation", {{"colour", "red"}}, rules_);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->matches.size(), 3U);
    EXPECT_THAT(result->used, IsEmpty());
}

// Epic answers so: a client must ask category by category.
TEST_F(SearchTest, AServerMayDemandACategory) {
    rules_.require_category = true;
    const auto refused = search(store_, "Observation", {{"patient", "p1"}}, rules_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message().find("p1"), std::string::npos);
    EXPECT_THAT(find("Observation", "patient=p1&category=lab"), ElementsAre("Observation/a"));
}

TEST_F(SearchTest, IncludesComeOnceAndBothWays) {
    const auto orders =
        search(store_, "MedicationRequest", {{"_include", "MedicationRequest:medication"}}, rules_);
    EXPECT_THAT(*follow_includes(store_, orders->matches, *orders), ElementsAre("Medication/m"));
    const auto results =
        search(store_, "Observation", {{"_revinclude", "Provenance:target"}}, rules_);
    EXPECT_THAT(*follow_includes(store_, results->matches, *results), ElementsAre("Provenance/v"));
    const auto unknown =
        search(store_, "Observation", {{"_include", "Observation:colour"}}, rules_);
    EXPECT_FALSE(follow_includes(store_, unknown->matches, *unknown));
}

TEST_F(SearchTest, ABadEscapeInAQueryIsRefused) {
    EXPECT_FALSE(parse_query("a=%zz"));
    EXPECT_FALSE(parse_query("a=%2"));
    EXPECT_EQ(parse_query("a=b+c%2Bd&e")->at(0).second, "b c+d");
}

}  // namespace
}  // namespace consultd::sandbox
