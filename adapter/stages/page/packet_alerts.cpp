// Alerts: what must be known before anything is done. Each stands with its word; what was refuted
// or is over is no alert and stands in the lists below.
#include <algorithm>
#include <array>
#include <set>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/gap_words.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Says = Statement::Says;

constexpr std::size_t shown_max = 8;
constexpr StaticText allergy[] = {"AllergyIntolerance"};
constexpr StaticText flag[] = {"Flag"};
constexpr StaticText harm[] = {"AdverseEvent"};
constexpr StaticText orders[] = {"MedicationRequest", "ServiceRequest", "CommunicationRequest"};
constexpr StaticText observation[] = {"Observation"};

void write_more(HtmlWriter& out, std::size_t count, StaticText link) {
    if (count <= shown_max) return;
    out.markup(", <a href=\"#").text(link.view()).markup("\">").number(count - shown_max);
    out.markup(" more</a>");
}

void write_allergy(HtmlWriter& out, PageParts& parts, const Statement& one) {
    const bool is_high = one.resource()["criticality"].string() == "high";
    out.markup(is_high ? StaticText("<b class=\"red\">") : StaticText("<b>"));
    write_name(out, one);
    out.markup("</b>");
    if (is_high) out.markup(" <span class=\"red\">criticality high</span>");
    if (!one.value.empty()) out.markup(" (").own(one.value).markup(")");
    parts.cite(out, one);
}

Records of_standing(const Records& records, Says says, bool (*stands)(const Statement&)) {
    Records out;
    std::copy_if(records.begin(), records.end(), std::back_inserter(out),
                 [&](const Statement* one) { return one->says == says && stands(*one); });
    return out;
}

bool is_now(const Statement& one) { return one.places().now; }
bool is_suspected(const Statement& one) { return one.standing == Standing::Suspected; }

void write_negation(HtmlWriter& out, PageParts& parts, const Statement& one) {
    write_name(out, one);
    out.markup(", ");
    if (one.when.is_empty())
        out.markup("date not recorded");
    else
        write_when(out, one.when);
    parts.cite(out, one);
}

// Why no allergy is named: three different facts.
void write_no_allergy(HtmlWriter& out, const PageParts& parts, bool has_others) {
    const auto& list = parts.page.checklist;
    const bool is_lost = std::any_of(list.begin(), list.end(), [](const ChecklistItem& item) {
        return item.row->id == "allergies" && item.state == ItemState::NotHandedOver;
    });
    if (is_lost) {
        out.markup("<span class=\"amber\">not handed over");
        for (const Gap& gap : parts.page.input.gaps)
            if (is_unnamed(gap) || gap.what.starts_with("AllergyIntolerance"))
                out.markup("; ")
                    .own(gap_title(gap.what))
                    .markup(": ")
                    .text(gap_words(gap.reason.view()).view());
        out.markup("</span>");
    } else {
        out.markup("<span class=\"amber\">not found</span>");
    }
    if (has_others) out.markup("; <a href=\"#all\">what the record says of it</a>");
}

void write_row(HtmlWriter& out, PageParts& parts, StaticText label, StaticText link,
               const Records& records) {
    if (records.empty()) return;
    write_fact(out, label, [&] {
        for (std::size_t i = 0; i < records.size() && i < shown_max; ++i) {
            const Statement& one = *records[i];
            out.markup(i > 0 ? StaticText(", <b class=\"red\">") : StaticText("<b class=\"red\">"));
            write_name(out, one);
            out.markup("</b>");
            if (!one.when.is_empty()) {
                out.markup(", ");
                write_when(out, one.when);
            }
            if (!one.notes.empty()) out.markup(" (").own(one.notes).markup(")");
            parts.cite(out, one);
        }
        write_more(out, records.size(), link);
    });
}

// https://hl7.org/fhir/R4/valueset-observation-interpretation.html
bool is_critical(const Statement& one) {
    return std::ranges::any_of(
        std::array<std::string_view, 3>{"HH", "LL", "AA"},
        [&](std::string_view code) { return has_code(one.resource()["interpretation"], code); });
}

// The newest of each analyte, where the laboratory calls it critical; one that is not final too.
Records critical_values(const PageParts& parts) {
    std::set<std::string> seen;
    Records out;
    for (const Statement* one : parts.of_types(observation)) {
        const bool counts = one->places().newest || one->standing == Standing::Preliminary;
        if (!counts || !one->is_dated()) continue;
        const bool is_new = seen.insert(parts.analytes.key_of(*one)).second;
        if (is_new && is_critical(*one)) out.push_back(one);
    }
    return out;
}

void write_values(HtmlWriter& out, PageParts& parts, StaticText label, const Records& records) {
    if (records.empty()) return;
    write_fact(out, label, [&] {
        for (std::size_t i = 0; i < records.size() && i < shown_max; ++i) {
            if (i > 0) out.markup(", ");
            write_value_name(out, parts, *records[i]);
            out.markup(" ");
            write_value(out, *records[i]);
            out.markup(", ");
            write_when(out, records[i]->when);
            parts.cite(out, *records[i]);
        }
        write_more(out, records.size(), "res");
    });
}

// https://hl7.org/fhir/uv/ips/STU1.1/StructureDefinition-Observation-pregnancy-status-uv-ips.html
Records pregnancy(const PageParts& parts) {
    for (const Statement* one : parts.of_types(observation))
        if (one->places().newest && one->is_dated() &&
            has_code(one->resource()["code"], "http://loinc.org", "82810-3"))
            return {one};
    return {};
}

}  // namespace

void write_allergies(HtmlWriter& out, PageParts& parts) {
    const Records all = parts.of_types(allergy);
    const Records now = of_standing(all, Says::Something, is_now);
    const Records none = of_standing(all, Says::NoneKnown, is_now);
    const Records suspected = of_standing(all, Says::Something, is_suspected);
    for (std::size_t i = 0; i < now.size() && i < shown_max; ++i) {
        if (i > 0) out.markup(", ");
        write_allergy(out, parts, *now[i]);
    }
    write_more(out, now.size(), "all");
    if (!none.empty()) {
        out.markup(now.empty() ? StaticText("") : StaticText("; the record also says: "));
        write_negation(out, parts, *none.front());
    }
    if (now.empty() && none.empty()) write_no_allergy(out, parts, !all.empty());
    for (std::size_t i = 0; i < suspected.size() && i < shown_max; ++i) {
        out.markup("; ");
        write_allergy(out, parts, *suspected[i]);
    }
}

void write_alerts(HtmlWriter& out, PageParts& parts) {
    Records events = parts.of_types(harm), forbidden = parts.of_types(orders);
    std::erase_if(events, [](const Statement* one) { return !one->places().found; });
    std::erase_if(forbidden,
                  [](const Statement* one) { return one->standing != Standing::Forbidden; });
    write_row(out, parts, "Alerts", "alert", standing_now(parts.of_types(flag)));
    write_row(out, parts, "Do not give", "med", forbidden);
    write_row(out, parts, "Adverse events", "alert", events);
    write_values(out, parts, "Critical values", critical_values(parts));
    write_values(out, parts, "Pregnancy", pregnancy(parts));
}

}  // namespace consultd
