#include "adapter/pipeline.h"

#include <gmock/gmock.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;
using ::testing::Contains;
using testing::json_of;

class PipelineTest : public testing::HospitalPair {
protected:
    // A transaction; a search by POST writes nothing.
    static bool is_post(const fhir::HttpRequest& request) {
        return request.method == "POST" && !request.url.path().ends_with("/_search");
    }
    // Nothing of the request was applied, and nobody says so.
    static Answer lost() { return Error(ErrorKind::Uncertain, "connection was lost"); }
    void expect_delivered_once() {
        EXPECT_EQ(destination.count_of("Task"), 1u);
        EXPECT_EQ(destination.count_of("Observation"), 1u);
        EXPECT_EQ(audited("disclosure-intent").size(), 1u);
        EXPECT_EQ(outcome(), "sent");
        const Transfer done = transfer();
        EXPECT_EQ(done.pulled, done.delivered + done.merged + done.withheld + done.rejected);
        EXPECT_EQ(done.destination_task.substr(0, 5), "Task/");
        EXPECT_TRUE(open_part(*store, sealer, id, Part::Receipt).ok());
    }
};

TEST_F(PipelineTest, RecordIsDeliveredOnceWithAReceipt) {
    ask();
    EXPECT_EQ(step(), Prepared);
    EXPECT_EQ(step(), Sending);
    EXPECT_EQ(posts(), 0u);
    EXPECT_EQ(step(), Delivered);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(transfer().pulled, 3u);
    EXPECT_EQ(transfer().delivered, 3u);
    EXPECT_EQ(transfer().due, clock.now() + config.destinations.at("center").follow.every);
    EXPECT_TRUE(log.errors.empty());
    expect_delivered_once();
}

// Promise 4: whoever can read the disk at that moment finds the intent.
TEST_F(PipelineTest, IntentIsInTheLogBeforeTheFirstByteThatWrites) {
    bool was_asked = false;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post(request)) return std::nullopt;
        was_asked = true;
        bool found = false;
        const Status read = audit::read_log(
            folder + "/audit", "test", audit_key, [&](std::uint64_t, std::string_view entry) {
                found = found || (entry.find("disclosure-intent") != std::string_view::npos &&
                                  entry.find(id) != std::string_view::npos);
                return true;
            });
        EXPECT_TRUE(read.ok());
        EXPECT_TRUE(found);
        EXPECT_EQ(transfer().state, Sending);
        EXPECT_TRUE(transfer().sent);
        return std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_TRUE(was_asked);
}

// ---- consent

TEST_F(PipelineTest, NothingIsReadThatTheConsentGivesNoRightTo) {
    order.consent = consent("active", R"({"type":"deny"})");
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "consent");
    EXPECT_TRUE(source_log.empty());
    EXPECT_TRUE(destination_log.empty());
}

TEST_F(PipelineTest, ConsentRevokedBeforeTheSendHoldsTheTransfer) {
    for (const TransferState until : {Prepared, Sending}) {
        ask();
        ASSERT_EQ(run_until(until), until);
        replace_consent(consent("inactive"));
        EXPECT_EQ(step(), Held) << name_of(until);
        EXPECT_EQ(transfer().reason, "consent");
    }
    EXPECT_EQ(posts(), 0u);
}

TEST_F(PipelineTest, ConsentThatEndsDuringAnOutageHoldsTheTransfer) {
    order.consent =
        consent("active", R"({"type":"permit","period":{"start":"2026-11-01T00:00:00Z","end":")" +
                              format_instant(clock.now() + std::chrono::hours(1)) + "\"}}");
    destination_says = [](const fhir::HttpRequest& request) {
        return is_post(request) ? std::optional<Answer>(refusal(503)) : std::nullopt;
    };
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    EXPECT_EQ(step(), Uncertain);
    destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    clock.advance(std::chrono::hours(2));
    EXPECT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "consent");
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(destination.count_of("Task"), 0u);
}

