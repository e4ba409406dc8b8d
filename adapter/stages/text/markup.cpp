// The words of HTML and XML from outside, well formed or not.
#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "adapter/stages/text/letters.h"
#include "adapter/stages/text/marks.h"
#include "adapter/stages/text/tags.h"
#include "adapter/stages/text/text.h"
#include "adapter/stages/text/tidy.h"

namespace consultd {
namespace {

bool is_letter(char one) {
    return std::isalnum(static_cast<unsigned char>(one)) != 0 ||
           static_cast<unsigned char>(one) >= 0x80;
}

// What a tag leaves in the text: an end of line, a cell's end, a mark of a list.
std::string_view mark_of(std::string_view tag) {
    constexpr std::string_view blocks[] = {
        "p",   "div", "br",     "tr",        "h1",       "h2",      "h3",
        "h4",  "h5",  "h6",     "/li",       "ul",       "ol",      "dl",
        "dt",  "dd",  "/item",  "hr",        "section",  "list",    "table",
        "pre", "nav", "footer", "paragraph", "/caption", "article", "blockquote"};
    if (tag == "li" || tag == "item") return "\n- ";
    if (tag == "/td" || tag == "/th") return " | ";
    if (std::ranges::find(blocks, tag) != std::end(blocks)) return "\n";
    if (tag.starts_with('/')) tag.remove_prefix(1);
    return std::ranges::find(blocks, tag) == std::end(blocks) ? std::string_view() : "\n";
}

// An index past the end of a tag that begins at `at`: a ">" in quotes does not end it.
std::size_t tag_end(std::string_view text, std::size_t at) {
    for (std::size_t i = at; i < text.size(); ++i) {
        if (text[i] == '>') return i;
        if (text[i] != '=') continue;
        const std::size_t quote = text.find_first_not_of(" \t\r\n", i + 1);
        if (quote == text.npos || (text[quote] != '"' && text[quote] != '\'')) continue;
        const std::size_t close = text.find(text[quote], quote + 1);
        if (close == text.npos) return std::min(text.find('>', i), text.size());
        i = close;
    }
    return text.size();
}

std::size_t find_without_case(std::string_view text, std::string_view lowered, std::size_t from) {
    const auto found =
        std::search(text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size())),
                    text.end(), lowered.begin(), lowered.end(), [](char left, char right) {
                        return std::tolower(static_cast<unsigned char>(left)) == right;
                    });
    return found == text.end() ? text.npos : static_cast<std::size_t>(found - text.begin());
}

// With or without marks for what is shown by more than letters.
class Markup {
public:
    explicit Markup(std::string_view text, bool marks = false) : text_(text), marks_(marks) {}

    FileText read() {
        while (at_ < text_.size()) step();
        while (!marked_.empty()) end_last_mark();
        add_variants();
        out_.form = FileText::Form::Markup;
        out_.shown = tidy(out_.shown, 1);
        if (!marks_ && has_marks_) {
            // Words are looked for without the marks.
            out_.unseen.append("\n").append(out_.shown);
            out_.shown = Markup(text_, true).read().shown;
        }
        return std::move(out_);
    }

private:
    // An element whose words are marked, and how many of its name are open within it.
    struct Marked {
        std::string name;
        MarkedPart part;
        std::size_t inner = 0;
    };

    void step() {
        const char letter = text_[at_];
        if (letter == '&') return entity();
        const char next = letter == '<' && at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (std::isalpha(static_cast<unsigned char>(next)) != 0 || next == '/') return tag();
        if (next == '!' || next == '?') return declaration();
        part_from_mark(text_.substr(at_, 1), out_.shown);
        out_.shown += letter == '\n' ? ' ' : letter;
        ++at_;
    }

    void entity() {
        const Entity found = entity_at(text_.substr(at_ + 1));
        if (found.length > 0) {
            part_from_mark("a", out_.shown);
            // A blank that only keeps a line together is a blank.
            append_letter(found.letter == 0xA0 ? ' ' : found.letter, out_.shown);
            at_ += 1 + found.length;
            return;
        }
        // One that nobody here knows may part a word.
        std::size_t end = at_ + 1;
        while (end < text_.size() && end < at_ + 32 &&
               std::isalnum(static_cast<unsigned char>(text_[end])) != 0)
            ++end;
        if (text_.substr(end, 1) == ";") unknown_.emplace_back(out_.shown.size(), end + 1 - at_);
        out_.shown += '&';
        ++at_;
    }

    // A comment, CDATA, a document type, an instruction.
    void declaration() {
        const auto until = [&](std::size_t from, std::string_view close) {
            const std::size_t end = text_.find(close, from);
            at_ = end == text_.npos ? text_.size() : end + close.size();
            return text_.substr(from, end == text_.npos ? end : end - from);
        };
        const std::string_view rest = text_.substr(at_);
        if (rest.starts_with("<!--")) return unseen(until(at_ + 4, "-->"));
        if (rest.starts_with("<![CDATA[")) {
            const std::string_view data = until(at_ + 9, "]]>");
            out_.shown += data;
            if (data.find_first_of("<&") != data.npos) inner_.emplace_back(data);
            return;
        }
        const std::string_view said = until(at_ + 2, ">");
        // Entities of its own may mean anything.
        if (said.find("<!ENTITY") != said.npos) out_.is_whole = false;
        unseen(said);
    }

