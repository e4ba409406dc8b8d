// The words of RTF.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

#include "adapter/stages/text/letters.h"
#include "adapter/stages/text/marks.h"
#include "adapter/stages/text/text.h"
#include "adapter/stages/text/tidy.h"
#include "fhir/base/utf8.h"

namespace consultd {
namespace {

// What of a group people read, what they do not, and what is no text at all.
enum class Kind : std::uint8_t { Shown, Unseen, Binary };

Kind kind_of(std::string_view word) {
    constexpr std::string_view unseen[] = {
        "fonttbl", "colortbl",  "stylesheet", "info",       "header",    "footer", "fldinst",
        "rsidtbl", "listtable", "generator",  "annotation", "atnauthor", "xe",     "tc"};
    constexpr std::string_view binary[] = {"pict", "objdata", "themedata", "datastore",
                                           "colorschememapping"};
    if (std::ranges::find(binary, word) != std::end(binary)) return Kind::Binary;
    return std::ranges::find(unseen, word) == std::end(unseen) ? Kind::Shown : Kind::Unseen;
}

// What a control word says by itself.
std::string_view text_of_word(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 17> words = {
        {{"par", "\n"},
         {"line", "\n"},
         {"row", "\n"},
         {"page", "\n"},
         {"sect", "\n"},
         {"column", "\n"},
         {"tab", " "},
         {"cell", " | "},
         {"emdash", "—"},
         {"endash", "–"},
         {"lquote", "‘"},
         {"rquote", "’"},
         {"ldblquote", "“"},
         {"rdblquote", "”"},
         {"bullet", "•"},
         {"emspace", " "},
         {"enspace", " "}}};
    for (const auto& [name, text] : words)
        if (name == word) return text;
    return {};
}

// With or without marks for what is shown by more than letters.
class Rtf {
public:
    explicit Rtf(std::string_view rtf, bool marks = false)
        : rtf_(rtf), is_utf8_(is_utf8(rtf)), marks_(marks) {}

    FileText read() {
        while (at_ < rtf_.size()) {
            const char letter = rtf_[at_++];
            if (letter == '{' || letter == '}')
                letter == '{' ? open() : close();
            else if (letter == '\\')
                control();
            else if (static_cast<unsigned char>(letter) >= 0x80)
                add(foreign_letter(letter));
            else if (letter != '\r' && letter != '\n' && letter != '\0')
                add(std::string_view(&letter, 1));
        }
        look({});
        FileText out;
        out.form = FileText::Form::Rtf;
        out.shown = tidy(shown_, 2);
        out.unseen = tidy(unseen_, 1);
        out.is_whole = !has_object_ && (!has_picture_ || !out.shown.empty());
        if (!marks_ && has_marks_) {
            // Words are looked for without the marks.
            out.unseen.append("\n").append(out.shown);
            out.shown = Rtf(rtf_, true).read().shown;
        }
        return out;
    }

private:
    // How letters are shown by more than themselves.
    struct Look {
        bool is_struck = false;
        std::optional<Mark> off_line;  // above or below it
        bool operator==(const Look&) const = default;
    };
    struct Group {
        Kind kind = Kind::Shown;
        bool is_hidden = false;    // by \v
        std::size_t fallback = 1;  // how much stands for a letter where Unicode is not read
        Look look;
    };

    void open() {
        skip_ = 0;
        if (groups_.size() < depth_max)
            groups_.push_back(groups_.back());
        else
            ++too_deep_;
    }
    void close() {
        skip_ = 0;
        if (too_deep_ > 0)
            --too_deep_;
        else if (groups_.size() > 1)
            groups_.pop_back();
        unseen_ += groups_.back().kind == Kind::Shown ? "\n" : "";
    }
    void become(Kind kind) { groups_.back().kind = std::max(groups_.back().kind, kind); }

    void add(std::string_view text) {
        if (skip_ > 0) {
            --skip_;
            return;
        }
        const Group& group = groups_.back();
        if (group.kind == Kind::Binary) return;
        if (group.kind == Kind::Unseen || group.is_hidden) {
            unseen_ += text;
            return;
        }
        look(group.look);
        part_from_mark(text, shown_);
        shown_ += text;
    }

