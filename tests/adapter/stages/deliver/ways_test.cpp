#include "adapter/stages/deliver/ways.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::json_of;
using Method = config::Deliver::Method;

class NextRequestTest : public ::testing::Test {
protected:
    NextRequestTest() { account = account_of(transaction); }
    DeliveryRequest next() { return next_request(transaction, account).value(); }
    // As if the destination had taken it.
    void take(const DeliveryRequest& request) {
        for (const std::size_t place : request.places)
            account.entries[place].location =
                account.entries[place].type + "/" + std::to_string(place);
    }
    // Two Observations that refer to each other, and a Task.
    const fhir::Json transaction =
        json_of(R"({"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:a","resource":{"resourceType":"Observation","status":"final",
         "identifier":[{"system":"urn:consultd:entry","value":"t/a"}],"code":{"text":"a"},
         "hasMember":[{"reference":"urn:uuid:b"}]},
         "request":{"method":"POST","url":"Observation","ifNoneExist":"identifier=a"}},
        {"fullUrl":"urn:uuid:b","resource":{"resourceType":"Observation","status":"final",
         "identifier":[{"system":"urn:consultd:entry","value":"t/b"}],"code":{"text":"b"},
         "derivedFrom":[{"reference":"urn:uuid:a"}]},
         "request":{"method":"POST","url":"Observation","ifNoneExist":"identifier=b"}},
        {"fullUrl":"urn:uuid:k","resource":{"resourceType":"Task","status":"requested",
         "intent":"order","identifier":[{"system":"urn:consultd:transfer","value":"t"}],
         "focus":{"reference":"urn:uuid:b"}},
         "request":{"method":"POST","url":"Task","ifNoneExist":"identifier=t"}}]})");
    Account account;
};

TEST_F(NextRequestTest, AllOfItGoesAtOnceAsItWasFixed) {
    EXPECT_EQ(next().body, transaction.print());
    EXPECT_EQ(next().path, "");
    EXPECT_TRUE(next().has_conditions);
}

TEST_F(NextRequestTest, PartsReferToWhatIsThereAndNameWhatComesLater) {
    account.entries_max = 1;
    const DeliveryRequest first = next();
    EXPECT_EQ(first.places, std::vector<std::size_t>{0});
    const fhir::Json a = json_of(first.body);
    const fhir::JsonView later = a["entry"].items()[0].at("resource", "hasMember").items()[0];
    EXPECT_FALSE(later.has("reference"));
    EXPECT_EQ(later.at("identifier", "value").string(), "t/b");
    take(first);
    const fhir::Json b = json_of(next().body);
    EXPECT_EQ(b["entry"].items()[0].at("resource", "derivedFrom").items()[0]["reference"].string(),
              "Observation/0");
    take(next());
    EXPECT_EQ(
        json_of(next().body)["entry"].items()[0].at("resource", "focus", "reference").string(),
        "Observation/1");
    take(next());
    EXPECT_TRUE(next().places.empty());
}

// A proxy may repeat a request: where we may choose ids, what has lost its condition has one.
TEST_F(NextRequestTest, WithoutConditionsOurIdsMakeARepeatedRequestAddNothing) {
    std::string text = transaction.print();
    const std::string post =
        R"({"method":"POST","url":"Observation","ifNoneExist":"identifier=a"})";
    text.replace(text.find(post), post.size(), R"({"method":"PUT","url":"Observation/a"})");
    const fhir::Json putting = json_of(text);
    account = account_of(putting);
    account.has_conditions = false;
    for (const bool is_sequence : {false, true}) {
        account.is_sequence = is_sequence;
        account.entries[0].location = is_sequence ? "Observation/a" : "";
        account.entries[1].location = is_sequence ? "Observation/b" : "";
        const DeliveryRequest request = next_request(putting, account).value();
        EXPECT_EQ(request.body.find("POST"), std::string::npos);
        EXPECT_EQ(request.body.find("ifNoneExist"), std::string::npos);
        const fhir::Json body = json_of(request.body);
        const fhir::JsonView last =
            is_sequence ? fhir::JsonView(body) : body["entry"].items()[2]["resource"];
        EXPECT_EQ(last["resourceType"].string(), "Task");
        EXPECT_EQ(last["id"].string(), "k");
        const std::string_view path = is_sequence
                                          ? std::string_view(request.path)
                                          : body["entry"].items()[2].at("request", "url").string();
        EXPECT_EQ(path, "Task/k");
        if (is_sequence) {
            EXPECT_EQ(request.method, "PUT");
        }
    }
}

