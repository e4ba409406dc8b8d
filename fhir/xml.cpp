// With narrative_tree.cpp the only file that knows libxml2. Its reader goes over the text once;
// what follows the root, and whether all is well-formed, it tells at the end.
#include "fhir/xml.h"

#include <libxml/xmlreader.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "fhir/xml_bounds.h"

namespace consultd::fhir {
namespace {

constexpr std::string_view fhir_space = "http://hl7.org/fhir";
constexpr std::string_view xhtml_space = "http://www.w3.org/1999/xhtml";
constexpr std::string_view xmlns_space = "http://www.w3.org/2000/xmlns/";
constexpr std::string_view schema_space = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::string_view xml_space = "http://www.w3.org/XML/1998/namespace";

struct FreeReader {
    void operator()(xmlTextReader* reader) const { xmlFreeTextReader(reader); }
};

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// FHIR's XML is UTF-8. libxml2 is told so, and does not look at what the declaration says.
bool declares_another_encoding(std::string_view text) {
    if (!text.starts_with("<?xml")) return false;
    const std::string_view declaration = text.substr(0, text.find("?>"));
    const std::size_t at = declaration.find("encoding");
    if (at == std::string_view::npos) return false;
    std::string encoding;
    for (const char c : declaration.substr(at + 8, 16))
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            encoding += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return !encoding.starts_with("utf8") && !encoding.starts_with("usascii");
}

class Reading {
public:
    Reading(std::string_view text, const XmlLimits& limits) : limits_(limits) {
        // XML_PARSE_HUGE: an attachment's data is one attribute, and may be longer than 10 MB.
        // Depth is ours to limit then; entities, which it would let grow, cannot be declared.
        reader_.reset(xmlReaderForMemory(
            text.data(), static_cast<int>(text.size()), nullptr, "UTF-8",
            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE));
    }

    Result<XmlElement> document() {
        if (!reader_) return Error(ErrorKind::TooLarge, "XML cannot be read for want of memory");
        XmlElement root;
        bool has_root = false;
        while (true) {
            TRY_ASSIGN(const bool more, next());
            if (!more) break;
            if (type() != XML_READER_TYPE_ELEMENT) continue;
            TRY_ASSIGN(root, element(1));
            has_root = true;
        }
        if (!has_root) return malformed("XML has no element");
        return root;
    }

private:
    int type() const { return xmlTextReaderNodeType(reader_.get()); }
    std::uint32_t line() const {
        return static_cast<std::uint32_t>(
            std::max(0, xmlTextReaderGetParserLineNumber(reader_.get())));
    }
    Error fault(ErrorKind kind, StaticText text) const {
        return Error(kind, text).with("line", static_cast<std::int64_t>(line()));
    }
    Error malformed(StaticText text) const { return fault(ErrorKind::Malformed, text); }

    // False at the end.
    Result<bool> next() {
        const int read = xmlTextReaderRead(reader_.get());
        if (read < 0) return malformed("not well-formed XML");
        if (read == 1 &&
            (type() == XML_READER_TYPE_ENTITY_REFERENCE || type() == XML_READER_TYPE_DOCUMENT_TYPE))
            return malformed("XML has an entity or a document type");
        return read == 1;
    }

    // The element that the reader stands on, to its end.
    Result<XmlElement> element(std::size_t depth) {
        const std::string_view space = view(xmlTextReaderConstNamespaceUri(reader_.get()));
        if (depth > limits_.depth_max) return fault(ErrorKind::TooLarge, "XML is nested too deep");
        XmlElement out;
        out.line = line();
        out.name = view(xmlTextReaderConstLocalName(reader_.get()));
        if (space == xhtml_space && out.name == "div") {
            out.space = XmlElement::Space::Xhtml;
            TRY(xhtml(out.xhtml, 1));
            return out;
        }
        if (space != fhir_space) return malformed("XML has an element that is not FHIR's");
        const bool is_empty = xmlTextReaderIsEmptyElement(reader_.get()) == 1;
        TRY_ASSIGN(out.attributes, attributes(XmlElement::Space::Fhir));
        if (!is_empty) TRY(children(out, depth));
        return out;
    }

    Status children(XmlElement& out, std::size_t depth) {
        while (true) {
            TRY_ASSIGN(const bool more, next());
            if (!more) return malformed("not well-formed XML");
            switch (type()) {
                case XML_READER_TYPE_END_ELEMENT:
                    return {};
                case XML_READER_TYPE_ELEMENT: {
                    TRY_ASSIGN(XmlElement child, element(depth + 1));
                    out.children.push_back(std::move(child));
                    break;
                }
                case XML_READER_TYPE_TEXT:
                case XML_READER_TYPE_CDATA:
                    if (!is_blank(view(xmlTextReaderConstValue(reader_.get()))))
                        return malformed("XML has text where FHIR has elements only");
                    break;
                default:
                    break;
            }
        }
    }

