#include <gtest/gtest.h>

#include "adapter/stages/deliver/deliver.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::FakeFhirServer;
using testing::json_of;

class MatchTest : public ::testing::Test {
protected:
    MatchTest() { server.offer("Patient", {"identifier"}); }
    void put(const std::string& id, const std::string& identifier, const std::string& members) {
        server.put(R"({"resourceType":"Patient","id":")" + id +
                   R"(","identifier":[{"system":"urn:mrn","value":")" + identifier + R"("}],)" +
                   members + "}");
    }
    Result<std::optional<std::string>> match() {
        const auto patient = fhir::Resource::from(json_of(
            R"({"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"1"},
                {"system":"urn:mrn","value":"0","use":"old"},{"value":"bare"}],
                "birthDate":"1970-05-06","name":[{"family":"O'Brien-Smith"}]})"));
        return match_patient(server.client(), *patient, server.call());
    }
    FakeFhirServer server;
};

TEST_F(MatchTest, OneWithOurNumberAndDemographicsIsTheOne) {
    put("77", "1", R"("birthDate":"1970-05-06","name":[{"family":"OBRIEN SMITH"}])");
    put("78", "2", R"("birthDate":"1970-05-06","name":[{"family":"O'Brien-Smith"}])");
    EXPECT_EQ(match().value(), "Patient/77");
}

TEST_F(MatchTest, NobodyIsNoError) { EXPECT_EQ(match().value(), std::nullopt); }

TEST_F(MatchTest, NumberNoLongerInUseMatchesNobody) {
    put("77", "0", R"("birthDate":"1970-05-06","name":[{"family":"O'Brien-Smith"}])");
    EXPECT_EQ(match().value(), std::nullopt);
}

TEST_F(MatchTest, AnythingLessThanCertainIsForAPerson) {
    for (const char* members :
         {R"("birthDate":"1970-05-07","name":[{"family":"O'Brien-Smith"}])",
          R"("birthDate":"1970-05-06","name":[{"family":"Jones"}])",
          R"("birthDate":"1970-05-06","active":false)",
          R"("link":[{"type":"replaced-by","other":{"reference":"Patient/9"}}])"}) {
        put("77", "1", members);
        ASSERT_FALSE(match()) << members;
        EXPECT_EQ(match().error().kind(), ErrorKind::Conflict) << members;
    }
}

TEST_F(MatchTest, TwoWithOurNumberAreNeverPickedFrom) {
    put("77", "1", R"("birthDate":"1970-05-06")");
    put("78", "1", R"("birthDate":"1970-05-06")");
    EXPECT_EQ(match().error().kind(), ErrorKind::Conflict);
}

// A server that ignores the parameter answers with everybody.
TEST_F(MatchTest, PatientWithoutOurNumberIsNotTaken) {
    server.plant("Patient", R"({"resourceType":"Patient","id":"9","birthDate":"1970-05-06"})");
    EXPECT_EQ(match().value(), std::nullopt);
}

TEST_F(MatchTest, IdsAreOursOnlyWhereTheServerSaysSoForEveryType) {
    EXPECT_FALSE(read_capability(server.client(), server.call())->update_create);
}

TEST_F(MatchTest, TagsFindOnlyWhereTheServerSaysSo) {
    server.offer("Binary", {"_tag"});
    const auto there = read_capability(server.client(), server.call());
    ASSERT_TRUE(there.ok());
    EXPECT_TRUE(there->found_by_tag.contains("Binary"));
    EXPECT_FALSE(there->found_by_tag.contains("Patient"));
}

}  // namespace
}  // namespace consultd
