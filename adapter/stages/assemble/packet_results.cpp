// Results: one row an analyte with its newest value, the earlier ones folded beneath. Units and
// digits as reported; nothing is converted, and values of different units are not joined.
#include <algorithm>

#include "adapter/stages/assemble/packet_page.h"
#include "adapter/stages/assemble/sections.h"
#include "fhir/decimal.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr StaticText observation[] = {"Observation"};

struct Analyte {
    std::string name, code;
    Records values;  // newest first
};

// Same analyte: the same LOINC code, else the same first code, else the same text.
std::string analyte_key(const fhir::Resource& one) {
    const auto codings = one["code"]["coding"].items();
    for (const JsonView& coding : codings)
        if (coding["system"].string() == "http://loinc.org")
            return "loinc|" + std::string(coding["code"].string());
    if (!codings.empty())
        return std::string(codings[0]["system"].string()) + '|' +
               std::string(codings[0]["code"].string());
    return "text|" + concept_text(one["code"]);
}

std::vector<Analyte> analytes_of(const Records& values, const PacketIndex& index) {
    std::map<std::string, Analyte> by_key;
    for (const PacketResource* one : values) {
        Analyte& analyte = by_key[analyte_key(one->resource)];
        if (analyte.values.empty()) {
            analyte.name = item_text(one->resource, index);
            const JsonView coding = first_of(one->resource["code"]["coding"]);
            analyte.code = coding["system"].string() == "http://loinc.org" ? "LOINC " : "code ";
            analyte.code += coding.is_object() ? coding["code"].string() : "not recorded";
        }
        analyte.values.push_back(one);
    }
    std::vector<Analyte> out;
    for (auto& [key, analyte] : by_key) out.push_back(std::move(analyte));
    std::stable_sort(out.begin(), out.end(), [](const Analyte& left, const Analyte& right) {
        return std::lexicographical_compare(left.name.begin(), left.name.end(), right.name.begin(),
                                            right.name.end(), [](char a, char b) {
                                                return std::tolower(static_cast<unsigned char>(a)) <
                                                       std::tolower(static_cast<unsigned char>(b));
                                            });
    });
    return out;
}

void write_earlier(HtmlWriter& out, PageParts& parts, const Records& values) {
    if (values.size() < 2) return;
    out.markup("<details class=\"hist\"><summary>").number(values.size() - 1);
    out.markup(
        " earlier</summary><table><thead><tr><th scope=\"col\">Date</th><th "
        "scope=\"col\">Value</th>"
        "<th scope=\"col\">Range</th></tr></thead><tbody>\n");
    for (std::size_t i = 1; i < values.size(); ++i) {
        const fhir::Resource& one = values[i]->resource;
        out.markup("<tr><td>").date(date_of(one), true).markup("</td><td>");
        write_value(out, one);
        parts.cite(out, *values[i]);
        out.markup("</td><td class=\"dim\">").own(range_text(one.json())).markup("</td></tr>\n");
    }
    out.markup("</tbody></table></details>");
}

void write_analytes(HtmlWriter& out, PageParts& parts, const Records& values) {
    out.markup(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table "
        "class=\"stack\">"
        "<colgroup><col style=\"inline-size:32%\"><col style=\"inline-size:25%\">"
        "<col style=\"inline-size:7rem\"><col "
        "style=\"inline-size:15%\"><col></colgroup><thead><tr><th scope=\"col\">What</th><th "
        "scope=\"col\">Newest</th><th scope=\"col\">Date</th>"
        "<th scope=\"col\">Range given</th><th scope=\"col\">Earlier</th></tr></thead><tbody>\n");
    const std::vector<Analyte> analytes = analytes_of(values, parts.index);
    for (std::size_t i = 0; i < analytes.size(); ++i) {
        const Analyte& analyte = analytes[i];
        const PacketResource& newest = *analyte.values.front();
        out.markup("<tr><th scope=\"row\">")
            .own(analyte.name.empty() ? "not recorded" : analyte.name);
        // Two rows of one name are told apart by their codes.
        const bool has_twin = (i > 0 && analytes[i - 1].name == analyte.name) ||
                              (i + 1 < analytes.size() && analytes[i + 1].name == analyte.name);
        if (has_twin) out.markup(" <span class=\"quiet\">").own(analyte.code).markup("</span>");
        out.markup("</th><td data-l=\"Newest\">");
        write_value(out, newest.resource);
        parts.cite(out, newest);
        out.markup("</td>");
        write_date_cell(out, "Date", date_of(newest.resource));
        const std::string range = range_text(newest.resource.json());
        out.markup("<td data-l=\"Range given\" class=\"dim\">")
            .own(range.empty() ? "no range given" : range);
        out.markup("</td><td data-l=\"Earlier\">");
        write_earlier(out, parts, analyte.values);
        out.markup("</td></tr>\n");
    }
    out.markup("</tbody></table></div>");
}

