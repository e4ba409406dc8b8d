// The sealed first opinion: what the first team concluded reaches the consultant only after their
// own opinion is filed, then by itself, and the log proves the order.
#include <gmock/gmock.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;
using ::testing::HasSubstr;
using ::testing::Not;

class SealedFirstOpinionTest : public testing::HospitalPair {
protected:
    SealedFirstOpinionTest() {
        source.put(R"({"resourceType":"CarePlan","id":"p1","status":"active","intent":"plan",
            "subject":{"reference":"Patient/anna"},"description":"Carboplatin, say we"})");
        source.put(R"({"resourceType":"DiagnosticReport","id":"r1","status":"final",
            "subject":{"reference":"Patient/anna"},"code":{"text":"PET"},
            "conclusion":"Progression, say we","result":[{"reference":"Observation/o1"}]})");
        order.first_opinion = FirstOpinion::Sealed;
        destination_says = [this](const fhir::HttpRequest& request) {
            sent += request.body;
            return std::nullopt;
        };
    }
    void deliver() {
        ask();
        ASSERT_EQ(run_until(Delivered), Delivered);
    }
    void give_opinion() {
        destination.put(R"({"resourceType":"Task","id":")" + transfer().destination_task.substr(5) +
                        R"(","status":"completed","for":{"reference":"Patient/1"},
            "identifier":[{"system":"urn:consultd:transfer","value":")" +
                        id + R"("}],"output":[{"valueString":"Watch and wait."}]})");
    }
    // The other transfers of the store than the one that was ordered.
    std::vector<Transfer> others() {
        std::vector<Transfer> all = store->list({}).value();
        std::erase_if(all, [&](const Transfer& one) { return one.id == id; });
        return all;
    }
    static std::string detail(const fhir::Json& event, std::string_view name) {
        for (const fhir::JsonView entity : event["entity"].items())
            for (const fhir::JsonView one : entity["detail"].items())
                if (one["type"].string() == name) return std::string(one["valueString"].string());
        return {};
    }
    std::uint64_t entry_of(std::string_view subtype, std::size_t which) {
        std::size_t seen = 0;
        for (std::uint64_t index = 0; index < audit_log->size(); ++index) {
            const fhir::Json event = testing::json_of(audit_log->entry(index).value());
            for (const fhir::JsonView coding : event["subtype"].items())
                if (coding["code"].string() == subtype && seen++ == which) return index;
        }
        ADD_FAILURE() << "no such event: " << subtype;
        return 0;
    }
    static std::size_t times(const std::string& word, const std::string& text) {
        std::size_t count = 0;
        for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
        return count;
    }

    std::string sent;  // all that went to the destination
};

TEST_F(SealedFirstOpinionTest, NothingOfItLeavesBeforeTheOpinionIsFiled) {
    deliver();
    EXPECT_THAT(sent, HasSubstr("Observation"));
    EXPECT_THAT(sent, Not(HasSubstr("say we")));
    EXPECT_THAT(open_part(*store, sealer, id, Part::Packet).value(), Not(HasSubstr("say we")));
    EXPECT_THAT(open_part(*store, sealer, id, Part::Ledger).value(),
                HasSubstr(R"("source":"CarePlan/p1","outcome":"withheld","reason":)"
                          R"("first-opinion-sealed")"));
    EXPECT_TRUE(others().empty());
}

TEST_F(SealedFirstOpinionTest, PacketSaysThatItFollowsAndNotThatThereIsNone) {
    deliver();
    EXPECT_THAT(open_part(*store, sealer, id, Part::Completeness).value(),
                HasSubstr("first-opinion-sealed"));
    EXPECT_THAT(open_part(*store, sealer, id, Part::Packet).value(),
                HasSubstr("sealed until the opinion asked for is filed"));
}

