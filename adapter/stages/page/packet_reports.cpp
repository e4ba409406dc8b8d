// Reports and documents: somebody's words, in serif, word for word, in full.
#include <algorithm>
#include <array>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/attachment_text.h"
#include "adapter/stages/reading/file_form.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t reports_open_max = 3;
constexpr std::size_t short_text_max = 400;

constexpr StaticText report[] = {"DiagnosticReport"};
constexpr StaticText study[] = {"ImagingStudy"};
constexpr StaticText document[] = {"DocumentReference", "Composition", "Media"};

constexpr StaticText pathology[] = {"LP7839-6", "PAT", "SP", "CP", "CTH"};
constexpr StaticText imaging[] = {"LP29684-5", "RAD", "imaging", "CT", "RX", "NMR", "RUS", "NMS"};
constexpr StaticText molecular[] = {"GE", "LP32689-7", "CG"};

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

// How large an attachment is, as its own bytes say; 0 where they are not here.
std::size_t size_of(JsonView attachment, const PageParts& parts) {
    const std::string_view own = attachment["data"].string();
    if (!own.empty()) return own.size() / 4 * 3;
    const PacketResource* binary = parts.index.find(attachment["url"].string());
    return binary ? binary->resource["data"].string().size() / 4 * 3 : 0;
}

// The file itself: to be opened from here where the page has room for it, else by what it is and
// where it is. It is saved under a name of ours: what it calls itself is no more than text here.
void write_file(HtmlWriter& out, PageParts& parts, JsonView attachment, std::size_t number) {
    const std::string_view title = attachment["title"].string();
    const std::string_view type = attachment["contentType"].string();
    out.markup("<p class=\"file\">");
    if (!title.empty()) out.own(title).markup(", ");
    out.own(format_words(type));
    const std::size_t size = size_of(attachment, parts);
    if (size == 0) {
        out.markup("; <span class=\"amber\">not handed over</span></p>");
        return;
    }
    out.markup(", ").number((size + 1023) / 1024).markup(" KiB");
    const std::string bytes = attachment_bytes(attachment, parts.index, parts.room_for_files());
    if (bytes.empty()) {
        out.markup("; too large for this page: the whole file travels with this packet");
        if (const std::string_view hash = attachment["hash"].string(); !hash.empty())
            out.markup(", SHA-1 <span class=\"was\">").own(hash).markup("</span>");
        out.markup("</p>");
        return;
    }
    parts.use_room(bytes.size());
    const FileForm form = file_form(type, bytes);
    out.markup("; <a download=\"source-").number(number).text(form.suffix.view());
    out.markup("\" href=\"data:").text(form.type.view()).markup(";base64,");
    out.text(crypto::base64(bytes)).markup("\">save and open the file</a></p>");
}

// How much of a PDF is text: a scan has none, and only the file itself says what it says.
void write_pages(HtmlWriter& out, const FileText& file) {
    out.markup("<p class=\"file\">").text(count_note(file.pages, "page", "pages"));
    if (file.blank_pages == 0) {
        out.markup("; its text as read from the PDF, without its layout");
    } else {
        out.markup("; <span class=\"amber\">");
        if (file.blank_pages == file.pages)
            out.markup("no text in it");
        else
            out.number(file.blank_pages).markup(" of them without text");
        out.markup(": pictures, to be seen in the file alone</span>");
    }
    out.markup("</p>");
}

