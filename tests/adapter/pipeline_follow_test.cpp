// The opinion: looked for, taken in whatever form, and looked for again while there is time.
#include <gmock/gmock.h>

#include "adapter/opinion.h"
#include "adapter/pipeline.h"
#include "adapter/stages/deliver/account.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;
using ::testing::Contains;

class FollowUpTest : public testing::HospitalPair {
protected:
    void deliver() {
        ask();
        ASSERT_EQ(run_until(Delivered), Delivered);
    }
    void die_once_the_log_has_it() {
        on_crash_point = [](std::string_view point) {
            if (point == "pipeline.outcome-logged") throw testing::Died();
        };
        EXPECT_THROW(run_until(Delivered), testing::Died);
        on_crash_point = [](std::string_view) {};
        restart();
    }
    void task_there(const std::string& status, const std::string& members = "",
                    const std::string& patient = "Patient/1") {
        destination.put(R"({"resourceType":"Task","id":")" + transfer().destination_task.substr(5) +
                        R"(","status":")" + status + R"(","for":{"reference":")" + patient + R"("},
            "identifier":[{"system":"urn:consultd:transfer","value":")" +
                        id + "\"}]" + members + "}");
    }
};

TEST_F(FollowUpTest, CompletedTaskBringsTheOpinionAndClosesWhenTheTimeToFollowIsUp) {
    deliver();
    destination.put(R"({"resourceType":"DiagnosticReport","id":"opinion","status":"final",
        "subject":{"reference":"Patient/1"},"code":{"text":"Opinion"},"conclusion":"Yes."})");
    task_there("completed",
               R"(,"output":[{"valueReference":{"reference":"DiagnosticReport/opinion"}}])");
    EXPECT_EQ(step(), OpinionReceived);
    EXPECT_NE(open_part(*store, sealer, id, Part::Opinion)->find("\"conclusion\":\"Yes.\""),
              std::string::npos);
    EXPECT_EQ(audited("opinion-received").size(), 1u);
    EXPECT_EQ(step(), OpinionReceived) << "a later or an amended one is looked for";
    EXPECT_EQ(audited("opinion-received").size(), 1u);
    clock.advance(std::chrono::hours(24 * 91));
    EXPECT_EQ(step(), Closed);
    EXPECT_EQ(posts(), 1u);
}

TEST_F(FollowUpTest, AmendedOpinionIsOneMoreVersion) {
    deliver();
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])");
    ASSERT_EQ(step(), OpinionReceived);
    task_there("completed", R"(,"output":[{"valueString":"No, on second thoughts."}])");
    EXPECT_EQ(step(), OpinionReceived);
    const std::string kept = open_part(*store, sealer, id, Part::Opinion).value();
    EXPECT_NE(kept.find("\"Yes.\""), std::string::npos);
    EXPECT_NE(kept.find("second thoughts"), std::string::npos);
    EXPECT_EQ(audited("opinion-received").size(), 2u);
}

// A state that was restored from an older copy has no account of where things lie: the Task there
// says which chart it is, and is believed where that chart is the person's.
TEST_F(FollowUpTest, OpinionIsTakenWhereTheAccountIsLostIfItIsOfThatPerson) {
    deliver();
    fhir::FhirClient& there = destination.client();
    const std::string theirs =
        there.get(there.base().below("Patient/1"), destination.call()).value().body.print();
    ASSERT_TRUE(store
                    ->change(Delivered, transfer(),
                             {seal_part(sealer, id, Part::Account, Account().print())})
                    .ok());
    destination.put(R"({"resourceType":"Patient","id":"1","name":[{"family":"Other"}]})");
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])");
    ASSERT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "opinion-incomplete") << "nobody said that it is another's";
    destination.put(theirs);
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(run_until(OpinionReceived), OpinionReceived);
}

// Promise 5: that it may change, or is not to be used any more, is said with it.
TEST_F(FollowUpTest, PreliminaryOpinionSaysSoUntilTheFinalOneComes) {
    deliver();
    const auto report = [this](const std::string& status, const std::string& words) {
        destination.put(R"({"resourceType":"DiagnosticReport","id":"opinion","status":")" + status +
                        R"(","subject":{"reference":"Patient/1"},"code":{"text":"Opinion"},
                        "conclusion":")" +
                        words + R"("})");
    };
    report("preliminary", "Perhaps.");
    task_there("completed",
               R"(,"output":[{"valueReference":{"reference":"DiagnosticReport/opinion"}}])");
    EXPECT_EQ(step(), OpinionReceived);
    EXPECT_EQ(transfer().reason, "opinion-preliminary");
    report("final", "Yes.");
    EXPECT_EQ(step(), OpinionReceived);
    EXPECT_EQ(transfer().reason, "");
    report("entered-in-error", "Yes.");
    EXPECT_EQ(step(), OpinionReceived);
    EXPECT_EQ(transfer().reason, "opinion-void") << "whoever read it must be told";
    EXPECT_EQ(Opinion::parse(open_part(*store, sealer, id, Part::Opinion).value())->versions(), 2u);
}

