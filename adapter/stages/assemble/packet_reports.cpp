// Reports and documents: somebody's words, in serif, word for word, in full.
#include <algorithm>

#include "adapter/stages/assemble/packet_page.h"
#include "adapter/stages/assemble/sections.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t reports_open_max = 3;
constexpr std::size_t text_bytes_max = std::size_t{256} << 10;

constexpr StaticText report[] = {"DiagnosticReport"};
constexpr StaticText study[] = {"ImagingStudy"};
constexpr StaticText document[] = {"DocumentReference"};

constexpr StaticText pathology[] = {"LP7839-6", "PAT", "SP", "CP", "CTH"};
constexpr StaticText imaging[] = {"LP29684-5", "RAD", "imaging", "CT", "RX", "NMR", "RUS", "NMS"};
constexpr StaticText molecular[] = {"GE", "LP32689-7", "CG"};

bool is_utf8(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto lead = static_cast<unsigned char>(bytes[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || i + length > bytes.size()) return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(bytes[i + k]) & 0xC0U) != 0x80) return false;
        if ((lead == 0xE0 && static_cast<unsigned char>(bytes[i + 1]) < 0xA0) ||
            (lead == 0xED && static_cast<unsigned char>(bytes[i + 1]) > 0x9F))
            return false;
        i += length;
    }
    return true;
}

// The bytes of an attachment that is plain text, its own or those of the Binary it points to;
// empty: another format, not here, too large for a page, or no UTF-8.
std::string plain_text(JsonView attachment, const PageParts& parts) {
    if (!attachment["contentType"].string().starts_with("text/plain")) return {};
    std::string_view data = attachment["data"].string();
    if (data.empty())
        if (const PacketResource* binary = parts.index.find(attachment["url"].string()))
            data = binary->resource["data"].string();
    if (data.size() > text_bytes_max * 4 / 3) return {};
    const auto bytes = crypto::from_base64(data, crypto::WhiteSpace::Skip);
    return bytes && is_utf8(*bytes) ? *bytes : std::string();
}

std::vector<JsonView> attachments_of(const fhir::Resource& one) {
    std::vector<JsonView> out;
    for (const JsonView& form : one["presentedForm"].items()) out.push_back(form);
    for (const JsonView& content : one["content"].items()) out.push_back(content["attachment"]);
    return out;
}

// Texts already on the page, so that the same letter under two names is shown once.
using Shown = std::map<std::string, std::size_t>;

bool has_text(const PacketResource& one, const PageParts& parts) {
    const std::vector<JsonView> forms = attachments_of(one.resource);
    return !one.resource["conclusion"].string().empty() ||
           std::any_of(forms.begin(), forms.end(),
                       [&](JsonView form) { return !plain_text(form, parts).empty(); });
}

void write_attachment(HtmlWriter& out, PageParts& parts, JsonView attachment, std::size_t number,
                      Shown& shown) {
    const std::string text = plain_text(attachment, parts);
    if (text.empty()) {
        out.markup("<p class=\"note\">Attached: ");
        const std::string_view title = attachment["title"].string();
        if (!title.empty()) out.own(title).markup(", ");
        out.own(attachment["contentType"].string()).markup(", in the FHIR document</p>");
        return;
    }
    const auto [earlier, is_new] = shown.try_emplace(crypto::sha256(text), number);
    if (is_new)
        out.prose(text);
    else
        out.markup("<p class=\"note\">The same text as source <a href=\"#s")
            .number(earlier->second)
            .markup("\">")
            .number(earlier->second)
            .markup("</a>.</p>");
}

void write_report(HtmlWriter& out, PageParts& parts, const PacketResource& one, Shown& shown) {
    const fhir::Resource& resource = one.resource;
    const std::string item = item_text(resource, parts.index);
    out.markup("<article class=\"rep\"><header><h3>").own(item.empty() ? "Report" : item);
    out.markup("</h3><p>");
    const std::string_view date = date_of(resource);
    if (date.empty())
        out.markup("date not recorded");
    else
        out.date(date);
    for (const std::string_view name : {"performer", "author"})
        if (const std::string who =
                reference_text(first_of(resource[name]), resource.json(), parts.index);
            !who.empty())
            out.markup(" · ").own(who);
    if (const std::string_view status = resource["status"].string();
        status != "final" && status != "current")
        out.markup(" · <span class=\"amber\">").own(status).markup("</span>");
    parts.cite(out, one);
    out.markup("</p></header><div class=\"body\">");
    out.prose(resource["conclusion"].string());
    for (const JsonView& form : attachments_of(resource))
        write_attachment(out, parts, form, parts.number_of(one), shown);
    out.markup("</div></article>\n");
}

