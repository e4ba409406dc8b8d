// Which way a delivery went is told, and how that is known: in the log, the receipt, the ledger.
#include <gtest/gtest.h>

#include "adapter/audit/event_reader.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class WayTest : public testing::HospitalPair {
protected:
    std::string evidence(std::string_view what) {
        const std::vector<fhir::Json> events = audited("disclosure-outcome");
        if (events.empty()) return "";
        for (const auto& [name, value] : audit::evidence_in(events.back()))
            if (name == what) return value;
        return "";
    }
    std::string part(Part part) { return open_part(*store, sealer, id, part).value(); }
};

TEST_F(WayTest, WhichWayItWentIsInTheLogTheReceiptAndTheLedger) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(evidence("way"), "transaction");
    EXPECT_EQ(evidence("requests"), "1");
    EXPECT_EQ(evidence("entries-read"), "12");
    EXPECT_NE(part(Part::Receipt).find("transaction"), std::string::npos);
    EXPECT_TRUE(part(Part::Ledger)
                    .ends_with("\n{\"line\":\"delivery\",\"way\":\"transaction\",\"requests\":1,"
                               "\"entriesRead\":12}\n"));
}

// What brought it is counted, and not what was answered.
TEST_F(WayTest, TwoTransactionsOfWhichOneAnswerIsLostAreTwo) {
    config.destinations.at("center").deliver.bundle_bytes_max = 60'000;
    restart();
    int posts = 0;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.method != "POST" || request.url.path() != "/fhir" || ++posts != 1)
            return std::nullopt;
        EXPECT_TRUE(destination.transport().send(request, {}).ok());
        return Error(ErrorKind::Uncertain, "connection was lost");
    };
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(destination.count_of("Binary"), 2u);
    EXPECT_EQ(destination.count_of("Task"), 1u);
    EXPECT_EQ(evidence("way"), "transactions");
    EXPECT_EQ(evidence("requests"), std::to_string(posts));
    EXPECT_EQ(evidence("answers-lost"), "1");
}

// We die between the log and the state: it is told all the same, from the log.
TEST_F(WayTest, WhichWayItWentOutlivesADeathAfterTheLogHasIt) {
    config.destinations.at("center").deliver.method = config::Deliver::Method::Sequence;
    restart();
    ask();
    on_crash_point = [](std::string_view point) {
        if (point == "pipeline.outcome-logged") throw testing::Died();
    };
    EXPECT_THROW(run_until(Delivered), testing::Died);
    on_crash_point = [](std::string_view) {};
    restart();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(audited("disclosure-outcome").size(), 1u);
    EXPECT_EQ(part(Part::Delivery), "{\"way\":\"one-by-one\",\"requests\":12,\"entriesRead\":12}");
    EXPECT_NE(part(Part::Ledger).find("one-by-one"), std::string::npos);
}

// No transactions, and each answer is an error, whatever was done.
class RefusingAloneTest : public testing::HospitalPair {
protected:
    RefusingAloneTest() {
        for (const char* type : {"Condition", "Observation", "Bundle", "Binary",
                                 "DocumentReference", "Consent", "ServiceRequest", "Provenance"})
            destination.offer(type, {"identifier", "_tag"});
    }
    void answer_each_with(int status, std::function<bool(const fhir::HttpRequest&)> is_stored) {
        destination_says = [=, this](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (request.method != "POST" || request.url.path().ends_with("/_search"))
                return std::nullopt;
            if (request.url.path() == "/fhir") return Answer(refusal(404));
            if (is_stored(request)) {
                EXPECT_TRUE(destination.transport().send(request, {}).ok());
            }
            return Answer(refusal(status));
        };
    }
};

TEST_F(RefusingAloneTest, WhatIsRefusedAndIsThereIsFollowedByTheRest) {
    answer_each_with(422, [](const fhir::HttpRequest&) { return true; });
    ask();
    EXPECT_EQ(run_until(Delivered, 400), Delivered) << transfer().reason;
    for (const char* type : {"Patient", "Condition", "Observation", "Bundle", "Task"})
        EXPECT_EQ(destination.count_of(type), 1u) << type;
    EXPECT_EQ(outcome(), "sent");
}

// The chart was made by us: it bears this transfer's name beside the patient's.
TEST_F(RefusingAloneTest, WhereAChartOfOursIsLeftItIsNotCalledRefused) {
    answer_each_with(422, [](const fhir::HttpRequest& request) {
        return request.url.path().ends_with("/Patient");
    });
    ask();
    EXPECT_EQ(run_until(Delivered, 400), Held);
    EXPECT_EQ(transfer().reason, "not-all-taken");
    EXPECT_EQ(destination.count_of("Patient"), 1u);
    EXPECT_EQ(outcome(), "in-part");
}

}  // namespace
}  // namespace consultd