// F108: what has ended stays ended when the clock is set back.
TEST_F(PipelineTest, ClockThatIsSetBackRevivesNoConsent) {
    order.consent =
        consent("active", R"({"type":"permit","period":{"start":"2026-11-01T00:00:00Z","end":")" +
                              format_instant(clock.now() + std::chrono::hours(1)) + "\"}}");
    destination_says = [](const fhir::HttpRequest&) { return Answer(refusal(503)); };
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    clock.advance(std::chrono::hours(2));
    EXPECT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "consent");
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    clock.set_wall(clock.now() - std::chrono::hours(2));
    // Each step saves, and none of them takes the time that was known back with it.
    for (int again = 0; again < 3; ++again) {
        EXPECT_EQ(pipeline->advance(claim(), {})->state, Held);
        EXPECT_EQ(transfer().reason, "consent");
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    }
    EXPECT_EQ(posts(), 0u);
}

TEST_F(PipelineTest, WithheldIsCountedAndNotSent) {
    order.consent = consent("active", R"({"type":"permit","provision":[{"type":"deny","class":[
        {"system":"http://hl7.org/fhir/resource-types","code":"Condition"}]}]})");
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(transfer().withheld, 1u);
    for (const auto& [key, json] : destination.resources())
        EXPECT_EQ(json.print().find("Melanoma"), std::string::npos) << key;
}

// ---- the send

TEST_F(PipelineTest, LostAnswerIsReadBackAndNotSentAgain) {
    destination.instead_of_transaction_response = lost();
    bool is_dark = true;
    destination_says = [&](const fhir::HttpRequest& request) {
        return is_dark && posts() > 0 &&
                       request.url.path_and_query().find("Task?") != std::string::npos
                   ? std::optional<Answer>(refusal(503))
                   : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Uncertain), Uncertain);
    EXPECT_EQ(outcome(), "");
    is_dark = false;
    EXPECT_EQ(step(), Delivered);
    EXPECT_EQ(posts(), 1u);
    expect_delivered_once();
}

TEST_F(PipelineTest, LostRequestIsSentOnceMoreAfterItHasSettled) {
    bool is_lost = true;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post(request) || !is_lost) return std::nullopt;
        is_lost = false;
        return lost();
    };
    ask();
    ASSERT_EQ(run_until(Uncertain), Uncertain);
    const Instant first_sent = transfer().sent.value();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_GE(transfer().sent.value() - first_sent, std::chrono::seconds(15));
    EXPECT_EQ(posts(), 2u);
    EXPECT_GE(count("GET", "Task?"), 3u);  // after the loss, before the second send, after it
    expect_delivered_once();
}

TEST_F(PipelineTest, UnknownOutcomeIsNotSentAgainWhileTheDestinationCannotBeAsked) {
    destination_says = [&](const fhir::HttpRequest& request) {
        if (is_post(request)) return std::optional<Answer>(lost());
        return posts() > 0 && request.url.path_and_query().find("Task?") != std::string::npos
                   ? std::optional<Answer>(refusal(503))
                   : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Held), Held);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(outcome(), "");
    const Transfer wished = store->ask_withdrawal(id, clock.now()).value().value();
    EXPECT_EQ(wished.state, Uncertain) << "the destination is asked again";
}

// A destination that hangs up each time and stores nothing is not worn out.
TEST_F(PipelineTest, RequestThatIsLostEachTimeIsHeldInTheEnd) {
    destination_says = [](const fhir::HttpRequest& request) {
        return is_post(request) ? std::optional<Answer>(lost()) : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Held, 200), Held);
    EXPECT_LE(posts(), 12u);
}

TEST_F(PipelineTest, RefusalIsRefusedAndAudited) {
    destination_says = [](const fhir::HttpRequest& request) {
        return is_post(request) ? std::optional<Answer>(refusal(422)) : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Refused);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(outcome(), "refused");
    EXPECT_EQ(transfer().outcome_index, disclosures->find(id)->outcome_index);
    EXPECT_EQ(store->checkpoint().value(), audit_log->checkpoint());
}