    // What is shown otherwise from here on.
    void look(const Look& now) {
        has_marks_ = has_marks_ || now != Look();
        if (!marks_ || now == look_) return;
        if (off_line_) end_mark(*off_line_, shown_);
        off_line_.reset();
        if (now.is_struck != look_.is_struck) {
            if (struck_) end_mark(*struck_, shown_);
            struck_.reset();
            if (now.is_struck) struck_ = begin_mark(Mark::Struck, shown_);
        }
        if (now.off_line) off_line_ = begin_mark(*now.off_line, shown_);
        look_ = now;
    }
    void change_look(std::string_view word, bool is_on) {
        Look& look = groups_.back().look;
        if (word == "strike" || word == "striked" || word == "deleted") look.is_struck = is_on;
        if (word == "super" || word == "up")
            look.off_line = is_on ? std::optional(Mark::Raised) : std::nullopt;
        if (word == "sub" || word == "dn")
            look.off_line = is_on ? std::optional(Mark::Lowered) : std::nullopt;
        if (word == "nosupersub") look.off_line.reset();
        if (word == "plain") look = Look();
    }

    // A letter that is not ASCII's: of UTF-8 where all of the file is, else of Windows.
    std::string foreign_letter(char first) {
        char32_t code = 0;
        if (const std::size_t length = is_utf8_ ? decode_utf8(rtf_.substr(at_ - 1), code) : 0;
            length > 0)
            at_ += length - 1;
        else
            code = windows_letter(static_cast<unsigned char>(first));
        std::string letter;
        append_letter(code, letter);
        return letter;
    }

    void control() {
        if (at_ >= rtf_.size()) return;
        const char first = rtf_[at_];
        if (std::isalpha(static_cast<unsigned char>(first)) != 0) return word();
        ++at_;
        if (static_cast<unsigned char>(first) >= 0x80) {
            foreign_letter(first);  // is no control word, and says nothing
            return;
        }
        if (first == '\'') return hex_letter();
        if (first == '*') return become(Kind::Unseen);
        if (first == '~') return add(" ");
        if (first == '_') return add("-");
        if (first == '\n' || first == '\r') return add("\n");
        if (first == '\\' || first == '{' || first == '}') add(std::string_view(&first, 1));
    }

    void hex_letter() {
        unsigned code = 0;
        const std::string_view digits = rtf_.substr(at_, 2);
        at_ += digits.size();
        if (std::from_chars(digits.data(), digits.data() + digits.size(), code, 16).ec !=
            std::errc())
            return;
        std::string letter;
        append_letter(windows_letter(static_cast<unsigned char>(code)), letter);
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
        const bool has_number = at_ > digits;
        if (at_ < rtf_.size() && rtf_[at_] == ' ') ++at_;
        if (name == "bin") return pass_bytes(number);
        if (skip_ > 0) {
            --skip_;  // a whole control word stands for the letter
            return;
        }
        if (name == "u") return unicode_letter(number);
        if (name == "uc")
            groups_.back().fallback = static_cast<std::size_t>(std::clamp(number, 0, 16));
        if (name == "v") groups_.back().is_hidden = !has_number || number != 0;
        if (name == "plain") groups_.back().is_hidden = false;
        change_look(name, !has_number || number != 0);
        if (name == "pict") picture();
        if (name == "objdata") has_object_ = true;
        become(kind_of(name));
        if (const std::string_view text = text_of_word(name); !text.empty()) add(text);
    }

    void picture() {
        has_picture_ = has_marks_ = true;
        if (marks_) add(" " + picture_mark({}) + " ");
    }

    // So many bytes of anything: braces among them mean nothing.
    void pass_bytes(int count) {
        at_ += std::min(static_cast<std::size_t>(std::max(count, 0)), rtf_.size() - at_);
        has_picture_ = true;
        if (skip_ > 0) --skip_;
    }

    void unicode_letter(int number) {
        const auto unit = static_cast<std::uint32_t>(number < 0 ? number + 0x10000 : number);
        const bool is_high = unit >= 0xD800 && unit < 0xDC00;
        const bool is_low = unit >= 0xDC00 && unit < 0xE000;
        std::string letter;
        if (is_low && high_ != 0)
            append_letter(0x10000 + ((high_ & 0x3FFU) << 10U) + (unit & 0x3FFU), letter);
        else if (!is_high)
            append_letter(unit, letter);
        high_ = is_high ? unit : 0;
        add(letter);
        skip_ = groups_.back().fallback;
    }

    static constexpr std::size_t depth_max = 1000;
    std::string_view rtf_;
    bool is_utf8_;
    bool marks_, has_marks_ = false;
    Look look_;  // of the last letter shown
    std::optional<MarkedPart> struck_, off_line_;
    std::size_t at_ = 0, too_deep_ = 0, skip_ = 0;
    std::uint32_t high_ = 0;
    std::vector<Group> groups_ = std::vector<Group>(1);
    std::string shown_, unseen_;
    bool has_picture_ = false, has_object_ = false;
};

}  // namespace

FileText text_of_rtf(std::string_view rtf) { return Rtf(rtf).read(); }

}  // namespace consultd
