// Links of a narrative, found by reading its tags as XML 1.0 has them. What is not well-formed ends
// the search: what follows is carried as it is, and is not shown by anybody who reads XHTML
// strictly.
#include "adapter/stages/normalize/rewrite.h"

namespace consultd::normalizing {
namespace {

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string unescaped(std::string_view text) {
    constexpr std::pair<std::string_view, char> entities[] = {
        {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}};
    std::string out;
    while (!text.empty()) {
        std::size_t length = 1;
        char c = text[0];
        for (const auto& [entity, character] : entities)
            if (text.starts_with(entity)) length = entity.size(), c = character;
        out += c;
        text.remove_prefix(length);
    }
    return out;
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::vector<LinkAttribute> run() {
        while (at_ < text_.size() && (at_ = text_.find('<', at_)) != std::string_view::npos) {
            if (text_.substr(at_).starts_with("<!--")) {
                if (!skip_past("-->")) break;
            } else if (text_.substr(at_).starts_with("<![CDATA[")) {
                if (!skip_past("]]>")) break;
            } else if (!tag()) {
                break;
            }
        }
        return std::move(links_);
    }

private:
    bool skip_past(std::string_view end) {
        const std::size_t found = text_.find(end, at_);
        if (found == std::string_view::npos) return false;
        at_ = found + end.size();
        return true;
    }
    void skip_white() {
        while (at_ < text_.size() && is_white(text_[at_])) ++at_;
    }
    std::string_view name() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_white(text_[at_]) &&
               std::string_view("=/><\"'").find(text_[at_]) == std::string_view::npos)
            ++at_;
        return text_.substr(begin, at_ - begin);
    }

    bool tag() {
        ++at_;
        if (at_ < text_.size() && text_[at_] == '/') return skip_past(">");
        const std::string_view element = name();
        while (at_ < text_.size()) {
            const std::size_t begin = at_;
            skip_white();
            if (at_ < text_.size() && text_[at_] == '/') ++at_;
            if (at_ < text_.size() && text_[at_] == '>') return ++at_, true;
            if (!attribute(element, begin)) return false;
        }
        return false;
    }

    bool attribute(std::string_view element, std::size_t begin) {
        const std::string_view attribute = name();
        skip_white();
        if (attribute.empty() || at_ >= text_.size() || text_[at_] != '=') return false;
        ++at_;
        skip_white();
        if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return false;
        const std::size_t value = at_ + 1;
        const std::size_t end = text_.find(text_[at_], value);
        if (end == std::string_view::npos) return false;
        at_ = end + 1;
        if ((element == "a" && attribute == "href") || (element == "img" && attribute == "src"))
            links_.push_back({begin, at_, unescaped(text_.substr(value, end - value))});
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<LinkAttribute> links_;
};

}  // namespace

std::vector<LinkAttribute> find_links(std::string_view div) { return Scanner(div).run(); }

}  // namespace consultd::normalizing