// The destination stored everything, we died, and its search answers nonsense: that is no refusal.
TEST_F(PipelineTest, ReadBackThatFailsIsNotARefusal) {
    for (const int status : {404, 400, 405, 413}) {
        SCOPED_TRACE(status);
        ask();
        on_crash_point = [](std::string_view point) {
            if (point == "pipeline.sent") throw testing::Died();
        };
        const std::size_t posts_before = posts();
        EXPECT_THROW(run_until(Delivered), testing::Died);
        on_crash_point = [](std::string_view) {};
        restart();
        destination_says = [&](const fhir::HttpRequest&) { return Answer(refusal(status)); };
        EXPECT_EQ(run_until(Delivered), Held);
        EXPECT_FALSE(disclosures->find(id)->outcome);
        destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
        EXPECT_EQ(run_until(Delivered), Delivered);
        EXPECT_EQ(posts() - posts_before, 1u);
    }
}

// Its first copy was still at work there when nothing was found, and it refuses the second one.
TEST_F(PipelineTest, RefusalOfASecondAttemptIsReadBackBeforeItIsBelieved) {
    std::optional<fhir::HttpRequest> late;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post(request)) return std::nullopt;
        if (!late) {
            late = request;
            return lost();
        }
        EXPECT_TRUE(destination.transport().send(*late, {}).ok());
        return refusal(422);
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 2u);
    expect_delivered_once();
}

TEST_F(PipelineTest, OutageIsTriedAgainWithGrowingWaitsAndHeldAfterTwelve) {
    destination_says = [](const fhir::HttpRequest&) { return Answer(refusal(503)); };
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    std::vector<Milliseconds> waits;
    while (step() == Prepared) waits.push_back(transfer().due - clock.now());
    EXPECT_EQ(transfer().state, Held);
    EXPECT_EQ(transfer().reason, "unavailable");
    EXPECT_EQ(count("GET", "metadata"), 12u);
    ASSERT_EQ(waits.size(), 11u);
    for (std::size_t i = 0; i < waits.size(); ++i) {
        EXPECT_GE(waits[i], Milliseconds(500));
        EXPECT_LE(waits[i], Milliseconds(500) + std::chrono::seconds(1 << (i + 1))) << i;
        EXPECT_LE(waits[i], std::chrono::minutes(11));
    }
    EXPECT_GT(waits[10] + waits[9] + waits[8], 8 * (waits[0] + waits[1] + waits[2]));
    EXPECT_TRUE(audited("disclosure-intent").empty());
}

// An answer of 503 to a write may come from a proxy behind which the write was done.
TEST_F(PipelineTest, UnavailableInAnswerToTheSendIsReadBack) {
    destination.instead_of_transaction_response = Answer(refusal(503));
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1u);
    expect_delivered_once();
}

// A proxy says when to come back though its server has the transaction: that is no promise that
// nothing was done.
TEST_F(PipelineTest, UnavailableWithRetryAfterIsReadBackToo) {
    fhir::HttpResponse response = refusal(503);
    response.headers.add("Retry-After", "90");
    destination.instead_of_transaction_response = Answer(response);
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1u);
    expect_delivered_once();
}

TEST_F(PipelineTest, RetryAfterIsObeyed) {
    destination_says = [](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post(request)) return std::nullopt;
        fhir::HttpResponse response = refusal(429);
        response.headers.add("Retry-After", "90");
        return response;
    };
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    EXPECT_EQ(step(), Uncertain);
    EXPECT_EQ(transfer().due - clock.now(), std::chrono::seconds(90));
}

