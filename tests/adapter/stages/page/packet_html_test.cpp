// The page: no script, nothing from outside, nothing of a record as markup, every value with its
// source.
#include "adapter/stages/page/packet_html.h"

#include <gtest/gtest.h>

#include <regex>

#include "adapter/html/html_writer.h"
#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

PacketInput hostile_input() {
    const std::string evil =
        R"(</title></style><script>alert(1)</script><img src=https://evil.example/x onerror=a>\"'&)";
    return packet_input(std::vector<std::string>{
        R"({"resourceType":"Patient","id":"p","name":[{"family":")" + evil +
            R"(","given":["\"}</style>"]}],"birthDate":"1968-03-14"})",
        R"({"resourceType":"Condition","id":"c","code":{"text":")" + evil +
            R"("},"subject":{"reference":"Patient/p"}})",
        R"({"resourceType":"AllergyIntolerance","id":"a","code":{"text":")" + evil +
            R"("},"criticality":"high","patient":{"reference":"Patient/p"}})",
        R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationCodeableConcept":)"
        R"({"text":")" +
            evil + R"("},"dosageInstruction":[{"text":")" + evil + R"("}]})",
        R"({"resourceType":"Observation","id":"o","status":"final","category":[{"coding":[{"code":"laboratory"}]}],)"
        R"("code":{"text":")" +
            evil +
            R"("},"valueQuantity":{"value":702,"unit":"U/L"},"referenceRange":[{"low":)"
            R"({"value":313,"unit":"U/L"},"high":{"value":618.0,"unit":"U/L"}}],"effectiveDateTime":"2026-11"})",
        R"({"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":")" + evil +
            R"("},"conclusion":")" + evil + R"("})"});
}

std::string page_of(const PacketInput& input) {
    const Result<Packet> packet = assemble(input, knowledge());
    EXPECT_TRUE(packet.ok());
    return packet->html;
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

// CSS drops one space after an escape: a second one has to follow.
TEST(PacketHtml, TheTopOfAPrintedPageKeepsItsSpacesAndEndsInNoString) {
    HtmlWriter out;
    out.css_string("A b\"}<");
    EXPECT_EQ(std::move(out).take(), "A b\\000022 \\00007d \\00003c ");
}

TEST(PacketHtml, NothingOfARecordBecomesMarkup) {
    PacketInput input = hostile_input();
    input.request.question = "<script>q</script>";
    input.request.source_name = "<b onload=x>";
    input.gaps.push_back({"<i>gap</i>", "http-403"});
    const std::string page = page_of(input);
    for (const char* mark :
         {"<script", "<img", "<iframe", "<link", "<b onload", "<i>", "onerror=a>"})
        EXPECT_EQ(count(page, mark), 0U) << mark;
    EXPECT_EQ(count(page, "</style>"), 1U);
    EXPECT_EQ(count(page, "</title>"), 1U);
}

// 42 CFR 2.32: the notice is read before the record, and what it covers is told item by item.
TEST(PacketHtml, TheNoticeOfPart2StandsOnTheFirstScreenAndSaysWhatItCovers) {
    const std::string by_law =
        R"("meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"42CFRPart2"}]},)";
    const auto page = [&](const std::string& labels) {
        return page_of(packet_input(std::vector<std::string>{
            R"({"resourceType":"Patient","id":"p","birthDate":"1968-03-14"})",
            R"({"resourceType":"Condition","id":"c",)" + labels +
                R"("code":{"text":"Protected matter"},"subject":{"reference":"Patient/p"},)"
                R"("verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"refuted"}]}})",
            R"({"resourceType":"Condition","id":"d","code":{"text":"Another matter"},"subject":{"reference":"Patient/p"}})"}));
    };
    const std::string told = page(by_law);
    EXPECT_LT(told.find(knowledge().part2_notice), told.find("id=\"sum\""));
    const std::string law = told.substr(told.find("<section id=\"law\""));
    const std::string list = law.substr(0, law.find("</section>"));
    EXPECT_NE(list.find("Protected matter"), std::string::npos);
    EXPECT_NE(list.find("refuted"), std::string::npos);
    EXPECT_NE(list.find("written consent"), std::string::npos);
    EXPECT_EQ(list.find("Another matter"), std::string::npos);
    EXPECT_EQ(page("").find("42 CFR"), std::string::npos);
}

TEST(PacketHtml, NothingIsLoadedAndNoLinkLeavesThePage) {
    const std::string page = page_of(hostile_input());
    EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(count(page, " src="), count(page, " src=https://evil"));  // escaped text only
    EXPECT_EQ(count(page, "url("), 0U);
    EXPECT_EQ(count(page, "@import"), 0U);
    EXPECT_EQ(count(page, "href=\""), count(page, "href=\"#"));
}