TEST_F(FollowUpTest, OpinionThatIsNotToBeUsedIsHeldForAPerson) {
    deliver();
    destination.put(R"({"resourceType":"DiagnosticReport","id":"opinion","status":"cancelled",
        "subject":{"reference":"Patient/1"},"code":{"text":"Opinion"},"conclusion":"Stop."})");
    task_there("completed",
               R"(,"output":[{"valueReference":{"reference":"DiagnosticReport/opinion"}}])");
    EXPECT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "opinion-void");
    EXPECT_FALSE(store->part(id, Part::Opinion).value());
}

// Who has the opinion is not held for what the other side does afterwards.
TEST_F(FollowUpTest, AfterTheOpinionADestinationThatDoesNotAnswerHoldsNothingUp) {
    deliver();
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])");
    ASSERT_EQ(step(), OpinionReceived);
    destination_says = [](const fhir::HttpRequest&) { return std::optional<Answer>(refusal(404)); };
    for (int looks = 0; looks < 20; ++looks) EXPECT_EQ(step(), OpinionReceived);
    clock.advance(std::chrono::hours(24 * 91));
    EXPECT_EQ(step(), Closed);
}

TEST_F(FollowUpTest, CompletedWithoutAnOpinionIsHeldForAPerson) {
    deliver();
    task_there("completed");
    EXPECT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "no-opinion");
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])");
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(step(), OpinionReceived);
}

// Nothing is closed while an opinion is there that we could not take.
TEST_F(FollowUpTest, OpinionThatCannotBeTakenIsHeldForAPerson) {
    deliver();
    destination.put(R"({"resourceType":"DiagnosticReport","id":"opinion","status":"final",
        "subject":{"reference":"Patient/another"},"code":{"text":"SECRET"}})");
    task_there("completed",
               R"(,"output":[{"valueReference":{"reference":"DiagnosticReport/opinion"}}])");
    EXPECT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "opinion-not-ours");
    EXPECT_THAT(log.errors, Contains("opinion-not-taken"));
    EXPECT_FALSE(store->part(id, Part::Opinion).value()) << "nothing of it is kept";
    destination.put(R"({"resourceType":"DiagnosticReport","id":"opinion","status":"final",
        "subject":{"reference":"Patient/1"},"code":{"text":"Opinion"}})");
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(step(), OpinionReceived);
}

// Their Task is ours by its identifier, and says that it is for somebody else: whatever it gives is
// that person's.
TEST_F(FollowUpTest, OpinionOfATaskThatNamesAnotherPatientIsNeverShownAsThisOnes) {
    deliver();
    destination.put(R"({"resourceType":"Patient","id":"77","name":[{"family":"Other"}]})");
    for (const std::string patient :
         {"Patient/77", "https://center.example/fhir/Patient/77",
          "https://elsewhere.example/fhir/Patient/1", "Patient?name=A", ""}) {
        task_there("completed", R"(,"output":[{"valueString":"SECRET of another"}])", patient);
        EXPECT_EQ(step(), Held) << patient;
        EXPECT_EQ(transfer().reason, "opinion-not-ours") << patient;
        EXPECT_FALSE(store->part(id, Part::Opinion).value()) << patient;
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    }
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])");
    EXPECT_EQ(step(), OpinionReceived);
}

// Of two transfers of one patient, to a destination that knows no conditions, each makes a chart;
// the older one is found by the patient's name as long as this packet is still on its way.
class OlderChartTest : public FollowUpTest {
protected:
    OlderChartTest() {
        destination_says = [this](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (request.method != "POST" || request.url.path().ends_with("/_search"))
                return std::nullopt;
            packet = request;
            return Answer(Error(ErrorKind::Uncertain, "connection was lost"));
        };
        ask();
        EXPECT_EQ(run_until(Uncertain), Uncertain);
        const fhir::Json sent = testing::json_of(packet.body);
        const fhir::Json chart = sent.share(sent["entry"].items()[0]["resource"]);
        EXPECT_EQ(chart["resourceType"].string(), "Patient");
        destination.put(chart.with("id", "older").print());
        EXPECT_EQ(step(), Uncertain);
        destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    }
    // Makes a chart of its own: "Patient/1".
    void packet_arrives() {
        constexpr std::string_view condition = "\"ifNoneExist\"";
        for (std::size_t at = 0; (at = packet.body.find(condition)) != std::string::npos;)
            packet.body.replace(at, condition.size(), "\"unknown\"");
        EXPECT_TRUE(destination.transport().send(packet, {}).ok());
    }
    TransferState answer_about(const std::string& patient) {
        task_there("completed", R"(,"output":[{"valueString":"Yes."}])", patient);
        return step();
    }
    fhir::HttpRequest packet;
};