// A proxy says when to come back, after the destination behind it has stored everything.
TEST_F(PipelineTest, UnavailableAsksForTimeAndIsReadBackAfterIt) {
    fhir::HttpResponse response = refusal(503);
    response.headers.add("Retry-After", "90");
    destination.instead_of_transaction_response = Answer(response);
    bool is_dark = true;
    destination_says = [&](const fhir::HttpRequest& request) {
        return is_dark && posts() > 0 &&
                       request.url.path_and_query().find("Task?") != std::string::npos
                   ? std::optional<Answer>(refusal(503))
                   : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Uncertain), Uncertain);
    EXPECT_EQ(transfer().due - clock.now(), std::chrono::seconds(90));
    is_dark = false;
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1u);
    expect_delivered_once();
}

TEST_F(PipelineTest, HeldTransferGoesOnWhereItStood) {
    bool is_down = true;
    destination_says = [&](const fhir::HttpRequest& request) {
        const bool is_write = is_post(request) || request.method == "PUT";
        return is_down && is_write ? std::optional<Answer>(refusal(403)) : std::nullopt;
    };
    ask();
    ASSERT_EQ(run_until(Delivered), Held);
    const std::size_t pulled_with = source_log.size();
    is_down = false;
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(source_log.size(), pulled_with);
    expect_delivered_once();
}

TEST_F(PipelineTest, AnotherPatientAtTheDestinationHoldsTheTransfer) {
    destination.put(R"({"resourceType":"Patient","id":"77","name":[{"family":"Other"}],
                        "identifier":[{"system":"urn:mrn","value":"1"}]})");
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "identity");
    EXPECT_EQ(posts(), 0u);
    EXPECT_TRUE(audited("disclosure-intent").empty());
}

// ---- the source

TEST_F(PipelineTest, UnknownPatientFails) {
    source.erase("Patient/anna");
    ask();
    EXPECT_EQ(run_until(Delivered), Failed);
    EXPECT_EQ(transfer().reason, "not-found");
    EXPECT_TRUE(destination_log.empty());
}

// Promise 6.
TEST_F(PipelineTest, ForeignPatientsResourceRaisesAnAlarm) {
    source.plant("Observation", R"({"resourceType":"Observation","id":"berta-1","status":"final",
        "code":{"text":"SECRET-OF-BERTA"},"subject":{"reference":"Patient/berta"}})");
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(audited("foreign-patient").size(), 1u);
    EXPECT_EQ(store->checkpoint().value(), audit_log->checkpoint());
    EXPECT_THAT(log.errors, Contains("foreign-patient"));
    EXPECT_EQ(transfer().rejected, 1u);
    for (const auto& [key, json] : destination.resources())
        EXPECT_EQ(json.print().find("SECRET-OF-BERTA"), std::string::npos) << key;
}

TEST_F(PipelineTest, RefusedTypeLeavesAGapAndNoCompletePull) {
    source.fail("Condition?", 403);
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_FALSE(transfer().complete);
    EXPECT_NE(open_part(*store, sealer, id, Part::Gaps)->find("http-403"), std::string::npos);
}

// ---- leases, stops, restarts

TEST_F(PipelineTest, StaleLeaseSendsNothing) {
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    const Lease stale = claim("slow");
    clock.advance(std::chrono::minutes(3));
    const Lease fresh = claim("quick");
    const std::size_t before = destination_log.size();
    const Result<Transfer> done = pipeline->advance(stale, {});
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().kind(), ErrorKind::Conflict);
    EXPECT_EQ(destination_log.size() - count("GET", "Task?"), before) << "asked, at the most";
    EXPECT_EQ(posts(), 0u);
    EXPECT_TRUE(pipeline->advance(fresh, {}).ok());
    EXPECT_EQ(posts(), 1u);
}

TEST_F(PipelineTest, StopLeavesTheStateAsItIs) {
    std::stop_source stop;
    stop.request_stop();
    ask();
    EXPECT_EQ(pipeline->advance(claim(), stop.get_token()).error().kind(), ErrorKind::Cancelled);
    EXPECT_TRUE(destination_log.empty());
    restart();
    EXPECT_EQ(run_until(Delivered), Delivered);
}

