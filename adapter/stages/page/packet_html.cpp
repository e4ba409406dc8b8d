#include "adapter/stages/page/packet_html.h"

#include <algorithm>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/attachment_text.h"
#include "adapter/stages/reading/person.h"
#include "adapter/stages/reading/sections.h"

namespace consultd {
namespace {

std::string page_title(const PageParts& parts) {
    return current_name(parts.patient->resource().json(), parts.page.input.request.as_of);
}

void write_head(HtmlWriter& out, const PageParts& parts) {
    const std::string name = page_title(parts);
    const std::string_view born = parts.patient->resource()["birthDate"].string();
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
    out.own(page_title(parts));
    if (const std::string_view born = parts.patient->resource()["birthDate"].string();
        !born.empty())
        out.markup(" · ").date(born);
    out.markup("</b><a href=\"#sum\">Summary</a>");
    for (const PageParts::NavLink& link : parts.nav)
        out.markup("<a href=\"#")
            .text(link.id.view())
            .markup("\">")
            .text(link.title.view())
            .markup("</a>");
    out.markup("</div></nav>\n");
}

// Types whose records come in rows of the same: doses, results, visits. Each other record, such as
// a report with a text, has a row of its own among the sources.
constexpr StaticText types_in_rows[] = {"Observation",
                                        "MedicationAdministration",
                                        "MedicationDispense",
                                        "MedicationRequest",
                                        "MedicationStatement",
                                        "Medication",
                                        "Encounter",
                                        "Procedure",
                                        "Immunization",
                                        "Claim",
                                        "ExplanationOfBenefit",
                                        "Provenance",
                                        "CareTeam",
                                        "CarePlan",
                                        "SupplyDelivery",
                                        "Specimen",
                                        "PractitionerRole",
                                        "Location"};

std::string source_key(const Statement& one, const Analytes& analytes) {
    const std::string_view type = one.resource().type();
    std::string key(type);
    if (type == "DiagnosticReport" && !is_report(one.resource())) return key + '|' + one.what;
    if (std::none_of(std::begin(types_in_rows), std::end(types_in_rows),
                     [&](const StaticText& in_rows) { return in_rows.view() == type; }))
        return key + '|' + one.record->full_url;
    if (type == "Observation") return key + '|' + analytes.key_of(one);
    return key + '|' + one.what;
}

void write_citation(HtmlWriter& out, std::size_t number) {
    out.markup("\u00A0<a class=\"s\" href=\"#s").number(number).markup("\" aria-label=\"source ");
    out.number(number).markup("\">").number(number).markup("</a>");
}

}  // namespace

PageParts::PageParts(const PacketPage& page_in)
    : page(page_in),
      reading(page_in.reading),
      index(reading.index()),
      patient(&reading.of(*index.find(page_in.input.patient))),
      specialties(page_in.knowledge.specialties),
      specialty(specialties.find(page_in.input.request.specialty).specialty),
      analytes(reading, specialty, specialties) {
    for (const Statement& one : reading.all()) {
        if (!one.places().shown) {
            ++in_error_;
            continue;
        }
        std::string key = source_key(one, analytes);
        groups_[key].push_back(&one);
        keys_.emplace(&one, std::move(key));
        by_type_[one.resource().type()].push_back(&one);
    }
    for (auto& [key, records] : groups_) sort_newest_first(records);
    for (const Statement* one : texts_begun_on_paper(reading, groups_.size())) begun_.insert(one);
    if (!by_type_.contains("Condition")) return;
    for (const PacketResource& one : reading.resources())
        for (const std::string& url : references_of(one.resource.json()))
            if (const PacketResource* target = index.find(url);
                target && target->resource.type() == "Condition")
                ++referred_[&reading.of(*target)];
}

std::size_t PageParts::number_of_key(const std::string& key) {
    const auto [found, is_new] = numbers_.try_emplace(key, sources_.size() + 1);
    if (is_new) sources_.push_back(key.empty() ? Records() : groups_.at(key));
    return found->second;
}

std::size_t PageParts::number_of(const Statement& statement) {
    return number_of_key(keys_.at(&statement));
}

void PageParts::cite(HtmlWriter& out, const Statement& statement) {
    write_citation(out, number_of(statement));
}

void PageParts::cite_question(HtmlWriter& out) { write_citation(out, number_of_key("")); }

Records PageParts::of_types(std::span<const StaticText> types) const {
    Records out;
    for (const StaticText& type : types)
        if (const auto found = by_type_.find(type.view()); found != by_type_.end())
            out.insert(out.end(), found->second.begin(), found->second.end());
    sort_newest_first(out);
    return out;
}

void write_section(HtmlWriter& out, PageParts& parts, const SectionHead& head,
                   std::string_view note, const std::function<void()>& body) {
    parts.nav.push_back({head.id, head.nav});
    out.markup("<section id=\"").text(head.id.view());
    out.markup(head.shape == SectionShape::Wide ? StaticText("\"><header><h2>")
                                                : StaticText("\" class=\"side\"><header><h2>"));
    out.text(head.title.view()).markup("</h2>");
    if (!note.empty()) out.markup("<p class=\"note\">").text(note).markup("</p>");
    out.markup("</header><div>");
    body();
    out.markup("</div></section>\n");
}

std::string packet_html(const PacketPage& page) {
    PageParts parts(page);
    HtmlWriter who, first, sections, out;
    write_who(who, parts);
    write_first_screen(first, parts);
    write_timeline(sections, parts);
    write_results(sections, parts);
    write_reports(sections, parts);
    write_lists(sections, parts);
    write_history(sections, parts);
    write_other_observations(sections, parts);
    write_documents(sections, parts);
    write_letter(sections, parts);
    write_law(sections, parts);
    write_sources(sections, parts);

    write_head(out, parts);
    out.append(std::move(who));
    write_nav(out, parts);
    out.markup("<main class=\"page\" id=\"main\">\n")
        .append(std::move(first))
        .append(std::move(sections));
    out.markup(
        "<p class=\"end\">This packet arranges what the record says; it adds no finding and no "
        "advice. The same content travels as a FHIR document for import.</p>\n</main>\n</body>\n"
        "</html>\n");
    return std::move(out).take();
}

}  // namespace consultd
