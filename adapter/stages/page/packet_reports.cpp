// Reports and documents: somebody's words, in serif, word for word, in full.
#include <algorithm>
#include <array>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/sections.h"
#include "fhir/base/crypto.h"
#include "fhir/base/utf8.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t reports_open_max = 3;
constexpr std::size_t short_text_max = 400;
constexpr std::size_t text_bytes_max = std::size_t{256} << 10;

constexpr StaticText report[] = {"DiagnosticReport"};
constexpr StaticText study[] = {"ImagingStudy"};
constexpr StaticText document[] = {"DocumentReference"};

constexpr StaticText pathology[] = {"LP7839-6", "PAT", "SP", "CP", "CTH"};
constexpr StaticText imaging[] = {"LP29684-5", "RAD", "imaging", "CT", "RX", "NMR", "RUS", "NMS"};
constexpr StaticText molecular[] = {"GE", "LP32689-7", "CG"};

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

// What a file is, in words; its MIME type where we have none.
std::string_view format_words(std::string_view mime) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> words = {
        {{"application/pdf", "PDF"},
         {"text/plain", "text"},
         {"text/html", "web page"},
         {"text/xml", "XML"},
         {"application/xml", "XML"},
         {"text/rtf", "RTF"},
         {"image/jpeg", "JPEG picture"},
         {"image/png", "PNG picture"},
         {"image/tiff", "TIFF picture"}}};
    mime = mime.substr(0, mime.find(';'));
    for (const auto& [type, word] : words)
        if (type == mime) return word;
    return mime.empty() ? std::string_view("format not recorded") : mime;
}

// Whether the bytes travel with the packet: in the attachment or as a Binary.
bool is_here(JsonView attachment, const PageParts& parts) {
    return !attachment["data"].string().empty() ||
           parts.index.find(attachment["url"].string()) != nullptr;
}

void write_attachment(HtmlWriter& out, PageParts& parts, JsonView attachment, std::size_t number,
                      Shown& shown) {
    const std::string text = plain_text(attachment, parts);
    if (text.empty()) {
        out.markup("<p class=\"file\">");
        const std::string_view title = attachment["title"].string();
        if (!title.empty()) out.own(title).markup(", ");
        out.own(format_words(attachment["contentType"].string()));
        out.markup(is_here(attachment, parts)
                       ? StaticText("; the whole file travels with this packet</p>")
                       : StaticText("; <span class=\"amber\">not handed over</span></p>"));
        return;
    }
    const auto [earlier, is_new] = shown.try_emplace(crypto::sha256(text), number);
    if (is_new)
        out.prose(text);
    else
        out.markup("<p class=\"file\">The same text as source <a href=\"#s")
            .number(earlier->second)
            .markup("\">")
            .number(earlier->second)
            .markup("</a>.</p>");
}

// A record keeps its own language; a long text stands in two columns where there is room.
void open_body(HtmlWriter& out, const fhir::Resource& resource) {
    const bool is_long = resource["conclusion"].string().size() > 3 * short_text_max;
    out.markup(is_long ? StaticText("<div class=\"body cols\"")
                       : StaticText("<div class=\"body\""));
    if (is_foreign(resource))
        out.markup(" lang=\"").text(resource["language"].string()).markup("\"");
    out.markup(">");
}

void write_report(HtmlWriter& out, PageParts& parts, const PacketResource& one, Shown& shown) {
    const fhir::Resource& resource = one.resource;
    const std::string item = item_text(resource, parts.index);
    out.markup("<article class=\"rep\"><header><h3>");
    write_own(out, resource, item.empty() ? "Report" : item);
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
    out.markup("</p></header>");
    open_body(out, resource);
    out.prose(resource["conclusion"].string());
    for (const JsonView& form : attachments_of(resource))
        write_attachment(out, parts, form, parts.number_of(one), shown);
    out.markup("</div></article>\n");
}

bool is_short(const PacketResource& one) {
    return !one.resource["conclusion"].string().empty() &&
           one.resource["conclusion"].string().size() <= short_text_max &&
           one.resource["presentedForm"].size() == 0;
}

