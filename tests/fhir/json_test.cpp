#include "fhir/json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace consultd::fhir {
namespace {

Json json(std::string text) {
    auto parsed = Json::parse(std::move(text));
    EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message());
    return parsed.ok() ? *parsed : Json();
}

std::optional<ErrorKind> refusal(std::string text, const JsonLimits& limits = {}) {
    const auto parsed = Json::parse(std::move(text), limits);
    return parsed.ok() ? std::nullopt : std::optional(parsed.error().kind());
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonNumberTest, KeepsEveryDigit) {
    for (const char* text : {"2.00", "0.010", "-0", "-0.0", "1e308", "1E+2", "1e-400",
                             "12345678901234567890123", "3.14159265358979323846264338",
                             "0.0000000000000000000000000000000000000001e-2147483639"}) {
        const Json value = json("[" + std::string(text) + "]");
        EXPECT_EQ(value.items()[0].number(), text);
        EXPECT_EQ(value.print(), "[" + std::string(text) + "]");
        const Json alone = json(text);
        EXPECT_EQ(JsonView(alone).number(), text);
    }
}

// The reader knows no exponent past a double's range. Such a number is refused, never rounded.
TEST(JsonNumberTest, AnExponentPastTheRangeIsRefusedAndNotChanged) {
    for (const char* text : {"1e309", "1e999", "-1.5E+99999999999999999999"})
        EXPECT_TRUE(refusal("[" + std::string(text) + "]").has_value()) << text;
    for (const char* text : {"1e-999", "1e-99999999999999999999"})
        EXPECT_EQ(json("[" + std::string(text) + "]").print(), "[" + std::string(text) + "]");
}

TEST(JsonNumberTest, OnlyWholeOnesAreIntegers) {
    EXPECT_EQ(json("9223372036854775807").integer(), INT64_MAX);
    EXPECT_EQ(json("-9223372036854775808").integer(), INT64_MIN);
    for (const char* text : {"9223372036854775808", "2.0", "1e3", R"("5")", "null", "true"})
        EXPECT_EQ(json(text).integer(), std::nullopt) << text;
}

TEST(JsonNumberTest, WhatRfc8259DoesNotCallANumberIsRefused) {
    for (const char* text : {"01", "+1", ".5", "1.", "-", "1e", "1e+", "0x1", "NaN", "Infinity",
                             "-Infinity", "1_000", "--1", "1.e5"})
        EXPECT_EQ(refusal(text), ErrorKind::Malformed) << text;
    EXPECT_EQ(refusal(std::string(257, '1')), ErrorKind::TooLarge);
    EXPECT_EQ(refusal(std::string(256, '1')), std::nullopt);
}

TEST(JsonParseTest, WhatIsNotJsonIsRefused) {
    for (const char* text :
         {"",        " ",           "{",          "}",        "[1,]",        "[1 2]",
          "{\"a\"}", "{\"a\":}",    "{\"a\":1,}", "{a:1}",    "{'a':1}",     "[1]x",
          "[1][2]",  "nul",         "True",       "// c\n1",  "/**/1",       "\"a",
          "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"",   "\"a\tb\"", "[\"a\x01\"]", "{\"a\":1 \"b\":2}",
          "[,1]"})
        EXPECT_EQ(refusal(text), ErrorKind::Malformed) << text;
}

TEST(JsonParseTest, ARepeatedNameIsRefusedInSmallAndBigObjects) {
    EXPECT_EQ(refusal(R"({"a":1,"b":2,"a":3})"), ErrorKind::Malformed);
    EXPECT_EQ(refusal(R"({"a":1,"\u0061":3})"), ErrorKind::Malformed);
    EXPECT_EQ(refusal(R"({"x":{"":1,"":2}})"), ErrorKind::Malformed);
    std::string big = "{";
    for (int i = 0; i < 1000; ++i) big += "\"m" + std::to_string(i) + "\":1,";
    EXPECT_EQ(refusal(big + "\"m500\":2}"), ErrorKind::Malformed);
    EXPECT_EQ(refusal(big + "\"m1000\":2}"), std::nullopt);
}