TEST_F(OlderChartTest, OpinionIsOnTheChartThatThisPacketMade) {
    packet_arrives();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(answer_about("Patient/1"), OpinionReceived) << transfer().reason;
}

TEST_F(OlderChartTest, OpinionIsTakenThoughWeDiedBeforeTheAccountWasKept) {
    packet_arrives();
    die_once_the_log_has_it();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(answer_about("Patient/1"), OpinionReceived) << transfer().reason;
}

TEST_F(OlderChartTest, OpinionOnTheOlderChartIsNotOnThisPacket) {
    packet_arrives();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(answer_about("Patient/older"), Held);
    EXPECT_EQ(transfer().reason, "opinion-not-ours");
}

// The log has it, and we died before the account said where things lie: the chart and the order are
// found by the names that we gave them.
TEST_F(FollowUpTest, OpinionIsProvenThoughWeDiedBeforeTheAccountWasKept) {
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    destination.instead_of_transaction_response =
        Answer(Error(ErrorKind::Uncertain, "connection was lost"));
    die_once_the_log_has_it();
    ASSERT_EQ(run_until(Delivered), Delivered);
    task_there("completed", R"(,"output":[{"valueString":"SECRET of another"}])", "Patient/77");
    EXPECT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "opinion-not-ours");
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])");
    EXPECT_EQ(step(), OpinionReceived);
}

// It came, and is amended by what is another's: the first stays, and `status` says why.
TEST_F(FollowUpTest, AmendmentThatNamesAnotherPatientIsNotTaken) {
    deliver();
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])");
    ASSERT_EQ(step(), OpinionReceived);
    task_there("completed", R"(,"output":[{"valueString":"SECRET of another"}])", "Patient/77");
    EXPECT_EQ(step(), OpinionReceived);
    EXPECT_EQ(transfer().reason, "opinion-not-ours");
    EXPECT_EQ(open_part(*store, sealer, id, Part::Opinion)->find("SECRET"), std::string::npos);
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])");
    EXPECT_EQ(step(), OpinionReceived);
    EXPECT_EQ(transfer().reason, "");
}

// Where the record went into a chart that was there, that one alone is the patient's.
TEST_F(FollowUpTest, OpinionOnTheChartThatWasFoundThereIsTaken) {
    destination.put(R"({"resourceType":"Patient","id":"88","name":[{"family":"Test",
        "given":["Anna"]}],"birthDate":"1980-02-03","gender":"female",
        "identifier":[{"system":"urn:mrn","value":"1","type":{"coding":[{"system":
        "http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]}}]})");
    destination.offer("Patient", {"birthdate"});
    deliver();
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])", "Patient/1");
    EXPECT_EQ(step(), Held);
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    task_there("completed", R"(,"output":[{"valueString":"Yes."}])", "Patient/88");
    EXPECT_EQ(step(), OpinionReceived);
}

// What the store keeps in clear is a word of ours, whatever they say.
TEST_F(FollowUpTest, StatusThatIsNoneOfTheStandardsIsNotKept) {
    deliver();
    task_there("Anna Test, born 1970");
    EXPECT_EQ(step(), Delivered);
    EXPECT_EQ(transfer().remote_status, "unknown");
}

TEST_F(FollowUpTest, OpenTaskIsLookedAtAgain) {
    deliver();
    task_there("accepted");
    EXPECT_EQ(step(), Delivered);
    EXPECT_EQ(transfer().remote_status, "accepted");
    EXPECT_EQ(transfer().due - clock.now(), config.destinations.at("center").follow.every);
}

TEST_F(FollowUpTest, RejectedTaskClosesAndSaysWhy) {
    deliver();
    task_there("rejected");
    EXPECT_EQ(step(), Closed);
    EXPECT_EQ(transfer().reason, "destination-ended-it");
}

TEST_F(FollowUpTest, OverdueOpinionIsHeldForAPerson) {
    deliver();
    task_there("accepted");
    clock.advance(std::chrono::hours(24 * 91));
    EXPECT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "opinion-overdue");
}

// Twelve short outages in three months are not one long one.
TEST_F(FollowUpTest, OutagesWithSuccessesBetweenAreNotAddedUp) {
    deliver();
    task_there("accepted");
    bool is_down = false;
    destination_says = [&](const fhir::HttpRequest&) {
        return is_down ? std::optional<Answer>(refusal(503)) : std::nullopt;
    };
    for (int i = 0; i < 15 && transfer().state == Delivered; ++i) {
        is_down = true;
        step();
        is_down = false;
        if (transfer().state == Delivered) step();
    }
    EXPECT_EQ(transfer().state, Delivered);
    EXPECT_EQ(transfer().attempts, 0u);
    EXPECT_EQ(transfer().reason, "");
}

}  // namespace
}  // namespace consultd
