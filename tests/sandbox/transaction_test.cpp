#include "samples/sandbox/transaction.h"

#include <gmock/gmock.h>

#include "tests/sandbox/fixtures.h"

namespace consultd::sandbox {
namespace {

using fhir::Json;
using testing::json;
using ::testing::StartsWith;

const std::string patient_entry =
    "{'fullUrl':'urn:uuid:1','resource':{'resourceType':'Patient','identifier':[{'system':'urn:mrn'"
    ","
    "'value':'7'}]},'request':{'method':'POST','url':'Patient'}}";

class TransactionTest : public ::testing::Test {
protected:
    Result<Json> apply(const std::string& entries, const std::string& type = "transaction") {
        const Json bundle =
            json("{'resourceType':'Bundle','type':'" + type + "','entry':[" + entries + "]}");
        return type == "batch" ? apply_batch(store_, bundle, rules_, Instant())
                               : apply_transaction(store_, bundle, rules_, Instant());
    }
    static std::string location(const Json& answer, std::size_t index) {
        return std::string(answer["entry"].items()[index].at("response", "location").string());
    }
    Json stored(std::string location) {
        location = location.substr(0, location.find("/_history"));
        const Stored* found = store_.find_alive(location);
        return found != nullptr ? found->json : Json();
    }
    static std::string entry(const std::string& type, const std::string& content,
                             const std::string& full_url = "urn:uuid:2") {
        return "{'fullUrl':'" + full_url + "','resource':{'resourceType':'" + type + "'," +
               content + "},'request':{'method':'POST','url':'" + type + "'}}";
    }
    int failure(const std::string& entries) {
        const auto answer = apply(entries);
        EXPECT_FALSE(answer) << entries;
        return answer ? 200 : status_of(answer.error());
    }
    std::size_t held() const {
        std::size_t count = 0;
        for (const auto& [type, by_id] : store_.all()) count += by_id.size();
        return count;
    }
    Store store_;
    WriteRules rules_;
};

TEST_F(TransactionTest, LinksBetweenEntriesLeadToWhatWasStored) {
    const auto answer = apply(
        entry("DocumentReference",
              "'status':'current','subject':{'reference':'urn:uuid:1'},'identifier':[{'system':"
              "'urn:ietf:rfc:3986','value':'urn:uuid:1'}],"
              "'content':[{'attachment':{'url':'urn:uuid:3'}}]") +
        "," + patient_entry + "," + entry("Binary", "'contentType':'text/plain'", "urn:uuid:3"));
    ASSERT_TRUE(answer) << answer.error().message();
    const std::string patient = location(*answer, 1).substr(0, location(*answer, 1).find("/_"));
    const Json document = stored(location(*answer, 0));
    EXPECT_EQ(document.at("subject", "reference").string(), patient);
    EXPECT_THAT(std::string(document["content"].items()[0].at("attachment", "url").string()),
                StartsWith("Binary/"));
    // An identifier's value is a string: it stays.
    EXPECT_EQ(document["identifier"].items()[0]["value"].string(), "urn:uuid:1");
}

TEST_F(TransactionTest, ALinkInANarrativeIsRewritten) {
    const Json resource = Json::object(
        {{"resourceType", "Patient"},
         {"text", Json::object({{"status", "generated"},
                                {"div", "<div><a href=\"urn:uuid:1\">x</a></div>"}})}});
    const Json rewritten = rewrite_links(resource, {{"urn:uuid:1", "Patient/5"}});
    EXPECT_EQ(rewritten.at("text", "div").string(), "<div><a href=\"Patient/5\">x</a></div>");
}

// A document is stored as it is: its own links are not the transaction's.
TEST_F(TransactionTest, ADocumentInsideATransactionIsNotTouched) {
    const auto answer =
        apply(patient_entry + "," +
              entry("Bundle",
                    "'type':'document','entry':[{'fullUrl':'urn:uuid:9','resource':{'resourceType':"
                    "'Composition','subject':{'reference':'urn:uuid:1'}}}]"));
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(stored(location(*answer, 1))["entry"]
                  .items()[0]
                  .at("resource", "subject", "reference")
                  .string(),
              "urn:uuid:1");
}

TEST_F(TransactionTest, AnAnswerHasAnEntryForEachAskedInTheSameOrder) {
    const auto answer =
        apply(entry("Observation", "'status':'final','subject':{'reference':'urn:uuid:1'}") + "," +
              patient_entry);
    ASSERT_TRUE(answer);
    EXPECT_THAT(location(*answer, 0), StartsWith("Observation/"));
    EXPECT_THAT(location(*answer, 1), StartsWith("Patient/"));
    EXPECT_TRUE(location(*answer, 1).ends_with("/_history/1"));
    EXPECT_EQ((*answer)["entry"].items()[0].at("response", "status").string(), "201 Created");
}

TEST_F(TransactionTest, WhatExistsIsNotCreatedASecondTime) {
    ASSERT_TRUE(apply(patient_entry));
    std::string again = patient_entry;
    again.replace(again.find("'url':'Patient'"), 15,
                  "'url':'Patient','ifNoneExist':'identifier=urn:mrn|7'");
    const auto answer =
        apply(again + "," + entry("Observation", "'subject':{'reference':'urn:uuid:1'}"));
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ((*answer)["entry"].items()[0].at("response", "status").string(), "200 OK");
    EXPECT_EQ(store_.of_type("Patient").size(), 1U);
    EXPECT_EQ(std::string(stored(location(*answer, 1)).at("subject", "reference").string()) +
                  "/_history/1",
              location(*answer, 0));
}

TEST_F(TransactionTest, AReferenceBySearchLeadsToExactlyOne) {
    const std::string result =
        entry("Observation", "'subject':{'reference':'Patient?identifier=urn:mrn|7'}");
    EXPECT_EQ(failure(result), 404);
    const auto answer = apply(patient_entry + "," + result);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_THAT(std::string(stored(location(*answer, 1)).at("subject", "reference").string()),
                StartsWith("Patient/1"));
    ASSERT_TRUE(apply(patient_entry));
    EXPECT_EQ(failure(result), 412);
}

TEST_F(TransactionTest, NothingIsStoredWhenOneEntryFails) {
    for (const std::string& broken : {
             entry("Observation", "'subject':{'reference':'urn:uuid:77'}"),
             entry("Observation", "'subject':{'reference':'Patient/none'}"),
             entry("Observation", "'status':'final'", "urn:uuid:1"),
             std::string("{'resource':{'resourceType':'Patient'}}"),
             std::string("{'resource':{'resourceType':'Patient'},'request':{'method':'POST','url':'"
                         "Basket'}}"),
             std::string(
                 "{'resource':{'resourceType':'Patient','id':'x'},'request':{'method':'PUT','url':"
                 "'Patient/y'}}"),
         }) {
        EXPECT_EQ(failure(patient_entry + "," + broken), 400);
        EXPECT_EQ(held(), 0U) << broken;
    }
}

TEST_F(TransactionTest, ClientsChooseIdsOnlyWhereTheyMay) {
    const std::string chosen =
        "{'resource':{'resourceType':'Patient','id':'mine'},'request':{'method':'PUT','url':'"
        "Patient/mine'}}";
    EXPECT_EQ(failure(chosen), 405);
    rules_.update_create = true;
    ASSERT_TRUE(apply(chosen));
    ASSERT_TRUE(apply(chosen));
    EXPECT_EQ(store_.find_alive("Patient/mine")->version, 1U);  // the same again is no new version
}

TEST_F(TransactionTest, EntriesOfABatchStandForThemselves) {
    const auto answer =
        apply(patient_entry + "," + entry("Observation", "'subject':{'reference':'Patient/none'}"),
              "batch");
    ASSERT_TRUE(answer);
    EXPECT_EQ((*answer)["entry"].items()[0].at("response", "status").string(), "201 Created");
    EXPECT_EQ((*answer)["entry"].items()[1].at("response", "status").string(), "400");
    EXPECT_EQ(held(), 1U);
}

}  // namespace
}  // namespace consultd::sandbox
