#include "adapter/stages/reading/attachment_text.h"

#include <algorithm>
#include <span>

#include "adapter/stages/reading/whole_words.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t text_bytes_max = std::size_t{256} << 10;
constexpr std::size_t pdf_bytes_max = std::size_t{16} << 20;

bool is_one_of(std::string_view type, std::span<const std::string_view> types) {
    return std::ranges::any_of(types, [&](std::string_view one) { return type.starts_with(one); });
}

constexpr std::string_view pdf[] = {"application/pdf"};
constexpr std::string_view rtf[] = {"text/rtf", "application/rtf", "text/richtext"};
constexpr std::string_view xml[] = {"text/xml", "application/xml", "application/hl7-",
                                    "application/cda"};
constexpr std::string_view plain[] = {"text/plain"};
constexpr std::string_view html[] = {"text/html", "application/xhtml"};

// Whether people read a file of that type in the form that its bytes have.
bool is_of_its_type(FileText::Form form, std::string_view type) {
    using enum FileText::Form;
    switch (form) {
        case Pdf:
            return is_one_of(type, pdf);
        case Rtf:
            return is_one_of(type, rtf) || is_one_of(type, plain);
        case ClinicalDocument:
            return is_one_of(type, xml) || is_one_of(type, plain);
        case Markup:
            return is_one_of(type, html);
        case Plain:
            return is_one_of(type, plain) || is_one_of(type, html);
    }
    return false;
}

bool is_read(std::string_view type) {
    return is_one_of(type, pdf) || is_one_of(type, rtf) || is_one_of(type, xml) ||
           is_one_of(type, plain) || is_one_of(type, html);
}

std::optional<FileText> read_file(JsonView attachment, const PacketIndex& index) {
    const std::string type = lower(attachment["contentType"].string());
    if (!is_read(type)) return std::nullopt;
    const std::string bytes =
        attachment_bytes(attachment, index, is_one_of(type, pdf) ? pdf_bytes_max : text_bytes_max);
    std::optional<FileText> file = text_of_file(bytes, type);
    if (!file || file->is_guessed || !is_of_its_type(file->form, type) ||
        file->shown.size() > text_bytes_max)
        return std::nullopt;
    file->unseen = {};  // is nothing for people
    return file;
}

std::string_view encoded_bytes(JsonView attachment, const PacketIndex& index) {
    const std::string_view own = attachment["data"].string();
    const PacketResource* binary = own.empty() ? index.find(attachment["url"].string()) : nullptr;
    return binary ? binary->resource["data"].string() : own;
}

// Bytes that do not fit the hash are not those of the file.
// https://hl7.org/fhir/R4/datatypes-definitions.html#Attachment.hash
bool is_file_here(JsonView attachment, const PacketIndex& index) {
    const auto decoded = [](std::string_view text) {
        return crypto::from_base64(text, crypto::WhiteSpace::Skip).value_or(std::string());
    };
    const std::string bytes = decoded(encoded_bytes(attachment, index));
    const std::string hash = decoded(attachment["hash"].string());
    return !bytes.empty() && (hash.size() != 20 || hash == crypto::sha1(bytes));
}

}  // namespace

std::string attachment_bytes(JsonView attachment, const PacketIndex& index, std::size_t bytes_max) {
    const std::string_view data = encoded_bytes(attachment, index);
    if (data.size() / 4 * 3 > bytes_max) return {};
    return crypto::from_base64(data, crypto::WhiteSpace::Skip).value_or(std::string());
}

const FileText* attachment_file(JsonView attachment, const PacketIndex& index) {
    return index.remembered_file(attachment, [&] { return read_file(attachment, index); });
}

std::string attachment_text(JsonView attachment, const PacketIndex& index) {
    const FileText* file = attachment_file(attachment, index);
    return file ? file->shown : std::string();
}

std::string text_of_html(std::string_view words) { return text_of_markup(words).shown; }

std::vector<JsonView> attachments_of(const fhir::Resource& one) {
    std::vector<JsonView> out;
    for (const JsonView& form : one["presentedForm"].items()) out.push_back(form);
    for (const JsonView& content : one["content"].items()) out.push_back(content["attachment"]);
    if (one.type() == "Media" && one["content"].is_object()) out.push_back(one["content"]);
    return out;
}

std::string text_of_sections(JsonView sections) {
    std::string out;
    for (const JsonView& section : sections.items()) {
        join(out, "\n", section["title"].string());
        join(out, "\n", text_of_html(section["text"]["div"].string()));
        join(out, "\n", concept_text(section["emptyReason"]));
        join(out, "\n", text_of_sections(section["section"]));
    }
    return out;
}

bool has_content(const fhir::Resource& one, const PacketIndex& index) {
    const std::string_view type = one.type();
    const bool is_report_of = type == "DiagnosticReport";
    if (!is_report_of && type != "DocumentReference" && type != "Media" && type != "Composition")
        return true;
    // https://hl7.org/fhir/R4/valueset-narrative-status.html
    if (one["text"]["status"].string() == "additional") return true;
    if (type == "Composition") return one["section"].size() > 0;
    if (!one["conclusion"].string().empty() || one["conclusionCode"].size() > 0) return true;
    const auto resolves = [&](JsonView result) {
        return !index.resolve(result, one.json()).is_null();
    };
    if (is_report_of && std::ranges::any_of(one["result"].items(), resolves)) return true;
    return std::ranges::any_of(attachments_of(one),
                               [&](JsonView file) { return is_file_here(file, index); });
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
    return said.empty() ? text_of_sections(resource["section"]) : said;
}

}  // namespace consultd