void write_articles(HtmlWriter& out, PageParts& parts, const Records& records, Shown& shown) {
    const std::size_t open = std::min(records.size(), reports_open_max);
    for (std::size_t i = 0; i < open; ++i) write_report(out, parts, *records[i], shown);
    if (open == records.size()) return;
    out.markup("<details class=\"more\"><summary>").number(records.size() - open);
    out.markup(" earlier, in full</summary>");
    for (std::size_t i = open; i < records.size(); ++i)
        write_report(out, parts, *records[i], shown);
    out.markup("</details>");
}

void write_report_table(HtmlWriter& out, PageParts& parts, const Records& records) {
    constexpr StaticText columns[] = {"Report", "Date", "Status", "Values"};
    write_table(out, parts, columns, records, [&](const PacketResource& one) {
        write_date_cell(out, "Date", date_of(one.resource));
        write_cell(out, "Status", status_text(one.resource));
        write_cell(out, "Values", std::to_string(one.resource["result"].size()));
    });
}

void write_report_section(HtmlWriter& out, PageParts& parts, StaticText id, StaticText title,
                          const Records& records, const Records& studies) {
    if (records.empty() && studies.empty()) return;
    Records with, without;
    for (const PacketResource* one : records)
        (has_text(*one, parts) ? with : without).push_back(one);
    const std::string note =
        count_note(with.size(), "report with its text", "reports with their text");
    write_section(out, parts, id, title, note, [&] {
        Shown shown;
        write_articles(out, parts, with, shown);
        if (!without.empty()) {
            out.markup("<h3>Without a text of their own</h3>");
            write_report_table(out, parts, without);
        }
        if (studies.empty()) return;
        out.markup("<h3>Studies at the source; the images are not in this packet</h3>");
        constexpr StaticText columns[] = {"Study", "Date", "Series", "Status"};
        write_table(out, parts, columns, studies, [&](const PacketResource& one) {
            write_date_cell(out, "Date", date_of(one.resource));
            std::string series;
            for (const JsonView& part : one.resource["series"].items())
                series.append(series.empty() ? "" : "; ").append(concept_text(part["modality"]));
            write_cell(out, "Series", series);
            write_cell(out, "Status", status_text(one.resource));
        });
    });
}

bool has_any(const fhir::Resource& one, std::span<const StaticText> codes) {
    return std::any_of(codes.begin(), codes.end(), [&](const StaticText& code) {
        return has_code(one["category"], code.view());
    });
}

}  // namespace

void write_reports(HtmlWriter& out, PageParts& parts) {
    Records of_tissue, of_images, of_genes, others;
    for (const PacketResource* one : parts.of_types(report)) {
        if (has_any(one->resource, pathology))
            of_tissue.push_back(one);
        else if (has_any(one->resource, imaging))
            of_images.push_back(one);
        else if (has_any(one->resource, molecular))
            of_genes.push_back(one);
        else
            others.push_back(one);
    }
    write_report_section(out, parts, "path", "Pathology", of_tissue, {});
    write_report_section(out, parts, "img", "Imaging", of_images, parts.of_types(study));
    write_report_section(out, parts, "mol", "Molecular", of_genes, {});
    write_report_section(out, parts, "rep", "Reports", others, {});
}

void write_documents(HtmlWriter& out, PageParts& parts) {
    const Records documents = parts.of_types(document);
    if (documents.empty()) return;
    write_section(out, parts, "docs", "Documents",
                  count_note(documents.size(), "document", "documents") + ", newest first", [&] {
                      Shown shown;
                      write_articles(out, parts, documents, shown);
                  });
}

}  // namespace consultd