void write_analyte_section(HtmlWriter& out, PageParts& parts, StaticText id, StaticText title,
                           const Records& values) {
    if (values.empty()) return;
    write_section(
        out, parts, id, title,
        count_note(values.size(), "value", "values") + ". Units as reported, not converted.",
        [&] { write_analytes(out, parts, values); });
}

std::string interpretation_text(JsonView observation_json) {
    for (const JsonView& one : observation_json["interpretation"].items())
        for (const auto& [code, word] :
             {std::pair<std::string_view, std::string_view>{"HH", "critically high"},
              {"LL", "critically low"},
              {"AA", "critically abnormal"},
              {"H", "high"},
              {"L", "low"},
              {"A", "abnormal"},
              {"HU", "significantly high"},
              {"LU", "significantly low"}})
            if (has_code(one, code)) return std::string(word);
    return {};
}

}  // namespace

std::string flag_text(JsonView json) {
    const JsonView value = json["valueQuantity"];
    const auto number = fhir::Decimal::parse(value["value"].number());
    const auto ranges = json["referenceRange"].items();
    const bool is_normal_range = ranges.size() == 1 && (ranges[0]["type"].is_null() ||
                                                        has_code(ranges[0]["type"], "normal"));
    if (number && is_normal_range && !value.has("comparator"))
        for (const auto& [side, word] :
             {std::pair<std::string_view, std::string_view>{"low", "below "}, {"high", "above "}}) {
            const JsonView bound = ranges[0][side];
            const auto limit = fhir::Decimal::parse(bound["value"].number());
            if (!limit || bound["unit"].string() != value["unit"].string()) continue;
            if (side == "low" ? *number < *limit : *number > *limit)
                return std::string(word) + std::string(bound["value"].number());
        }
    return interpretation_text(json);
}

void write_value(HtmlWriter& out, const fhir::Resource& one) {
    const std::string value = observation_value(one.json());
    const std::string flag = flag_text(one.json());
    if (value.empty()) {
        out.markup("<span class=\"dim\">not recorded</span>");
        return;
    }
    if (flag.empty()) {
        out.own(value);
        return;
    }
    out.markup("<b class=\"red\">")
        .own(value)
        .markup("</b> <span class=\"red\">")
        .text(flag)
        .markup("</span>");
}

void write_results(HtmlWriter& out, PageParts& parts) {
    Records laboratory, vitals, social, other;
    for (const PacketResource* one : parts.of_types(observation)) {
        const JsonView category = one->resource["category"];
        if (has_code(category, "laboratory"))
            laboratory.push_back(one);
        else if (has_code(category, "vital-signs"))
            vitals.push_back(one);
        else if (has_code(category, "social-history"))
            social.push_back(one);
        else
            other.push_back(one);
    }
    write_analyte_section(out, parts, "res", "Results", laboratory);
    write_analyte_section(out, parts, "vit", "Vital signs", vitals);
    write_analyte_section(out, parts, "obs", "Other observations", other);
    write_analyte_section(out, parts, "soc", "Social history", social);
}

}  // namespace consultd
