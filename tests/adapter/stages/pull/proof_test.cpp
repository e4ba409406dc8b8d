// What a pull says of each type, and that "complete" is said only of what is.
#include "adapter/stages/proof.h"

#include "adapter/stages/pull/plan.h"
#include "pull_fixture.h"

namespace consultd {
namespace {

class ProofTest : public PullTest {
protected:
    void put_observation(const std::string& id, const std::string& category) {
        put_ours("Observation", id, R"("category":[{"coding":[{"code":")" + category + R"("}]}])");
    }
    // As large vendors do: no search without a category.
    void demand_category() {
        server.offer("Observation", {"category"});
        server.demand("Observation", {"category"});
    }
};

TEST_F(ProofTest, ATypeThatIsAnsweredByPatientAloneIsComplete) {
    put_ours("Condition", "c");
    const Record record = whole();
    EXPECT_EQ(end_of(record, "Condition"), "complete");
    EXPECT_EQ(how(record, "Condition"), "patient|");
    EXPECT_EQ(end_of(record, "Patient"), "complete");
    EXPECT_EQ(end_of(record, "Goal"), "not-offered");
    const std::string manifest = proofs_json(record.types).print();
    EXPECT_NE(manifest.find(R"({"search":"Condition","answer":"answered","pages":1,"ids":1)"),
              std::string::npos)
        << manifest;
}

// A closed list of categories lost what was in no category of it, without a word.
TEST_F(ProofTest, AListOfCategoriesThatNothingConfirmsIsANamedGap) {
    put_observation("lab", "laboratory");
    put_observation("odd", "a-vendors-own");
    demand_category();
    const Record record = whole();
    EXPECT_EQ(end_of(record, "Observation"), "by-category-only");
    EXPECT_EQ(gap(record, "Observation"), "by-category-only");
}

TEST_F(ProofTest, ACountConfirmsAListOfCategories) {
    put_observation("lab", "laboratory");
    demand_category();
    server.demand("Observation", {"category", "_summary"});
    const Record record = whole();
    EXPECT_EQ(how(record, "Observation"), "category|count");
    EXPECT_EQ(end_of(record, "Observation"), "complete");
    EXPECT_EQ(gap(record, "Observation"), "");
}

TEST_F(ProofTest, ACountThatKnowsOfMoreThanCameIsAGap) {
    put_observation("lab", "laboratory");
    put_observation("odd", "a-vendors-own");
    demand_category();
    server.demand("Observation", {"category", "_summary"});
    const Record record = whole();
    EXPECT_EQ(end_of(record, "Observation"), "truncated");
    EXPECT_EQ(gap(record, "Observation"), "fewer-than-total");
}

TEST_F(ProofTest, ASearchSinceEverBringsWhatNoCategoryNames) {
    put_observation("lab", "laboratory");
    put_observation("odd", "a-vendors-own");
    demand_category();
    server.offer("Observation", {"_lastUpdated"});
    server.demand("Observation", {"category", "_lastUpdated"});
    const Record record = whole();
    EXPECT_THAT(kept(record), ::testing::Contains("Observation/odd"));
    EXPECT_EQ(how(record, "Observation"), "category|since");
    EXPECT_EQ(end_of(record, "Observation"), "complete");
}

// The search by patient alone is not obliged to be answered, and one that finds nothing proves
// nothing; with each category empty as well, there is nothing.
TEST_F(ProofTest, NothingByPatientAndNothingByCategoryIsNothing) {
    put_ours("Condition", "c");
    server.offer("Observation", {"patient", "category"});
    const Record record = whole();
    EXPECT_EQ(end_of(record, "Observation"), "complete");
    EXPECT_EQ(gap(record, "Observation"), "");
}

TEST_F(ProofTest, EachOtherEndIsSaidByItsName) {
    settings.pages_max = 1;
    for (const char* type : {"Condition", "Procedure", "Goal", "Immunization"})
        for (const char* id : {"1", "2", "3"}) put_ours(type, id);
    put_ours("Encounter", "1", R"("participant":[{"individual":{"reference":"Practitioner/x"}}])");
    server.fail("Procedure?", 403);
    server.fail_with("Goal?", Error(ErrorKind::Malformed, "answer is not FHIR JSON"));
    const Record record = whole();
    EXPECT_EQ(end_of(record, "Condition"), "truncated");
    EXPECT_EQ(end_of(record, "Procedure"), "refused");
    EXPECT_EQ(end_of(record, "Goal"), "unreadable");
    EXPECT_EQ(end_of(record, "Practitioner"), "refused");
    for (const TypeProof& proof : record.types)
        EXPECT_NE(proof.end, TypeEnd::NotAsked) << proof.type;
}

// Types of R4's patient compartment that no plan names: 6 of 28 Claims were lost so.
TEST_F(ProofTest, WhatTheSourceDeclaresIsAskedForWhetherOrNotAPlanNamesIt) {
    put_ours("Condition", "c");
    put_ours("SupplyDelivery", "s");
    const SearchPlan none;
    Pull bare(server.client(), none, settings, limits, "anna", server.clock());
    const Result<Record> record = bare.run(server.call().deadline, {});
    ASSERT_TRUE(record);
    EXPECT_EQ(kept(*record), (std::vector<std::string>{"Condition/c", "Patient/anna"}));
    EXPECT_EQ(end_of(*record, "SupplyDelivery"), "complete");
    EXPECT_EQ(reason(*record, "SupplyDelivery/s"), "unproven-patient");
}

TEST_F(ProofTest, ATypeDeclaredWithoutASearchParameterIsTriedOnce) {
    put_ours("Condition", "c");
    server.put(R"({"resourceType":"Flag","id":"f","subject":{"reference":"Patient/anna"}})");
    server.offer_without_parameters("Goal");
    server.fail("Goal?", 400);
    const Record record = whole();
    EXPECT_EQ(end_of(record, "Goal"), "not-offered");
    EXPECT_EQ(server.requests_for("Goal?"), 1u);
}

// Such a server answers with everybody's, and none of that is taken in.
TEST_F(ProofTest, ATriedSearchIsBelievedOnlyWhereTheServerSaysThatItWentByThePatient) {
    put_ours("Condition", "c");
    server.offer_without_parameters("Media");
    server.ignore_parameters_of("Media");
    server.plant_undeclared(
        "Media", R"({"resourceType":"Media","id":"m","subject":{"reference":"Patient/bob"}})");
    const Record record = whole();
    EXPECT_EQ(record.rejected.size(), 0u);
    EXPECT_EQ(end_of(record, "Media"), "not-offered");
}

// Less is asked for, so that what is taken is not a page of the server's own small size.
TEST_F(ProofTest, APageSizeThatIsRefusedIsAskedForAnewWithLess) {
    settings.page_size = 500;
    put_ours("Condition", "c");
    server.fail("_count=500", 400);
    EXPECT_EQ(end_of(whole(), "Condition"), "complete");
    EXPECT_EQ(server.requests_for("Condition?patient=anna&_count=20"), 1u);
}

TEST_F(ProofTest, TheOperationIsAskedForWithLessToo) {
    settings.method = config::Pull::Method::Everything;
    put_ours("Condition", "c");
    server.offer_everything();
    server.fail("_count=2", 400);
    EXPECT_THAT(kept(whole()), ::testing::Contains("Condition/c"));
    EXPECT_EQ(server.requests_for("$everything"), 2u);
}

TEST_F(ProofTest, APageSizeThatIsRefusedIsLeftOut) {
    put_ours("Condition", "c");
    server.fail("_count=2", 400);
    const Record record = whole();
    EXPECT_THAT(kept(record), ::testing::Contains("Condition/c"));
    EXPECT_EQ(end_of(record, "Condition"), "complete");
}

TEST_F(ProofTest, WhatTheOperatorKnowsOfASourceGoesBeforeThePlan) {
    using Ask = config::PullSearch::Ask;
    put_ours("Condition", "c");
    put_observation("lab", "laboratory");
    put_observation("own", "own");
    server.offer("Observation", {"category"});
    server.demand("Observation", {"category", "_summary"});
    settings.searches = {{"Observation", Ask::Values, {"urn:site|own"}},
                         {"Condition", Ask::Never, {}}};
    const Record record = whole();
    EXPECT_EQ(kept(record),
              (std::vector<std::string>{"Observation/lab", "Observation/own", "Patient/anna"}));
    EXPECT_EQ(end_of(record, "Observation"), "complete");
    EXPECT_EQ(server.requests_for("Observation?patient=anna&_count=2&category"),
              server.requests_for("Observation?patient=anna&_count=2"));
    EXPECT_EQ(end_of(record, "Condition"), "not-asked");
    EXPECT_EQ(gap(record, "Condition"), "not-asked");
}

// One search for all codes of sites' own systems.
TEST_F(ProofTest, CodesOfSystemsOfTheSitesOwnAreAskedForTogether) {
    put_observation("line", "lda");
    demand_category();
    EXPECT_THAT(kept(whole()), ::testing::Contains("Observation/line"));
    EXPECT_EQ(server.requests_for("category=lda%2Csmartdata"), 1u);
}

class EverythingTest : public ProofTest {
protected:
    EverythingTest() {
        put_observation("a", "laboratory");
        put_observation("b", "a-vendors-own");
        put_ours("Condition", "c");
        server.offer_everything();
    }
    void by_everything() { settings.method = config::Pull::Method::Everything; }
};

TEST_F(EverythingTest, TheOperationConfirmsAListOfCategoriesAndBringsWhatItDoesNotName) {
    demand_category();
    const Record record = whole();
    EXPECT_THAT(kept(record), ::testing::Contains("Observation/b"));
    EXPECT_EQ(how(record, "Observation"), "category|everything");
    EXPECT_EQ(end_of(record, "Observation"), "complete");
    EXPECT_EQ(gap(record, "Observation"), "");
}

TEST_F(EverythingTest, IsNotAskedWhereNothingNeedsAWitness) {
    (void)whole();
    EXPECT_EQ(server.requests_for("$everything"), 0u);
}

// Half of a record was lost so.
TEST_F(EverythingTest, AnEmptyPageOnTheWayIsAGapAndTheSearchesBringTheRest) {
    by_everything();
    server.cut_everything_after_first_page();
    const Record record = whole();
    EXPECT_EQ(gap(record, "Patient/$everything"), "empty-page");
    EXPECT_EQ(kept(record), (std::vector<std::string>{"Condition/c", "Observation/a",
                                                      "Observation/b", "Patient/anna"}));
    EXPECT_EQ(how(record, "Condition"), "everything|count");
}

TEST_F(EverythingTest, ANextThatLeavesTheOperationIsAGap) {
    by_everything();
    server.lead_everything_to("https://ehr.example/fhir/Observation?code=1");
    const Record record = whole();
    EXPECT_EQ(gap(record, "Patient/$everything"), "left-operation");
    EXPECT_EQ(server.requests_for("Observation?code=1"), 0u);
    EXPECT_THAT(kept(record), ::testing::Contains("Observation/b"));
}

TEST_F(EverythingTest, WhatItBringsIsHeldAgainstTheCountOfEachType) {
    by_everything();
    server.leave_out_of_everything("Observation/b");
    const Record record = whole();
    EXPECT_THAT(kept(record), ::testing::Contains("Observation/b"));
    EXPECT_EQ(end_of(record, "Observation"), "complete");
    EXPECT_EQ(server.requests_for("Condition?"), 1u);
    EXPECT_EQ(server.requests_for("Condition?patient=anna&_summary=count"), 1u);
}

// Whoever cannot be searched has the operation's own word.
TEST_F(EverythingTest, ItsWordStandsWhereNoSearchIsAnswered) {
    by_everything();
    server.fail("Observation?", 403);
    const Record record = whole();
    EXPECT_EQ(how(record, "Observation"), "everything|");
    EXPECT_EQ(end_of(record, "Observation"), "complete");
    EXPECT_EQ(gap(record, "Observation"), "");
}

TEST_F(EverythingTest, ProvenanceIsAskedForBesides) {
    by_everything();
    server.offer("Provenance", {"target"});
    server.put(R"({"resourceType":"Provenance","id":"1","target":[{"reference":"Condition/c"}]})");
    EXPECT_THAT(kept(whole()), ::testing::Contains("Provenance/1"));
}

// The search that would have brought it is not sent where a count agrees.
TEST_F(EverythingTest, ProvenanceIsAskedForAlsoOfTypesWhoseSearchBringsIt) {
    by_everything();
    server.offer_provenance_with("Condition");
    server.offer("Provenance", {"target"});
    server.put(R"({"resourceType":"Provenance","id":"1","target":[{"reference":"Condition/c"}]})");
    const Record record = whole();
    EXPECT_THAT(kept(record), ::testing::Contains("Provenance/1"));
    EXPECT_EQ(end_of(record, "Provenance"), "complete");
}

// R4 demands the element and closes its codes: then all codes find all.
TEST(NamesAll, OnlyWhereR4DemandsTheElementAndClosesItsCodes) {
    const std::vector<std::string> observation = {
        "registered,preliminary,final,amended,corrected,cancelled,entered-in-error,unknown"};
    EXPECT_TRUE(names_all("Observation", "status", observation));
    EXPECT_FALSE(names_all("Observation", "status", {"final,amended"}));
    EXPECT_FALSE(names_all("Observation", "category", {"laboratory"}));
    EXPECT_FALSE(
        names_all("CareTeam", "status", {"proposed,active,suspended,inactive,entered-in-error"}));
    EXPECT_FALSE(names_all("MedicationRequest", "intent", {"order,plan"}));
    EXPECT_TRUE(names_all("Goal", "lifecycle-status",
                          {"proposed,planned,accepted,active,on-hold,completed,cancelled",
                           "entered-in-error,rejected"}));
}

}  // namespace
}  // namespace consultd
