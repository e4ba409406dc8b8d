#include "adapter/stages/deliver/evidence.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::json_of;

// Every combination of what may be known.
template <class Check>
void for_all_facts(const Check& check) {
    for (unsigned bits = 0; bits < 512; ++bits)
        check(Facts{.is_any_refused = (bits & 1) != 0,
                    .is_all_seen = (bits & 2) != 0,
                    .is_any_there = (bits & 4) != 0,
                    .is_task_there = (bits & 8) != 0,
                    .is_any_unaskable = (bits & 16) != 0,
                    .is_settled = (bits & 32) != 0,
                    .is_nothing_askable = (bits & 64) != 0,
                    .is_other_person = (bits & 128) != 0,
                    .is_chart_missing = (bits & 256) != 0});
}

TEST(EvidenceTableTest, WholeIsSaidOnlyWhereEachEntryWasSeenAndNoneRefused) {
    for_all_facts([](const Facts& facts) {
        EXPECT_TRUE(arrival_of(facts) != Arrival::Whole ||
                    (facts.is_all_seen && !facts.is_any_refused));
        EXPECT_TRUE(!facts.is_any_refused || facts.is_other_person ||
                    arrival_of(facts) == Arrival::NotAllTaken);
        EXPECT_EQ(facts.is_other_person, arrival_of(facts) == Arrival::OtherPerson);
    });
}

TEST(EvidenceTableTest, NothingMayBeSentBeforeTheDestinationHadItsTime) {
    for_all_facts([](const Facts& facts) {
        const Arrival arrival = arrival_of(facts);
        const bool may_be_sent = arrival == Arrival::Nothing || arrival == Arrival::GoOn;
        EXPECT_TRUE(!may_be_sent || facts.is_settled);
    });
}

TEST(EvidenceTableTest, NothingIsSaidOnlyWhereNothingWasFound) {
    for_all_facts([](const Facts& facts) {
        EXPECT_TRUE(arrival_of(facts) != Arrival::Nothing || !facts.is_any_there);
    });
}

// The Task goes last: what is missing beside it is not on its way, and is not sent after it.
TEST(EvidenceTableTest, NothingIsSentBesideATaskThatIsThere) {
    for_all_facts([](const Facts& facts) {
        EXPECT_FALSE(facts.is_task_there && facts.is_any_there &&
                     arrival_of(facts) == Arrival::GoOn);
    });
}

TEST(EvidenceTableTest, NothingFollowsIntoAChartThatIsNotThere) {
    for_all_facts([](const Facts& facts) {
        const Arrival arrival = arrival_of(facts);
        const bool may_be_sent = arrival == Arrival::Nothing || arrival == Arrival::GoOn;
        EXPECT_FALSE(facts.is_chart_missing && may_be_sent);
    });
}

class LookTest : public ::testing::Test {
protected:
    LookTest() {
        server.offer("Task", {"identifier"});
        account.entries = {
            {.type = "Binary",
             .by = "_tag",
             .system = "urn:consultd:entry",
             .value = "t/b",
             .referrer = 1,
             .path = "content/0/attachment/url",
             .sha256 = "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd"},  // "A"
            {.type = "DocumentReference",
             .by = "identifier",
             .system = "urn:consultd:entry",
             .value = "t/d"},
            {.type = "Task", .by = "identifier", .system = "urn:consultd:transfer", .value = "t"}};
    }
    void put_binary(const std::string& data) {
        server.put(R"({"resourceType":"Binary","id":"b","data":")" + data + R"("})");
    }
    void put_document(const std::string& url) {
        server.offer("DocumentReference", {"identifier"});
        server.put(R"({"resourceType":"DocumentReference","id":"d",
            "identifier":[{"system":"urn:consultd:entry","value":"t/d"}],
            "content":[{"attachment":{"url":")" +
                   url + R"("}}]})");
    }
    void put_task() {
        server.put(R"({"resourceType":"Task","id":"k","status":"requested",
            "identifier":[{"system":"urn:consultd:transfer","value":"t"}]})");
    }
    Look looked() { return look(server.client(), "t", account, {}, server.call()).value(); }
    Arrival arrival(bool is_settled = true) {
        const Look seen = looked();
        return arrival_of(facts_of(account, seen, is_settled));
    }
    testing::FakeFhirServer server;
    Account account;
};

TEST_F(LookTest, WholeIsFoundByItsNamesAndABinaryByWhoeverRefersToIt) {
    put_binary("QQ==");
    put_document("Binary/b");
    put_task();
    EXPECT_EQ(arrival(), Arrival::Whole);
    EXPECT_EQ(account.entries[0].location, "Binary/b");
    EXPECT_TRUE(account.is_all_seen());
}

TEST_F(LookTest, BinaryWithOtherBytesIsNotTheOneThatWasSent) {
    put_binary("QUE=");
    put_document("Binary/b");
    put_task();
    EXPECT_EQ(arrival(), Arrival::NotAllTaken);
    EXPECT_TRUE(account.entries[0].is_wrong);
}

