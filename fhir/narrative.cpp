#include "fhir/narrative.h"

#include <algorithm>
#include <set>

#include "fhir/narrative_tree.h"
#include "fhir/url.h"

namespace consultd::fhir {
namespace {

// Invariant txt-1 of https://hl7.org/fhir/R4/narrative.html, sorted.
constexpr std::string_view elements[] = {
    "a",   "abbr",     "acronym", "b",     "big",  "blockquote", "br",  "caption", "cite",  "code",
    "col", "colgroup", "dd",      "dfn",   "div",  "dl",         "dt",  "em",      "h1",    "h2",
    "h3",  "h4",       "h5",      "h6",    "hr",   "i",          "img", "li",      "ol",    "p",
    "pre", "q",        "samp",    "small", "span", "strong",     "sub", "sup",     "table", "tbody",
    "td",  "tfoot",    "th",      "thead", "tr",   "tt",         "ul",  "var"};

// Of txt-1's attributes those that say something to a reader, sorted. Left out: what loads or
// steers (longdesc, cite, accesskey, tabindex, rel, coords, …). `class`, `href`, `src` and `style`
// have rules of their own.
constexpr std::string_view attributes[] = {
    "abbr",        "align",       "alt",        "axis",   "bgcolor", "border",  "cellhalign",
    "cellpadding", "cellspacing", "cellvalign", "char",   "charoff", "colspan", "compact",
    "dir",         "frame",       "headers",    "height", "hspace",  "id",      "lang",
    "name",        "nowrap",      "rowspan",    "rules",  "scope",   "span",    "start",
    "summary",     "title",       "type",       "valign", "value",   "vspace",  "width"};

// https://hl7.org/fhir/R4/narrative.html#css, sorted.
constexpr std::string_view classes[] = {
    "arabic",      "big-alpha",    "big-roman",     "bold",      "border-bottom",
    "border-left", "border-right", "border-top",    "capital",   "center",
    "circle",      "disc",         "italics",       "justified", "justify",
    "left",        "little-alpha", "little-roman",  "lowercase", "none",
    "right",       "square",       "strikethrough", "underline", "uppercase"};

// Properties that carry meaning, with the values that cannot load, cover or hide anything.
constexpr std::pair<std::string_view, std::string_view> styles[] = {
    {"font-style", "italic"},
    {"font-style", "normal"},
    {"font-style", "oblique"},
    {"font-weight", "bold"},
    {"font-weight", "bolder"},
    {"font-weight", "normal"},
    {"text-align", "center"},
    {"text-align", "justify"},
    {"text-align", "left"},
    {"text-align", "right"},
    {"text-decoration", "line-through"},
    {"text-decoration", "none"},
    {"text-decoration", "underline"},
    {"vertical-align", "sub"},
    {"vertical-align", "super"},
    {"white-space", "nowrap"},
    {"white-space", "pre"},
    {"white-space", "pre-line"},
    {"white-space", "pre-wrap"}};

// Where HTML lets an element stand. Elsewhere a browser would close what the narrative is shown in
// (a `td` ends the cell around it), so the tag is left out there.
struct Place {
    std::string_view element;
    std::string_view parents;  // each between blanks
};
constexpr Place places[] = {{"caption", " table "},  {"col", " colgroup table "},
                            {"colgroup", " table "}, {"dd", " dl "},
                            {"dt", " dl "},          {"li", " ol ul "},
                            {"tbody", " table "},    {"td", " tr "},
                            {"tfoot", " table "},    {"th", " tr "},
                            {"thead", " table "},    {"tr", " table tbody tfoot thead "}};

// These hold only their own parts. A browser takes whatever else stands in them out, and lets a
// table in a table end the one around it: then what follows is outside of the narrative.
constexpr std::string_view part_holders[] = {"colgroup", "table", "tbody", "tfoot", "thead", "tr"};

constexpr std::string_view white_space = " \t\r\n";

static_assert(std::ranges::is_sorted(part_holders) && std::ranges::is_sorted(elements) &&
              std::ranges::is_sorted(attributes) && std::ranges::is_sorted(classes) &&
              std::ranges::is_sorted(styles));

template <class Range>
bool is_in(const Range& range, std::string_view text) {
    return std::binary_search(std::begin(range), std::end(range), text);
}

bool may_stand_in(std::string_view element, std::string_view parent) {
    for (const Place& place : places)
        if (place.element == element)
            return place.parents.find(' ' + std::string(parent) + ' ') != std::string_view::npos;
    return !is_in(part_holders, parent);
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

// The pieces of `text` between any of `separators`, trimmed, without empty ones.
std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(separators), text.size());
        if (const std::string_view piece = trim(text.substr(0, end)); !piece.empty())
            pieces.push_back(piece);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return pieces;
}

std::string clean_class(std::string_view value) {
    std::string out;
    for (const std::string_view name : split(value, white_space)) {
        if (!is_in(classes, name)) continue;
        if (!out.empty()) out += ' ';
        out += name;
    }
    return out;
}

std::string clean_style(std::string_view value) {
    std::string out;
    for (const std::string_view declaration : split(value, ";")) {
        const std::size_t colon = std::min(declaration.find(':'), declaration.size());
        const std::pair pair(trim(declaration.substr(0, colon)),
                             trim(declaration.substr(std::min(colon + 1, declaration.size()))));
        if (!std::binary_search(std::begin(styles), std::end(styles), pair)) continue;
        if (!out.empty()) out += "; ";
        out += pair.first;
        out += ": ";
        out += pair.second;
    }
    return out;
}

bool is_data_image(std::string_view source) {
    for (const std::string_view start :
         {"data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,"})
        if (source.starts_with(start))
            return std::all_of(source.begin() + static_cast<std::ptrdiff_t>(start.size()),
                               source.end(), [](char c) {
                                   return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                          (c >= '0' && c <= '9') || c == '+' || c == '/' ||
                                          c == '=' || white_space.find(c) != std::string_view::npos;
                               });
    return false;
}

bool is_mail_address(std::string_view link) {
    constexpr std::string_view start = "mailto:";
    return link.starts_with(start) && link.size() > start.size() && link.size() <= 320 &&
           link.find_first_of(" \t\r\n\\\"'<>&?#") == std::string_view::npos;
}

class Writer {
public:
    std::string write(const NarrativeNode& root) {
        collect_targets(root, "div");
        out_ = R"(<div xmlns="http://www.w3.org/1999/xhtml")";
        write_attributes(root);
        out_ += '>';
        for (const NarrativeNode& child : root.children) write_node(child, "div");
        out_ += "</div>";
        return std::move(out_);
    }
    // txt-2: some text that is not white space, or an image.
    bool has_content() const { return has_content_; }

private:
    // What a node leaves behind of itself.
    enum class Kept { Nothing, Contents, Alternative, Whole };

