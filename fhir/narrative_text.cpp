// What a narrative says: its text without markup, where it points; and any text made fit for XML.
#include <algorithm>

#include "fhir/base/raised.h"
#include "fhir/narrative.h"
#include "fhir/narrative_tree.h"

namespace consultd::fhir {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

constexpr std::string_view blocks[] = {"blockquote", "caption", "dd",    "div",   "dl", "dt",
                                       "form",       "h1",      "h2",    "h3",    "h4", "h5",
                                       "h6",         "hr",      "li",    "ol",    "p",  "pre",
                                       "table",      "tbody",   "tfoot", "thead", "tr", "ul"};

// Collects words into lines; white space counts only as a gap between words.
class LineWriter {
public:
    void add(const NarrativeNode& node, bool is_preformatted) {
        if (node.is_text())
            return is_preformatted ? add_preformatted(node.text) : add_words(node.text);
        if (is_dropped_with_contents(node.name)) return;
        if (node.name == "img") return add_words(node.attribute("alt"));
        const bool is_block =
            std::find(std::begin(blocks), std::end(blocks), node.name) != std::end(blocks);
        if (is_block || node.name == "br") end_line();
        if (node.name == "li") mark_ = "- ";
        if (node.name == "td" || node.name == "th") start_cell();
        const bool is_struck = is_struck_out(node);
        if (is_struck) add_words(" [struck: ");
        const std::size_t begin = line_.size();
        for (const NarrativeNode& child : node.children)
            add(child, is_preformatted || node.name == "pre");
        if (is_struck) add_words("] ");
        if (node.name == "sup" || node.name == "sub") move_off_line(begin, node.name == "sup");
        if (node.name == "tr") is_in_row_ = false;
        if (is_block) end_line();
    }
    std::string take() {
        end_line();
        return std::move(out_);
    }

private:
    static bool is_struck_out(const NarrativeNode& node) {
        return node.name == "del" || node.name == "s" || node.name == "strike" ||
               node.attribute("style").find("line-through") != std::string_view::npos;
    }
    // "10" and "9" above the line must not read as 109.
    void move_off_line(std::size_t begin, bool is_up) {
        if (line_.size() <= begin) return;
        const std::string inner = line_.substr(begin);
        line_.replace(begin, std::string::npos, is_up ? raised(inner) : lowered(inner));
    }
    void add_words(std::string_view text) {
        for (const char c : text) {
            if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
                gap_ = true;
            else
                add_character(c);
        }
    }
    void add_preformatted(std::string_view text) {
        for (const char c : text) {
            if (c == '\n')
                end_line();
            else if (c != '\r')
                line_ += c;
        }
    }
    void add_character(char c) {
        if (gap_ && !line_.empty() && line_.back() != ' ') line_ += ' ';
        gap_ = false;
        line_ += c;
    }
    void start_cell() {
        if (is_in_row_) {
            line_ += line_.empty() || line_.back() == ' ' ? "| " : " | ";
            gap_ = false;
        }
        is_in_row_ = true;
    }
    void end_line() {
        gap_ = false;
        const std::size_t last = line_.find_last_not_of(" \t");
        if (last != std::string::npos) {
            line_.erase(last + 1);
            if (!out_.empty()) out_ += '\n';
            out_ += mark_;
            out_ += line_;
            mark_ = {};
        }
        line_.clear();
    }

    std::string out_;
    std::string line_;
    std::string_view mark_;  // stands before the next line
    bool gap_ = false;
    bool is_in_row_ = false;
};

void add_anchors(const NarrativeNode& node, NarrativeAnchors& anchors) {
    if (const std::string_view id = node.attribute("id"); !id.empty())
        anchors.names.emplace_back(id);
    const std::string_view link = node.attribute("href"), source = node.attribute("src");
    if (node.name == "a") {
        if (const std::string_view name = node.attribute("name"); !name.empty())
            anchors.names.emplace_back(name);
        if (link.starts_with('#')) anchors.links.emplace_back(link.substr(1));
    }
    if (node.name == "img" && source.starts_with('#'))
        anchors.images.emplace_back(source.substr(1));
    for (const NarrativeNode& child : node.children) add_anchors(child, anchors);
}

}  // namespace

Result<NarrativeAnchors> narrative_anchors(std::string_view div) {
    TRY_ASSIGN(const NarrativeNode root, parse_narrative(div));
    NarrativeAnchors anchors;
    add_anchors(root, anchors);
    return anchors;
}

Result<std::string> narrative_text(std::string_view div) {
    TRY_ASSIGN(const NarrativeNode root, parse_narrative(div));
    LineWriter writer;
    writer.add(root, false);
    return writer.take();
}

std::string escape_xml(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        // U+FFFE and U+FFFF are no characters of XML 1.0.
        const std::string_view three = text.substr(i, 3);
        if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF") {
            out += replacement;
            i += 2;
        } else if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&quot;";
        } else if (c == '\'') {
            out += "&#39;";
        } else if (c == '\r') {
            out += "&#13;";  // a bare one would be read as a line feed
        } else if (byte < 0x20 && c != '\t' && c != '\n') {
            out += replacement;
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace consultd::fhir
