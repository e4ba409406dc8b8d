#include "adapter/stages/consent/phrases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace consultd::consent {
namespace {

using Texts = std::vector<std::string>;

bool stand_in(const Texts& phrases, std::string_view text) {
    return Phrases(phrases).stand_in(text);
}

// What is meant, said plainly: with one space for whatever parts words, the one stands in the
// other.
std::string in_words(std::string_view text) {
    std::string out = " ";
    for (const char letter : std::string(text) + " ")
        if (is_word_char(letter) || out.back() != ' ') out += is_word_char(letter) ? letter : ' ';
    return out;
}
bool stand_in_by_looking(const Texts& phrases, std::string_view text) {
    const std::string words = in_words(text);
    return std::ranges::any_of(phrases, [&](const std::string& phrase) {
        return words.find(in_words(phrase)) != std::string::npos;
    });
}

TEST(PhrasesTest, AreFoundAsWordsOfTheirOwn) {
    const Texts phrases{"major depression", "depression", "methadone"};
    for (const auto* text : {"major depression", "a depression.", "(methadone)", "no depression"})
        EXPECT_TRUE(stand_in(phrases, text)) << text;
    for (const auto* text :
         {"", "major", "predepression", "meth adone", "depression\u00e9", "depressionless"})
        EXPECT_FALSE(stand_in(phrases, text)) << text;
    EXPECT_FALSE(stand_in({}, "depression"));
}

// A name is one however it is written: a file's name, an address, a plural, with signs nobody sees.
TEST(PhrasesTest, AreFoundWhateverPartsTheirWordsAndInThePlural) {
    const Texts phrases{"HIV genotype", "depression", "angstst\u00f6rung"};
    for (const auto* text :
         {"hiv_genotype_2024.pdf", "https://x.example/HIV-genotype/1", "hiv  genotype",
          "HIV\u00a0genotype", "hiv\u2013genotype", "de\u00adpres\u200bsion", "Depressions",
          "Angstst\u00f6rungen", "HIV genotypes"})
        EXPECT_TRUE(stand_in(phrases, text)) << text;
    EXPECT_FALSE(stand_in(phrases, "hiv and genotype"));
}

// One that begins like another, and is its end, and is found where that one breaks off.
TEST(PhrasesTest, ThatShareTheirWordsAreAllFound) {
    const Texts phrases{"a b a c", "b a b", "a", "c d"};
    EXPECT_TRUE(stand_in(phrases, "x b a b"));
    EXPECT_TRUE(stand_in({"a b a c", "b a b"}, "a b a b"));
    EXPECT_TRUE(stand_in({"a b a c", "c d"}, "a b ac a b a c d"));
    EXPECT_FALSE(stand_in({"a b a c", "b a b"}, "a b a"));
}

TEST(PhrasesTest, AgreeWithLookingForEachByItself) {
    constexpr unsigned seed = 20261126;
    std::mt19937 random(seed);
    const auto text = [&](std::size_t length_max) {
        std::string out;
        for (std::size_t length = 1 + random() % length_max; out.size() < length;)
            out += "ab -"[random() % 4];
        return out;
    };
    for (int round = 0; round < 3000; ++round) {
        Texts phrases;
        for (std::size_t count = 1 + random() % 5; phrases.size() < count;) {
            std::string phrase = text(5);
            if (is_word_char(phrase.front())) phrases.push_back(std::move(phrase));
        }
        const std::string searched = text(14);
        EXPECT_EQ(stand_in(phrases, searched), stand_in_by_looking(phrases, searched))
            << "seed " << seed << ", round " << round << ": " << searched;
    }
}

}  // namespace
}  // namespace consultd::consent
