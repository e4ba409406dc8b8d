#include "samples/sandbox/habits.h"

#include <gtest/gtest.h>

#include "samples/sandbox/transaction.h"

namespace consultd::sandbox {
namespace {

fhir::Json json(std::string text) { return fhir::Json::parse(std::move(text)).value(); }

// An Observation of a Patient, and a Binary under a condition.
const char* const three = R"({"resourceType":"Bundle","type":"transaction","entry":[
  {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient"},
   "request":{"method":"POST","url":"Patient"}},
  {"fullUrl":"urn:uuid:b","resource":{"resourceType":"Binary","contentType":"text/plain"},
   "request":{"method":"POST","url":"Binary","ifNoneExist":"_tag=a|b"}},
  {"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation",
   "subject":{"reference":"urn:uuid:p"}},"request":{"method":"POST","url":"Observation"}}]})";

TEST(HabitsTest, UnknownOneOrABadNumberIsRefused) {
    Habits habits;
    EXPECT_TRUE(habits.add("slow-commit:3").ok());
    EXPECT_EQ(habits.commit, std::chrono::seconds(3));
    EXPECT_TRUE(habits.add("eight-entries").ok());
    EXPECT_EQ(habits.entries_max, 8u);
    EXPECT_FALSE(habits.add("slow-commit:soon").ok());
    EXPECT_FALSE(habits.add("kind").ok());
}

TEST(HabitsTest, ReceiverThatTakesEntryByEntryKeepsTheGoodOnes) {
    Store store;
    WriteRules rules;
    rules.binary_conditions = false;
    const auto answer = apply_each(store, json(three), rules, Instant());
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ((*answer)["type"].string(), "transaction-response");
    const auto entries = (*answer)["entry"].items();
    EXPECT_EQ(entries[0].at("response", "status").string(), "201 Created");
    EXPECT_EQ(entries[1].at("response", "status").string(), "400");
    EXPECT_EQ(entries[2].at("response", "status").string(), "201 Created");
    EXPECT_TRUE(store.of_type("Binary").empty());
    const Stored& observation = store.of_type("Observation").begin()->second;
    EXPECT_TRUE(observation.json.at("subject", "reference").string().starts_with("Patient/"));
}

TEST(HabitsTest, LimitOnEntriesCountsOnlyWhereThereIsACondition) {
    Habits habits;
    habits.entries_max = 2;
    EXPECT_EQ(refusal_of(habits, json(three))->number("status"), 400);
    habits.entries_max = 3;
    EXPECT_FALSE(refusal_of(habits, json(three)));
    habits.declares_conditions = false;
    EXPECT_EQ(refusal_of(habits, json(three))->number("status"), 412);
}

TEST(HabitsTest, LaggingIndexSeesWhatWasThereBefore) {
    Store store;
    LaggingIndex index;
    const Instant start{};
    const Milliseconds lag = std::chrono::seconds(5);
    index.remember(store, start);
    store.put("Patient", "1", json(R"({"resourceType":"Patient"})"), start);
    EXPECT_TRUE(index.seen(store, start + lag - Milliseconds(1), lag).of_type("Patient").empty());
    EXPECT_EQ(index.seen(store, start + lag, lag).of_type("Patient").size(), 1u);
}

TEST(HabitsTest, SearchCacheForgets) {
    SearchCache cache;
    const Instant start{};
    cache.keep("Patient?", "{}", start);
    EXPECT_TRUE(cache.find("Patient?", start + Milliseconds(999), Milliseconds(1000)));
    EXPECT_FALSE(cache.find("Patient?", start + Milliseconds(1000), Milliseconds(1000)));
    EXPECT_FALSE(cache.find("Task?", start, Milliseconds(1000)));
}

TEST(HabitsTest, WhatIsNewIsDoubledOrSomebodyElse) {
    Store before, store;
    store.put("Patient", "1", json(R"({"resourceType":"Patient","birthDate":"1980-02-03"})"), {});
    Habits habits;
    ASSERT_TRUE(habits.add("doubles").ok() && habits.add("other-chart").ok());
    spoil_what_is_new(habits, before, store, {});
    EXPECT_EQ(store.of_type("Patient").size(), 2u);
    EXPECT_EQ(store.find("Patient", "1")->json["birthDate"].string(), "1901-01-01");
    spoil_what_is_new(habits, store, store, {});
    EXPECT_EQ(store.of_type("Patient").size(), 2u) << "what was there before stays";
}

TEST(HabitsTest, BundleIsRefusedWithTheStatusThatIsAskedFor) {
    Habits habits;
    ASSERT_TRUE(habits.add("invalid-bundle").ok());
    EXPECT_EQ(refusal_of(habits, json(three))->number("status"), 400);
    ASSERT_TRUE(habits.add("forbids-bundles").ok());
    EXPECT_EQ(refusal_of(habits, json(three))->number("status"), 403);
}

}  // namespace
}  // namespace consultd::sandbox
