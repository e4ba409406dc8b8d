#include "fhir/r4/narrative_rules.h"

#include <string>

#include "fhir/narrative.h"

namespace consultd::fhir::r4 {
namespace {

// https://hl7.org/fhir/R4/narrative.html#rules
constexpr std::string_view forbidden[] = {"head", "body",  "script", "form",   "base",
                                          "link", "frame", "iframe", "object", "xlink"};

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == ':';
}

std::string_view name_at(std::string_view text, std::size_t begin) {
    std::size_t end = begin;
    while (end < text.size() && is_name_character(text[end])) ++end;
    return text.substr(begin, end - begin);
}

// In well-formed XML every "<" opens a tag, a comment or a CDATA section.
bool has_forbidden_element(std::string_view div) {
    for (std::size_t at = div.find('<'); at != std::string_view::npos; at = div.find('<', at + 1)) {
        if (div.substr(at).starts_with("<!--")) {
            at = div.find("-->", at);
            if (at == std::string_view::npos) return false;
        } else if (div.substr(at).starts_with("<![CDATA[")) {
            at = div.find("]]>", at);
            if (at == std::string_view::npos) return false;
        }
        const std::string_view name = name_at(div, at + 1);
        for (const std::string_view element : forbidden)
            if (name == element) return true;
    }
    return false;
}

// XML knows five; HTML's others need a DTD.
bool has_html_entity(std::string_view div) {
    for (std::size_t at = div.find('&'); at != std::string_view::npos; at = div.find('&', at + 1)) {
        const std::string_view name = name_at(div, at + 1);
        if (!name.empty() && name != "amp" && name != "lt" && name != "gt" && name != "quot" &&
            name != "apos")
            return true;
    }
    return false;
}

}  // namespace

std::optional<StaticText> narrative_fault(std::string_view div) {
    const auto text = narrative_text(div);
    if (!text) return StaticText("txt-1: not well-formed XHTML with a div as its root");
    if (has_html_entity(div)) return StaticText("txt-1: an entity that XML does not have");
    if (has_forbidden_element(div)) return StaticText("txt-1: an element that may not stand here");
    if (text->find_first_not_of(" \t\r\n") == std::string::npos &&
        div.find("<img") == std::string_view::npos)
        return StaticText("txt-2: a narrative has text or an image");
    return std::nullopt;
}

}  // namespace consultd::fhir::r4
