// Whoever reads the page with ears, with a keyboard or with weak eyes reads the same packet: what
// the rules of WCAG 2.2 ask for and can be seen in the markup.
#include <cmath>

#include "tests/adapter/stages/page/page_text.h"
#include "tests/adapter/stages/page/tags.h"
#include "tests/adapter/stages/records_on_disk.h"

namespace consultd {
namespace {

using namespace consultd::testing;

// Each page of the samples, and of the records that CONSULTD_DATA names.
template <class Check>
void for_each_page(Check check) {
    for (const auto& file : records_on_disk()) {
        SCOPED_TRACE(file.filename());
        const Result<Packet> packet = assemble(record_of(file), knowledge());
        ASSERT_TRUE(packet.ok());
        check(packet->html);
    }
}

// https://www.w3.org/WAI/WCAG22/Techniques/html/H57, and landmarks that a reader jumps by.
TEST(PacketAccess, ThePageSaysItsLanguageAndHasOneOfEachLandmark) {
    for_each_page([](const std::string& page) {
        std::map<std::string, int> landmarks;
        for (const Tag& tag : TagReader(page).read()) {
            if (tag.kind != Tag::Kind::Open) continue;
            EXPECT_TRUE(tag.name != "html" || tag["lang"] == "en");
            EXPECT_TRUE(!tag.has("lang") || tag["lang"].size() >= 2);
            ++landmarks[tag.has("role") ? tag["role"] : tag.name];
            EXPECT_TRUE(tag.name != "nav" || !tag["aria-label"].empty());
            EXPECT_TRUE(!tag.has("tabindex") || tag["tabindex"] == "0");
        }
        EXPECT_EQ(landmarks["banner"], 1);
        EXPECT_EQ(landmarks["main"], 1);
        EXPECT_EQ(landmarks["title"], 1);
        EXPECT_GE(landmarks["nav"], 1);
    });
}

// A link or a thing to unfold without a name is a door without a sign.
TEST(PacketAccess, EveryLinkAndEveryFoldHasAName) {
    for_each_page([](const std::string& page) {
        for (const char* name : {"a", "summary"})
            for (std::size_t at = page.find(std::string("<") + name + " "); at != page.npos;
                 at = page.find(std::string("<") + name + " ", at + 1)) {
                const std::size_t end = page.find(std::string("</") + name, at);
                const std::string link = page.substr(at, end - at);
                EXPECT_TRUE(has(link, "aria-label=\"") || !text_of_html(link).empty()) << link;
            }
        EXPECT_TRUE(has(page, "<a class=\"skip\" href=\"#main\">"));
    });
}

// What lists and tables hold is of them, so that they are counted right when they are read aloud.
TEST(PacketAccess, ListsHoldItemsAndTablesHoldRows) {
    const std::map<std::string, std::set<std::string>> holds = {
        {"ul", {"li"}},
        {"ol", {"li"}},
        {"dl", {"div", "dt", "dd"}},
        {"tr", {"td", "th"}},
        {"tbody", {"tr"}},
        {"thead", {"tr"}},

        {"table", {"caption", "colgroup", "thead", "tbody"}}};
    for_each_page([&](const std::string& page) {
        std::vector<std::string> open;
        for (const Tag& tag : TagReader(page).read()) {
            if (tag.kind == Tag::Kind::Close) {
                open.pop_back();
                continue;
            }
            const auto may = open.empty() ? holds.end() : holds.find(open.back());
            EXPECT_TRUE(may == holds.end() || may->second.contains(tag.name))
                << open.back() << " " << tag.name;
            if (tag.kind == Tag::Kind::Open) open.push_back(tag.name);
        }
    });
}

// https://www.w3.org/WAI/WCAG22/Understanding/contrast-minimum.html
class Colors {
public:
    explicit Colors(std::string_view css) : css_(css) {}
    double contrast(const std::string& left, const std::string& right) const {
        const double a = luminance(left), b = luminance(right);
        return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
    }

private:
    double luminance(const std::string& token) const {
        const std::size_t at = css_.find("--" + token + ":#") + token.size() + 4;
        std::string hex(css_.substr(at, css_.find(';', at) - at));
        if (hex.size() == 3) hex = {hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]};
        const auto part = [&](std::size_t from) {
            const double value = std::stoi(hex.substr(from, 2), nullptr, 16) / 255.0;
            return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4);
    }
    std::string_view css_;
};

TEST(PacketAccess, WordsStandOutFromWhatTheyStandOnInTheLightAndInTheDark) {
    const std::string whole =
        assemble(packet_input(std::vector<std::string>{plain_patient}), knowledge())->html;
    const std::size_t light = whole.find(":root{"), dark = whole.find(":root{", light + 1);
    ASSERT_NE(dark, std::string::npos);
    for (const std::size_t scheme : {light, dark}) {
        const Colors colors(std::string_view(whole).substr(scheme));
        for (const char* on : {"paper", "wash", "band"})
            for (const char* word : {"ink", "ink-2", "link", "red", "amber", "green"})
                EXPECT_GE(colors.contrast(word, on), 4.5) << word << " on " << on;
        EXPECT_GE(colors.contrast("edge", "paper"), 3.0);
    }
}

}  // namespace
}  // namespace consultd
