// What a source says of the question that it really answered.
#include "adapter/stages/pull/self_link.h"

#include "pull_fixture.h"

namespace consultd {
namespace {

class SelfLinkTest : public PullTest {
protected:
    // The first Observation search answers one of two, under this `self` and with this more.
    void answer_observations(const std::string& self_query, const std::string& more = "") {
        put_ours("Observation", "o1");
        server.fail_with(
            "Observation?",
            testing::FakeTransport::Answer(testing::json_answer(
                200,
                R"({"resourceType":"Bundle","type":"searchset")" + more +
                    R"(,"link":[{"relation":"self","url":"https://ehr.example/fhir/Observation?)" +
                    self_query + R"("}],"entry":[{"resource":{"resourceType":"Observation",)" +
                    R"("id":"o1","subject":{"reference":"Patient/anna"}}}]})")));
    }
};

// A default filter, honestly told: what came is all of something less.
TEST_F(SelfLinkTest, ConditionThatTheSourceAddedIsAGap) {
    for (const char* added :
         {"&date=ge2025-04-01", "&status=final", "&category=laboratory", "&_lastUpdated=gt2020",
          "&_security=R", "&status:not=cancelled", "&_has:Provenance:target:agent=x"}) {
        pull_.reset();
        answer_observations("patient=anna&_count=2" + std::string(added));
        const Record record = whole();
        EXPECT_EQ(gap(record, "Observation"), "narrowed") << added;
        EXPECT_EQ(end_of(record, "Observation"), "truncated") << added;
    }
}

TEST_F(SelfLinkTest, AnotherPatientThanTheOneAskedForIsAGap) {
    for (const char* self :
         {"patient=bob&_count=2", "subject=Patient%2Fbob", "subject:Patient=bob",
          "patient=anna&patient=bob", "patient=https://ehr.example/fhir/Patient/bob"}) {
        pull_.reset();
        answer_observations(self);
        EXPECT_EQ(gap(whole(), "Observation"), "narrowed") << self;
    }
}

TEST_F(SelfLinkTest, WordsOfPagingAndFormAreNoConditions) {
    for (const char* self :
         {"patient=anna&_count=2&_format=json&_sort=-date&_total=none&_page=1&_pretty=true",
          "subject=Patient/anna&_count=2&_include=Observation:subject", "patient=anna",
          "subject:Patient=https%3A%2F%2Fehr.example%2Ffhir%2FPatient%2Fanna",
          "patient.identifier=1&ct=b3BhcXVl&sessionID=7&ah-practice=a-1", ""}) {
        pull_.reset();
        answer_observations(self);
        EXPECT_EQ(gap(whole(), "Observation"), "") << self;
    }
}

// What was asked for by category may say so, once.
TEST_F(SelfLinkTest, OurOwnConditionsAreNotTheSources) {
    Query query;
    query.type = "Observation";
    query.parameters = {{"patient", "anna"}, {"category", "laboratory"}};
    const fhir::Capability capability =
        fhir::Capability::from(
            json_of(R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1",
                        "rest":[{"mode":"server","resource":[{"type":"Observation",
                        "searchParam":[{"name":"vendor-scope","type":"token"}]}]}]})"))
            .value();
    const std::string self = "https://ehr.example/fhir/Observation?patient=anna&category=lab";
    EXPECT_FALSE(is_narrowed(query, self, capability));
    EXPECT_TRUE(is_narrowed(query, self + "&category=vital-signs", capability));
    EXPECT_TRUE(is_narrowed(query, self + "&vendor-scope=mine", capability));
    EXPECT_TRUE(is_narrowed("https://ehr.example/fhir/Patient/anna/$everything?_since=2020"));
    EXPECT_FALSE(is_narrowed("https://ehr.example/fhir/Patient/anna/$everything?_count=9"));
}

// A count that cannot be read proves nothing.
TEST_F(SelfLinkTest, TotalThatIsNoCountIsAGap) {
    for (const char* total : {R"("6")", "-1", "2.5", "null", R"({"value":6})"}) {
        pull_.reset();
        answer_observations("patient=anna", std::string(R"(,"total":)") + total);
        EXPECT_FALSE(gap(whole(), "Observation").empty()) << total;
    }
}

}  // namespace
}  // namespace consultd