    // Those that are the element's own; the reader stands on the element again afterwards.
    Result<std::vector<std::pair<std::string, std::string>>> attributes(XmlElement::Space space) {
        std::vector<std::pair<std::string, std::string>> out;
        while (xmlTextReaderMoveToNextAttribute(reader_.get()) == 1) {
            const std::string_view uri = view(xmlTextReaderConstNamespaceUri(reader_.get()));
            std::string name(view(xmlTextReaderConstLocalName(reader_.get())));
            if (uri == xmlns_space || uri == schema_space) continue;
            if (uri == xml_space && space == XmlElement::Space::Xhtml)
                name = "xml:" + name;
            else if (!uri.empty())
                return malformed("XML has an attribute that is not FHIR's");
            out.emplace_back(std::move(name), view(xmlTextReaderConstValue(reader_.get())));
        }
        xmlTextReaderMoveToElement(reader_.get());
        return out;
    }

    // Writes the element that the reader stands on, without prefixes: all of it is XHTML.
    Status xhtml(std::string& out, std::size_t depth) {
        if (view(xmlTextReaderConstNamespaceUri(reader_.get())) != xhtml_space)
            return malformed("narrative has an element of another namespace");
        if (depth > limits_.xhtml_depth_max)
            return fault(ErrorKind::TooLarge, "narrative is nested too deep");
        const std::string name(view(xmlTextReaderConstLocalName(reader_.get())));
        const bool is_empty = xmlTextReaderIsEmptyElement(reader_.get()) == 1;
        out += '<' + name;
        if (depth == 1) out.append(" xmlns=\"").append(xhtml_space).append("\"");
        TRY_ASSIGN(const auto own, attributes(XmlElement::Space::Xhtml));
        for (const auto& [key, value] : own) write_attribute(out, key, value);
        out += is_empty ? "/>" : ">";
        if (is_empty) return {};
        TRY(xhtml_children(out, depth));
        out += "</" + name + '>';
        return {};
    }

    Status xhtml_children(std::string& out, std::size_t depth) {
        while (true) {
            TRY_ASSIGN(const bool more, next());
            if (!more) return malformed("not well-formed XML");
            const std::string_view value = view(xmlTextReaderConstValue(reader_.get()));
            switch (type()) {
                case XML_READER_TYPE_END_ELEMENT:
                    return {};
                case XML_READER_TYPE_ELEMENT:
                    TRY(xhtml(out, depth + 1));
                    break;
                case XML_READER_TYPE_COMMENT:
                    out.append("<!--").append(value).append("-->");
                    break;
                case XML_READER_TYPE_PROCESSING_INSTRUCTION:
                    return malformed("narrative has a processing instruction");
                default:
                    write_text(out, value);
            }
        }
    }

    static void write_text(std::string& out, std::string_view text) {
        for (const char c : text) {
            if (c == '&')
                out += "&amp;";
            else if (c == '<')
                out += "&lt;";
            else if (c == '>')
                out += "&gt;";
            else if (c == '\r')
                out += "&#13;";
            else
                out += c;
        }
    }

    static void write_attribute(std::string& out, std::string_view name, std::string_view value) {
        out.append(" ").append(name).append("=\"");
        for (const char c : value) {
            if (c == '"')
                out += "&quot;";
            else if (c == '\n' || c == '\t')
                out += c == '\n' ? "&#10;" : "&#9;";
            else
                write_text(out, {&c, 1});
        }
        out += '"';
    }

    const XmlLimits& limits_;
    std::unique_ptr<xmlTextReader, FreeReader> reader_;
};

}  // namespace

const std::string* XmlElement::attribute(std::string_view attribute_name) const {
    for (const auto& [key, value] : attributes)
        if (key == attribute_name) return &value;
    return nullptr;
}

Result<XmlElement> read_xml(std::string_view text, const XmlLimits& limits) {
    static const bool initialized = (xmlInitParser(), true);
    static_cast<void>(initialized);
    if (text.size() > std::min<std::size_t>(limits.bytes_max, INT_MAX))
        return Error(ErrorKind::TooLarge, "XML text over the limit")
            .with("bytes", static_cast<std::int64_t>(text.size()));
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.find('\0') != std::string_view::npos)
        return Error(ErrorKind::Malformed, "XML text holds NUL");
    if (declares_another_encoding(text)) return Error(ErrorKind::Malformed, "XML is not in UTF-8");
    if (const auto fault = xml_fault_before_reading(text)) return *fault;
    return Reading(text, limits).document();
}

}  // namespace consultd::fhir