    void tag() {
        const std::size_t end = tag_end(text_, at_);
        const std::string_view said = text_.substr(at_ + 1, end - at_ - 1);
        std::string name(said.substr(0, said.find_first_of(" \t\r\n/>", 1)));
        for (char& one : name)
            one = static_cast<char>(std::tolower(static_cast<unsigned char>(one)));
        at_ = std::min(end + 1, text_.size());
        if (said.size() > name.size()) unseen(said.substr(name.size()));
        const std::string_view mark = mark_of(name);
        const bool is_inside_a_word = mark.empty() && !out_.shown.empty() && at_ < text_.size() &&
                                      is_letter(out_.shown.back()) && is_letter(text_[at_]);
        if (is_inside_a_word) parted_.push_back(out_.shown.size());
        out_.shown += mark;
        if (name == "img" || name == "object" || name == "embed") has_picture_ = true;
        const Tag told(name, said);
        has_marks_ = has_marks_ || told.is_marked();
        if (marks_) add_mark(told);
        if (name != "script" && name != "style" && name != "title") return;
        const std::size_t close = find_without_case(text_, "</" + name, at_);
        unseen(text_.substr(at_, close == text_.npos ? close : close - at_));
        at_ = close == text_.npos ? text_.size()
                                  : std::min(text_.find('>', close), text_.size() - 1) + 1;
    }

    void add_mark(const Tag& tag) {
        if (tag.is_end()) return end_marks_of(tag.name());
        if (const std::string sign = tag.sign(); !sign.empty()) out_.shown += " " + sign + " ";
        if (const auto kind = tag.mark(); kind && !tag.is_void())
            marked_.push_back({std::string(tag.name()), begin_mark(*kind, out_.shown)});
        else if (!marked_.empty() && marked_.back().name == tag.name())
            ++marked_.back().inner;
    }
    void end_last_mark() {
        end_mark(marked_.back().part, out_.shown);
        marked_.pop_back();
    }
    // What was opened within an element ends with it.
    void end_marks_of(std::string_view name) {
        const auto last = std::ranges::find(marked_.rbegin(), marked_.rend(), name, &Marked::name);
        if (last == marked_.rend()) return;
        if (last->inner > 0) {
            --last->inner;
            return;
        }
        const auto left = static_cast<std::size_t>(marked_.rend() - last) - 1;
        while (marked_.size() > left) end_last_mark();
    }

    // Its entities read, since a reader of it would read them.
    void unseen(std::string_view said) {
        while (!said.empty()) {
            const std::size_t plain = std::min(said.find('&'), said.size());
            out_.unseen += said.substr(0, plain);
            said.remove_prefix(plain);
            if (said.empty()) break;
            const Entity found = entity_at(said.substr(1));
            if (found.length > 0)
                append_letter(found.letter, out_.unseen);
            else
                out_.unseen += '&';
            said.remove_prefix(1 + found.length);
        }
        out_.unseen += '\n';
    }

    // The same text as a word may stand in it otherwise: where tags that leave nothing part words,
    // and without the entities that nobody here knows; and the markup inside CDATA.
    void add_variants() {
        std::size_t from = 0;
        for (const std::size_t at : parted_) {
            out_.unseen.append(out_.shown, from, at - from) += ' ';
            from = at;
        }
        if (!parted_.empty()) out_.unseen.append(out_.shown, from) += '\n';
        from = 0;
        for (const auto& [at, length] : unknown_) {
            if (at < from) continue;
            out_.unseen.append(out_.shown, from, at - from);
            from = std::min(at + length, out_.shown.size());
        }
        if (!unknown_.empty()) out_.unseen.append(out_.shown, from) += '\n';
        for (const std::string_view data : inner_) {
            // One level: what stands in it has no CDATA, which ends it.
            FileText inner = Markup(data).read();
            out_.unseen.append(inner.shown).append("\n").append(inner.unseen);
        }
        const bool has_words = std::ranges::any_of(out_.shown, is_letter);
        if (has_picture_ && !has_words) out_.is_whole = false;
    }

    std::string_view text_;
    bool marks_, has_marks_ = false;
    std::size_t at_ = 0;
    FileText out_;
    std::vector<Marked> marked_;
    std::vector<std::size_t> parted_;                           // of the shown text
    std::vector<std::pair<std::size_t, std::size_t>> unknown_;  // entities: where, how long
    std::vector<std::string_view> inner_;
    bool has_picture_ = false;
};

// "title" or "text", of the tag that begins a section's; empty: of another one.
std::string_view section_tag(std::string_view tag) {
    for (const std::string_view name : {"title", "text"})
        if (tag.starts_with(name) &&
            std::string_view("> \t\r\n").find(tag[name.size()]) != tag.npos)
            return name;
    return {};
}

}  // namespace

FileText text_of_markup(std::string_view markup) { return Markup(markup).read(); }

FileText text_of_clinical_document(std::string_view xml) {
    FileText out = text_of_markup(xml);
    out.unseen.append("\n").append(out.shown);
    out.shown.clear();
    out.form = FileText::Form::ClinicalDocument;
    std::size_t open = 0;  // the end of the tag looked at, or one behind it
    bool is_over = false;
    for (std::size_t at = xml.find('<'); at != xml.npos && !is_over; at = xml.find('<', at + 1)) {
        if (open <= at) open = xml.find('>', at);
        if (open == xml.npos) break;
        const std::string_view tag = section_tag(xml.substr(at + 1, open - at));
        // A body that is a file is read as that file.
        if (tag.empty() || xml.substr(at, open - at).find("B64") != xml.npos) continue;
        const std::size_t end = xml.find("</" + std::string(tag), open);
        is_over = end == xml.npos;
        const std::string block = text_of_markup(xml.substr(open + 1, end - open - 1)).shown;
        if (!out.shown.empty() && !block.empty()) out.shown += '\n';
        out.shown += block;
        at = is_over ? at : end;
    }
    return out;
}

}  // namespace consultd
