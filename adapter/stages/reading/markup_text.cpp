// The text of HTML and RTF from outside.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "adapter/stages/reading/attachment_text.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

void add_code_point(std::string& out, std::uint32_t code) {
    if (code < 0x20 && code != '\n' && code != '\t') return;
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
    const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xC0U | (code >> 6U));
    } else {
        if (code < 0x10000) {
            add(0xE0U | (code >> 12U));
        } else {
            add(0xF0U | (code >> 18U));
            add(0x80U | ((code >> 12U) & 0x3FU));
        }
        add(0x80U | ((code >> 6U) & 0x3FU));
    }
    add(0x80U | (code & 0x3FU));
}

// White space made one space; of ends of line as many as that stand together.
std::string tidy(std::string_view text, std::size_t ends_max) {
    std::string out;
    for (const char letter : text) {
        const bool is_space = letter == ' ' || letter == '\t' || letter == '\r';
        const char last = out.empty() ? '\n' : out.back();
        if (is_space && (last == ' ' || last == '\n')) continue;
        if (letter == '\n') {
            while (!out.empty() && out.back() == ' ') out.pop_back();
            if (out.empty() || out.ends_with(std::string(ends_max, '\n'))) continue;
        }
        out += is_space ? ' ' : letter;
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
    return out;
}

void add_entity(std::string& out, std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> named = {
        {{"amp", "&"},
         {"lt", "<"},
         {"gt", ">"},
         {"quot", "\""},
         {"apos", "'"},
         {"nbsp", " "},
         {"ndash", "–"},
         {"mdash", "—"},
         {"deg", "°"},
         {"micro", "µ"},
         {"plusmn", "±"},
         {"le", "≤"}}};
    if (name.size() > 1 && name.front() == '#') {
        const bool is_hex = name[1] == 'x' || name[1] == 'X';
        const std::string_view digits = name.substr(is_hex ? 2 : 1);
        std::uint32_t code = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, is_hex ? 16 : 10);
        if (error == std::errc() && end == digits.data() + digits.size())
            return add_code_point(out, code);
    }
    for (const auto& [known, text] : named)
        if (known == name) {
            out += text;
            return;
        }
    out.append("&").append(name).append(";");
}

// What a tag leaves in the text: an end of line, a cell's end, a mark of a list.
std::string_view mark_of(std::string_view tag) {
    constexpr std::string_view blocks[] = {
        "p",          "/p",  "div", "/div", "br",  "tr", "/tr",   "/h1",     "/h2",    "/h3",
        "/h4",        "/h5", "/li", "ul",   "/ul", "ol", "/ol",   "table",   "/table", "paragraph",
        "/paragraph", "h1",  "h2",  "h3",   "h4",  "h5", "/item", "/caption"};
    if (tag == "li" || tag == "item") return "\n- ";
    if (tag == "/td" || tag == "/th") return " | ";
    return std::ranges::find(blocks, tag) == std::end(blocks) ? std::string_view() : "\n";
}

// Past what a tag like script holds; to the end where it does not end.
std::size_t past_element(const std::string& lowered, std::size_t at, const std::string& tag) {
    const std::size_t end = lowered.find("</" + tag, at);
    const std::size_t close = end == lowered.npos ? end : lowered.find('>', end);
    return close == lowered.npos ? lowered.size() : close + 1;
}

// Groups of RTF that hold nothing to read.
bool is_hidden_group(std::string_view word) {
    constexpr std::string_view hidden[] = {
        "fonttbl", "colortbl",  "stylesheet", "info",      "pict",      "object", "header",
        "footer",  "themedata", "fldinst",    "listtable", "generator", "rsidtbl"};
    return std::ranges::find(hidden, word) != std::end(hidden);
}

// The code points of Windows' own letters from 0x80 to 0x9F.
constexpr std::array<std::uint16_t, 32> windows = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

class Rtf {
public:
    explicit Rtf(std::string_view rtf) : rtf_(rtf) {}