void write_attachment(HtmlWriter& out, PageParts& parts, JsonView attachment, std::size_t number) {
    const FileText* const file = attachment_file(attachment, parts.index);
    if (file && file->pages > 0) write_pages(out, *file);
    if (!file || file->shown.empty()) return write_file(out, parts, attachment, number);
    const auto [earlier, is_new] =
        parts.shown_texts.try_emplace(crypto::sha256(file->shown), number);
    if (!is_new) {
        out.markup("<p class=\"file\">The same text as source <a href=\"#s")
            .number(earlier->second)
            .markup("\">")
            .number(earlier->second)
            .markup("</a>.</p>");
        return;
    }
    out.prose(file->shown);
    // Text that is no more than text is all here.
    if (!attachment["contentType"].string().starts_with("text/plain"))
        write_file(out, parts, attachment, number);
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

// Whoever did it, reads it or wrote it, as far as it says so.
void write_people(HtmlWriter& out, const PageParts& parts, const fhir::Resource& resource) {
    for (const std::string_view name : {"performer", "resultsInterpreter", "author"})
        if (const std::string who =
                reference_text(first_of(resource[name]), resource.json(), parts.index);
            !who.empty())
            out.markup(" · ").own(who);
}

void write_report(HtmlWriter& out, PageParts& parts, const Statement& one) {
    const fhir::Resource& resource = one.resource();
    out.markup(parts.begins_on_paper(one) ? StaticText("<article class=\"rep brief\"><header><h3>")
                                          : StaticText("<article class=\"rep\"><header><h3>"));
    if (one.what.empty() && one.is_plain())
        out.markup("Report");
    else
        write_name(out, one);
    out.markup("</h3><p>");
    if (one.when.is_empty())
        out.markup("date not recorded");
    else
        write_when(out, one.when);
    write_people(out, parts, resource);
    parts.cite(out, one);
    out.markup("</p></header>");
    open_long_text(out, parts, one);
    open_body(out, resource);
    out.prose(resource["conclusion"].string());
    out.prose(concepts_text(resource["conclusionCode"]));
    out.prose(one.notes);
    out.prose(text_of_sections(resource["section"]));
    for (const JsonView& form : attachments_of(resource))
        write_attachment(out, parts, form, parts.number_of(one));
    out.markup("</div>");
    close_long_text(out, parts, one);
    out.markup("</article>\n");
}

bool is_short(const Statement& one) {
    return !one.value.empty() && one.value.size() <= short_text_max &&
           one.resource()["presentedForm"].size() == 0 && one.resource()["content"].size() == 0;
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
    for (const Statement* one : records) {
        out.markup("<tr>");
        write_date_cell(out, "Date", one->when);
        out.markup("<th scope=\"row\">");
        write_name(out, *one);
        parts.cite(out, *one);
        out.markup("</th><td class=\"serif\" data-l=\"Its text, word for word\">");
        open_long_text(out, parts, *one);
        write_own(out, one->resource(), one->value);
        close_long_text(out, parts, *one);
        out.markup("</td></tr>\n");
    }
    out.markup("</tbody>");
    close_table(out);
}

void write_articles(HtmlWriter& out, PageParts& parts, StaticText label, const Records& records) {
    Records newest(records), brief, rest;
    if (newest.size() > reports_open_max) newest.resize(reports_open_max);
    for (std::size_t i = newest.size(); i < records.size(); ++i)
        (is_short(*records[i]) ? brief : rest).push_back(records[i]);
    for (const Statement* one : newest) write_report(out, parts, *one);
    write_short_reports(out, parts, label, brief);
    if (rest.empty()) return;
    out.markup("<details class=\"more\"><summary>").number(rest.size());
    out.markup(" earlier</summary>");
    for (const Statement* one : rest) write_report(out, parts, *one);
    out.markup("</details>");
}

void write_report_table(HtmlWriter& out, PageParts& parts, const Records& records) {
    const Column columns[] = {
        date_column("Date"),
        text_column("Status", [](const Statement& one) { return status_text(one.resource()); }),
        text_column("Notes", [](const Statement& one) { return one.notes; }),
        text_column("Holds", [](const Statement& one) {
            const std::size_t values = one.resource()["result"].size();
            return values == 0 ? std::string() : count_note(values, "value", "values");
        })};
    write_table(out, parts, {"Reports without a text of their own", "Report", columns},
                by_name(records));
}

void write_studies(HtmlWriter& out, PageParts& parts, const Records& studies) {
    if (studies.empty()) return;
    out.markup(
        "<h3 class=\"gap\">Studies listed at the source; the images are not in this packet</h3>");
    const Column columns[] = {
        date_column("Date"),
        text_column("Series",
                    [](const Statement& one) {
                        std::string series = concepts_text(one.resource()["modality"]);
                        for (const JsonView& part : one.resource()["series"].items())
                            series.append(series.empty() ? "" : "; ")
                                .append(concept_text(part["modality"]));
                        return series;
                    }),
        text_column("Reason", [](const Statement& one) { return one.why; }),
        text_column("Notes", [](const Statement& one) { return one.notes; }),
        text_column("Status", [](const Statement& one) { return status_text(one.resource()); })};
    write_table(out, parts, {"Imaging studies", "Study", columns}, by_name(studies));
}

void write_report_section(HtmlWriter& out, PageParts& parts, const SectionHead& head,
                          const Records& records, const Records& studies) {
    if (records.empty() && studies.empty()) return;
    Records with, without;
    for (const Statement* one : records)
        (is_report(one->resource()) ? with : without).push_back(one);
    std::string note;
    if (!with.empty()) note = count_note(with.size(), "report", "reports");
    if (!with.empty() && parts.begun_on_paper() == 0) note += ", in full";
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

bool is_specialists_report(const fhir::Resource& one) {
    return one.type() == report[0].view() &&
           (has_any(one, pathology) || has_any(one, imaging) || has_any(one, molecular));
}

void write_reports(HtmlWriter& out, PageParts& parts) {
    Records of_tissue, of_images, of_genes, others;
    for (const Statement* one : parts.of_types(report)) {
        if (has_any(one->resource(), pathology))
            of_tissue.push_back(one);
        else if (has_any(one->resource(), imaging))
            of_images.push_back(one);
        else if (has_any(one->resource(), molecular))
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
