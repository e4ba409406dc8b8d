#include "fhir/base/utf8.h"

#include <gtest/gtest.h>

namespace consultd {
namespace {

using namespace std::string_view_literals;

// The borders of each length, RFC 3629 §4.
TEST(Utf8Test, EachSequenceIsReadToItsCodePoint) {
    const std::pair<std::string_view, char32_t> sequences[] = {{"\0"sv, 0},
                                                               {"\x7f", 0x7F},
                                                               {"\xc2\x80", 0x80},
                                                               {"\xdf\xbf", 0x7FF},
                                                               {"\xe0\xa0\x80", 0x800},
                                                               {"\xed\x9f\xbf", 0xD7FF},
                                                               {"\xee\x80\x80", 0xE000},
                                                               {"\xef\xbf\xbf", 0xFFFF},
                                                               {"\xf0\x90\x80\x80", 0x10000},
                                                               {"\xf4\x8f\xbf\xbf", 0x10FFFF}};
    for (const auto& [bytes, expected] : sequences) {
        char32_t code_point = 0xFFFF'FFFF;
        EXPECT_EQ(decode_utf8(bytes, code_point), bytes.size());
        EXPECT_TRUE(code_point == expected) << static_cast<std::uint32_t>(expected);
        EXPECT_TRUE(is_utf8(bytes));
        for (std::size_t length = 1; length < bytes.size(); ++length)
            EXPECT_FALSE(is_utf8(bytes.substr(0, length)))
                << static_cast<std::uint32_t>(expected) << " cut";
    }
}

TEST(Utf8Test, WhatIsOverlongASurrogateOrBeyondIsNone) {
    for (const char* bytes :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2\xc2",
          "a\xe2\x82z"})
        EXPECT_FALSE(is_utf8(bytes)) << testing::PrintToString(std::string(bytes));
    EXPECT_TRUE(is_utf8(""));
}

TEST(Utf8Test, AFhirStringHasNoControlCharacters) {
    EXPECT_TRUE(is_fhir_text("Zeile 1\r\n\tZeile 2 \xe2\x80\x93 \xf0\x9f\x98\x80"));
    for (const std::string_view text :
         {"\0"sv, "\x01"sv, "\x1b"sv, "\x7f"sv, "\xc2\x85"sv, "\xff"sv})
        EXPECT_FALSE(is_fhir_text(text)) << testing::PrintToString(text);
}

}  // namespace
}  // namespace consultd