    std::string read() {
        while (at_ < rtf_.size()) {
            const char letter = rtf_[at_++];
            if (letter == '{')
                ++depth_;
            else if (letter == '}')
                close();
            else if (letter == '\\')
                control();
            else if (letter != '\r' && letter != '\n')
                add(std::string_view(&letter, 1));
        }
        return tidy(out_, 2);
    }

private:
    bool is_hidden() const { return hidden_at_ != 0; }
    void add(std::string_view text) {
        if (skip_ > 0)
            --skip_;  // stands for the same letter where Unicode is not read
        else if (!is_hidden())
            out_ += text;
    }
    void close() {
        if (depth_ == hidden_at_) hidden_at_ = 0;
        if (depth_ > 0) --depth_;
    }
    void hide() {
        if (!is_hidden()) hidden_at_ = depth_;
    }

    void control() {
        if (at_ >= rtf_.size()) return;
        const char first = rtf_[at_];
        if (std::isalpha(static_cast<unsigned char>(first)) != 0) return word();
        ++at_;
        if (first == '\'') return hex_letter();
        if (first == '*') return hide();
        if (first == '~') return add(" ");
        if (first == '\n' || first == '\r') return add("\n");
        if (first == '\\' || first == '{' || first == '}') add(std::string_view(&first, 1));
    }

    void hex_letter() {
        std::uint32_t code = 0;
        const std::string_view digits = rtf_.substr(at_, 2);
        at_ += digits.size();
        if (std::from_chars(digits.data(), digits.data() + digits.size(), code, 16).ec !=
            std::errc())
            return;
        std::string letter;
        add_code_point(letter, code >= 0x80 && code < 0xA0 ? windows[code - 0x80] : code);
        add(letter);
    }

    void word() {
        const std::size_t start = at_;
        while (at_ < rtf_.size() && std::isalpha(static_cast<unsigned char>(rtf_[at_])) != 0) ++at_;
        const std::string_view name = rtf_.substr(start, at_ - start);
        const std::size_t digits = at_;
        if (at_ < rtf_.size() && rtf_[at_] == '-') ++at_;
        while (at_ < rtf_.size() && std::isdigit(static_cast<unsigned char>(rtf_[at_])) != 0) ++at_;
        int number = 0;
        std::from_chars(rtf_.data() + digits, rtf_.data() + at_, number);
        if (at_ < rtf_.size() && rtf_[at_] == ' ') ++at_;
        if (name == "par" || name == "line" || name == "row" || name == "page") return add("\n");
        if (name == "tab" || name == "cell") return add(name == "tab" ? " " : " | ");
        if (name == "u") {
            std::string letter;
            add_code_point(letter,
                           static_cast<std::uint32_t>(number < 0 ? number + 0x10000 : number));
            add(letter);
            skip_ = is_hidden() ? 0 : 1;
        } else if (is_hidden_group(name)) {
            hide();
        }
    }

    std::string_view rtf_;
    std::size_t at_ = 0, depth_ = 0, hidden_at_ = 0;
    int skip_ = 0;
    std::string out_;
};

}  // namespace

std::string text_of_html(std::string_view html) {
    const std::string lowered = lower(html);
    std::string out;
    std::size_t at = 0;
    while (at < html.size()) {
        const char letter = html[at];
        if (letter == '&') {
            const std::size_t end = html.find(';', at);
            if (end != html.npos && end - at < 12) {
                add_entity(out, html.substr(at + 1, end - at - 1));
                at = end + 1;
                continue;
            }
        }
        const bool is_tag = letter == '<' && at + 1 < html.size() &&
                            (std::isalpha(static_cast<unsigned char>(html[at + 1])) != 0 ||
                             html[at + 1] == '/' || html[at + 1] == '!' || html[at + 1] == '?');
        if (!is_tag) {
            out += letter == '\n' ? ' ' : letter;
            ++at;
            continue;
        }
        if (html.substr(at, 4) == "<!--") {
            const std::size_t end = html.find("-->", at);
            at = end == html.npos ? html.size() : end + 3;
            continue;
        }
        const std::size_t end = std::min(html.find('>', at), html.size() - 1);
        const std::size_t name_end = lowered.find_first_of(" \t\r\n/>", at + 2);
        const std::string tag = lowered.substr(at + 1, std::min(name_end, end) - at - 1);
        at = end + 1;
        out += mark_of(tag);
        if (tag == "script" || tag == "style" || tag == "head" || tag == "title")
            at = past_element(lowered, at, tag);
    }
    return tidy(out, 1);
}

std::string text_of_rtf(std::string_view rtf) {
    return rtf.starts_with("{\\rtf") ? Rtf(rtf).read() : std::string();
}

}  // namespace consultd