TEST(PacketHtml, EveryLinkToASourceFindsItsRow) {
    const std::string page = page_of(hostile_input());
    const std::regex link("href=\"#([a-z0-9-]+)\"");
    std::size_t links = 0;
    for (std::sregex_iterator at(page.begin(), page.end(), link), end; at != end; ++at, ++links)
        EXPECT_EQ(count(page, "id=\"" + (*at)[1].str() + "\""), 1U) << (*at)[1];
    EXPECT_GT(links, 10U);
}

TEST(PacketHtml, EveryRowOfARecordIsCited) {
    const std::string page = page_of(hostile_input());
    const std::string lists =
        page.substr(page.find("<section"), page.find("id=\"src\"") - page.find("<section"));
    std::size_t rows = 0;
    for (std::size_t at = lists.find("<tr><th scope=\"row\">"); at != std::string::npos;
         at = lists.find("<tr><th scope=\"row\">", at + 1), ++rows)
        EXPECT_NE(lists.substr(at, lists.find("</tr>", at) - at).find("class=\"s\""),
                  std::string::npos);
    EXPECT_GE(rows, 4U);
}

TEST(PacketHtml, EveryResourceHasItsRowAmongTheSources) {
    const PacketInput input = hostile_input();
    const std::string page = page_of(input);
    for (const PacketResource& one : input.resources)
        EXPECT_NE(page.find("<bdi>" + one.source + "</bdi>"), std::string::npos);
}

TEST(PacketHtml, AValueOutsideItsRangeIsSaidInWordsAndDigitsStay) {
    const std::string page = page_of(hostile_input());
    EXPECT_NE(page.find("702 U/L"), std::string::npos);
    EXPECT_NE(page.find("above 618.0"), std::string::npos);
    EXPECT_NE(page.find("<time datetime=\"2026-11\">Nov 2026</time>"), std::string::npos);
}

TEST(PacketHtml, EveryPacketSaysThatOtherRecordsMayHaveBeenLeftOut) {
    const std::string page = page_of(packet_input(
        std::vector<std::string>{R"({"resourceType":"Patient","id":"p","birthDate":"1968"})"}));
    EXPECT_NE(page.find("Other records may have been left out."), std::string::npos);
    EXPECT_NE(page.find("57 or 58 years"), std::string::npos);
    EXPECT_NE(page.find("Name not recorded"), std::string::npos);
}

// The number of what was withheld would tell that something was.
TEST(PacketHtml, CountsOfWhatWasLeftOutDoNotShow) {
    PacketInput input = hostile_input();
    const std::string page = page_of(input);
    input.counts.withheld = 4711;
    input.counts.pulled += 4711;
    EXPECT_EQ(page_of(input), page);
}

TEST(PacketHtml, OnlyAChangeWhoseNewValueStillStandsIsShown) {
    PacketInput input = hostile_input();
    input.normalized = {
        {url_of("Observation/o"), "Observation.value.unit", "unit.spelling", "u/l", "U/L"},
        {url_of("Observation/o"), "Observation.method.text", "code.map", "SECRETWAS", "gone"},
        {url_of("Condition/withheld"), "Condition.code.text", "code.map", "SECRETWAS", "HIV"}};
    const std::string page = page_of(input);
    EXPECT_NE(page.find("<bdi>u/l</bdi>"), std::string::npos);
    EXPECT_EQ(page.find("SECRETWAS"), std::string::npos);
}

TEST(PacketHtml, TheSameLetterUnderTwoNamesIsShownOnce) {
    const std::string letter = crypto::base64("Dear colleague, thank you.");
    const auto document = [&](const std::string& id) {
        return R"({"resourceType":"DocumentReference","id":")" + id +
               R"(","status":"current","content":[{"attachment":)"
               R"({"contentType":"text/plain","data":")" +
               letter + R"("}}]})";
    };
    const std::string page = page_of(packet_input(std::vector<std::string>{
        R"({"resourceType":"Patient","id":"p"})", document("a"), document("b")}));
    EXPECT_EQ(count(page, "Dear colleague"), 1U);
    EXPECT_NE(page.find("The same text as source"), std::string::npos);
}

TEST(PacketHtml, OfFilesNobodySaysThatTheyAreAll) {
    PacketInput input =
        packet_input(std::vector<std::string>{R"({"resourceType":"Patient","id":"p"})"});
    EXPECT_NE(page_of(input).find("all that was asked for"), std::string::npos);
    input.is_from_files = true;
    const std::string page = page_of(input);
    EXPECT_EQ(page.find("all that was asked for"), std::string::npos);
    EXPECT_NE(page.find("what else the hospital has is not known"), std::string::npos);
}

}  // namespace
}  // namespace consultd
