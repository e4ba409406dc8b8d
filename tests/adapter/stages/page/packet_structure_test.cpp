// The page as a browser and a screen reader take it, of the samples' patients and of synthetic
// records where CONSULTD_DATA names them: well-formed, each id once, no link that leads nowhere,
// nothing from outside, headings in order, every drawing with its sentence, every table with its
// name.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/adapter/stages/page/tags.h"
#include "tests/adapter/stages/records_on_disk.h"
#include "tests/support/source_folder.h"

namespace consultd {
namespace {

using namespace consultd::testing;

void expect_well_formed(const std::vector<Tag>& tags) {
    std::vector<std::string> open;
    for (const Tag& tag : tags) {
        if (tag.kind == Tag::Kind::Open) open.push_back(tag.name);
        if (tag.kind != Tag::Kind::Close) continue;
        ASSERT_FALSE(open.empty()) << "</" << tag.name << "> closes nothing";
        ASSERT_EQ(open.back(), tag.name);
        open.pop_back();
    }
    EXPECT_TRUE(open.empty());
}

void expect_links_that_lead_somewhere(const std::vector<Tag>& tags) {
    std::set<std::string> ids;
    for (const Tag& tag : tags)
        if (tag.has("id")) {
            EXPECT_TRUE(ids.insert(tag["id"]).second) << tag["id"] << " twice";
        }
    for (const Tag& tag : tags) {
        // A file that the page holds is saved, and never shown as a page of its own.
        if (tag["href"].starts_with("data:")) {
            EXPECT_TRUE(tag.has("download"));
            EXPECT_EQ(tag["href"].find("text/html"), std::string::npos);
        } else if (tag.has("href")) {
            ASSERT_TRUE(tag["href"].starts_with('#')) << tag["href"];
            EXPECT_TRUE(ids.contains(tag["href"].substr(1))) << tag["href"];
        }
        for (const char* attribute : {"aria-labelledby", "aria-describedby", "for", "headers"})
            if (tag.has(attribute)) {
                EXPECT_TRUE(ids.contains(tag[attribute])) << tag[attribute];
            }
    }
}

void expect_nothing_from_outside(const std::vector<Tag>& tags) {
    static const std::set<std::string> never = {"script", "img",   "link",  "iframe",
                                                "object", "embed", "video", "audio",
                                                "base",   "form",  "image", "foreignObject"};
    for (const Tag& tag : tags) {
        EXPECT_FALSE(never.contains(tag.name)) << tag.name;
        for (const auto& [name, value] : tag.attributes) {
            EXPECT_FALSE(name == "src" || name == "srcset" || name == "data" ||
                         name == "background" || name == "xlink:href" || name.starts_with("on"))
                << name;
            if (name == "style") {
                EXPECT_EQ(value.find("url"), std::string::npos);
            }
        }
    }
}

// One h1; no level is left out on the way down.
void expect_headings_in_order(const std::vector<Tag>& tags) {
    int before = 0, first_levels = 0;
    for (const Tag& tag : tags) {
        if (tag.kind != Tag::Kind::Open || tag.name.size() != 2 || tag.name[0] != 'h') continue;
        if (tag.name[1] < '1' || tag.name[1] > '6') continue;
        const int level = tag.name[1] - '0';
        EXPECT_LE(level, before + 1) << "a heading of level " << level << " after " << before;
        first_levels += level == 1;
        before = level;
    }
    EXPECT_EQ(first_levels, 1);
}

// A drawing has a sentence or is decoration; a table has a caption, but for the earlier values that
// stand within a row of another; a header cell says what it heads.
void expect_words_for_drawings_and_tables(const std::vector<Tag>& tags) {
    std::size_t tables_open = 0;
    for (std::size_t i = 0; i < tags.size(); ++i) {
        const Tag& tag = tags[i];
        if (tag.name == "table") {
            if (tag.kind == Tag::Kind::Open && tables_open++ == 0) {
                EXPECT_EQ(tags.at(i + 1).name, "caption");
            }
            if (tag.kind == Tag::Kind::Close) --tables_open;
        }
        if (tag.kind != Tag::Kind::Open) continue;
        if (tag.name == "svg") {
            EXPECT_TRUE(tag["aria-hidden"] == "true" ||
                        (tag["role"] == "img" && !tag["aria-label"].empty()));
        }
        if (tag.name == "th") {
            EXPECT_TRUE(tag["scope"] == "col" || tag["scope"] == "row");
        }
    }
}

std::string page_of(const std::filesystem::path& file) {
    const Result<Packet> packet = assemble(record_of(file), knowledge());
    EXPECT_TRUE(packet.ok());
    return packet.ok() ? packet->html : std::string();
}

TEST(PacketStructure, HoldsForEveryRecord) {
    std::size_t pages = 0;
    for (const auto& file : records_on_disk()) {
        SCOPED_TRACE(file.filename());
        const std::string page = page_of(file);
        ++pages;
        const std::vector<Tag> tags = TagReader(page).read();
        EXPECT_GT(tags.size(), 100U);
        expect_well_formed(tags);
        expect_links_that_lead_somewhere(tags);
        expect_nothing_from_outside(tags);
        expect_headings_in_order(tags);
        expect_words_for_drawings_and_tables(tags);
        EXPECT_EQ(page.find("url("), std::string::npos);
        EXPECT_EQ(page.find("@import"), std::string::npos);
        EXPECT_NE(page.find("content=\"default-src 'none'; style-src 'unsafe-inline'\""),
                  std::string::npos);
    }
    EXPECT_GE(pages, 3U);
}

// The samples have what a drawing is made of: the check above saw some.
TEST(PacketStructure, TheSamplesHaveDrawings) {
    for (const char* name : {"melanoma", "marrow", "lupus"}) {
        SCOPED_TRACE(name);
        const std::string page = page_of(std::filesystem::path(source_folder()) /
                                         "samples/patients" / (std::string(name) + ".json"));
        EXPECT_NE(page.find("id=\"tl\""), std::string::npos);
        EXPECT_NE(page.find("<figure>"), std::string::npos);
        EXPECT_NE(page.find("class=\"band\""), std::string::npos);
        EXPECT_NE(page.find("class=\"out\""), std::string::npos);
    }
}

TEST(PacketStructure, TheSameRecordGivesTheSameBytes) {
    const std::filesystem::path file = source_folder() + "/samples/patients/marrow.json";
    EXPECT_EQ(page_of(file), page_of(file));
}

}  // namespace
}  // namespace consultd
