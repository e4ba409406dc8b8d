#include "fhir/narrative.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fhir/json.h"

namespace consultd::fhir {
namespace {

constexpr std::string_view start = R"(<div xmlns="http://www.w3.org/1999/xhtml">)";
constexpr std::string_view end = "</div>";

std::string in_div(std::string_view inside) {
    return std::string(start) + std::string(inside) + std::string(end);
}

// What is left within the div; an error's text where nothing is.
std::string cleaned(std::string_view inside) {
    const auto result = sanitize_narrative(in_div(inside));
    if (!result) return result.error().message();
    EXPECT_TRUE(result->starts_with(start) && result->ends_with(end)) << *result;
    return result->substr(start.size(), result->size() - start.size() - end.size());
}

TEST(NarrativeTest, WhatTheStandardAllowsStaysAsItIs) {
    for (const char* inside :
         {"plain &amp; &lt;text&gt;", "<p id=\"a\">x <b>y</b><br/></p>",
          "<table border=\"1\" class=\"bold left\"><tr><td colspan=\"2\">x</td></tr></table>",
          "<ol start=\"3\"><li>x</li></ol>", "<dl><dt>x</dt><dd>y</dd></dl>",
          "<a href=\"https://example.org/a?b=c&amp;d#e\">x</a>",
          "<a href=\"mailto:a@example.org\">x</a>", "<p id=\"here\">x</p><a href=\"#here\">y</a>",
          "<a name=\"n\">x</a><a href=\"#n\">y</a>", "<img src=\"#pic\" alt=\"a scan\"/>",
          "<img src=\"data:image/png;base64,iVBORw0KGgo=\"/>",
          "<span style=\"text-decoration: line-through; font-weight: bold\">5 mg</span>",
          "<pre>a\n  b</pre>"})
        EXPECT_EQ(cleaned(inside), inside);
}

TEST(NarrativeTest, WhatRunsOrLoadsIsDropped) {
    const std::pair<const char*, const char*> cases[] = {
        {"x<script>alert(1)</script>", "x"},
        {"x<SCRIPT>alert(1)</SCRIPT>", "x"},
        {"x<style>p{background:url(http://evil)}</style>", "x"},
        {"x<iframe src=\"http://evil\">y</iframe>", "x"},
        {"x<object data=\"a\">y</object><embed src=\"a\"/><link href=\"a\"/>", "x"},
        {"<form action=\"http://evil\">name <input value=\"v\" onfocus=\"x()\"/></form>", "name "},
        {"<p onclick=\"x()\" ONLOAD=\"y()\">x</p>", "<p>x</p>"},
        {"<a href=\"javascript:x()\">x</a>", "<a>x</a>"},
        {"<a href=\" JavaScript&#58;x()\">x</a>", "<a>x</a>"},
        {"<a href=\"data:text/html,x\">x</a>", "<a>x</a>"},
        {"<a href=\"//evil/\">x</a>", "<a>x</a>"},
        {"<a href=\"Patient/1\">x</a>", "<a>x</a>"},
        {"<a href=\"#gone\">x</a>", "<a>x</a>"},
        {"<a href=\"#\">x</a>", "<a>x</a>"},
        {"<p href=\"http://h/\">x</p>", "<p>x</p>"},
        {"<a href=\"mailto:a@h?body=secret\">x</a>", "<a>x</a>"},
        {"<img src=\"http://evil/p.png\" alt=\"a &lt; b\"/>", "a &lt; b"},
        {"x<img src=\"data:image/svg+xml;base64,AA\"/>", "x"},
        {"x<img src=\"data:image/png;base64,AA&quot; onerror=x\"/>", "x"},
        {"<p style=\"background:url(http://evil);position:fixed;color:red\">x</p>", "<p>x</p>"},
        {"<p style=\"text-align:center;text-align:expression(1)\">x</p>",
         "<p style=\"text-align: center\">x</p>"},
        {"<p class=\"banner bold\">x</p>", "<p class=\"bold\">x</p>"},
        {"<font size=\"7\">x <u>y</u></font>", "x y"},
        {"<!-- secret -->x<p><!-- a --></p>", "x<p></p>"},
        {"<![CDATA[<script>]]>", "&lt;script&gt;"},
    };
    for (const auto& [inside, expected] : cases) EXPECT_EQ(cleaned(inside), expected) << inside;
}

// A browser closes the cell or list item around these when they stand alone.
TEST(NarrativeTest, PartsOfTablesAndListsCannotCloseWhatSurroundsThem) {
    EXPECT_EQ(cleaned("<td>x</td>"), "x");
    EXPECT_EQ(cleaned("<tr><td>x</td></tr>"), "x");
    EXPECT_EQ(cleaned("<li>x</li>"), "x");
    EXPECT_EQ(cleaned("<table><tr><td><div><td>x</td></div></td></tr></table>"),
              "<table><tr><td><div>x</div></td></tr></table>");
    EXPECT_EQ(cleaned("<br>x</br>"), "<br/>x");
    // In HTML a table ends the table that it stands in, and its own end then ends the next one
    // around.
    EXPECT_EQ(cleaned("<table><table></table></table>x"), "<table></table>x");
    EXPECT_EQ(cleaned("<table><tr><p><table><tr><td>x</td></tr></table></p></tr></table>"),
              "<table><tr><td>x</td></tr></table>");
    EXPECT_EQ(cleaned("<table><tr><td><table><tr><td>x</td></tr></table></td></tr></table>"),
              "<table><tr><td><table><tr><td>x</td></tr></table></td></tr></table>");
    EXPECT_EQ(cleaned("<table><img src=\"#a\" alt=\"scan\"/><tr><td>x</td></tr></table>"),
              "<table>scan<tr><td>x</td></tr></table>");
}

TEST(NarrativeTest, NamedEntitiesOfXhtmlAreCharacters) {
    EXPECT_EQ(cleaned("a&nbsp;b &eacute; &mu;g &le; &hearts;"),
              "a\xc2\xa0"
              "b \xc3\xa9 \xce\xbcg \xe2\x89\xa4 \xe2\x99\xa5");
    EXPECT_EQ(cleaned("<p title=\"&deg;C\">x</p>"),
              "<p title=\"\xc2\xb0"
              "C\">x</p>");
    EXPECT_EQ(cleaned("<![CDATA[&nbsp;]]>"), "&amp;nbsp;");
    EXPECT_EQ(cleaned("&#xe9;&amp;nbsp;"), "\xc3\xa9&amp;nbsp;");
}

TEST(NarrativeTest, WhatIsNoXhtmlDivIsMalformed) {
    const std::string broken[] = {
        "",
        "text",
        "<p>x</p>",
        "<DIV>x</DIV>",
        "<divx>x</divx>",
        "<div>x",
        "<div>x</div>y",
        "<div>x</div><div>y</div>",
        "<div>a & b</div>",
        "<div>&unknown;</div>",
        "<div>&#0;</div>",
        "<div a=\"1\" a=\"2\">x</div>",
        "<div a=1>x</div>",
        "<div><b>x</div>",
        "<div>\x01</div>",
        "<div>\xff</div>",
        "<div>x</div><?pi x?>",
        "<div><?pi x?>x</div>",
        "<!DOCTYPE div [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><div>&e;</div>",
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><div>x</div>",
        "<div><!DOCTYPE x>x</div>",
        "<div xmlns=\"urn:other\">x</div>",
        "<div><svg xmlns=\"http://www.w3.org/2000/svg\">x</svg></div>",
        "<div><o:p>x</o:p></div>",
        "<div></div>",
        "<div> <p/><script>x</script></div>"};
    for (const std::string& text : broken) {
        const auto result = sanitize_narrative(text);
        ASSERT_FALSE(result.ok()) << text;
        EXPECT_EQ(result.error().kind(), ErrorKind::Malformed) << text;
    }
}

TEST(NarrativeTest, DepthAndSizeAreBounded) {
    std::string deep = "<div>";
    for (int i = 0; i < 100'000; ++i) deep += "<b>";
    EXPECT_FALSE(sanitize_narrative(deep).ok());
    for (int i = 0; i < 100'000; ++i) deep += "</b>";
    EXPECT_FALSE(sanitize_narrative(deep + "</div>").ok());
    EXPECT_EQ(sanitize_narrative(in_div(std::string(5 << 20, 'x'))).error().kind(),
              ErrorKind::TooLarge);
}

// libxml2 compares each attribute and prefix with all others: a megabyte of them took minutes.
TEST(NarrativeTest, AttributesAndPrefixesAreBounded) {
    std::string attributes, prefixes, elements, quotes;
    for (int i = 0; i < 100'000; ++i) {
        attributes += " a" + std::to_string(i) + "=''";
        prefixes += "<b xmlns:a" + std::to_string(i) + "=\"u\">x</b>";
        elements += "<b id=\"i" + std::to_string(i) + "\" class='bold'>x</b>";
        quotes += "\" ' = ";
    }
    for (const std::string& text : {"<div" + attributes + ">x</div>", in_div(prefixes)}) {
        const auto result = sanitize_narrative(text);
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().kind(), ErrorKind::TooLarge);
    }
    EXPECT_TRUE(sanitize_narrative(in_div(elements)).ok());
    EXPECT_TRUE(sanitize_narrative(in_div(quotes)).ok());
    EXPECT_TRUE(sanitize_narrative(in_div("<!--" + attributes + "-->x")).ok());
    EXPECT_TRUE(sanitize_narrative(in_div("<![CDATA[<b" + attributes + "]]>")).ok());
}

TEST(NarrativeTest, AMissingNamespaceIsPutIn) {
    EXPECT_EQ(*sanitize_narrative(" <div lang=\"de\" xml:lang=\"en\">x</div>\n"),
              R"(<div xmlns="http://www.w3.org/1999/xhtml" lang="de">x</div>)");
    EXPECT_EQ(*sanitize_narrative("<div xml:lang=\"en\">x</div>"),
              R"(<div xmlns="http://www.w3.org/1999/xhtml" lang="en">x</div>)");
}

TEST(NarrativeTextTest, IsALineForEachBlock) {
    EXPECT_EQ(*narrative_text(in_div("<h1>Labs</h1><p>a\n  <b>b</b>c</p>d<br/>e")),
              "Labs\na bc\nd\ne");
    EXPECT_EQ(*narrative_text(in_div("<ul><li>x</li><li><p>y</p>z</li></ul>")), "- x\n- y\nz");
    EXPECT_EQ(*narrative_text(in_div("<table><tr><th>Na</th><th>K</th></tr>"
                                     "<tr><td></td><td>4.00</td></tr></table>")),
              "Na | K\n| 4.00");
    EXPECT_EQ(*narrative_text(in_div("<pre>a\n  b</pre><img alt=\"scan\" src=\"x\"/>")),
              "a\n  b\nscan");
    EXPECT_EQ(*narrative_text(in_div("<script>x</script>")), "");
    EXPECT_EQ(*narrative_text(in_div("<p>Do <del>not</del><ins>now</ins> stop, 10<sup>9</sup>/L, "
                                     "CO<sub>2</sub></p>"
                                     "<p style=\"text-decoration:line-through\">20 mg</p>")),
              "Do [struck: not] now stop, 10⁹/L, CO₂\n[struck: 20 mg]");
    EXPECT_FALSE(narrative_text("<div>").ok());
}

TEST(EscapeTest, NothingIsMarkupAfterwards) {
    EXPECT_EQ(escape_xml("<a href=\"x\" b='y'>&amp;"),
              "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
    EXPECT_EQ(escape_xml("a\tb\nc\rd"), "a\tb\nc&#13;d");
    EXPECT_EQ(escape_xml(std::string("\x00\x1b", 2)), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(escape_xml("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"),
              "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(escape_xml("\xf0\x9f\x92\x8a"), "\xf0\x9f\x92\x8a");
}

// Real narratives keep their words, and cleaning them twice changes nothing.
TEST(NarrativeTest, ThePublishedExamplesKeepTheirText) {
    const char* const folder = std::getenv("CONSULTD_DATA");
    if (folder == nullptr) GTEST_SKIP() << "CONSULTD_DATA is not set";
    std::size_t seen = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(std::string(folder) + "/r4-examples")) {
        std::ifstream in(file.path(), std::ios::binary);
        const auto json = Json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
        ASSERT_TRUE(json.ok()) << file.path();
        const std::string div(json->at("text", "div").string());
        if (div.empty()) continue;
        const auto clean = sanitize_narrative(div);
        ASSERT_TRUE(clean.ok()) << file.path() << ' ' << clean.error().message();
        EXPECT_EQ(*sanitize_narrative(*clean), *clean) << file.path();
        EXPECT_EQ(*narrative_text(*clean), *narrative_text(div)) << file.path();
        ++seen;
    }
    EXPECT_GT(seen, 100U);
}

}  // namespace
}  // namespace consultd::fhir