TEST_F(SealedFirstOpinionTest, FollowsByItselfOnceTheOpinionIsFiledAndOnce) {
    deliver();
    give_opinion();
    ASSERT_EQ(step(), OpinionReceived);
    ASSERT_EQ(others().size(), 1u);
    EXPECT_EQ(step(), OpinionReceived) << "a later opinion is looked for";
    ASSERT_EQ(others().size(), 1u);
    const std::string first = id;
    id = others()[0].id;
    EXPECT_EQ(transfer().state, Prepared);
    const std::size_t before = sent.size();
    EXPECT_EQ(run_until(Closed), Closed);
    const fhir::Json went = [&] {
        const std::string all = sent.substr(before);
        const auto at = all.find(R"({"resourceType":"Bundle","type":"transaction")");
        return testing::json_of(all.substr(at));
    }();
    std::map<std::string, int> types;
    for (const fhir::JsonView entry : went["entry"].items())
        ++types[std::string(entry.at("resource", "resourceType").string())];
    EXPECT_EQ(types["CarePlan"], 1);
    EXPECT_EQ(types["DiagnosticReport"], 1);
    EXPECT_EQ(types["Observation"], 0) << "the first packet brought it";
    EXPECT_EQ(types["ServiceRequest"], 0) << "nothing is ordered twice";
    EXPECT_EQ(posts(), 2u);
    id = first;
    EXPECT_EQ(transfer().state, OpinionReceived);
}

TEST_F(SealedFirstOpinionTest, LogProvesThatItWasFixedBeforeAndSentAfterTheOpinion) {
    deliver();
    give_opinion();
    ASSERT_EQ(step(), OpinionReceived);
    const std::string first = id;
    id = others()[0].id;
    ASSERT_EQ(run_until(Closed), Closed);
    const std::vector<fhir::Json> intents = audited("disclosure-intent");
    ASSERT_EQ(intents.size(), 2u);
    EXPECT_EQ(detail(intents[0], "held-back-sha-256"), detail(intents[1], "sha-256"));
    EXPECT_FALSE(detail(intents[1], "sha-256").empty());
    EXPECT_EQ(detail(intents[1], "releases"), first);
    EXPECT_LT(entry_of("disclosure-intent", 0), entry_of("opinion-received", 0));
    EXPECT_LT(entry_of("opinion-received", 0), entry_of("disclosure-intent", 1));
}

TEST_F(SealedFirstOpinionTest, DeathAtAnyMomentOfTheReleaseLosesNoneAndDoublesNone) {
    for (const std::string_view point : {"pipeline.opinion", "pipeline.released"}) {
        SCOPED_TRACE(point);
        deliver();
        give_opinion();
        const std::size_t before = store->list({}).value().size();
        on_crash_point = [&](std::string_view at) {
            if (at == point) throw testing::Died();
        };
        EXPECT_THROW(step(), testing::Died);
        on_crash_point = [](std::string_view) {};
        clock.advance(std::chrono::minutes(5));
        restart();
        EXPECT_EQ(step(), OpinionReceived);
        EXPECT_EQ(step(), OpinionReceived);
        EXPECT_EQ(store->list({}).value().size(), before + 1);
    }
}

TEST_F(SealedFirstOpinionTest, IsNotSentWhenThePatientWantsTheFirstPacketBack) {
    deliver();
    give_opinion();
    ASSERT_EQ(step(), OpinionReceived);
    ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    id = others()[0].id;
    EXPECT_EQ(run_until(Closed), Held);
    EXPECT_EQ(transfer().reason, "consent");
    EXPECT_THAT(sent, Not(HasSubstr("say we")));
}

TEST_F(SealedFirstOpinionTest, IsGoneWithTheFirstPacketWhereNoOpinionComes) {
    deliver();
    ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    EXPECT_EQ(step(), Withdrawn);
    EXPECT_TRUE(others().empty());
    EXPECT_EQ(retention_of(Part::FirstOpinion), Retention::Record) << "wiped with the record";
}

TEST_F(SealedFirstOpinionTest, WithoutAConclusionInTheRecordThereIsNoSecondPacket) {
    source.erase("CarePlan/p1");
    source.erase("DiagnosticReport/r1");
    deliver();
    EXPECT_FALSE(store->part(id, Part::FirstOpinion).value());
    give_opinion();
    EXPECT_EQ(step(), OpinionReceived);
    EXPECT_TRUE(others().empty());
}

TEST_F(SealedFirstOpinionTest, IsOpenUnlessItWasChosen) {
    order.first_opinion = FirstOpinion::Open;
    deliver();
    EXPECT_THAT(open_part(*store, sealer, id, Part::Packet).value(), HasSubstr("say we"));
    EXPECT_FALSE(store->part(id, Part::FirstOpinion).value());
}

}  // namespace
}  // namespace consultd
