// The one-page summary: what the record has of what a consultant asks first, each once, the newest
// of it, with its source. A report is quoted whole or not at all.
#include <algorithm>
#include <unordered_set>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/analytes.h"
#include "adapter/stages/reading/sections.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t items_max = 8;
constexpr std::size_t procedures_max = 6;
constexpr std::size_t reports_max = 6;
constexpr std::size_t quote_bytes_max = 240;
constexpr std::size_t value_bytes_unbroken_max = 24;

constexpr StaticText medicines[] = {"MedicationRequest", "MedicationStatement"};
constexpr StaticText administrations[] = {"MedicationAdministration"};
constexpr StaticText procedure[] = {"Procedure"};
constexpr StaticText observation[] = {"Observation"};
constexpr StaticText report[] = {"DiagnosticReport"};

using Detail = std::function<void(const NamedRecords&)>;

// A list of records in one row of the summary; each name once.
void write_items(HtmlWriter& out, PageParts& parts, StaticText label, StaticText more_link,
                 const Records& records, std::size_t max, const Detail& detail) {
    std::vector<NamedRecords> named = by_name(records, parts.index);
    std::erase_if(named, [](const NamedRecords& one) { return one.name.empty(); });
    if (named.empty()) return;
    write_fact(out, label, [&] {
        out.markup("<ul>");
        for (std::size_t i = 0; i < named.size() && i < max; ++i) {
            out.markup("<li><b>");
            write_own(out, named[i].records.front()->resource, named[i].name);
            out.markup("</b>");
            detail(named[i]);
            parts.cite(out, *named[i].records.front());
            out.markup("</li>");
        }
        if (named.size() > max)
            out.markup("<li><a href=\"#")
                .text(more_link.view())
                .markup("\">")
                .number(named.size() - max)
                .markup(" more</a></li>");
        out.markup("</ul>");
    });
}

void write_date(HtmlWriter& out, const PacketResource& one) {
    if (const std::string_view date = date_of(one.resource); !date.empty())
        out.markup(", ").date(date);
}

// "5 times, 4 Feb 2025 to 27 May 2025".
void write_times(HtmlWriter& out, const NamedRecords& named) {
    const Records& all = named.records;
    if (all.size() == 1) return write_date(out, *all.front());
    out.markup(", ").text(count_note(all.size(), "time", "times"));
    const std::string_view first = date_of(all.back()->resource),
                           last = date_of(all.front()->resource);
    if (first.empty() || last.empty()) return;
    out.markup(", ").date(first);
    if (date_text(first) != date_text(last)) out.markup(" to ").date(last);
}

void write_key_values(HtmlWriter& out, PageParts& parts, StaticText label, const Records& found) {
    if (found.empty()) return;
    write_fact(out, label, [&] {
        out.markup("<ul>");
        for (const PacketResource* one : found) {
            out.markup("<li>");
            write_own(out, one->resource, item_text(one->resource, parts.index));
            const bool is_short =
                observation_value(one->resource.json()).size() <= value_bytes_unbroken_max;
            out.markup(is_short ? StaticText(" <b class=\"val nw\">")
                                : StaticText(" <b class=\"val\">"));
            write_value(out, one->resource);
            out.markup("</b>");
            write_date(out, *one);
            parts.cite(out, *one);
            out.markup("</li>");
        }
        out.markup("</ul>");
    });
}

// The first of each code and name, by which alone a key value is known.
Records first_of_each_kind(const PageParts& parts, const Records& observations) {
    std::unordered_set<std::string> seen;
    Records out;
    for (const PacketResource* one : observations) {
        std::string kind = item_text(one->resource, parts.index);
        one->resource["code"].print_to(kind);
        if (seen.insert(std::move(kind)).second) out.push_back(one);
    }
    return out;
}

Records newest_key_values(const PageParts& parts, const Records& newest_first) {
    const Records observations = first_of_each_kind(parts, newest_first);
    Records found;
    for (const KeyValue& key : parts.key_values) {
        const auto newest = std::find_if(observations.begin(), observations.end(), [&](auto* one) {
            return is_key_value(key, one->resource, parts.index);
        });
        if (newest != observations.end()) found.push_back(*newest);
    }
    return found;
}

Records newest_stages(const PageParts& parts, const Records& observations) {
    Records stages;
    for (const PacketResource* one : observations)
        if (parts.specialties.stages.is_in(one->resource["code"])) stages.push_back(one);
    Records found;
    for (const NamedRecords& named : by_name(stages, parts.index))
        found.push_back(named.records.front());
    return found;
}

Records reports_with_text(const PageParts& parts) {
    Records reports = parts.of_types(report);
    std::erase_if(reports, [](const PacketResource* one) {
        return one->resource["conclusion"].string().empty() &&
               one->resource["presentedForm"].size() == 0;
    });
    return reports;
}

Records current(const PageParts& parts, std::span<const StaticText> types) {
    Records records = parts.of_types(types);
    std::erase_if(records, [](const PacketResource* one) { return is_over(one->resource); });
    return records;
}

void write_quote(HtmlWriter& out, const PacketResource& one) {
    const std::string_view said = one.resource["conclusion"].string();
    if (said.empty() || said.size() > quote_bytes_max || said.find('\n') != said.npos) return;
    out.markup(": <span class=\"serif\">“");
    write_own(out, one.resource, said);
    out.markup("”</span>");
}

}  // namespace

void write_summary(HtmlWriter& out, PageParts& parts) {
    out.markup(
        "<div><h2>One-page summary</h2><p class=\"note\">Values as the record gives them. The "
        "small numbers lead to the source of each.</p>\n<dl class=\"facts\">\n");
    Records open_problems = problems(parts);
    std::erase_if(open_problems, [](const PacketResource* one) { return is_over(one->resource); });
    const auto date = [&](const NamedRecords& one) { write_date(out, *one.records.front()); };
    const auto times = [&](const NamedRecords& one) { write_times(out, one); };
    const auto dose = [&](const NamedRecords& one) {
        const PacketResource& newest = *one.records.front();
        if (const std::string text = detail_text(newest.resource, parts.index); !text.empty()) {
            out.markup(" ");
            write_own(out, newest.resource, text);
        }
        write_date(out, newest);
    };
    const Records observations = parts.of_types(observation);
    write_items(out, parts, "Problems", "prob", open_problems, items_max, date);
    write_key_values(out, parts, "Stage", newest_stages(parts, observations));
    write_items(out, parts, "Medicines now", "med", current(parts, medicines), items_max, dose);
    write_items(out, parts, "Given", "med", parts.of_types(administrations), items_max, times);
    write_items(out, parts, "Procedures, latest", "proc", parts.of_types(procedure), procedures_max,
                times);
    write_items(out, parts, "Reports, latest", "src", reports_with_text(parts), reports_max,
                [&](const NamedRecords& one) {
                    write_date(out, *one.records.front());
                    write_quote(out, *one.records.front());
                });
    write_key_values(out, parts, "Newest values", newest_key_values(parts, observations));
    out.markup("</dl></div>\n");
}

void write_fact(HtmlWriter& out, StaticText label, const std::function<void()>& value) {
    out.markup("<div><dt>").text(label.view()).markup("</dt><dd>");
    value();
    out.markup("</dd></div>\n");
}

}  // namespace consultd