TEST_F(PipelineTest, DeathAtEachPointDeliversOnce) {
    for (const char* fatal :
         {"pipeline.pulling", "pipeline.prepared", "pipeline.transaction-stored",
          "pipeline.intent-logged", "pipeline.sending", "pipeline.send", "pipeline.sent",
          "pipeline.answered", "pipeline.outcome-logged", "pipeline.delivered"}) {
        SCOPED_TRACE(fatal);
        ask();
        const std::size_t posts_before = posts(), tasks_before = destination.count_of("Task");
        const std::size_t intents_before = audited("disclosure-intent").size();
        on_crash_point = [&](std::string_view point) {
            if (point == fatal) throw testing::Died();
        };
        EXPECT_THROW(run_until(Delivered), testing::Died);
        on_crash_point = [](std::string_view) {};
        restart();
        EXPECT_EQ(run_until(Delivered), Delivered);
        EXPECT_EQ(posts() - posts_before, 1u);
        EXPECT_EQ(destination.count_of("Task") - tasks_before, 1u);
        EXPECT_EQ(audited("disclosure-intent").size() - intents_before, 1u);
        EXPECT_EQ(audited("disclosure-outcome").size() - intents_before, 1u);
        EXPECT_TRUE(open_part(*store, sealer, id, Part::Receipt).ok());
    }
}

// After a crash nobody knows how long ago the request began to be worked on there.
TEST_F(PipelineTest, DeathWhileSendingWaitsBeforeItSendsAgain) {
    ask();
    on_crash_point = [](std::string_view point) {
        if (point == "pipeline.send") throw testing::Died();
    };
    EXPECT_THROW(run_until(Delivered), testing::Died);
    on_crash_point = [](std::string_view) {};
    clock.advance(std::chrono::minutes(5));
    restart();
    EXPECT_EQ(step(), Uncertain);
    EXPECT_EQ(posts(), 0u);
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1u);
}

TEST_F(PipelineTest, DeathAfterTheRefusalIsLoggedStaysRefused) {
    bool refuses = true;
    destination_says = [&](const fhir::HttpRequest& request) {
        return refuses && is_post(request) ? std::optional<Answer>(refusal(422)) : std::nullopt;
    };
    on_crash_point = [](std::string_view point) {
        if (point == "pipeline.refusal-logged") throw testing::Died();
    };
    ask();
    EXPECT_THROW(run_until(Delivered), testing::Died);
    on_crash_point = [](std::string_view) {};
    refuses = false;
    restart();
    EXPECT_EQ(run_until(Delivered), Refused);
    EXPECT_EQ(outcome(), "refused");
    EXPECT_EQ(destination.count_of("Task"), 0u);
}

// What the log says was sent is not sent again, whatever a search index there says in the meantime.
TEST_F(PipelineTest, DeliveryInTheLogIsNotSentAgainThoughItIsNotFoundThere) {
    on_crash_point = [](std::string_view point) {
        if (point == "pipeline.outcome-logged") throw testing::Died();
    };
    ask();
    EXPECT_THROW(run_until(Delivered), testing::Died);
    on_crash_point = [](std::string_view) {};
    restart();
    const std::string task(disclosures->find(id)->destination_task);
    destination.erase(task);
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(transfer().destination_task, task);
    EXPECT_TRUE(open_part(*store, sealer, id, Part::Receipt).ok());
}

