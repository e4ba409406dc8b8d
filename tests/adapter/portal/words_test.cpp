#include "adapter/portal/words.h"

#include <algorithm>

#include "adapter/portal/catalogue.h"

namespace consultd::portal {
namespace {

// "{clinic}" and the like, in whatever order a language has them.
std::set<std::string> places_in(std::string_view text) {
    std::set<std::string> places;
    for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1))
        places.emplace(text.substr(at, text.find('}', at) - at + 1));
    return places;
}

TEST(WordsTest, EachTextHasTheSamePlacesInEachLanguage) {
    for (std::size_t i = 0; i < word_count; ++i)
        EXPECT_EQ(places_in(english.words[i].text), places_in(spanish.words[i].text))
            << english.words[i].text;
    for (std::size_t i = 0; i < counted_count; ++i)
        for (const Catalogue* const one : {&english, &spanish})
            EXPECT_EQ(places_in(one->counted[i].one), places_in(one->counted[i].other));
}

TEST(WordsTest, NothingIsLeftUntranslated) {
    for (std::size_t i = 0; i < word_count; ++i)
        EXPECT_NE(english.words[i].text, spanish.words[i].text);
}

// For somebody who is ill, on a telephone.
TEST(WordsTest, NoSentenceHasMoreThanThirtyWords) {
    for (const Catalogue* const one : {&english, &spanish})
        for (const WordRow& row : one->words) {
            std::size_t words = 1;
            for (const char c : row.text) {
                if (c == ' ') ++words;
                if (c == '.' || c == '?' || c == '!') words = 0;
                EXPECT_LE(words, 30U) << row.text;
            }
        }
}

TEST(WordsTest, NoWordOfOursStandsWhereAPatientReads) {
    for (const char* ours : {"FHIR", "token", "endpoint", "bundle", "resource", "encounter",
                             "payload", "authoriz", "submit"})
        for (const WordRow& row : english.words)
            EXPECT_EQ(row.text.find(ours), std::string_view::npos) << row.text;
}

TEST(WordsTest, ANumberDecidesTheForm) {
    EXPECT_EQ(say(Language::English, Counted::Items, 1), "1 item");
    EXPECT_EQ(say(Language::English, Counted::Items, 0), "0 items");
    EXPECT_EQ(say(Language::Spanish, Counted::Items, 12), "12 elementos");
}

TEST(WordsTest, WhatIsFilledInIsNotReadAsAPlaceAgain) {
    EXPECT_EQ(say(Language::English, Word::HandOffTitle, {{"hospital", "{hospital} & Sons"}}),
              "Next: sign in at {hospital} & Sons");
}

TEST(WordsTest, DatesAreInWordsAndWhatIsPartialStaysPartial) {
    EXPECT_EQ(date_words(Language::English, "2026-03-03T16:10:00Z"), "3 March 2026, 16:10 (UTC)");
    EXPECT_EQ(date_words(Language::Spanish, "2026-12-24"), "24 de diciembre de 2026");
    EXPECT_EQ(date_words(Language::English, "2019-04"), "April 2019") << "partial stays partial";
    EXPECT_EQ(date_words(Language::Spanish, "2019-04"), "abril de 2019");
    EXPECT_EQ(date_words(Language::English, "2019"), "2019");
    EXPECT_EQ(date_words(Language::English, "no date"), "no date");
    EXPECT_EQ(date_words(Language::English, "2026-99-99"), "2026-99-99");
}

}  // namespace
}  // namespace consultd::portal
