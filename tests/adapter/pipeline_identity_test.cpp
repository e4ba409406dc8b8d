// Whose chart at the destination a record goes into: by the rules, or by a person who was shown
// both sides. What was decided holds as long as the facts do.
#include <gmock/gmock.h>

#include "adapter/steps/identify.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

// As the source of HospitalPair has her, and her twin.
const std::string anna = R"("name":[{"family":"Test","given":["Anna"]}],"birthDate":"1980-02-03",
    "gender":"female","identifier":[{"system":"urn:mrn","value":"1","type":{"coding":[{"system":
    "http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]}}])";
const std::string twin =
    R"("name":[{"family":"Test","given":["Berta"]}],"birthDate":"1980-02-03","gender":"female")";

class IdentityTest : public testing::HospitalPair {
protected:
    void chart(const std::string& chart_id, const std::string& members) {
        destination.put(R"({"resourceType":"Patient","id":")" + chart_id + R"(",)" + members + "}");
    }
    void held() {
        ask();
        ASSERT_EQ(run_until(Delivered), Held);
        ASSERT_EQ(transfer().reason, "identity");
        ASSERT_FALSE(transfer().sent);
    }
    void decide(const steps::ChartDecision& decision) {
        const Transfer next = retried(transfer(), clock.now()).value();
        ASSERT_TRUE(
            store
                ->change(Held, next, {seal_part(sealer, id, Part::Chart, steps::text_of(decision))})
                .ok());
    }
    void accept(const std::string& chart_id) {
        decide({.chart = "Patient/" + chart_id, .facts = facts(chart_id), .by = "anna"});
    }
    fhir::Resource stored(const std::string& chart_id) {
        return fhir::Resource::from(destination.resources().at("Patient/" + chart_id)).value();
    }
    std::string facts(const std::string& chart_id) { return steps::facts_of(stored(chart_id)); }
    std::string subject_there() {
        for (const auto& [key, json] : destination.resources())
            if (key.starts_with("Task/")) return std::string(json["for"]["reference"].string());
        return "(no Task)";
    }
    static std::optional<Answer> nothing(const fhir::HttpRequest&) { return std::nullopt; }
    // At that path these members of a Patient are read; none: it is not there.
    static std::function<std::optional<Answer>(const fhir::HttpRequest&)> only_at(
        const std::string& path, const std::string& members) {
        return [path, members](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (request.url.path() != path) return std::nullopt;
            if (members.empty()) return refusal(404);
            return testing::json_answer(200,
                                        R"({"resourceType":"Patient","id":"77",)" + members + "}");
        };
    }
    std::size_t queries() { return audited("patient-query").size(); }
};

TEST_F(IdentityTest, WhatADestinationIsAskedIsInTheLogBeforeAlsoIfNothingIsDelivered) {
    chart("78", twin);
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    bool is_asked = false;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.url.path().find("Patient") == std::string::npos) return std::nullopt;
        is_asked = true;
        EXPECT_EQ(queries(), 1u);
        return std::nullopt;
    };
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_TRUE(is_asked);
    EXPECT_EQ(posts(), 0u);
    EXPECT_TRUE(audited("disclosure-intent").empty());
}

TEST_F(IdentityTest, ItGoesIntoTheChartThatAPersonAcceptedAndIntoNoOther) {
    chart("77", anna + R"(,"active":true)");
    chart("78", anna);  // there twice: nobody picks one by itself
    held();
    accept("77");
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(subject_there(), "Patient/77");
    EXPECT_EQ(destination.count_of("Patient"), 2u);
}

TEST_F(IdentityTest, WhereTheAcceptedChartHasChangedOrIsGoneItIsHeldAgain) {
    for (const std::string& now :
         {twin, anna + R"(,"active":false)",
          anna + R"(,"link":[{"type":"replaced-by","other":{"reference":"Patient/9"}}])",
          std::string()}) {
        chart("77", anna);
        chart("78", anna);
        held();
        accept("77");
        if (now.empty())
            destination.erase("Patient/77");
        else
            chart("77", now);
        EXPECT_EQ(run_until(Delivered), Held) << now;
        EXPECT_EQ(transfer().reason, "identity") << now;
    }
    EXPECT_EQ(posts(), 0u);
}

TEST_F(IdentityTest, ANewChartIsMadeWhereAPersonSaysSo) {
    chart("78", twin);
    held();
    decide({.facts = steps::facts_of(std::vector{stored("78")}), .by = "anna"});
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(destination.count_of("Patient"), 2u);
}

// Between the decision and the send somebody made her a chart.
TEST_F(IdentityTest, ANewChartIsNotMadeBesideOneThatWasNotShown) {
    chart("78", twin);
    held();
    decide({.facts = steps::facts_of(std::vector{stored("78")}), .by = "anna"});
    chart("79", anna);
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "identity");
    EXPECT_EQ(posts(), 0u);
}

TEST_F(IdentityTest, DestinationThatDoesNotAnswerForTheAcceptedChartIsAskedAgainLater) {
    chart("77", anna);
    chart("78", anna);
    held();
    accept("77");
    bool is_down = true;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_down || request.url.path() != "/fhir/Patient/77") return std::nullopt;
        is_down = false;
        return refusal(503);
    };
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(subject_there(), "Patient/77");
}