    static Kept what_is_kept(const NarrativeNode& node, std::string_view parent) {
        if (is_dropped_with_contents(node.name)) return Kept::Nothing;
        const bool may_stand = may_stand_in(node.name, parent);
        if (node.name == "img") {
            const std::string_view source = trim(node.attribute("src"));
            const bool is_shown = is_data_image(source) || (source.size() > 1 && source[0] == '#');
            return may_stand && is_shown ? Kept::Whole : Kept::Alternative;
        }
        return may_stand && is_in(elements, node.name) ? Kept::Whole : Kept::Contents;
    }

    // The ids and names that the result will have: links to others are dead.
    void collect_targets(const NarrativeNode& node, std::string_view parent) {
        const Kept kept = what_is_kept(node, parent);
        if (node.is_text() || kept == Kept::Nothing) return;
        if (kept == Kept::Whole) {
            targets_.insert(node.attribute("id"));
            targets_.insert(node.attribute("name"));
            parent = node.name;
        }
        for (const NarrativeNode& child : node.children) collect_targets(child, parent);
    }

    void write_text(std::string_view text) {
        has_content_ = has_content_ || !trim(text).empty();
        out_ += escape_xml(text);
    }

    void write_node(const NarrativeNode& node, std::string_view parent) {
        if (node.is_text()) return write_text(node.text);
        const Kept kept = what_is_kept(node, parent);
        if (kept == Kept::Nothing) return;
        if (kept == Kept::Alternative) write_text(node.attribute("alt"));
        const bool is_void =
            node.name == "br" || node.name == "hr" || node.name == "img" || node.name == "col";
        if (kept == Kept::Whole) {
            out_ += '<';
            out_ += node.name;
            write_attributes(node);
            out_ += is_void ? "/>" : ">";
            has_content_ = has_content_ || node.name == "img";
        }
        // A void element has no contents in HTML: they come after it.
        const std::string_view inside = kept == Kept::Whole && !is_void ? node.name : parent;
        for (const NarrativeNode& child : node.children) write_node(child, inside);
        if (kept != Kept::Whole || is_void) return;
        out_ += "</";
        out_ += node.name;
        out_ += '>';
    }

    void write_attributes(const NarrativeNode& node) {
        for (const auto& [name, value] : node.attributes) {
            if (name == "class")
                write_if_any(name, clean_class(value));
            else if (name == "style")
                write_if_any(name, clean_style(value));
            else if (name == "href")
                write_if_any(name, node.name == "a" ? clean_link(value) : std::string_view{});
            else if (name == "src")
                write_if_any(name, node.name == "img" ? trim(value) : std::string_view{});
            else if (name == "xml:lang")
                write_if_any("lang", node.attribute("lang").empty() ? value : std::string_view{});
            else if (is_in(attributes, name))
                write_attribute(name, value);
        }
    }

    std::string_view clean_link(std::string_view value) const {
        const std::string_view link = trim(value);
        if (link.starts_with('#'))
            return link.size() > 1 && targets_.count(link.substr(1)) != 0 ? link
                                                                          : std::string_view{};
        return is_mail_address(link) || Url::parse(link).ok() ? link : std::string_view{};
    }

    void write_if_any(std::string_view name, std::string_view value) {
        if (!value.empty()) write_attribute(name, value);
    }

    void write_attribute(std::string_view name, std::string_view value) {
        out_ += ' ';
        out_ += name;
        out_ += "=\"";
        // Line ends in an attribute are blanks to the next reader; they are made so at once.
        std::string plain(value);
        for (char& c : plain)
            if (white_space.find(c) != std::string_view::npos) c = ' ';
        out_ += escape_xml(plain);
        out_ += '"';
    }

    std::string out_;
    std::set<std::string_view> targets_;
    bool has_content_ = false;
};

}  // namespace

Result<std::string> sanitize_narrative(std::string_view div) {
    TRY_ASSIGN(const NarrativeNode root, parse_narrative(div));
    Writer writer;
    std::string out = writer.write(root);
    if (!writer.has_content()) return Error(ErrorKind::Malformed, "narrative has no content");
    return out;
}

}  // namespace consultd::fhir
