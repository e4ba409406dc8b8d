// The tags of our own markup, for tests of what a browser makes of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace consultd::testing {

struct Tag {
    std::string name;
    std::map<std::string, std::string> attributes;
    enum class Kind { Open, Close, Empty } kind = Kind::Open;
    bool has(const std::string& attribute) const { return attributes.contains(attribute); }
    std::string operator[](const std::string& attribute) const {
        const auto found = attributes.find(attribute);
        return found == attributes.end() ? "" : found->second;
    }
};

// Reads the tags of our own markup, which quotes every attribute; whatever it cannot read fails.
class TagReader {
public:
    explicit TagReader(std::string_view page) : rest_(page) {}

    std::vector<Tag> read() {
        std::vector<Tag> tags;
        for (std::size_t at = rest_.find('<'); at != rest_.npos; at = rest_.find('<')) {
            EXPECT_EQ(rest_.substr(0, at).find('>'), rest_.npos) << "a > outside of a tag";
            rest_.remove_prefix(at + 1);
            if (rest_.starts_with("!doctype html>")) {
                rest_.remove_prefix(rest_.find('>') + 1);
                continue;
            }
            tags.push_back(tag());
            if (tags.back().name == "style" && tags.back().kind == Tag::Kind::Open)
                rest_.remove_prefix(std::min(rest_.find("</style>"), rest_.size()));
        }
        return tags;
    }

private:
    std::string word() {
        std::size_t end = 0;
        while (end < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[end])) ||
                                      rest_[end] == '-' || rest_[end] == ':'))
            ++end;
        std::string out(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return out;
    }
    bool skip(char letter) {
        if (!rest_.starts_with(letter)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    Tag tag() {
        Tag tag;
        if (skip('/')) tag.kind = Tag::Kind::Close;
        tag.name = word();
        EXPECT_FALSE(tag.name.empty()) << "an unescaped <: " << rest_.substr(0, 40);
        while (skip(' ')) {
            const std::string attribute = word();
            std::string value;
            if (skip('=')) {
                EXPECT_TRUE(skip('"')) << "an attribute without quotes in " << tag.name;
                const std::size_t end = std::min(rest_.find('"'), rest_.size());
                value = rest_.substr(0, end);
                rest_.remove_prefix(std::min(end + 1, rest_.size()));
            }
            EXPECT_TRUE(tag.attributes.emplace(attribute, value).second)
                << attribute << " twice in " << tag.name;
        }
        if (skip('/')) tag.kind = Tag::Kind::Empty;
        EXPECT_TRUE(skip('>')) << "in " << tag.name << ": " << rest_.substr(0, 40);
        static const std::set<std::string> empty = {"meta", "br", "col"};
        if (empty.contains(tag.name)) tag.kind = Tag::Kind::Empty;
        return tag;
    }

    std::string_view rest_;
};

}  // namespace consultd::testing