// The state was restored from a copy that was made before the record was sent (F116).
TEST_F(PipelineTest, StateOlderThanTheLogSendsNothingAgain) {
    for (const char* backup_at :
         {"pipeline.pulling", "pipeline.prepared", "pipeline.transaction-stored",
          "pipeline.intent-logged", "pipeline.sending"})
        for (const TransferState until : {Sending, Uncertain, Delivered, Refused}) {
            SCOPED_TRACE(std::string(backup_at) + " " + std::string(name_of(until)));
            destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
                if (!is_post(request)) return std::nullopt;
                if (until == Refused) return refusal(422);
                if (until != Uncertain) return std::nullopt;
                EXPECT_TRUE(destination.transport().send(request, {}).ok());
                return lost();
            };
            const std::size_t posts_before = posts(), tasks_before = destination.count_of("Task");
            ask();
            on_crash_point = [&](std::string_view point) {
                if (point == backup_at)
                    std::filesystem::copy(folder + "/consultd.db-wal", folder + "/backup-wal",
                                          std::filesystem::copy_options::overwrite_existing);
                if (point == backup_at)
                    std::filesystem::copy(folder + "/consultd.db", folder + "/backup",
                                          std::filesystem::copy_options::overwrite_existing);
                if (until == Uncertain && point == "pipeline.sent") throw testing::Died();
            };
            try {
                run_until(until);
            } catch (const testing::Died&) {
            }
            on_crash_point = [](std::string_view) {};
            close();
            for (const char* leftover : {"/consultd.db", "/consultd.db-wal", "/consultd.db-shm"})
                std::filesystem::remove(folder + leftover);
            std::filesystem::copy(folder + "/backup", folder + "/consultd.db");
            std::filesystem::copy(folder + "/backup-wal", folder + "/consultd.db-wal");
            open();
            EXPECT_EQ(run_until(Delivered), until == Refused ? Refused : Delivered);
            EXPECT_EQ(posts() - posts_before, 1u);
            EXPECT_EQ(destination.count_of("Task") - tasks_before, until == Refused ? 0u : 1u);
        }
    EXPECT_EQ(audited("disclosure-intent").size(), 20u);
    EXPECT_EQ(audited("disclosure-outcome").size(), 20u);
}

// Held because nobody could say what became of it, for longer than the record is kept.
TEST_F(PipelineTest, HeldTransferIsStillReadBackWhenItsRecordIsGone) {
    for (const bool is_there : {true, false}) {
        SCOPED_TRACE(is_there);
        ask();
        const std::size_t posts_before = posts();
        destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (is_post(request)) {
                EXPECT_EQ(is_there && destination.transport().send(request, {}).ok(), is_there);
                return lost();
            }
            const bool is_search =
                request.url.path_and_query().find_first_of("?_") != std::string::npos;
            return posts() > posts_before && is_search ? std::optional<Answer>(refusal(403))
                                                       : std::nullopt;
        };
        run_until(Held, 200);
        ASSERT_TRUE(store
                        ->forget(clock.now() + std::chrono::hours(1),
                                 {Part::Request, Part::Consent, Part::Bundle, Part::Packet,
                                  Part::Transaction})
                        .ok());
        destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
        EXPECT_EQ(run_until(Delivered), is_there ? Delivered : Held);
        EXPECT_EQ(transfer().reason, is_there ? "" : "record-expired");
        EXPECT_EQ(open_part(*store, sealer, id, Part::Receipt).ok(), is_there);
        EXPECT_EQ(posts() - posts_before, 1u);
    }
}

TEST_F(PipelineTest, TransferWhoseSourceLeftTheConfigurationIsHeld) {
    ask();
    config.sources.clear();
    EXPECT_EQ(step(), Held);
    EXPECT_EQ(transfer().reason, "configuration");
}

// Its opinion is here, sealed: nothing is asked of anybody any more.
TEST_F(PipelineTest, OpinionIsKeptThoughItsDestinationLeftTheConfiguration) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    const Lease lease = claim();
    Transfer received = lease.transfer;
    received.state = OpinionReceived;
    ASSERT_TRUE(store->save(lease, received, {}).ok());
    ASSERT_TRUE(store->release(lease).ok());
    config.destinations.clear();
    EXPECT_EQ(step(), Closed);
}

}  // namespace
}  // namespace consultd