// A search shows what an index or a cache has of a chart.
TEST_F(IdentityTest, TheChartThatASearchGivesIsReadBeforeAnythingIsFiledInIt) {
    for (const std::string& by_its_id : {twin, anna + R"(,"active":false)", std::string()}) {
        chart("77", anna);
        destination_says = only_at("/fhir/Patient/77", by_its_id);
        held();
        EXPECT_EQ(posts(), 0u) << by_its_id;
        destination_says = nothing;
    }
}

// Between the intent and the first byte the clerks there were at work.
TEST_F(IdentityTest, TheChartIsReadOnceMoreDirectlyBeforeTheFirstByte) {
    chart("77", anna);
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    chart("77", twin);
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "identity");
    EXPECT_EQ(posts(), 0u);
}

TEST_F(IdentityTest, WhatLiesInAMatchedChartIsDeliveredOnlyWhereTheChartIsReadAndTheirs) {
    chart("77", anna);
    std::size_t reads_after = 0;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.url.path() == "/fhir/Patient/77" && posts() > 0) ++reads_after;
        return std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(subject_there(), "Patient/77");
    EXPECT_GT(reads_after, 0u);
}

TEST_F(IdentityTest, MatchedChartThatIsAnothersOrGoneOnceTheRecordLiesInItIsNotDelivered) {
    struct Case {
        std::string afterwards, reason, named;
    };
    for (const auto& [afterwards, reason, named] :
         {Case{twin, "in-another-chart", ""},
          Case{"", "not-all-taken", R"([{"type":"Patient","at":"Patient/77","status":404}])"}}) {
        chart("77", anna);
        ask();
        ASSERT_EQ(run_until(Sending), Sending);
        const std::size_t before = posts();
        destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
            return posts() > before ? only_at("/fhir/Patient/77", afterwards)(request)
                                    : std::nullopt;
        };
        EXPECT_EQ(run_until(Delivered), Held) << afterwards;
        EXPECT_EQ(transfer().reason, reason) << afterwards;
        EXPECT_EQ(audited("another-chart").size(), 1u) << "an alarm where it is another's";
        const auto told = open_part(*store, sealer, id, Part::Refusals);
        EXPECT_THAT(told ? *told : "", ::testing::HasSubstr(named));
        destination_says = nothing;
    }
}

// The chart that was accepted may have less on its face than the rules ask for.
TEST_F(IdentityTest, ChartThatAPersonAcceptedIsReadByWhatTheyWereShown) {
    chart("77", R"("identifier":[{"system":"urn:mrn","value":"1"}])");
    held();
    accept("77");
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(subject_there(), "Patient/77");
}

// One by one that takes its time: charts are merged there meanwhile, and what is filed in the one
// that is out of use is read by nobody.
TEST_F(IdentityTest, WhatIsMergedAmidADeliveryGetsNothingMore) {
    const std::string merged =
        R"("active":false,"link":[{"type":"replaced-by","other":{"reference":"Patient/9"}}],)";
    for (const bool is_new : {false, true}) {
        for (const auto& [key, json] : std::map(destination.resources())) destination.erase(key);
        if (!is_new) chart("77", anna);
        destination_says = [](const fhir::HttpRequest& request) -> std::optional<Answer> {
            const bool is_transaction = request.method == "POST" && request.url.path() == "/fhir";
            return is_transaction ? std::optional<Answer>(refusal(405)) : std::nullopt;
        };
        ask();
        int answers = 4;
        std::string into = "77";
        on_crash_point = [&](std::string_view point) {
            if (point != "pipeline.answered" || --answers != 0) return;
            for (const auto& [key, json] : std::map(destination.resources()))
                if (key.starts_with("Patient/")) into = key.substr(key.find('/') + 1);
            chart(into, merged + anna);
        };
        ASSERT_EQ(run_until(Delivered), Held);
        EXPECT_EQ(transfer().reason, "not-all-taken");
        EXPECT_EQ(outcome(), "in-part");
        EXPECT_EQ(destination.count_of("Task"), 0u);
        const std::size_t there = destination.resources().size();
        const fhir::Json told =
            testing::json_of(open_part(*store, sealer, id, Part::Refusals).value());
        EXPECT_EQ(told.items()[0]["at"].string(), "Patient/" + into);
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
        EXPECT_EQ(run_until(Delivered), Held) << "as long as it stays so";
        EXPECT_EQ(destination.resources().size(), there);
        chart(into, anna);
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
        EXPECT_EQ(run_until(Delivered), Delivered);
    }
}

TEST_F(IdentityTest, WhatBecomesAnothersAmidADeliveryGetsNothingMore) {
    chart("77", anna);
    destination_says = [](const fhir::HttpRequest& request) -> std::optional<Answer> {
        const bool is_transaction = request.method == "POST" && request.url.path() == "/fhir";
        return is_transaction ? std::optional<Answer>(refusal(405)) : std::nullopt;
    };
    ask();
    int answers = 4;
    on_crash_point = [&](std::string_view point) {
        if (point == "pipeline.answered" && --answers == 0) chart("77", twin);
    };
    ASSERT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "in-another-chart");
    EXPECT_EQ(destination.count_of("Task"), 0u);
}

}  // namespace
}  // namespace consultd