// A server that handles a transaction as a batch and leaves its names as they were.
TEST_F(LookTest, ReferenceThatLeadsNowhereIsNotWhatWasSent) {
    put_binary("QQ==");
    account.entries[0].location = "Binary/b";
    put_document("urn:uuid:11111111-1111-4111-8111-111111111111");
    put_task();
    EXPECT_EQ(arrival(), Arrival::NotAllTaken);
}

TEST_F(LookTest, TaskAloneIsNotTheWhole) {
    put_task();
    EXPECT_EQ(arrival(/*is_settled=*/false), Arrival::AskLater);
    EXPECT_NE(arrival(), Arrival::Whole);
    EXPECT_NE(arrival(), Arrival::GoOn);
}

// It answered 201 for each, and has nothing: a second copy might be one.
TEST_F(LookTest, WhatWasTakenAndIsNotFoundIsNeverSentAgain) {
    for (AccountEntry& entry : account.entries) entry.status = 201;
    account.entries[1].location = "DocumentReference/d";
    EXPECT_EQ(arrival(/*is_settled=*/false), Arrival::AskLater);
    EXPECT_EQ(arrival(), Arrival::NobodyKnows);
}

// It answered 202 for all of it: what is queued there may be done whenever it can be.
TEST_F(LookTest, WhatWasAcceptedForLaterIsNeverSentAgain) {
    account.refusal = Refusal{.status = 202, .entries = 3};
    EXPECT_EQ(arrival(/*is_settled=*/false), Arrival::AskLater);
    EXPECT_EQ(arrival(), Arrival::NobodyKnows);
    put_binary("QQ==");
    put_document("Binary/b");
    put_task();
    EXPECT_EQ(arrival(), Arrival::Whole);
}

TEST_F(LookTest, SomebodyElsesResourceInThatPlaceIsNotWhatWasSent) {
    put_binary("QQ==");
    put_document("Binary/b");
    server.put(R"({"resourceType":"Task","id":"k","status":"requested",
        "identifier":[{"system":"urn:consultd:transfer","value":"another"}]})");
    account.entries[2].location = "Task/k";
    EXPECT_EQ(arrival(), Arrival::NotAllTaken);
}

TEST_F(LookTest, TwoEntriesInOnePlaceAreNotBothThere) {
    account.entries.push_back(account.entries[0]);
    put_binary("QQ==");
    put_document("Binary/b");
    put_task();
    account.entries[0].location = account.entries[3].location = "Binary/b";
    EXPECT_NE(arrival(), Arrival::Whole);
}

TEST_F(LookTest, WhereTheAnswerSaidThatItLiesItIsReadWhateverASearchSays) {
    put_binary("QQ==");
    put_document("Binary/b");
    put_task();
    account.entries[0].location = "Binary/b";
    account.entries[1].location = "DocumentReference/d";
    account.entries[2].location = "Task/k";
    EXPECT_EQ(arrival(), Arrival::Whole);
    server.fail("DocumentReference?", 503);
    for (AccountEntry& entry : account.entries) entry.is_seen = entry.is_confirmed = false;
    EXPECT_EQ(arrival(), Arrival::Whole);
}

// Progress is kept: what was seen is not asked for again.
TEST_F(LookTest, AnswerThatDoesNotComeIsAskedForAgain) {
    put_binary("QQ==");
    put_document("Binary/b");
    put_task();
    server.fail("/Binary/", 503, 1);
    Look seen = looked();
    ASSERT_TRUE(seen.broken);
    EXPECT_EQ(seen.broken->kind(), ErrorKind::Unavailable);
    EXPECT_GT(seen.learnt, 0u);
    EXPECT_TRUE(account.entries[1].is_seen);
    EXPECT_EQ(arrival(), Arrival::Whole);
}

TEST_F(LookTest, EachQuestionIsAskedAnewAndNotAnsweredFromACache) {
    put_task();
    looked();
    for (const fhir::HttpRequest& request : server.transport().requests())
        EXPECT_EQ(request.headers.find("Cache-Control"), "no-cache") << request.url.text();
}

TEST_F(LookTest, AccountIsReadAsItWasWritten) {
    account.is_open = account.is_sequence = true;
    account.has_conditions = false;
    account.entries_max = 8;
    account.bytes_max = 9;
    account.bytes_limit = 10;
    account.requests = 3;
    account.refusal = Refusal{
        .status = 413, .issue = "too-long", .entries = 5, .bytes = 6, .had_conditions = true};
    account.entries[1].status = 422;
    account.entries[1].issue = "invalid";
    const Account again = Account::parse(account.print()).value();
    EXPECT_EQ(again.print(), account.print());
    EXPECT_TRUE(again.is_open && again.is_sequence && !again.has_conditions);
    EXPECT_EQ(again.refusal->entries, 5u);
    EXPECT_EQ(again.entries[0].path, "content/0/attachment/url");
    EXPECT_TRUE(again.entries[1].is_refused());
    EXPECT_EQ(Account::parse("[").error().kind(), ErrorKind::Corrupt);
    EXPECT_EQ(Account::parse(R"({"entries":[{"type":"Task","referrer":7}]})").error().kind(),
              ErrorKind::Corrupt);
}

}  // namespace
}  // namespace consultd
