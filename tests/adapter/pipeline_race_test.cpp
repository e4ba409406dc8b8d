// Persons let a transfer go on, withdraw it, decide on its patient, at once, from processes of
// their own, while a worker is at it: there is one outcome, and the log has what was done, by whom,
// and nothing that was not.
#include <latch>
#include <thread>

#include "adapter/acts.h"
#include "adapter/audit/event_reader.h"
#include "adapter/steps/identify.h"
#include "adapter/worker.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;
using What = audit::Act::What;

const std::string anna = R"("name":[{"family":"Test","given":["Anna"]}],"birthDate":"1980-02-03",
    "gender":"female","identifier":[{"system":"urn:mrn","value":"1","type":{"coding":[{"system":
    "http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]}}])";

class RaceTest : public testing::HospitalPair {
protected:
    // Somebody at a shell.
    struct Beside {
        Actor who;
        std::unique_ptr<testing::SeededRandom> random;
        std::unique_ptr<crypto::Sealer> sealer;
        bool was_done = false;
    };
    Beside beside(const std::string& name, std::uint64_t seed) const {
        auto numbers = std::make_unique<testing::SeededRandom>(seed);
        auto own = std::make_unique<crypto::Sealer>(Secret(std::string(32, 'k')), *numbers);
        return {Actor::operator_named(name), std::move(numbers), std::move(own)};
    }
    AskedEntry act(Beside& person, What what, const Transfer& seen) const {
        return entry_of(act_by(person.who, what, seen, config, started), *person.random);
    }
    void retry(Beside& person) const {
        const Transfer seen = store->find(id).value().value();
        const Result<Transfer> next = retried(seen, started);
        person.was_done =
            next && store->change(seen.state, *next, {}, act(person, What::Retry, seen)).ok();
    }
    void accept(Beside& person, const std::string& facts) const {
        const Transfer seen = store->find(id).value().value();
        const Result<Transfer> next = retried(seen, started);
        if (!next || seen.reason != "identity") return;
        const steps::ChartDecision decision{
            .chart = "Patient/77", .facts = facts, .by = person.who.text()};
        const SealedPart part =
            seal_part(*person.sealer, id, Part::Chart, steps::text_of(decision));
        person.was_done =
            store->change(Held, *next, {part}, act(person, What::Decision, seen)).ok();
    }
    void cancel(Beside& person) const {
        const Transfer seen = store->find(id).value().value();
        person.was_done = store->ask_withdrawal(id, started, act(person, What::Cancel, seen)).ok();
    }
    // By whom that was done, as the log has it, in its order.
    std::vector<std::string> logged(const char* subtype) {
        std::vector<std::string> names;
        for (const fhir::Json& event : audited(subtype))
            names.emplace_back(audit::requestor_of(event)["value"].string());
        return names;
    }
    static std::vector<std::string> name_if_done(const Beside& person) {
        return person.was_done ? std::vector<std::string>{person.who.name()}
                               : std::vector<std::string>();
    }
    void held_for_identity() {
        destination.put(R"({"resourceType":"Patient","id":"77",)" + anna + "}");
        destination.put(R"({"resourceType":"Patient","id":"78",)" + anna + "}");
        ask();
        ASSERT_EQ(run_until(Delivered), Held);
        ASSERT_EQ(transfer().reason, "identity");
        started = clock.now();
    }
    std::string facts_of_77() const {
        return steps::facts_of(
            fhir::Resource::from(destination.resources().at("Patient/77")).value());
    }
    Instant started{};
};

TEST_F(RaceTest, RetryCancelAndAcceptAtOnceBesideAWorkerHaveOneOutcome) {
    std::map<TransferState, int> ends;
    for (std::uint64_t round = 0; round < 24; ++round) {
        held_for_identity();
        const std::string facts = facts_of_77();
        const std::size_t tasks = destination.count_of("Task");
        const std::size_t retries = logged("order-retry").size();
        const std::size_t cancels = logged("order-cancel").size();
        const std::size_t decisions = logged("identity-decision").size();
        Beside first = beside("first", 3 * round + 100), second = beside("second", 3 * round + 101),
               third = beside("third", 3 * round + 102);
        std::latch begin(4);
        {
            std::jthread one([&] { begin.arrive_and_wait(), retry(first); });
            std::jthread two([&] { begin.arrive_and_wait(), accept(second, facts); });
            std::jthread three([&] {
                begin.arrive_and_wait();
                if (round % 3 != 0) cancel(third);
            });
            begin.arrive_and_wait();
            for (int steps = 0; steps < 4; ++steps) {
                const auto lease =
                    store->claim(id, started, std::chrono::minutes(2), "worker").value();
                if (!lease) continue;
                (void)pipeline->advance(*lease, {});
                (void)store->release(*lease);
            }
        }
        while (is_runnable(transfer().state) && transfer().state != Delivered) step();
        if (transfer().withdrawal_asked && transfer().state == Delivered) step();
        ASSERT_TRUE(disclosures->take_up(*store, log).ok());
        ++ends[transfer().state];
        SCOPED_TRACE(std::string(name_of(transfer().state)) + " " + std::to_string(round));
        EXPECT_LE(destination.count_of("Task"), tasks + 1);
        EXPECT_EQ(logged("order-retry").size() - retries, name_if_done(first).size());
        EXPECT_EQ(logged("identity-decision").size() - decisions, name_if_done(second).size());
        EXPECT_EQ(logged("order-cancel").size() - cancels, name_if_done(third).size());
        if (third.was_done) {
            EXPECT_EQ(transfer().state, Withdrawn);
        } else {
            EXPECT_EQ(transfer().state, second.was_done ? Delivered : Held);
        }
        destination.erase("Patient/78");
    }
    EXPECT_GT(ends[Withdrawn], 0);
    EXPECT_GT(ends[Delivered] + ends[Held], 0);
    for (const std::string& name : logged("order-retry")) EXPECT_EQ(name, "first");
    for (const std::string& name : logged("identity-decision")) EXPECT_EQ(name, "second");
    for (const std::string& name : logged("order-cancel")) EXPECT_EQ(name, "third");
}

// A person looks for two minutes at both sides; meanwhile another lets it go on, it is sent, the
// answer is lost, and it is held again. What was decided on the first is none on the second: it
// would forget that bytes have left.
TEST_F(RaceTest, DecisionOnWhatWasBeforeTheSendIsNotTakenAfterIt) {
    held_for_identity();
    const Transfer seen = transfer();
    destination.erase("Patient/78");
    ASSERT_TRUE(store->change(Held, retried(seen, clock.now()).value()).ok());
    destination_says = [](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.method != "POST" || request.url.path().ends_with("_search"))
            return std::nullopt;
        return Answer(Error(ErrorKind::Uncertain, "connection was lost"));
    };
    ASSERT_EQ(run_until(Uncertain), Uncertain);
    Transfer held = transfer();
    held.state = Held;
    held.reason = "uncertain";
    ASSERT_TRUE(store->change(Uncertain, held).ok());
    EXPECT_EQ(store->change(Held, retried(seen, clock.now()).value()).error().kind(),
              ErrorKind::Conflict);
    EXPECT_TRUE(transfer().sent);
    EXPECT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(transfer().state, Uncertain) << "it is asked before anything is sent";
}

// In every state that it can be found in.
TEST_F(RaceTest, RetryAndCancelAtOnceInEveryStateLeaveNothingHalfDone) {
    for (const TransferState state : {Requested, Prepared, Sending, Uncertain, Delivered, Held}) {
        for (std::uint64_t round = 0; round < 6; ++round) {
            SCOPED_TRACE(std::string(name_of(state)) + " " + std::to_string(round));
            destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
            order.consent = consent(state == Held ? "inactive" : "active");
            if (state == Uncertain)
                destination_says = [](const fhir::HttpRequest& request) -> std::optional<Answer> {
                    if (request.method != "POST" || request.url.path().ends_with("_search"))
                        return std::nullopt;
                    return Answer(Error(ErrorKind::Uncertain, "connection was lost"));
                };
            ask();
            ASSERT_EQ(run_until(state), state);
            destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
            started = clock.now();
            const std::size_t retries = logged("order-retry").size();
            const std::size_t cancels = logged("order-cancel").size();
            const bool had_left = transfer().sent.has_value();
            const std::size_t tasks = destination.count_of("Task");
            Beside first = beside("first", 1'000 + round + 10 * static_cast<std::uint64_t>(state)),
                   third = beside("third", 2'000 + round + 10 * static_cast<std::uint64_t>(state));
            std::latch begin(2);
            {
                std::jthread one([&] { begin.arrive_and_wait(), retry(first); });
                begin.arrive_and_wait();
                cancel(third);
            }
            while (is_runnable(transfer().state)) step();
            ASSERT_TRUE(disclosures->take_up(*store, log).ok());
            EXPECT_EQ(transfer().state, Withdrawn);
            EXPECT_TRUE(third.was_done);
            EXPECT_EQ(logged("order-retry").size() - retries, name_if_done(first).size());
            EXPECT_EQ(logged("order-cancel").size() - cancels, 1u);
            EXPECT_LE(destination.count_of("Task"), tasks + (had_left ? 1 : 0));
        }
    }
}

}  // namespace
}  // namespace consultd