TEST_F(NextRequestTest, OneByOneEachGoesToItsOwnType) {
    account.is_sequence = true;
    EXPECT_EQ(next().path, "Observation");
    EXPECT_EQ(json_of(next().body)["resourceType"].string(), "Observation");
    take(next());
    take(next());
    EXPECT_EQ(next().path, "Task");
}

TEST_F(NextRequestTest, PartsKeepWithinTheLimitOnBytes) {
    account.bytes_max = transaction.print().size() - 1;
    EXPECT_LT(next().places.size(), 3u);
    EXPECT_LE(next().body.size(), account.bytes_max);
    account.bytes_max = 10;
    EXPECT_EQ(next().places.size(), 1u) << "whether one alone is too large, the destination says";
    account.bytes_limit = 10;
    EXPECT_EQ(next_request(transaction, account).error().kind(), ErrorKind::Unsupported);
}

TEST_F(NextRequestTest, TransactionThatMustBeOneIsNeverSplit) {
    account.method = Method::Transaction;
    account.entries_max = 1;
    EXPECT_EQ(next().places.size(), 3u);
    account.bytes_limit = 10;
    EXPECT_EQ(next_request(transaction, account).error().kind(), ErrorKind::Unsupported);
}

TEST_F(NextRequestTest, WithoutConditionsNoneIsSent) {
    account.has_conditions = false;
    EXPECT_EQ(next().body.find("ifNoneExist"), std::string::npos);
    EXPECT_FALSE(next().has_conditions);
}

// ---- what is learnt of a refusal

struct Case {
    Refusal refusal;
    bool is_other_way;
    bool is_sequence = false, has_conditions = true;
    std::size_t entries_max = 0;
    std::uint64_t bytes_max = 0;
};

TEST(AnotherWayTest, EachRefusalLeadsToTheWayThatItAsksFor) {
    const Case cases[] = {
        {{.status = 405, .entries = 80}, true, true},
        {{.status = 404, .entries = 80}, true, true},
        {{.status = 501, .entries = 80}, true, true},
        {{.status = 413, .entries = 80, .bytes = 4000}, true, false, true, 0, 1000},
        {{.status = 400, .issue = "too-long", .entries = 80, .bytes = 4000},
         true,
         false,
         true,
         0,
         1000},
        {{.status = 413, .entries = 1, .bytes = 4000}, false},
        {{.status = 400, .issue = "too-costly", .entries = 80}, true, false, true, 20},
        {{.status = 400, .issue = "too-costly", .entries = 80, .had_conditions = true},
         true,
         false,
         false},
        {{.status = 412, .issue = "not-supported", .entries = 80, .had_conditions = true},
         true,
         false,
         false},
        {{.status = 412, .issue = "multiple-matches", .entries = 80, .had_conditions = true},
         false},
        {{.status = 400, .issue = "invalid", .entries = 80}, true, true},
        {{.status = 403, .entries = 80}, true, true},
        {{.status = 400, .entries = 80}, true, true},
        {{.status = 422, .issue = "not-supported", .entries = 80}, true, true},
        {{.status = 422, .issue = "invalid", .entries = 80, .had_conditions = true}, false}};
    for (const Case& one : cases) {
        SCOPED_TRACE(std::to_string(one.refusal.status) + " " + one.refusal.issue);
        Account account;
        account.refusal = one.refusal;
        EXPECT_EQ(find_another_way(account), one.is_other_way);
        EXPECT_EQ(account.is_sequence, one.is_sequence);
        EXPECT_EQ(account.has_conditions, one.has_conditions);
        EXPECT_EQ(account.entries_max, one.entries_max);
        EXPECT_EQ(account.bytes_max, one.bytes_max);
    }
}

