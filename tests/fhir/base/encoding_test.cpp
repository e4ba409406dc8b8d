#include <gtest/gtest.h>

#include <map>

#include "fhir/base/crypto.h"
#include "tests/support/seeded_random.h"

namespace consultd::crypto {
namespace {

using testing::SeededRandom;

// RFC 4648 §10.
constexpr std::pair<const char*, const char*> rfc4648[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};

TEST(Base64Test, FollowsTheVectorsOfRfc4648) {
    for (const auto& [plain, encoded] : rfc4648) {
        EXPECT_EQ(base64(plain), encoded);
        EXPECT_EQ(from_base64(encoded), plain);
    }
}

TEST(Base64Test, UrlAlphabetHasNoPaddingAndNoPlusOrSlash) {
    EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
    EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
    EXPECT_EQ(from_base64url("-__-"), "\xfb\xff\xfe");
    EXPECT_EQ(base64url("f"), "Zg");
    EXPECT_EQ(from_base64url("Zg"), "f");
    for (const char* text : {"Zg==", "+//+", "Z", "Zm9vY", "Zh", "Zm9", "Zg\n", " Zg"})
        EXPECT_FALSE(from_base64url(text)) << text;
}

// The examples of RFC 9285 §4.
TEST(Encoding, Base45IsThatOfTheStandard) {
    for (const auto& [bytes, text] : std::map<std::string, std::string>{{"", ""},
                                                                        {"AB", "BB8"},
                                                                        {"Hello!!", "%69 VD92EX0"},
                                                                        {"base-45", "UJCLQE7W581"},
                                                                        {"ietf!", "QED8WEX0"}}) {
        EXPECT_EQ(base45(bytes), text);
        EXPECT_EQ(from_base45(text), bytes);
    }
    for (const char* text : {"GGW", ":::", "A", "BB8A", "bb8", "::"})
        EXPECT_FALSE(from_base45(text)) << text;
}

TEST(Base64Test, TextsThatTwoReadersCouldReadDifferentlyAreRefused) {
    for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "=", "====", "Zh==", "Zm9=", "Zm9v=",
                             "Zm=9", "Zg==Zg==", "Zm9v!", "-__-", "Zm9v\n", "Zm 9v"})
        EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Base64Test, WhiteSpaceIsSkippedWhenAsked) {
    EXPECT_EQ(from_base64(" Zm9v\r\n\tYg = =\n", WhiteSpace::Skip), "foob");
    EXPECT_FALSE(from_base64("Zm9v\fYg==", WhiteSpace::Skip));
}

TEST(Base64Test, AllBytesComeBack) {
    SeededRandom random;
    for (std::size_t size = 0; size < 200; ++size) {
        const std::string bytes = random.bytes(size);
        EXPECT_EQ(from_base64(base64(bytes)), bytes);
        EXPECT_EQ(from_base64url(base64url(bytes)), bytes);
        EXPECT_EQ(from_hex(hex(bytes)), bytes);
    }
}

TEST(HexTest, OddAndForeignDigitsAreRefused) {
    EXPECT_EQ(hex(std::string("\x00\xff\x1a", 3)), "00ff1a");
    EXPECT_EQ(from_hex("00FF1a"), std::string("\x00\xff\x1a", 3));
    for (const char* text : {"0", "0g", "0x00", " 00", "-1"}) EXPECT_FALSE(from_hex(text)) << text;
}

TEST(UuidTest, NameBasedOnesFollowTheVectorOfRfc9562) {
    EXPECT_EQ(uuid_v5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
              "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(UuidTest, RandomOnesSayVersionAndVariant) {
    SeededRandom random(7);
    const std::string first = uuid_v4(random);
    ASSERT_EQ(first.size(), 36U);
    EXPECT_EQ(first[14], '4');
    EXPECT_NE(std::string("89ab").find(first[19]), std::string::npos);
    EXPECT_NE(uuid_v4(random), first);
    SeededRandom again(7);
    EXPECT_EQ(uuid_v4(again), first);
}

}  // namespace
}  // namespace consultd::crypto
