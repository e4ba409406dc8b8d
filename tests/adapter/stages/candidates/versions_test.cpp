#include "adapter/stages/candidates/versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace consultd {
namespace {

using ::testing::ElementsAre;

enum class From { Home, Anywhere };

Candidate content(const std::string& members, From from = From::Home) {
    Candidate candidate{
        .json = fhir::Json::parse(R"({"resourceType":"Observation",)" + members + "}").value(),
        .belonging = Belonging::Ours};
    candidate.is_at_home = from == From::Home;
    candidate.is_part = members.find("SUBSETTED") != std::string::npos;
    return candidate;
}
std::string version(const std::string& number, const std::string& day) {
    return R"("meta":{"versionId":")" + number + R"(","lastUpdated":"2024-01-0)" + day +
           R"(T00:00:00Z"})";
}
// "name outcome content" of each, the same in every order of coming.
std::vector<std::string> outcome(std::vector<Candidate> candidates,
                                 const std::optional<Deletion>& deletion = std::nullopt) {
    std::vector<std::size_t> order(candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::optional<std::vector<std::string>> first;
    do {
        std::vector<Candidate> shuffled;
        for (const std::size_t at : order) shuffled.push_back(candidates[at]);
        std::vector<std::string> found;
        for (const Settled& one : settle("o", shuffled, deletion))
            found.push_back(one.name + " " + (one.rejected ? one.rejected->c_str() : "stands") +
                            " " + std::string(one.candidate->json["status"].string()));
        if (!first) first = found;
        EXPECT_EQ(*first, found);
    } while (std::next_permutation(order.begin(), order.end()));
    return *first;
}

TEST(Versions, TheSameContentIsOneWhateverTheOrderOfItsMembers) {
    EXPECT_THAT(
        outcome({content(R"("id":"o","status":"final")"), content(R"("status":"final","id":"o")")}),
        ElementsAre("o stands final"));
}

TEST(Versions, TheNewestStandsAndTheOlderOnesAreTold) {
    EXPECT_THAT(
        outcome({content(version("1", "1") + R"(,"status":"preliminary")"),
                 content(version("2", "2") + R"(,"status":"final")"),
                 content(version("3", "3") + R"(,"status":"amended")")}),
        ElementsAre("o stands amended", "o#2 superseded final", "o#3 superseded preliminary"));
}

// Both were lost: which one holds is for a reader to see, and not for us to say.
TEST(Versions, ContentsOfWhichNothingSaysWhichHoldsAreKeptApart) {
    const std::string one_version = R"("meta":{"versionId":"1"},)";
    EXPECT_THAT(outcome({content(one_version + R"("status":"final")"),
                         content(one_version + R"("status":"amended")")}),
                ElementsAre("o stands amended", "o#2 stands final"));
    EXPECT_THAT(outcome({content(R"("status":"final")"), content(R"("status":"amended")")}),
                ElementsAre("o stands amended", "o#2 stands final"));
}

// A versionId that a server does not count on is opaque; the time of the update is not.
TEST(Versions, TheTimeOfTheUpdateDecidesUnderOneVersionToo) {
    EXPECT_THAT(outcome({content(version("1", "1") + R"(,"status":"final")"),
                         content(version("1", "2") + R"(,"status":"amended")")}),
                ElementsAre("o stands amended", "o#2 superseded final"));
}

TEST(Versions, WhatOneContentSaysIsAMistakeIsNotLiveInAnother) {
    EXPECT_THAT(
        outcome({content(R"("status":"final")"), content(R"("status":"entered-in-error")")}),
        ElementsAre("o stands entered-in-error", "o#2 version-conflict final"));
}

// Who it is about cannot be said of two.
TEST(Versions, APersonOfTwoContentsIsNobody) {
    const auto person = [](const std::string& born) {
        Candidate one = content(R"("birthDate":")" + born + R"(","status":")" + born + "\"");
        one.json = one.json.with("resourceType", "Patient");
        return one;
    };
    EXPECT_THAT(outcome({person("1970"), person("1980")}),
                ElementsAre("o version-conflict 1970", "o#2 version-conflict 1980"));
}

// Two systems number alike: what does not say where it is from may be two.
TEST(Versions, WhatMayBeTwoResourcesGoesByTwoNames) {
    EXPECT_THAT(outcome({content(R"("status":"final")", From::Anywhere),
                         content(R"("status":"amended")", From::Anywhere)}),
                ElementsAre("o stands amended", "o#2 stands final"));
}

TEST(Versions, APartNeverStandsForTheWhole) {
    const std::string part = R"("meta":{"tag":[{"code":"SUBSETTED"}]})";
    EXPECT_THAT(outcome({content(part + R"(,"status":"amended")"), content(R"("status":"final")")}),
                ElementsAre("o stands final"));
}

// One resource is about one patient: a version that names another spoils it.
TEST(Versions, WhatIsRefusedInOneVersionIsNotKeptInAnother) {
    Candidate theirs = content(version("1", "1") + R"(,"status":"final")");
    theirs.refusal = StaticText("wrong-patient");
    EXPECT_THAT(outcome({content(version("2", "2") + R"(,"status":"amended")"), theirs}),
                ElementsAre("o wrong-patient amended", "o#2 wrong-patient final"));
    theirs.is_at_home = false;
    EXPECT_THAT(
        outcome({content(version("2", "2") + R"(,"status":"amended")", From::Anywhere), theirs}),
        ElementsAre("o stands amended", "o#2 wrong-patient final"));
}

TEST(Versions, WhatWasDeletedAfterItWasWrittenIsNotLive) {
    const Deletion deletion{.at = parse_instant("2024-01-02T00:00:00Z")};
    EXPECT_THAT(outcome({content(version("1", "1") + R"(,"status":"final")")}, deletion),
                ElementsAre("o deleted final"));
    EXPECT_THAT(outcome({content(version("1", "3") + R"(,"status":"final")")}, deletion),
                ElementsAre("o stands final"));
}

// A hostile source can give one name any number of contents; were each compared with each, this
// would run for an hour.
TEST(Versions, ManyContentsOfOneNameAreNotComparedWithEachOther) {
    constexpr std::size_t many = 40'000;
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < many; ++i)
        candidates.push_back(content(R"("valueInteger":)" + std::to_string(i), From::Anywhere));
    EXPECT_EQ(settle("o", candidates, std::nullopt).size(), many);
}

}  // namespace
}  // namespace consultd
