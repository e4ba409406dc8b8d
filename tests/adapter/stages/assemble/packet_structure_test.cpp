// The page as a machine reads it: elements closed, names unique, every link led to, headings in
// order, nothing loaded from anywhere. On the records that come with the project and, where
// CONSULTD_DATA names them, on many more.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tests/adapter/stages/assemble/records_on_disk.h"

namespace consultd {
namespace {

using namespace consultd::testing;

struct Tag {
    std::string name, attributes;
    bool is_end = false, is_closed = false;
};

std::vector<Tag> tags_of(const std::string& page) {
    static const std::regex tag(
        R"(<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[^\s=>/]+(?:="[^"]*")?)*)\s*(/?)>)");
    const std::size_t body = page.find("</style>");
    std::vector<Tag> tags;
    for (std::sregex_iterator
             at(page.begin() + static_cast<std::ptrdiff_t>(body + 8), page.end(), tag),
         end;
         at != end; ++at)
        tags.push_back({(*at)[2], (*at)[3], (*at)[1].length() > 0, (*at)[4].length() > 0});
    return tags;
}

std::string attribute(const Tag& tag, const std::string& name) {
    const std::size_t at = tag.attributes.find(" " + name + "=\"");
    if (at == std::string::npos) return {};
    const std::size_t from = at + name.size() + 3;
    return tag.attributes.substr(from, tag.attributes.find('"', from) - from);
}

void expect_balanced(const std::vector<Tag>& tags) {
    static const std::set<std::string> never_closed{"br", "meta", "hr", "wbr", "col"};
    std::vector<std::string> open{"html", "head"};
    for (const Tag& tag : tags) {
        if (tag.is_closed || never_closed.contains(tag.name)) continue;
        if (!tag.is_end) {
            open.push_back(tag.name);
            continue;
        }
        ASSERT_FALSE(open.empty());
        ASSERT_EQ(open.back(), tag.name);
        open.pop_back();
    }
    EXPECT_TRUE(open.empty());
}

void expect_links_lead_somewhere(const std::vector<Tag>& tags) {
    std::set<std::string> ids;
    for (const Tag& tag : tags)
        if (const std::string id = attribute(tag, "id"); !id.empty() && !ids.insert(id).second)
            ADD_FAILURE() << id << " twice";
    for (const Tag& tag : tags) {
        const std::string link = attribute(tag, "href");
        if (link.starts_with("#") && !ids.contains(link.substr(1)))
            ADD_FAILURE() << link << " leads nowhere";
        EXPECT_EQ(attribute(tag, "src").find("//"), std::string::npos);
        if (tag.name == "use" && !link.starts_with("#")) ADD_FAILURE() << link;
    }
}

void expect_headings_in_order(const std::vector<Tag>& tags) {
    int level = 0, firsts = 0;
    for (const Tag& tag : tags) {
        if (tag.is_end || tag.name.size() != 2 || tag.name[0] != 'h' || tag.name[1] < '1' ||
            tag.name[1] > '6')
            continue;
        const int next = tag.name[1] - '0';
        EXPECT_LE(next, level + 1) << "a level is left out";
        firsts += next == 1 ? 1 : 0;
        level = next;
    }
    EXPECT_EQ(firsts, 1);
}

void expect_drawings_are_named(const std::vector<Tag>& tags) {
    for (const Tag& tag : tags)
        if (tag.name == "svg" && !tag.is_end && attribute(tag, "aria-label").empty() &&
            attribute(tag, "aria-hidden") != "true")
            ADD_FAILURE() << "a drawing without a name: " << tag.attributes;
}

TEST(PacketStructure, EveryPageIsWholeAndLoadsNothing) {
    std::size_t pages = 0;
    for (const auto& file : records_on_disk()) {
        SCOPED_TRACE(file.filename());
        const Result<Packet> packet = assemble(record_of(file));
        ASSERT_TRUE(packet);
        const std::string& page = packet->html;
        const std::vector<Tag> tags = tags_of(page);
        EXPECT_GT(tags.size(), 300U);
        expect_balanced(tags);
        expect_links_lead_somewhere(tags);
        expect_headings_in_order(tags);
        expect_drawings_are_named(tags);
        const std::string style = page.substr(0, page.find("</style>"));
        for (const char* loads : {"@import", "url(", "http:", "https:"})
            EXPECT_EQ(style.find(loads), std::string::npos) << loads;
        EXPECT_NE(page.find("Content-Security-Policy"), std::string::npos);
        ++pages;
    }
    EXPECT_GE(pages, 3U) << "the samples' own";
}

}  // namespace
}  // namespace consultd
