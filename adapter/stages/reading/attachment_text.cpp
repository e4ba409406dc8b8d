#include "adapter/stages/reading/attachment_text.h"

#include <algorithm>
#include <array>

#include "adapter/stages/reading/whole_words.h"
#include "fhir/base/crypto.h"
#include "fhir/base/utf8.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t text_bytes_max = std::size_t{256} << 10;

std::string from_latin1(const std::string& bytes) {
    std::string out;
    for (const char byte : bytes) {
        const auto code = static_cast<unsigned char>(byte);
        if (code < 0x80) {
            out += byte;
        } else {
            out += static_cast<char>(0xC0U | (code >> 6U));
            out += static_cast<char>(0x80U | (code & 0x3FU));
        }
    }
    return out;
}

bool is_one_of(std::string_view type, std::span<const std::string_view> types) {
    return std::ranges::any_of(types, [&](std::string_view one) { return type.starts_with(one); });
}

// What people read of a C-CDA document: the title of each section and its text
// (https://hl7.org/cda/stds/ccda/; the entries beside it are for machines).
std::string text_of_cda(std::string_view xml) {
    std::string out;
    for (std::size_t at = xml.find('<'); at != xml.npos; at = xml.find('<', at + 1)) {
        for (const std::string_view tag : {"title", "text"}) {
            if (xml.substr(at + 1, tag.size()) != tag) continue;
            const std::size_t open = xml.find('>', at);
            const std::size_t end = xml.find("</" + std::string(tag), at);
            const char next = xml.substr(at + 1 + tag.size(), 1) == ">" ? '>' : ' ';
            if (open == xml.npos || end == xml.npos || open > end ||
                xml[at + 1 + tag.size()] != next)
                continue;
            join(out, "\n", text_of_html(xml.substr(open + 1, end - open - 1)));
            at = end;
        }
    }
    return out;
}

std::string text_in(std::string_view type, const std::string& bytes) {
    constexpr std::string_view html[] = {"text/html", "application/xhtml"};
    constexpr std::string_view rtf[] = {"text/rtf", "application/rtf", "text/richtext"};
    constexpr std::string_view xml[] = {"text/xml", "application/xml", "application/hl7-cda",
                                        "application/hl7-sda", "application/cda"};
    if (is_one_of(type, html)) return text_of_html(bytes);
    if (is_one_of(type, rtf)) return text_of_rtf(bytes);
    if (is_one_of(type, xml))
        return bytes.find("ClinicalDocument") == std::string::npos ? std::string()
                                                                   : text_of_cda(bytes);
    return type.starts_with("text/plain") ? bytes : std::string();
}

}  // namespace

std::string attachment_bytes(JsonView attachment, const PacketIndex& index, std::size_t bytes_max) {
    std::string_view data = attachment["data"].string();
    if (data.empty())
        if (const PacketResource* binary = index.find(attachment["url"].string()))
            data = binary->resource["data"].string();
    if (data.size() / 4 * 3 > bytes_max) return {};
    return crypto::from_base64(data, crypto::WhiteSpace::Skip).value_or(std::string());
}

std::string attachment_text(JsonView attachment, const PacketIndex& index) {
    const std::string type = lower(attachment["contentType"].string());
    constexpr std::string_view readable[] = {
        "text/",           "application/xhtml", "application/rtf",
        "application/xml", "application/hl7-",  "application/cda"};
    if (!is_one_of(type, readable)) return {};
    std::string bytes = attachment_bytes(attachment, index, text_bytes_max);
    const bool is_latin = type.find("8859-1") != type.npos || type.find("1252") != type.npos;
    if (!is_utf8(bytes)) {
        if (!is_latin) return {};
        bytes = from_latin1(bytes);
    }
    return text_in(type, bytes);
}

std::vector<JsonView> attachments_of(const fhir::Resource& one) {
    std::vector<JsonView> out;
    for (const JsonView& form : one["presentedForm"].items()) out.push_back(form);
    for (const JsonView& content : one["content"].items()) out.push_back(content["attachment"]);
    return out;
}

bool is_report(const fhir::Resource& report) {
    return !report["conclusion"].string().empty() || report.json().has("conclusionCode") ||
           report.json().has("presentedForm");
}

std::string opening_text(const fhir::Resource& resource, const PacketIndex& index) {
    std::string said(resource["conclusion"].string());
    join(said, "; ", concepts_text(resource["conclusionCode"]));
    for (const JsonView& form : attachments_of(resource))
        if (said.empty()) said = attachment_text(form, index);
    return said;
}

}  // namespace consultd
