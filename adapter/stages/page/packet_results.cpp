// Results: one row an analyte with its newest value, the earlier ones folded beneath. Units and
// digits as reported; nothing is converted, and values of different units are not joined.
#include <algorithm>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/trend.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr StaticText observation[] = {"Observation"};

bool has_ranges(const Records& values) {
    return std::any_of(values.begin(), values.end(), [](const Statement* one) {
        return !ranges_given(one->resource().json()).empty();
    });
}

// The range stands where it is another one than that of the newest.
void write_others(HtmlWriter& out, const PageParts& parts, const Analyte& analyte,
                  const Statement& newest) {
    if (analyte.values.size() < 2) return;
    const std::string newest_range = ranges_given(newest.resource().json());
    open_earlier(out, analyte.values.size() - 1, analyte.name,
                 &newest == analyte.values.front() ? Fold::Earlier : Fold::Others);
    for (const Statement* one : analyte.values) {
        if (one == &newest) continue;
        out.markup("<li>");
        if (one->when.is_empty())
            out.markup("not recorded");
        else
            write_when(out, one->when, ClockTime::Show);
        out.markup(" · ");
        open_long_text(out, parts, *one);
        if (one->what != analyte.name) {
            write_own(out, one->resource(), one->what);
            out.markup(" ");
        }
        write_value(out, *one);
        const std::string range = ranges_given(one->resource().json());
        if (range != newest_range)
            out.markup(" <span class=\"dim\">")
                .own(range.empty() ? "no range given" : "range " + range)
                .markup("</span>");
        if (!one->notes.empty()) out.markup(" · ").own(one->notes);
        close_long_text(out, parts, *one);
        out.markup("</li>");
    }
    out.markup("</ul></details>");
}

void write_analyte(HtmlWriter& out, PageParts& parts, const Analyte& analyte, bool has_twin,
                   bool with_range) {
    const Statement& newest = newest_value(analyte.values);
    out.markup("<tr><th scope=\"row\">");
    if (analyte.name.empty())
        out.markup("<span class=\"dim\">not recorded</span>");
    else
        write_own(out, newest.resource(), analyte.name);
    if (!analyte.beside.empty()) out.markup(", ").own(analyte.beside);
    if (has_twin) out.markup(" <span class=\"quiet\">").own(analyte.apart).markup("</span>");
    out.markup("</th><td data-l=\"Newest\">");
    open_long_text(out, parts, newest);
    write_value(out, newest);
    if (!newest.notes.empty()) out.markup(" · ").own(newest.notes);
    close_long_text(out, parts, newest);
    parts.cite(out, newest);
    out.markup("</td>");
    write_date_cell(out, "Date", newest.when);
    if (with_range) {
        const std::string range = ranges_given(newest.resource().json());
        out.markup("<td data-l=\"Range given\" class=\"dim\">")
            .own(range.empty() ? "no range given" : range)
            .markup("</td>");
    }
    out.markup("</tr>\n");
    HtmlWriter others;
    write_others(others, parts, analyte, newest);
    write_row_beneath(out, with_range ? 4 : 3, others);
}

void write_analytes(HtmlWriter& out, PageParts& parts, StaticText label, const Records& values) {
    const bool with_range = has_ranges(values);
    open_table(out, label);
    out.markup(
        "<colgroup><col style=\"inline-size:40%\"><col style=\"inline-size:28%\">"
        "<col style=\"inline-size:8rem\">");
    if (with_range) out.markup("<col>");
    out.markup(
        "</colgroup><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Newest</th>"
        "<th scope=\"col\">Date</th>");
    if (with_range) out.markup("<th scope=\"col\">Range given</th>");
    out.markup("</tr></thead><tbody>\n");
    const std::vector<Analyte> analytes = parts.analytes.of(values);
    // Two rows of one name are told apart by their codes and specimens.
    std::map<std::string, std::size_t> names;
    for (const Analyte& analyte : analytes) ++names[analyte.name];
    for (const Analyte& analyte : analytes)
        write_analyte(out, parts, analyte, names[analyte.name] > 1, with_range);
    out.markup("</tbody>");
    close_table(out);
}

void write_analyte_section(HtmlWriter& out, PageParts& parts, const SectionHead& head,
                           const Records& values) {
    if (values.empty()) return;
    std::string note = count_note(values.size(), "value", "values");
    note += ". Units as reported, not converted.";
    if (!has_ranges(values)) note += " No ranges given.";
    write_section(out, parts, head, note, [&] {
        if (head.shape == SectionShape::Wide)
            write_trends(out, parts,
                         head.id.view() == "vit" ? StaticText("Vital signs listed, not drawn")
                                                 : StaticText("Results listed, not drawn"),
                         values);
        write_analytes(out, parts, head.title, values);
    });
}

// What has no category is a laboratory's by its code, as the checklist has it.
bool is_laboratory(const PageParts& parts, const Statement& one) {
    return std::ranges::any_of(parts.specialty.checklist, [&](const auto& row) {
        return row->id == "laboratory" && row->codes.is_in(one.resource()["code"]);
    });
}

struct Kinds {
    Records laboratory, vitals, social, other;
};
Kinds kinds_of(const PageParts& parts) {
    Kinds kinds;
    for (const Statement* one : parts.of_types(observation)) {
        const JsonView category = one->resource()["category"];
        if (has_code(category, "laboratory") || (category.is_null() && is_laboratory(parts, *one)))
            kinds.laboratory.push_back(one);
        else if (has_code(category, "vital-signs") ||
                 parts.specialties.vital_signs.is_in(one->resource()["code"]))
            kinds.vitals.push_back(one);
        else if (has_code(category, "social-history"))
            kinds.social.push_back(one);
        else
            kinds.other.push_back(one);
    }
    return kinds;
}

}  // namespace

void write_value(HtmlWriter& out, const Statement& one) {
    const ValueFlag flag = value_flag(one.resource().json());
    const bool is_absent = one.standing == Standing::NoValue;
    if (one.value.empty() && one.is_plain()) {
        out.markup("<span class=\"dim\">not recorded</span>");
    } else if (!is_absent && flag.words.empty()) {
        write_own(out, one.resource(), one.value);
    } else if (!is_absent && flag.place == ValuePlace::NotSaid) {
        write_own(out, one.resource(), one.value);
        out.markup(" ").own(flag.words);
    } else if (!is_absent) {
        out.markup("<b class=\"red\">")
            .own(one.value)
            .markup("</b> <span class=\"red\">")
            .own(flag.words)
            .markup("</span>");
    }
    if (!one.is_plain()) out.markup(" <span class=\"amber\">").own(one.aside()).markup("</span>");
}

void write_results(HtmlWriter& out, PageParts& parts) {
    const Kinds kinds = kinds_of(parts);
    write_analyte_section(out, parts, {"res", "Results", "Results", SectionShape::Wide},
                          kinds.laboratory);
    write_analyte_section(out, parts, {"vit", "Vital signs", "Vital signs", SectionShape::Wide},
                          kinds.vitals);
}

void write_other_observations(HtmlWriter& out, PageParts& parts) {
    const Kinds kinds = kinds_of(parts);
    write_analyte_section(out, parts, {"obs", "Other observations", "Other"}, kinds.other);
    write_analyte_section(out, parts, {"soc", "Social history", "Social"}, kinds.social);
}

}  // namespace consultd