// One by one: where POST is not taken, PUT under ids of ours; where those are not, POST. Once.
TEST_F(NextRequestTest, WhoGivesTheIdsIsTriedBothWays) {
    account.is_sequence = true;
    account.entries[0].id = "id-a";
    account.refusal = Refusal{.status = 405, .entries = 1};
    ASSERT_TRUE(find_another_way(account));
    EXPECT_EQ(next().method, "PUT");
    EXPECT_EQ(next().path, "Observation/id-a");
    EXPECT_EQ(json_of(next().body)["id"].string(), "id-a");
    account.refusal = Refusal{.status = 405, .entries = 1, .was_put = true};
    EXPECT_FALSE(find_another_way(account));
    account.give_ids(Account::Ids::AsFixed);
    ASSERT_TRUE(find_another_way(account));
    EXPECT_EQ(next().method, "POST");
    EXPECT_EQ(next().path, "Observation");
    EXPECT_FALSE(json_of(next().body).has("id"));
    EXPECT_FALSE(find_another_way(account));
}

// One of them is not to its taste: a POST of it, which some proxy repeats, would be there twice.
TEST_F(NextRequestTest, WhereOurIdsAreKeptARefusalIsNotAboutThem) {
    account.is_sequence = true;
    account.entries[0].id = "id-a";
    account.entries[0].own = account.entries[0].location = "Observation/id-a";
    account.entries[1].id = "id-b";
    account.entries[1].own = "Observation/id-b";
    for (const int status : {400, 422}) {
        account.refusal = Refusal{.status = status, .entries = 1, .was_put = true};
        EXPECT_FALSE(find_another_way(account)) << status;
        account.entries[0].location.clear();
        EXPECT_TRUE(find_another_way(account)) << status;
        account.give_ids(Account::Ids::AsFixed);
        account.entries[0].location = account.entries[0].own = "Observation/id-a";
        account.entries[1].own = "Observation/id-b";
    }
}

// A proxy may repeat a request: where a condition is honoured, that adds nothing.
TEST_F(NextRequestTest, OneByOneAConditionGoesAlongUntilItIsRefused) {
    account.is_sequence = true;
    EXPECT_EQ(next().condition, "identifier=a");
    EXPECT_TRUE(next().has_conditions);
    account.has_conditions = false;
    EXPECT_EQ(next().condition, "");
    EXPECT_FALSE(next().has_conditions);
}

// It ends: each way is smaller than the one before.
TEST(AnotherWayTest, NoRefusalIsAnsweredForEver) {
    for (const int status : {400, 404, 405, 412, 413, 422, 501})
        for (const char* issue : {"", "too-costly", "too-long", "not-supported", "processing"}) {
            Account account;
            std::size_t entries = 5000;
            int ways = 0;
            for (;; ++ways) {
                account.refusal = Refusal{.status = status,
                                          .issue = issue,
                                          .entries = account.is_sequence ? 1 : entries,
                                          .bytes = 1000 * entries,
                                          .had_conditions = account.has_conditions};
                if (!find_another_way(account)) break;
                if (account.entries_max != 0) entries = account.entries_max;
                if (account.bytes_max != 0)
                    entries = std::max<std::size_t>(1, account.bytes_max / 1000);
                ASSERT_LT(ways, 20) << status << issue;
            }
        }
}

TEST(AnotherWayTest, WhatTheConfigurationFixesIsKept) {
    Account account;
    account.method = Method::Transaction;
    account.refusal = Refusal{.status = 405, .entries = 80};
    EXPECT_FALSE(find_another_way(account));
    account.refusal = Refusal{.status = 413, .entries = 80, .bytes = 4000};
    EXPECT_FALSE(find_another_way(account));
}

TEST(ChooseWayTest, WhatTheDestinationSaysOfItselfIsObeyed) {
    Account account;
    choose_way(account, {}, {.refuses_conditions = true});
    EXPECT_FALSE(account.has_conditions);
    EXPECT_FALSE(account.is_sequence);
    choose_way(account, {}, {.has_no_transactions = true});
    EXPECT_TRUE(account.is_sequence);
    choose_way(account, {}, {.has_no_transactions = true, .takes_only_own_ids = true});
    EXPECT_EQ(account.ids, Account::Ids::Ours);
    choose_way(account, {.method = Method::Split}, {.has_no_transactions = true});
    EXPECT_FALSE(account.is_sequence);
    choose_way(account, {.method = Method::Sequence}, {});
    EXPECT_TRUE(account.is_sequence);
}

}  // namespace
}  // namespace consultd
