#include "adapter/stages/erase.h"

#include <gtest/gtest.h>

#include "fhir/base/crypto.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::FakeFhirServer;

class EraseTest : public ::testing::Test {
protected:
    static Delivered named(const std::string& key) {
        return {key, "identifier", "urn:consultd:entry", "t-1/" + key, "", 0};
    }
    // As it was delivered, with that name of ours, or another's.
    void put(const std::string& key, const std::string& members = "",
             const std::string& owner = "t-1") {
        const std::size_t slash = key.find('/');
        server.put(R"({"resourceType":")" + key.substr(0, slash) + R"(","id":")" +
                   key.substr(slash + 1) +
                   R"(","identifier":[{"system":"urn:consultd:entry","value":")" + owner + "/" +
                   key + "\"}]" + members + "}");
    }
    Result<std::vector<Erased>> erase(const std::vector<Delivered>& what) {
        return erase_there(server.client(), what, server.call());
    }
    std::vector<std::string> outcomes(const std::vector<Delivered>& what) {
        std::vector<std::string> words;
        const std::vector<Erased> erased = erase(what).value();
        for (const Erased& one : erased)
            words.push_back(std::string(name_of(one.outcome)) + " " + std::to_string(one.status));
        return words;
    }
    bool is_there(const std::string& key) { return server.resources().contains(key); }
    using Words = std::vector<std::string>;
    FakeFhirServer server;
};

TEST_F(EraseTest, WhatIsOursIsDeletedAndSeenToBeGone) {
    put("Observation/1");
    put("Condition/2");
    EXPECT_EQ(outcomes({named("Observation/1"), named("Condition/2")}),
              (Words{"deleted 204", "deleted 204"}));
    EXPECT_EQ(server.resources().size(), 0u);
    EXPECT_EQ(outcomes({named("Observation/1")}), Words{"gone 404"})
        << "again, after a lost answer";
}

// Ids are used again, and resources are changed: what does not bear our name stays.
TEST_F(EraseTest, WhatIsNotSeenToBeOursIsNotDeleted) {
    put("Observation/1", "", "t-2");
    server.put(R"({"resourceType":"Condition","id":"2"})");
    EXPECT_EQ(outcomes({named("Observation/1"), named("Condition/2")}),
              (Words{"not-ours 200", "not-ours 200"}));
    EXPECT_EQ(server.requests_for("DELETE"), 0u);
    EXPECT_TRUE(is_there("Observation/1"));
    EXPECT_TRUE(is_there("Condition/2"));
}

TEST_F(EraseTest, ABinaryIsOursByItsBytesAndWhatHasNoIdentifierByItsTag) {
    server.put(R"({"resourceType":"Binary","id":"1","contentType":"text/plain","data":"QQ=="})");
    server.put(R"({"resourceType":"Binary","id":"2","contentType":"text/plain","data":"Qg=="})");
    server.put(R"({"resourceType":"Provenance","id":"3","meta":{"tag":[{"system":
        "urn:consultd:entry","code":"t-1/p"}]}})");
    const std::string hash = crypto::hex(crypto::sha256("A"));
    EXPECT_EQ(outcomes({{"Binary/1", "_tag", "urn:consultd:entry", "t-1/b", hash, 1},
                        {"Binary/2", "_tag", "urn:consultd:entry", "t-1/b", hash, 1},
                        {"Provenance/3", "_tag", "urn:consultd:entry", "t-1/p", "", 0}}),
              (Words{"deleted 204", "not-ours 200", "deleted 204"}));
}

// https://hl7.org/fhir/R4/binary.html#rest: a server may answer with the bytes alone.
TEST_F(EraseTest, ABinaryThatIsAnsweredWithItsBytesIsDeletedAsWell) {
    server.put(R"({"resourceType":"Binary","id":"1","contentType":"text/plain","data":"QQ=="})");
    fhir::HttpResponse alone;
    alone.status = 200;
    alone.headers.add("Content-Type", "text/plain");
    alone.body = "A";
    server.fail_with("Binary/1", alone);
    const std::string hash = crypto::hex(crypto::sha256("A"));
    EXPECT_EQ(outcomes({{"Binary/1", "_tag", "urn:consultd:entry", "t-1/b", hash, 1}}),
              Words{"deleted 204"});
}

TEST_F(EraseTest, WhatItDoesNotLetUsDeleteIsToldWithItsAnswer) {
    put("Observation/1");
    server.fail("Observation/1", 403);
    put("Condition/2");
    EXPECT_EQ(outcomes({named("Observation/1"), named("Condition/2")}),
              (Words{"refused 403", "deleted 204"}));
}

// https://hl7.org/fhir/R4/http.html#delete: a server may mind references.
TEST_F(EraseTest, WhatIsReferredToIsDeletedAfterWhatRefersToIt) {
    server.mind_references();
    put("Observation/1");
    put("Observation/2", R"(,"hasMember":[{"reference":"Observation/1"}])");
    EXPECT_EQ(outcomes({named("Observation/1"), named("Observation/2")}),
              (Words{"deleted 204", "deleted 204"}));
    put("Observation/1");
    server.put(R"({"resourceType":"DiagnosticReport","id":"theirs",
        "result":[{"reference":"Observation/1"}]})");
    EXPECT_EQ(outcomes({named("Observation/1")}), Words{"refused 409"});
    EXPECT_TRUE(is_there("DiagnosticReport/theirs"));
}

TEST_F(EraseTest, ServerThatDoesNotAnswerNowIsAskedAgainLater) {
    put("Observation/1");
    server.fail("Observation/1", 503, 1);
    EXPECT_EQ(erase({named("Observation/1")}).error().kind(), ErrorKind::Unavailable);
    EXPECT_TRUE(is_there("Observation/1"));
}

TEST_F(EraseTest, EachAnswerIsALine) {
    put("Observation/1");
    const std::vector<Erased> erased = erase({named("Observation/1")}).value();
    EXPECT_EQ(lines_of(erased),
              "{\"entry\":\"Observation/1\",\"outcome\":\"deleted\",\"status\":204}\n");
}

}  // namespace
}  // namespace consultd
