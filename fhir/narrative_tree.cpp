// The only file of the narrative that knows libxml2. It reads strictly: no network, no DTD, no
// entities but characters, no recovery.
#include "fhir/narrative_tree.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "fhir/xml_bounds.h"

namespace consultd::fhir {
namespace {

constexpr std::size_t narrative_bytes_max = std::size_t{4} << 20;
constexpr std::string_view xhtml = "http://www.w3.org/1999/xhtml";
constexpr std::string_view cdata_start = "<![CDATA[";
constexpr std::string_view cdata_end = "]]>";

struct Entity {
    std::string_view name;
    std::uint16_t character;
};
constexpr Entity entities[] = {
#include "fhir/narrative_entities.inc"
};

struct FreeXml {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
    void operator()(xmlChar* text) const { xmlFree(text); }
};
using Document = std::unique_ptr<xmlDoc, FreeXml>;
using XmlText = std::unique_ptr<xmlChar, FreeXml>;

Error malformed(StaticText text) { return Error(ErrorKind::Malformed, text); }

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

// All characters in the table lie below U+10000.
void append_utf8(std::string& out, unsigned character) {
    if (character < 0x800) {
        out += static_cast<char>(0xC0 | character >> 6);
    } else {
        out += static_cast<char>(0xE0 | character >> 12);
        out += static_cast<char>(0x80 | (character >> 6 & 0x3F));
    }
    out += static_cast<char>(0x80 | (character & 0x3F));
}

std::optional<unsigned> character_of(std::string_view name) {
    const auto* const found = std::lower_bound(
        std::begin(entities), std::end(entities), name,
        [](const Entity& entity, std::string_view wanted) { return entity.name < wanted; });
    if (found == std::end(entities) || found->name != name) return std::nullopt;
    return found->character;
}

// Puts characters for XHTML's named entities. None of them is a character of markup, so the shape
// of the XML stays as it is. In CDATA an ampersand is only an ampersand.
std::string with_characters(std::string_view xml) {
    constexpr std::size_t name_length_max = 8;
    std::string out;
    out.reserve(xml.size());
    while (true) {
        const std::size_t stop = std::min(xml.find_first_of("&<"), xml.size());
        out += xml.substr(0, stop);
        xml.remove_prefix(stop);
        if (xml.empty()) return out;
        std::size_t taken = 1;
        if (xml.starts_with(cdata_start)) {
            const std::size_t end = xml.find(cdata_end, cdata_start.size());
            taken = end == std::string_view::npos ? xml.size() : end;
        } else if (xml.front() == '&') {
            const std::size_t end = xml.substr(0, name_length_max + 2).find(';');
            if (end != std::string_view::npos) {
                if (const auto character = character_of(xml.substr(1, end - 1))) {
                    append_utf8(out, *character);
                    xml.remove_prefix(end + 1);
                    continue;
                }
            }
        }
        out += xml.substr(0, taken);
        xml.remove_prefix(taken);
    }
}

Result<NarrativeNode> read_element(xmlDoc* document, xmlNode* element);

// Adds what `node` is to `parent`; texts that follow each other become one.
Status read_child(xmlDoc* document, xmlNode* node, NarrativeNode& parent) {
    switch (node->type) {
        case XML_TEXT_NODE:
        case XML_CDATA_SECTION_NODE:
            if (parent.children.empty() || !parent.children.back().is_text())
                parent.children.emplace_back();
            parent.children.back().text += view(node->content);
            return {};
        case XML_COMMENT_NODE:
            return {};
        case XML_ELEMENT_NODE: {
            TRY_ASSIGN(NarrativeNode child, read_element(document, node));
            parent.children.push_back(std::move(child));
            return {};
        }
        case XML_PI_NODE:
            return malformed("narrative has a processing instruction");
        default:
            return malformed("narrative has XML that FHIR does not allow");
    }
}

Result<NarrativeNode> read_element(xmlDoc* document, xmlNode* element) {
    // Servers leave the namespace out; a prefix that nothing declares stays in the name.
    const std::string_view space = element->ns == nullptr ? xhtml : view(element->ns->href);
    if (space != xhtml || view(element->name).find(':') != std::string_view::npos)
        return malformed("narrative has an element of another namespace");
    NarrativeNode node;
    node.name = lower(view(element->name));
    for (const xmlAttr* attribute = element->properties; attribute != nullptr;
         attribute = attribute->next) {
        std::string name = lower(view(attribute->name));
        if (attribute->ns != nullptr) {
            if (name != "lang" || view(attribute->ns->prefix) != "xml") continue;
            name = "xml:lang";
        }
        const XmlText value(xmlNodeListGetString(document, attribute->children, 1));
        if (node.attribute(name).empty())
            node.attributes.emplace_back(std::move(name), view(value.get()));
    }
    for (xmlNode* child = element->children; child != nullptr; child = child->next)
        TRY(read_child(document, child, node));
    return node;
}

}  // namespace

Result<NarrativeNode> parse_narrative(std::string_view div) {
    static const bool initialized = (xmlInitParser(), true);
    static_cast<void>(initialized);
    if (div.size() > narrative_bytes_max)
        return Error(ErrorKind::TooLarge, "narrative is over the limit")
            .with("bytes", static_cast<std::int64_t>(div.size()));
    div.remove_prefix(std::min(div.find_first_not_of(" \t\r\n"), div.size()));
    // FHIR wants the root first. Then a DOCTYPE or a declaration of another encoding, which would
    // have to come before it, is a syntax error.
    if (!div.starts_with("<div")) return malformed("narrative does not begin with a div");
    if (div.find('\0') != std::string_view::npos) return malformed("narrative holds NUL");
    if (const auto fault = xml_fault_before_reading(div)) return *fault;
    const std::string xml = with_characters(div);
    const Document document(
        xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, "UTF-8",
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
    if (document == nullptr) return malformed("narrative is not well-formed XML");
    if (document->intSubset != nullptr || document->extSubset != nullptr)
        return malformed("narrative has a document type");
    for (const xmlNode* node = document->children; node != nullptr; node = node->next)
        if (node->type != XML_ELEMENT_NODE && node->type != XML_COMMENT_NODE)
            return malformed("narrative has a processing instruction");
    TRY_ASSIGN(NarrativeNode root,
               read_element(document.get(), xmlDocGetRootElement(document.get())));
    if (root.name != "div") return malformed("narrative does not begin with a div");
    return root;
}

bool is_dropped_with_contents(std::string_view element) {
    static constexpr std::string_view names[] = {
        "applet",   "audio", "base",     "canvas", "embed", "frame",
        "frameset", "head",  "iframe",   "link",   "meta",  "object",
        "script",   "style", "template", "title",  "video", "noscript"};
    return std::find(std::begin(names), std::end(names), element) != std::end(names);
}

}  // namespace consultd::fhir
