#include "adapter/directory/word_index.h"

namespace consultd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WordIndexTest : public ::testing::Test {
protected:
    std::vector<std::string> found(std::string_view asked, std::size_t count_max = 10) {
        WordIndex index;
        for (std::uint32_t i = 0; i < names_.size(); ++i) {
            index.add(i, names_[i].first, WordIndex::Field::Name);
            index.add(i, names_[i].second, WordIndex::Field::Place);
        }
        index.finish();
        std::vector<std::string> names;
        for (const std::uint32_t entry : index.find(asked, count_max))
            names.push_back(names_[entry].first);
        return names;
    }
    std::vector<std::pair<std::string, std::string>> names_{
        {"Quillhaven General Hospital", "Quillhaven ME 04001"},
        {"Harbor General Hospital", "Harbor ME"},
        {"St. Mary's Hospital", "Portland ME"},
        {"Saint Mary’s Clinic", "Portland OR"},
        {"Clínica Médica Peña", "San Juan PR"},
        {"Portland Eye Associates", "Salem OR"},
        {"Valley Hospital", "Ridge NJ"}};
};

TEST_F(WordIndexTest, AWholeNameAndItsBeginningAreFound) {
    EXPECT_EQ(found("quillhaven general hospital").front(), "Quillhaven General Hospital");
    EXPECT_THAT(found("quill"), ElementsAre("Quillhaven General Hospital"));
    EXPECT_THAT(found("QUILLHAVEN"), ElementsAre("Quillhaven General Hospital"));
}

TEST_F(WordIndexTest, LettersMissingDoubledSwappedOrWrongAreForgiven) {
    for (const char* asked : {"quilhaven", "quillhavven", "qiullhaven", "quillhafen", "kuilhaven",
                              "Quillhavn hospital", "quillhaven hopsital"})
        EXPECT_THAT(found(asked), testing::Contains("Quillhaven General Hospital")) << asked;
    EXPECT_EQ(found("Quillhavn hospital").front(), "Quillhaven General Hospital");
}

TEST_F(WordIndexTest, AccentsApostrophesAndShortFormsMakeNoDifference) {
    EXPECT_THAT(found("clinica pena"), ElementsAre("Clínica Médica Peña"));
    EXPECT_THAT(found("st marys hospital"), testing::Contains("St. Mary's Hospital"));
    EXPECT_THAT(found("Saint Mary's"), ElementsAre("St. Mary's Hospital", "Saint Mary’s Clinic"));
}

TEST_F(WordIndexTest, TheTownTellsTwoOfOneNameApart) {
    EXPECT_EQ(found("st marys portland OR").front(), "Saint Mary’s Clinic");
    EXPECT_EQ(found("general harbor").front(), "Harbor General Hospital");
    EXPECT_EQ(found("04001").front(), "Quillhaven General Hospital");
    EXPECT_EQ(found("portland").front(), "Portland Eye Associates") << "a name goes before a town";
}

// "Hospital" alone fits them all: it must not bring them where the name is not there.
TEST_F(WordIndexTest, WhatFitsByItsCommonestWordAloneIsNotFound) {
    EXPECT_THAT(found("zanzibar hospital"), IsEmpty());
    EXPECT_THAT(found("zanzibar"), IsEmpty());
    EXPECT_THAT(found(""), IsEmpty());
    EXPECT_THAT(found("of the"), IsEmpty());
    EXPECT_THAT(found("\xff\xfe"), IsEmpty());
}

// A rare word that is only like it is no better than the word itself.
TEST_F(WordIndexTest, TheWordItselfGoesBeforeWhatIsLikeIt) {
    names_ = {{"Maryland Marx Clinic", ""}};
    for (int i = 0; i < 50; ++i) names_.push_back({"Mary Hospital " + std::to_string(i), ""});
    EXPECT_EQ(found("mary").front(), "Mary Hospital 0");
}

TEST_F(WordIndexTest, NoMoreAreGivenThanAskedFor) { EXPECT_EQ(found("hospital", 2).size(), 2u); }

TEST(LettersApartTest, CountsLettersMoreLessOtherAndSwapped) {
    EXPECT_EQ(letters_apart("general", "general", 2), 0u);
    EXPECT_EQ(letters_apart("general", "genral", 2), 1u);
    EXPECT_EQ(letters_apart("general", "gneeral", 2), 1u);
    EXPECT_EQ(letters_apart("general", "gemerale", 2), 2u);
    EXPECT_EQ(letters_apart("general", "minerals", 2), 3u);
    EXPECT_EQ(letters_apart("", "abc", 2), 3u);
    EXPECT_EQ(letters_apart(std::string(100, 'a'), std::string(100, 'a'), 2), 3u);
}

}  // namespace
}  // namespace consultd