TEST(JsonParseTest, TextThatIsNoUnicodeIsRefused) {
    for (const char* bytes : {"\x80", "\xff", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80",
                              "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "M\xfcller"})
        EXPECT_EQ(refusal("\"" + std::string(bytes) + "\""), ErrorKind::Malformed);
    for (const char* escape : {R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\ud800\ud800)",
                               R"(\udc00\ud800)", R"(\udbff\u0041)"}) {
        EXPECT_EQ(refusal("\"" + std::string(escape) + "\""), ErrorKind::Malformed) << escape;
        EXPECT_EQ(refusal("{\"" + std::string(escape) + "\":1}"), ErrorKind::Malformed) << escape;
    }
    EXPECT_EQ(json(R"("\ud83d\udc8a")").string(), "\xf0\x9f\x92\x8a");
}

TEST(JsonParseTest, NulAndAByteOrderMarkAreRefused) {
    using namespace std::string_literals;
    EXPECT_EQ(refusal("[1]\0garbage"s), ErrorKind::Malformed);
    EXPECT_EQ(refusal("\"a\0b\""s), ErrorKind::Malformed);
    EXPECT_EQ(refusal(R"("a\u0000b")"), ErrorKind::Malformed);
    EXPECT_EQ(refusal("\xEF\xBB\xBF{}"), ErrorKind::Malformed);
    EXPECT_EQ(refusal("\xFF\xFE{\0}\0"s), ErrorKind::Malformed);
}

TEST(JsonParseTest, DepthIsLimitedToTheLevel) {
    EXPECT_EQ(refusal(nested(64)), std::nullopt);
    EXPECT_EQ(refusal(nested(65)), ErrorKind::TooLarge);
    EXPECT_EQ(refusal(nested(100'000)), ErrorKind::TooLarge);
    EXPECT_EQ(refusal(std::string(1'000'000, '[')), ErrorKind::TooLarge);
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    EXPECT_EQ(refusal(objects), ErrorKind::TooLarge);
}

TEST(JsonParseTest, SizeIsLimitedToTheByte) {
    JsonLimits limits;
    limits.bytes_max = 4;
    EXPECT_EQ(refusal("1234", limits), std::nullopt);
    EXPECT_EQ(refusal("12345", limits), ErrorKind::TooLarge);
}

TEST(JsonParseTest, ADocumentCutAtAnyByteIsRefused) {
    const std::string whole =
        R"({"a":[1,-2.50e+3,true,false,null],"b\u00e9":{"c":"\ud83d\udc8a\n"},"d":"é"})";
    ASSERT_EQ(refusal(whole), std::nullopt);
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(refusal(whole.substr(0, size)), ErrorKind::Malformed) << size;
}

TEST(JsonParseTest, AnErrorSaysWhereAndNotWhat) {
    const auto parsed = Json::parse(R"({"name":"Doe",})");
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.error().message().find("Doe"), std::string::npos);
    EXPECT_TRUE(parsed.error().number("offset").has_value());
}

TEST(JsonParseTest, FilesWrittenByHandMayHaveCommentsAndTrailingCommas) {
    const auto parsed = Json::parse_relaxed("// c\n{\"a\": [1, /* x */ 2,],}");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->print(), R"({"a":[1,2]})");
    EXPECT_FALSE(Json::parse_relaxed("{a:1}").ok());
}

TEST(JsonPrintTest, WhatWasReadComesBackByteForByte) {
    for (const char* text : {"{}", "[]", "null", R"("")", R"({"b":1,"a":[{},[],""]})",
                             R"(["\"\\/\b\f\n\r\t\u001F"])", R"(["é€💊"])", R"({"":0})"})
        EXPECT_EQ(json(text).print(), text);
    EXPECT_EQ(json("[\"\\u00e9\\/\x7f\"]").print(), "[\"é/\x7f\"]");
}

TEST(JsonPrintTest, CanonicalTextIsInTheOrderOfRfc8785) {
    // The example of RFC 8785 §3.2.3.
    const Json value = json(R"({"\u20ac":"Euro Sign","\r":"Carriage Return",
        "\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face",
        "\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})");
    EXPECT_EQ(
        value.print_canonical(),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
        "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
        "\"😀\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
    EXPECT_EQ(json(R"({"b":[{"z":1.0,"y":2}],"a":null})").print_canonical(),
              R"({"a":null,"b":[{"y":2,"z":1.0}]})");
}

TEST(JsonPrintTest, PrettyTextIsTheSameValue) {
    const Json value = json(R"({"a":[1.00,{"b":"c"}],"d":{}})");
    EXPECT_TRUE(same_value(json(value.print_pretty()), value));
    EXPECT_NE(value.print_pretty().find("\n  \"a\""), std::string::npos);
}

TEST(JsonLookupTest, MembersAreFoundByName) {
    const Json value = json(R"({"meta":{"versionId":"7"},"n":null})");
    EXPECT_EQ(value.at("meta", "versionId").string(), "7");
    EXPECT_TRUE(value.at("meta", "absent", "more").is_null());
    EXPECT_TRUE(value.has("n"));
    EXPECT_FALSE(value.has("m"));
    EXPECT_TRUE(value["n"].is_null());
    EXPECT_TRUE(json("[1]")["a"].is_null());
}

// A crawl over half of the members for each lookup would take minutes here.
TEST(JsonLookupTest, AnObjectOfManyMembersIsLookedUpQuickly) {
    constexpr int count = 100'000;
    std::string text = "{";
    for (int i = 0; i < count; ++i)
        text += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":" + std::to_string(i);
    const Json value = json(text + "}");
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) ASSERT_EQ(value["m" + std::to_string(i)].integer(), i);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
    EXPECT_FALSE(value.has("m100000"));
    EXPECT_EQ(value.members()[77].name(), "m77");
}

TEST(JsonChangeTest, AChangeMakesANewValueAndLeavesTheOld) {
    const Json old = json(R"({"a":1,"b":"x","c":[true]})");
    EXPECT_EQ(old.with("b", "y").print(), R"({"a":1,"b":"y","c":[true]})");
    EXPECT_EQ(old.with("d", Json::number("2.00")).print(),
              R"({"a":1,"b":"x","c":[true],"d":2.00})");
    EXPECT_EQ(old.without("a").print(), R"({"b":"x","c":[true]})");
    EXPECT_EQ(old.without("z").print(), old.print());
    EXPECT_EQ(old.get("c").appended(Json(std::int64_t{5})).print(), "[true,5]");
    EXPECT_EQ(Json().appended("x").print(), R"(["x"])");
    EXPECT_EQ(old.print(), R"({"a":1,"b":"x","c":[true]})");
}

TEST(JsonChangeTest, ABuiltObjectLeavesNullMembersOut) {
    EXPECT_EQ(
        Json::object({{"a", Json()}, {"b", Json(true)}, {"c", Json::array({Json(), "x"})}}).print(),
        R"({"b":true,"c":[null,"x"]})");
}

TEST(JsonChangeTest, APartOutlivesThePageItCameFrom) {
    Json part;
    {
        const Json page =
            json(R"({"entry":[{"resource":{"id":"a string that is not short at all"}}]})");
        part = page.share(page["entry"].items()[0]["resource"]).with("x", Json(true));
    }
    EXPECT_EQ(part.print(), R"({"id":"a string that is not short at all","x":true})");
}

TEST(JsonChangeTest, WhatWasMovedFromIsNull) {
    Json first = json(R"({"id":"a string that is not short at all"})");
    Json second = std::move(first);
    EXPECT_TRUE(first.is_null());  // NOLINT: that is the promise
    EXPECT_EQ(first.print(), "null");
    first = std::move(second);
    EXPECT_TRUE(second.is_null());  // NOLINT
    EXPECT_EQ(first["id"].string(), "a string that is not short at all");
    Json& same = first;
    first = std::move(same);
    EXPECT_EQ(first.print(), R"({"id":"a string that is not short at all"})");
    first = first.get("id");
    EXPECT_EQ(first.print(), R"("a string that is not short at all")");
}

TEST(JsonChangeTest, ManyChangesInARowEndWithoutADeepStack) {
    Json value = json("{}");
    for (int i = 0; i < 200'000; ++i) value = value.with("n", Json(std::int64_t{i}));
    EXPECT_EQ(value["n"].integer(), 199'999);
}

TEST(JsonSameTest, MembersMayStandInAnyOrderButNumbersKeepTheirText) {
    EXPECT_TRUE(same_value(json(R"({"a":1,"b":[2]})"), json(R"({"b":[2],"a":1})")));
    EXPECT_FALSE(same_value(json("1.0"), json("1.00")));
    EXPECT_FALSE(same_value(json("[1,2]"), json("[2,1]")));
    EXPECT_FALSE(same_value(json(R"({"a":null})"), json("{}")));
    EXPECT_FALSE(same_value(json("1"), json(R"("1")")));
}

TEST(JsonExamplesTest, ThePublishedExamplesPrintBackToTheSameValue) {
    const char* const folder = std::getenv("CONSULTD_DATA");
    if (folder == nullptr) GTEST_SKIP() << "CONSULTD_DATA is not set";
    std::size_t seen = 0;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(std::string(folder) + "/r4-examples")) {
        if (file.path().extension() != ".json") continue;
        std::ifstream in(file.path(), std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(in), {});
        const Json value = json(text);
        const std::string printed = value.print();
        EXPECT_TRUE(same_value(json(printed), value)) << file.path();
        EXPECT_TRUE(same_value(json(value.print_canonical()), value)) << file.path();
        // But for white space and escapes, what was read is what is printed.
        EXPECT_EQ(json(printed).print(), printed) << file.path();
        ++seen;
    }
    EXPECT_GT(seen, 100U);
}

// A name's length stands in one byte; longer ones are measured.
TEST(JsonTest, NamesOfAnyLengthAreFoundAndPrinted) {
    for (const std::size_t length : {1U, 254U, 255U, 256U, 70'000U}) {
        const std::string name(length, 'n'), text = "{\"" + name + "\":1,\"x\":2}";
        const Json parsed = json(text);
        EXPECT_EQ(parsed[name].number(), "1") << length;
        EXPECT_EQ(parsed.print(), text) << length;
        EXPECT_EQ(Json::object({{name, Json("v")}})[name].string(), "v") << length;
    }
    EXPECT_EQ(json(R"({"\u00e9\"b":1})")["\xC3\xA9\"b"].number(), "1");
}

TEST(JsonTest, PiecesTogetherAreTheWholeText) {
    std::string text = "[";
    for (int i = 0; i < 20'000; ++i) text += R"({"a":"\"x\u0001"},)";
    text += "null]";
    std::string pieces;
    std::size_t count = 0, longest = 0;
    json(text).print_to([&](std::string_view piece) {
        pieces += piece;
        longest = std::max(longest, piece.size());
        ++count;
    });
    EXPECT_EQ(pieces, text);
    EXPECT_GT(count, 3U);
    EXPECT_LT(longest, std::size_t{1} << 17);
}

TEST(JsonLinesTest, EachLineIsAValueWithItsNumber) {
    const auto lines = Json::parse_lines("{\"a\":1}\r\n \t\n[2.00]\n\"x\"");
    ASSERT_TRUE(lines.ok());
    ASSERT_EQ(lines->size(), 3U);
    EXPECT_EQ((*lines)[0].json.print(), R"({"a":1})");
    EXPECT_EQ((*lines)[1].number, 3U);
    EXPECT_EQ((*lines)[1].json.print(), "[2.00]");
    EXPECT_EQ((*lines)[2].json.string(), "x");
    EXPECT_TRUE(Json::parse_lines("\n\n")->empty());
}

TEST(JsonLinesTest, AFaultNamesItsLineAndTheLimitsHoldForEach) {
    EXPECT_EQ(Json::parse_lines("{}\n\n{\"a\":}").error().number("line"), 3);
    EXPECT_EQ(Json::parse_lines("{}\n{} {}").error().kind(), ErrorKind::Malformed);
    EXPECT_EQ(Json::parse_lines("{}\n\xFF").error().number("line"), 2);
    EXPECT_EQ(Json::parse_lines(std::string("{}\n1\0", 5)).error().number("line"), 2);
    EXPECT_TRUE(Json::parse_lines("[1]\n[2]\n[3]", {.bytes_max = 3}).ok());
    EXPECT_EQ(Json::parse_lines("[1]\n[22]", {.bytes_max = 3}).error().kind(), ErrorKind::TooLarge);
}

// What one line was read into must not depend on whether the others are still there.
TEST(JsonLinesTest, AValueOutlivesTheOthers) {
    Json kept;
    {
        auto lines = Json::parse_lines("{\"a\":\"b\"}\n{\"c\":\"d\"}");
        kept = (*lines)[1].json;
    }
    EXPECT_EQ(kept["c"].string(), "d");
}

TEST(JsonScopeTest, ValuesOutliveTheScopeAndItsInnerOnes) {
    Json kept, inner;
    {
        const JsonScope scope;
        const Json name("name that is long enough for the heap");
        {
            const JsonScope joined;
            inner = Json::object({{"inner", name}});
        }
        kept = Json::object({{"a", inner}}).with("b", Json::array({inner, Json(true)}));
    }
    const Json after = kept.with("c", inner);
    EXPECT_EQ(after.print(), R"({"a":{"inner":"name that is long enough for the heap"},)"
                             R"("b":[{"inner":"name that is long enough for the heap"},true],)"
                             R"("c":{"inner":"name that is long enough for the heap"}})");
}

TEST(JsonPartTest, BecomesAValueThatKeepsItsPage) {
    Json kept;
    {
        const Json whole = json(R"({"a":{"b":"c"}})");
        const JsonPart part(whole["a"], whole);
        EXPECT_EQ(part.get("b").string(), "c");
        kept = part.with("d", Json("e"));
    }
    EXPECT_EQ(kept.print(), R"({"b":"c","d":"e"})");
    EXPECT_TRUE(Json(JsonPart()).is_null());
}

}  // namespace
}  // namespace consultd::fhir
