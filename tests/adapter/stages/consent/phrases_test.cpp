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

// What is meant, said plainly: a phrase stands where no letter is before it and none behind it.
bool stand_in_by_looking(const Texts& phrases, std::string_view text) {
    const auto is_edge = [&](std::size_t at) {
        return at == text.size() || at == std::string_view::npos || !is_word_char(text[at]);
    };
    return std::ranges::any_of(phrases, [&](const std::string& phrase) {
        for (std::size_t at = text.find(phrase); at != std::string_view::npos;
             at = text.find(phrase, at + 1))
            if (is_edge(at - 1) && is_edge(at + phrase.size())) return true;
        return false;
    });
}

TEST(PhrasesTest, AreFoundAsWordsOfTheirOwn) {
    const Texts phrases{"major depression", "depression", "methadone"};
    for (const auto* text : {"major depression", "a depression.", "(methadone)", "no depression"})
        EXPECT_TRUE(stand_in(phrases, text)) << text;
    for (const auto* text : {"", "major", "depressions", "a methadones", "predepression",
                             "meth adone", "depression\u00e9"})
        EXPECT_FALSE(stand_in(phrases, text)) << text;
    EXPECT_FALSE(stand_in({}, "depression"));
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
