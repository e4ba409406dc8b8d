#include "adapter/stages/assemble/packet_html.h"

#include <algorithm>

#include "adapter/stages/assemble/packet_page.h"
#include "adapter/stages/assemble/sections.h"

namespace consultd {
namespace {

constexpr std::size_t rows_open_max = 40;

std::string page_title(const PageParts& parts) {
    return name_text(first_of(parts.patient->resource["name"]));
}

void write_head(HtmlWriter& out, const PageParts& parts) {
    const std::string name = page_title(parts);
    const std::string_view born = parts.patient->resource["birthDate"].string();
    out.markup(
        "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>"
        "Consult packet · ");
    out.text(name).markup("</title>\n<style>").markup(packet_style);
    out.markup("@media print{:root{--page-who:\"").css_string(name);
    out.markup(" · born ").css_string(born.empty() ? "not recorded" : date_text(born));
    out.markup("\";--page-id:\"Packet ").css_string(parts.page.input.request.transfer_id);
    out.markup(" · ").css_string(date_text(format_date_time(parts.page.input.request.as_of)));
    out.markup(
        "\"}}\n</style>\n</head>\n<body>\n"
        "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>\n"
        "<symbol id=\"i-ok\" viewBox=\"0 0 16 16\"><path d=\"M2.5 8.5l3.5 3.5 7.5-8\"/></symbol>\n"
        "<symbol id=\"i-old\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"6\"/>"
        "<path d=\"M8 4.5V8l2.5 2\"/></symbol>\n"
        "<symbol id=\"i-part\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"6\"/>"
        "<path d=\"M8 2a6 6 0 0 1 0 12z\" fill=\"currentColor\"/></symbol>\n"
        "<symbol id=\"i-none\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"6\" "
        "stroke-dasharray=\"2.6 2.1\"/></symbol>\n"
        "<symbol id=\"i-held\" viewBox=\"0 0 16 16\"><path d=\"M3 13L13 3\"/>"
        "<circle cx=\"8\" cy=\"8\" r=\"6\"/></symbol>\n</defs></svg>"
        "<a class=\"skip\" href=\"#main\">Skip to the packet</a>\n");
}

void write_nav(HtmlWriter& out, const PageParts& parts) {
    out.markup(
        "<nav class=\"bar\" aria-label=\"Sections\"><div class=\"page\" tabindex=\"0\" "
        "role=\"group\" aria-label=\"Section links\"><b>");
    out.own(page_title(parts)).markup("</b><a href=\"#sum\">Summary</a>");
    for (const PageParts::NavLink& link : parts.nav)
        out.markup("<a href=\"#")
            .text(link.id.view())
            .markup("\">")
            .text(link.title.view())
            .markup("</a>");
    out.markup("</div></nav>\n");
}

}  // namespace

PageParts::PageParts(const PacketPage& page_in)
    : page(page_in), index(page_in.resources), patient(index.find(page_in.input.patient)) {}

std::size_t PageParts::number_of(const PacketResource& resource) {
    const auto [found, is_new] = numbers_.try_emplace(&resource, sources_.size() + 1);
    if (is_new) sources_.push_back(&resource);
    return found->second;
}

void PageParts::cite(HtmlWriter& out, const PacketResource& resource) {
    const std::size_t number = number_of(resource);
    out.markup("\u00A0<a class=\"s\" href=\"#s").number(number).markup("\" aria-label=\"source ");
    out.number(number).markup("\">").number(number).markup("</a>");
}

void PageParts::cite_question(HtmlWriter& out) {
    if (numbers_.try_emplace(nullptr, sources_.size() + 1).second) sources_.push_back(nullptr);
    const std::size_t number = numbers_.at(nullptr);
    out.markup("\u00A0<a class=\"s\" href=\"#s").number(number).markup("\" aria-label=\"source ");
    out.number(number).markup("\">").number(number).markup("</a>");
}

Records PageParts::of_types(std::span<const StaticText> types) const {
    Records out;
    for (const PacketResource& one : page.resources) {
        const std::vector<std::string_view> words = status_words(one.resource);
        if (std::find(words.begin(), words.end(), "entered-in-error") != words.end()) continue;
        if (std::any_of(types.begin(), types.end(),
                        [&](const StaticText& type) { return type.view() == one.resource.type(); }))
            out.push_back(&one);
    }
    sort_newest_first(out);
    return out;
}

void write_section(HtmlWriter& out, PageParts& parts, StaticText id, StaticText title,
                   std::string_view note, const std::function<void()>& body) {
    parts.nav.push_back({id, title});
    out.markup("<section id=\"").text(id.view()).markup("\" class=\"side\"><header><h2>");
    out.text(title.view()).markup("</h2><p class=\"note\">").text(note);
    out.markup("</p></header><div>");
    body();
    out.markup("</div></section>\n");
}

void write_table(HtmlWriter& out, PageParts& parts, std::span<const StaticText> columns,
                 const Records& records, const std::function<void(const PacketResource&)>& cells) {
    const auto part = [&](std::size_t from, std::size_t to) {
        out.markup(
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">"
            "<table class=\"stack\"><thead><tr>");
        for (const StaticText& column : columns)
            out.markup("<th scope=\"col\">").text(column.view()).markup("</th>");
        out.markup("</tr></thead><tbody>\n");
        for (std::size_t i = from; i < to; ++i) {
            const std::string item = item_text(records[i]->resource, parts.index);
            out.markup("<tr><th scope=\"row\">").own(item.empty() ? "not recorded" : item);
            parts.cite(out, *records[i]);
            out.markup("</th>");
            cells(*records[i]);
            out.markup("</tr>\n");
        }
        out.markup("</tbody></table></div>");
    };
    const std::size_t open = std::min(records.size(), rows_open_max);
    part(0, open);
    if (open == records.size()) return;
    out.markup("<details class=\"more\"><summary>").number(records.size() - open);
    out.markup(" more</summary>");
    part(open, records.size());
    out.markup("</details>");
}

void write_cell(HtmlWriter& out, StaticText column, std::string_view text) {
    out.markup("<td data-l=\"").text(column.view()).markup("\">").own(text).markup("</td>");
}

void write_date_cell(HtmlWriter& out, StaticText column, std::string_view date) {
    out.markup("<td data-l=\"").text(column.view()).markup("\">");
    if (date.empty())
        out.markup("<span class=\"dim\">not recorded</span>");
    else
        out.date(date);
    out.markup("</td>");
}

std::string count_note(std::size_t count, StaticText one, StaticText many) {
    return std::to_string(count) + ' ' + std::string(count == 1 ? one.view() : many.view());
}

std::string packet_html(const PacketPage& page) {
    PageParts parts(page);
    HtmlWriter who, first, sections, out;
    write_who(who, parts);
    write_first_screen(first, parts);
    write_results(sections, parts);
    write_reports(sections, parts);
    write_lists(sections, parts);
    write_history(sections, parts);
    write_documents(sections, parts);
    write_sources(sections, parts);

    write_head(out, parts);
    out.append(who);
    write_nav(out, parts);
    out.markup("<main class=\"page\" id=\"main\">\n").append(first).append(sections);
    out.markup(
        "<p class=\"end\">This packet arranges what the record says; it adds no finding and no "
        "advice. The same content travels as a FHIR document for import.</p>\n</main>\n</body>\n"
        "</html>\n");
    return std::move(out).take();
}

}  // namespace consultd
