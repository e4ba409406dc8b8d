// The words of a matter, however they are spelt and wherever beside the resource's own words they
// stand.
#include "signs_fixture.h"

namespace consultd::testing {
namespace {

class SpellingTest : public ConsentTest {};

TEST_F(SpellingTest, ASpeltWordIsTheWord) {
    for (const char* said : {"Patient is H.I.V. positive", "H. I. V. positive", "h i v positive",
                             "H-I-V", "H\xc2\xa0I\xc2\xa0V positive", "has A.I.D.S. now"}) {
        EXPECT_EQ(outcome(deny("HIV"), note(said)), "sensitivity:HIV") << said;
        EXPECT_EQ(outcome(deny("HIV"), letter(said, "text/plain")), "sensitivity:HIV") << said;
        EXPECT_EQ(outcome(deny("HIV"), named(said)), "sensitivity:HIV") << said;
    }
    EXPECT_EQ(outcome(deny("HIV"), note("Hepatitis A, B and C; vitamins A, D, E")), "");
}

TEST_F(SpellingTest, ANoteIsReadInEachSpellingThatAFileIs) {
    for (const std::string& said :
         {std::string("=48=49=56 positive"), std::string("%48%49%56 positive"),
          crypto::base64("the patient is HIV positive"), std::string("<b>H</b>IV positive")})
        EXPECT_EQ(outcome(deny("HIV"), note(said)), "sensitivity:HIV") << said;
}

TEST_F(SpellingTest, WhatAMessageOrAPageHoldsInBase64IsReadHoweverShort) {
    for (const std::string& said :
         {std::string("Subject: =?utf-8?B?SElWIHBvc2l0aXZl?=\r\n\r\nSee above."),
          std::string("Subject: =?iso-8859-1?Q?=48IV_positive?=\r\n\r\nSee above."),
          std::string("Content-Transfer-Encoding: base64\r\n\r\nSElWIHBvc2l0aXZl\r\n"),
          std::string(R"(<p>x<img src="data:text/plain;base64,SElWIHBvc2l0aXZl"></p>)")})
        EXPECT_EQ(outcome(deny("HIV"), letter(said)), "sensitivity:HIV") << said;
}

TEST_F(SpellingTest, LettersThatNobodyHereKnowsAreUnreadable) {
    for (const char* type : {"text/plain; charset=utf-7", "text/plain; charset=cp037"})
        EXPECT_EQ(outcome(deny("HIV"), letter("See +AEgASQBW-", type)), "undecidable") << type;
    EXPECT_EQ(outcome(deny("HIV"), letter("See above.", "text/plain; charset=UTF-8")), "");
}

// What marks a resource, what a file and a unit are called.
TEST_F(SpellingTest, WordsBesideTheResourceBetrayItToo) {
    const auto with = [](const std::string& more) {
        return R"({"resourceType":"Observation","id":"o1","status":"final",)" + more +
               R"(,"code":{"text":"Count"}})";
    };
    for (const char* more :
         {R"("meta":{"tag":[{"system":"urn:x","code":"HIV"}]})",
          R"("meta":{"tag":[{"system":"urn:x","code":"1","display":"HIV clinic"}]})",
          R"("meta":{"profile":["http://x.example/StructureDefinition/hiv-observation"]})",
          R"("meta":{"source":"http://x.example/hiv-clinic#q1"})",
          R"("valueQuantity":{"value":40,"unit":"HIV copies"})"})
        EXPECT_EQ(outcome(deny("HIV"), with(more)), "sensitivity:HIV") << more;
    EXPECT_EQ(outcome(deny("HIV"), letter("x", R"(text/plain; name=\"HIV positive.txt\")")),
              "sensitivity:HIV");
    EXPECT_EQ(outcome(deny("HIV"), with(R"("meta":{"source":"http://x.example#hiv7"})")), "");
    EXPECT_EQ(outcome(deny("HIV"), with(R"("valueQuantity":{"value":40,"unit":"mg/dL"})")), "");
}

}  // namespace
}  // namespace consultd::testing