// Earlier reports that are a few lines long stand in a table, word for word and whole.
void write_short_reports(HtmlWriter& out, PageParts& parts, StaticText label,
                         const Records& records) {
    if (records.empty()) return;
    open_table(out, label);
    out.markup(
        "<colgroup><col style=\"inline-size:7rem\"><col style=\"inline-size:30%\"><col></colgroup>"
        "<thead><tr><th scope=\"col\">Date</th><th scope=\"col\">Report</th>"
        "<th scope=\"col\">Its text, word for word</th></tr></thead><tbody>\n");
    for (const PacketResource* one : records) {
        const std::string item = item_text(one->resource, parts.index);
        out.markup("<tr>");
        write_date_cell(out, "Date", date_of(one->resource));
        out.markup("<th scope=\"row\">");
        write_own(out, one->resource, item.empty() ? "Report" : item);
        parts.cite(out, *one);
        out.markup("</th><td class=\"serif\" data-l=\"Its text, word for word\">");
        write_own(out, one->resource, one->resource["conclusion"].string());
        out.markup("</td></tr>\n");
    }
    out.markup("</tbody>");
    close_table(out);
}

void write_articles(HtmlWriter& out, PageParts& parts, StaticText label, const Records& records) {
    Shown shown;
    Records newest(records), brief, rest;
    if (newest.size() > reports_open_max) newest.resize(reports_open_max);
    for (std::size_t i = newest.size(); i < records.size(); ++i)
        (is_short(*records[i]) ? brief : rest).push_back(records[i]);
    for (const PacketResource* one : newest) write_report(out, parts, *one, shown);
    write_short_reports(out, parts, label, brief);
    if (rest.empty()) return;
    out.markup("<details class=\"more\"><summary>").number(rest.size());
    out.markup(" earlier, in full</summary>");
    for (const PacketResource* one : rest) write_report(out, parts, *one, shown);
    out.markup("</details>");
}

void write_report_table(HtmlWriter& out, PageParts& parts, const Records& records) {
    const Column columns[] = {
        date_column("Date"),
        text_column("Status", [](const PacketResource& one) { return status_text(one.resource); }),
        text_column("Holds", [](const PacketResource& one) {
            const std::size_t values = one.resource["result"].size();
            return values == 0 ? std::string() : count_note(values, "value", "values");
        })};
    write_table(out, parts, {"Reports without a text of their own", "Report", columns},
                by_name(records, parts.index));
}

void write_studies(HtmlWriter& out, PageParts& parts, const Records& studies) {
    if (studies.empty()) return;
    out.markup(
        "<h3 class=\"gap\">Studies listed at the source; the images are not in this packet</h3>");
    const Column columns[] = {
        date_column("Date"),
        text_column("Series",
                    [](const PacketResource& one) {
                        std::string series = concepts_text(one.resource["modality"]);
                        for (const JsonView& part : one.resource["series"].items())
                            series.append(series.empty() ? "" : "; ")
                                .append(concept_text(part["modality"]));
                        return series;
                    }),
        text_column("Status", [](const PacketResource& one) { return status_text(one.resource); })};
    write_table(out, parts, {"Imaging studies", "Study", columns}, by_name(studies, parts.index));
}

void write_report_section(HtmlWriter& out, PageParts& parts, const SectionHead& head,
                          const Records& records, const Records& studies) {
    if (records.empty() && studies.empty()) return;
    Records with, without;
    for (const PacketResource* one : records)
        (has_text(*one, parts) ? with : without).push_back(one);
    std::string note;
    if (!with.empty()) note = count_note(with.size(), "report", "reports") + ", in full";
    write_section(out, parts, head, note, [&] {
        write_articles(out, parts, head.title, with);
        if (!without.empty()) {
            out.markup("<h3 class=\"gap\">Without a text of their own</h3>");
            write_report_table(out, parts, without);
        }
        write_studies(out, parts, studies);
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
    write_report_section(out, parts, {"path", "Pathology", "Pathology"}, of_tissue, {});
    write_report_section(out, parts, {"img", "Imaging", "Imaging"}, of_images,
                         parts.of_types(study));
    write_report_section(out, parts, {"mol", "Molecular", "Molecular"}, of_genes, {});
    write_report_section(out, parts, {"rep", "Reports", "Reports"}, others, {});
}

void write_documents(HtmlWriter& out, PageParts& parts) {
    const Records documents = parts.of_types(document);
    if (documents.empty()) return;
    write_section(out, parts, {"docs", "Documents", "Documents"},
                  count_note(documents.size(), "document", "documents") + ", newest first",
                  [&] { write_articles(out, parts, "Documents", documents); });
}

}  // namespace consultd
