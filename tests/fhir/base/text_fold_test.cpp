#include "fhir/base/text_fold.h"

#include <gtest/gtest.h>

namespace consultd {
namespace {

TEST(TextFoldTest, OneNameHasOneFormHoweverAClerkWritesIt) {
    EXPECT_EQ(folded("O’Brien-Smith"), "obriensmith");
    EXPECT_EQ(folded("O'BRIEN SMITH"), "obriensmith");
    EXPECT_EQ(folded("Müller"), "muller");
    EXPECT_EQ(folded("Mu\u0308ller"), "muller");  // the umlaut as a combining mark
    EXPECT_EQ(folded("Groß"), folded("GROSS"));
    EXPECT_EQ(folded("Łukasiewicz"), "lukasiewicz");
    EXPECT_EQ(folded("Ñúñez"), "nunez");
    EXPECT_EQ(folded("Nguyễn"), "nguyen");
}

TEST(TextFoldTest, UmlautsMayBeTwoLetters) {
    EXPECT_EQ(folded_with_digraphs("Müller"), folded("Mueller"));
    EXPECT_EQ(folded_with_digraphs("Mu\u0308ller"), folded("Mueller"));
    EXPECT_EQ(folded_with_digraphs("Ångström"), folded("Aangstroem"));
    EXPECT_EQ(folded_with_digraphs("Brien"), "brien");
}

// What is not Latin keeps its letters: no transcription makes two people one.
TEST(TextFoldTest, OtherScriptsStayThemselves) {
    EXPECT_EQ(folded("Иванова"), folded("ИВАНОВА"));
    EXPECT_NE(folded("Иванова"), folded("Ivanova"));
    EXPECT_FALSE(folded("王小明").empty());
    EXPECT_NE(folded("王小明"), folded("王小红"));
}

TEST(TextFoldTest, WhatIsNoTextIsNoName) {
    EXPECT_EQ(folded("\xff\xfe"), "");
    EXPECT_EQ(folded(" -'"), "");
    EXPECT_EQ(folded(std::string(100'000, 'a')), "");
}

}  // namespace
}  // namespace consultd
