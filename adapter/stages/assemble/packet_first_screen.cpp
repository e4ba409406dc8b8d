// The first screen: who, the question, from and to, the one-page summary beside what is missing.
#include <algorithm>
#include <array>

#include "adapter/stages/assemble/gap_words.h"
#include "adapter/stages/assemble/packet_page.h"
#include "adapter/stages/assemble/sections.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t summary_items_max = 8;
constexpr std::size_t gaps_shown_max = 12;
constexpr std::ptrdiff_t not_found_rows_max = 6;

constexpr StaticText condition[] = {"Condition"};
constexpr StaticText medicines[] = {"MedicationRequest", "MedicationStatement"};
constexpr StaticText administrations[] = {"MedicationAdministration"};
constexpr StaticText procedure[] = {"Procedure"};
constexpr StaticText allergy[] = {"AllergyIntolerance"};
constexpr StaticText observation[] = {"Observation"};
constexpr StaticText report[] = {"DiagnosticReport"};

// The values a consultant looks for first, in the order of reading: by LOINC code, or where a
// laboratory sends its own code alone, by the whole name it gives. Each is shown under the name the
// record has.
struct KeyValue {
    std::array<StaticText, 3> codes;
    std::array<StaticText, 3> names;  // lower case
};
constexpr KeyValue key_values[] = {
    {{"89247-1", "89243-0", ""}, {"ecog", "performance status", "karnofsky"}},
    {{"14804-9", "2532-0", ""}, {"ldh", "lactate dehydrogenase", ""}},
    {{"718-7", "", ""}, {"hemoglobin", "hgb", "hb"}},
    {{"6690-2", "26464-8", ""}, {"wbc", "leukocytes", "white blood cells"}},
    {{"751-8", "26499-4", ""}, {"neutrophils", "anc", ""}},
    {{"777-3", "26515-7", "32623-1"}, {"platelets", "plt", "platelet count"}},
    {{"2160-0", "38483-4", ""}, {"creatinine", "creat", ""}},
    {{"33914-3", "62238-1", "98979-8"}, {"egfr", "", ""}},
    {{"1742-6", "", ""}, {"alt", "", ""}},
    {{"1975-2", "", ""}, {"bilirubin", "total bilirubin", ""}},
    {{"1988-5", "30522-7", ""}, {"crp", "c-reactive protein", ""}},
    {{"4548-4", "", ""}, {"hba1c", "", ""}},
    {{"29463-7", "", ""}, {"body weight", "weight", ""}},
    {{"85354-9", "55284-4", ""}, {"blood pressure", "", ""}},
};

bool is_key_value(const KeyValue& key, const fhir::Resource& one, const PacketIndex& index) {
    std::string name = item_text(one, index);
    for (char& letter : name)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return std::any_of(key.codes.begin(), key.codes.end(),
                       [&](const StaticText& code) {
                           return !code.view().empty() &&
                                  has_code(one["code"], "http://loinc.org", code.view());
                       }) ||
           std::any_of(key.names.begin(), key.names.end(), [&](const StaticText& known) {
               return !name.empty() && name == known.view();
           });
}

bool has_word(const PacketResource& one, std::span<const std::string_view> wanted) {
    for (const std::string_view word : status_words(one.resource))
        if (std::find(wanted.begin(), wanted.end(), word) != wanted.end()) return true;
    return false;
}

// Years from a birth date to a moment; of a partial date both ages that it can mean.
std::string age_text(std::string_view born_text, Instant at) {
    const auto born = fhir::Datetime::parse(born_text);
    if (!born) return {};
    const auto now = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(at));
    const int years = static_cast<int>(now.year()) - born->year();
    const int month = static_cast<int>(static_cast<unsigned>(now.month()));
    const int day = static_cast<int>(static_cast<unsigned>(now.day()));
    if (born->month() == 0 || (born->day() == 0 && born->month() == month))
        return std::to_string(years - 1) + " or " + std::to_string(years) + " years";
    const bool is_before = month < born->month() || (month == born->month() && day < born->day());
    return std::to_string(is_before ? years - 1 : years) + " years";
}

void write_fact(HtmlWriter& out, StaticText label, const std::function<void()>& value) {
    out.markup("<div><dt>").text(label.view()).markup("</dt><dd>");
    value();
    out.markup("</dd></div>\n");
}

void write_identifiers(HtmlWriter& out, JsonView patient) {
    std::size_t shown = 0;
    for (const JsonView& identifier : patient["identifier"].items()) {
        const bool is_record = has_code(identifier["type"], "MR");
        const bool is_private =
            has_code(identifier["type"], "SS") || has_code(identifier["type"], "SB") ||
            has_code(identifier["type"], "DL") || has_code(identifier["type"], "PPN");
        const bool repeats = identifier["type"].is_null() && shown > 0;
        if (is_private || repeats || shown == 2 || identifier["value"].string().empty()) continue;
        ++shown;
        write_fact(out, is_record ? StaticText("Record no.") : StaticText("Identifier"),
                   [&] { out.own(identifier["value"].string()); });
    }
}

void write_allergies(HtmlWriter& out, PageParts& parts) {
    Records allergies = parts.of_types(allergy);
    if (allergies.empty()) {
        out.markup("<span class=\"amber\">not found</span>");
        return;
    }
    for (std::size_t i = 0; i < allergies.size() && i < summary_items_max; ++i) {
        const fhir::Resource& one = allergies[i]->resource;
        const bool is_high = one["criticality"].string() == "high";
        if (i > 0) out.markup(", ");
        out.markup(is_high ? StaticText("<b class=\"red\">") : StaticText("<b>"));
        out.own(item_text(one, parts.index)).markup("</b>");
        if (is_high) out.markup(" <span class=\"red\">criticality high</span>");
        if (const std::string reaction = detail_text(one, parts.index); !reaction.empty())
            out.markup(" (").own(reaction).markup(")");
        parts.cite(out, *allergies[i]);
    }
    if (allergies.size() > summary_items_max)
        out.markup(", <a href=\"#all\">")
            .number(allergies.size() - summary_items_max)
            .markup(" more</a>");
}

// A list of records in one row of the summary; each once by its name, the newest of them.
void write_items(HtmlWriter& out, PageParts& parts, StaticText label, StaticText more_link,
                 const Records& records) {
    if (records.empty()) return;
    std::vector<std::string> seen;
    Records shown;
    for (const PacketResource* one : records) {
        std::string item = item_text(one->resource, parts.index);
        if (item.empty() || std::find(seen.begin(), seen.end(), item) != seen.end()) continue;
        seen.push_back(std::move(item));
        shown.push_back(one);
    }
    write_fact(out, label, [&] {
        out.markup("<ul>");
        for (std::size_t i = 0; i < shown.size() && i < summary_items_max; ++i) {
            out.markup("<li><b>").own(seen[i]).markup("</b>");
            if (const std::string_view date = date_of(shown[i]->resource); !date.empty())
                out.markup(", ").date(date);
            parts.cite(out, *shown[i]);
            out.markup("</li>");
        }
        if (shown.size() > summary_items_max)
            out.markup("<li><a href=\"#")
                .text(more_link.view())
                .markup("\">")
                .number(shown.size() - summary_items_max)
                .markup(" more</a></li>");
        out.markup("</ul>");
    });
}

void write_key_values(HtmlWriter& out, PageParts& parts) {
    const Records observations = parts.of_types(observation);
    Records found;
    for (const KeyValue& key : key_values) {
        const auto newest = std::find_if(observations.begin(), observations.end(), [&](auto* one) {
            return is_key_value(key, one->resource, parts.index);
        });
        if (newest != observations.end()) found.push_back(*newest);
    }
    if (found.empty()) return;
    write_fact(out, "Newest values", [&] {
        out.markup("<ul>");
        for (const PacketResource* one : found) {
            out.markup("<li><bdi>").text(item_text(one->resource, parts.index)).markup("</bdi> ");
            write_value(out, one->resource);
            out.markup(", ").date(date_of(one->resource));
            parts.cite(out, *one);
            out.markup("</li>");
        }
        out.markup("</ul>");
    });
}

Records current(PageParts& parts, std::span<const StaticText> types) {
    constexpr std::string_view over[] = {"resolved", "inactive",      "refuted",   "completed",
                                         "stopped",  "cancelled",     "not-taken", "draft",
                                         "ended",    "do-not-perform"};
    Records records = parts.of_types(types);
    std::erase_if(records, [&](const PacketResource* one) { return has_word(*one, over); });
    return records;
}

Records reports_with_text(PageParts& parts) {
    Records reports = parts.of_types(report);
    std::erase_if(reports, [](const PacketResource* one) {
        return one->resource["conclusion"].string().empty() &&
               one->resource["presentedForm"].size() == 0;
    });
    return reports;
}

void write_summary(HtmlWriter& out, PageParts& parts) {
    out.markup(
        "<div><h2>One-page summary</h2><p class=\"note\">Values as the record gives them. The "
        "small "
        "numbers lead to the source of each.</p>\n<dl class=\"facts\">\n");
    write_items(out, parts, "Problems", "prob", current(parts, condition));
    write_items(out, parts, "Medicines now", "med", current(parts, medicines));
    write_items(out, parts, "Given", "med", parts.of_types(administrations));
    Records procedures = parts.of_types(procedure);
    if (procedures.size() > 5) procedures.resize(5);
    write_items(out, parts, "Procedures, latest", "proc", procedures);
    Records reports = reports_with_text(parts);
    if (reports.size() > 4) reports.resize(4);
    write_items(out, parts, "Reports, latest", "rep", reports);
    write_key_values(out, parts);
    out.markup(
        "</dl>\n<div class=\"box\"><h3><svg class=\"i\" aria-hidden=\"true\"><use "
        "href=\"#i-held\"/>"
        "</svg> What this packet may not hold</h3><p>Other records may have been left out. That "
        "something is not here does not mean that it did not happen.</p></div></div>\n");
}

StaticText icon_of(ItemState state) {
    switch (state) {
        case ItemState::Found:
            return "i-ok";
        case ItemState::Old:
            return "i-old";
        case ItemState::ReportOnly:
            return "i-part";
        case ItemState::NotHandedOver:
        case ItemState::NotFound:
            return "i-none";
    }
    return "i-none";
}

void write_missing_item(HtmlWriter& out, ItemState state, std::string_view title,
                        const std::function<void()>& detail) {
    out.markup("<li><svg class=\"i amber\" aria-hidden=\"true\"><use href=\"#");
    out.text(icon_of(state).view()).markup("\"/></svg><div><b>").text(title);
    out.markup("</b> <span class=\"amber st\">").text(state_word(state).view());
    out.markup("</span><div class=\"dim st\">");
    detail();
    out.markup("</div></div></li>\n");
}

void write_found(HtmlWriter& out, const std::vector<ChecklistItem>& items) {
    bool first = true;
    for (const ChecklistItem& item : items) {
        if (item.state != ItemState::Found) continue;
        out.markup(
            first ? StaticText("<p class=\"found\"><svg class=\"i green\" aria-hidden=\"true\">"
                               "<use href=\"#i-ok\"/></svg> Found: ")
                  : StaticText("; "));
        out.text(item.row->title.view());
        if (item.row->old_after_days > 0 && item.age_days)
            out.markup(" ").text(std::to_string(*item.age_days)).markup(" days old");
        first = false;
    }
    if (!first) out.markup(".</p>\n");
}

// A long list of what was not found stands in one row, or nobody reads the rows above it.
void write_not_found_together(HtmlWriter& out, const std::vector<ChecklistItem>& items) {
    out.markup(
        "<li><svg class=\"i amber\" aria-hidden=\"true\"><use href=\"#i-none\"/></svg><div>"
        "<span class=\"amber\">Not found</span><ul>");
    for (const ChecklistItem& item : items)
        if (item.state == ItemState::NotFound)
            out.markup("<li>").text(item.row->title.view()).markup("</li>");
    out.markup("</ul></div></li>\n");
}

void write_missing(HtmlWriter& out, const PageParts& parts) {
    const std::vector<ChecklistItem>& items = parts.page.checklist;
    const std::vector<Gap>& gaps = parts.page.input.gaps;
    const auto found = std::count_if(items.begin(), items.end(), [](const ChecklistItem& item) {
        return item.state == ItemState::Found;
    });
    out.markup("<div><h2>What is missing</h2><p class=\"note\">Checked against the ");
    const std::string& specialty = parts.page.input.request.specialty;
    out.text(specialty.empty() ? "general" : specialty).markup(" list: ");
    out.number(static_cast<std::size_t>(found)).markup(" of ").number(items.size());
    out.markup(" found.</p>\n<ul class=\"miss\">\n");
    const bool fold = std::count_if(items.begin(), items.end(), [](const ChecklistItem& item) {
                          return item.state == ItemState::NotFound;
                      }) > not_found_rows_max;
    for (const ItemState state :
         {ItemState::NotHandedOver, ItemState::ReportOnly, ItemState::Old, ItemState::NotFound})
        for (const ChecklistItem& item : items) {
            if (state == ItemState::NotFound && fold) break;
            if (item.state != state) continue;
            write_missing_item(out, state, item.row->title.view(), [&] {
                if (!item.newest.empty()) out.markup("newest ").date(item.newest);
                if (state == ItemState::Old && item.age_days)
                    out.markup(", ")
                        .text(std::to_string(*item.age_days))
                        .markup(" days ago; asked for within ")
                        .text(std::to_string(item.row->old_after_days))
                        .markup(" days");
            });
        }
    for (std::size_t i = 0; i < gaps.size() && i < gaps_shown_max; ++i)
        write_missing_item(out, ItemState::NotHandedOver, gaps[i].what,
                           [&] { out.text(gap_words(gaps[i].reason.view()).view()); });
    if (fold) write_not_found_together(out, items);
    out.markup("</ul>\n");
    if (gaps.size() > gaps_shown_max)
        out.markup("<p class=\"note\">")
            .number(gaps.size() - gaps_shown_max)
            .markup(" more are named in completeness.json.</p>\n");
    write_found(out, items);
    out.markup("</div>\n");
}

void write_question(HtmlWriter& out, PageParts& parts) {
    const Request& request = parts.page.input.request;
    out.markup("<div class=\"ask\"><div><h2>Question");
    if (!request.specialty.empty()) out.markup(": <b>").text(request.specialty).markup("</b>");
    if (request.question.empty()) {
        out.markup("</h2><p class=\"note\">No question was written.</p></div>\n");
    } else {
        out.markup(" · in the patient’s words");
        parts.cite_question(out);
        out.markup("</h2>\n<blockquote dir=\"auto\">").text(request.question);
        out.markup("</blockquote></div>\n");
    }
    out.markup("<dl class=\"route\">\n<div><dt>From</dt><dd><b>").own(request.source_name);
    out.markup("</b></dd></div>\n<div><dt>To</dt><dd><b>").own(request.destination_name);
    out.markup("</b></dd></div>\n<div><dt>Made</dt><dd><b>");
    out.date(format_date_time(request.as_of), true).markup(" UTC</b></dd></div></dl>\n</div>\n");
}

void write_receipt(HtmlWriter& out, const PageParts& parts) {
    const PacketInput& input = parts.page.input;
    out.markup("<p class=\"receipt\"><span><b>Packet</b> <span class=\"was\">")
        .text(input.request.transfer_id);
    out.markup("</span></span><span><b>Document</b> <span class=\"was\">")
        .text(parts.page.identifier);
    out.markup("</span></span><span><b>Holds</b> ");
    out.text(count_note(parts.page.resources.size(), "resource", "resources"));
    out.markup("</span><span><b>Pull</b> ");
    if (input.gaps.empty())
        out.markup("complete");
    else
        out.markup("partial: ").text(count_note(input.gaps.size(), "gap", "gaps"));
    out.markup("</span></p>\n");
}

}  // namespace

void write_who(HtmlWriter& out, PageParts& parts) {
    const Request& request = parts.page.input.request;
    const fhir::Resource& patient = parts.patient->resource;
    out.markup(
        "<div class=\"page\" role=\"banner\">\n<p class=\"top\"><span>Consult packet for a second "
        "opinion");
    if (!request.specialty.empty()) out.markup(" · ").text(request.specialty);
    out.markup("</span><span>made ").date(format_date_time(request.as_of), true);
    out.markup(" UTC</span></p>\n<div class=\"who\"><h1>");
    const std::string name = name_text(first_of(patient["name"]));
    out.own(name.empty() ? "Name not recorded" : name).markup("</h1>\n<dl>");
    const std::string_view born = patient["birthDate"].string();
    const std::string deceased = choice_text(choice_of(patient.json(), "deceased"));
    const bool is_dead = !deceased.empty() && deceased != "false";
    write_fact(out, "Born", [&] {
        if (born.empty())
            out.markup("not recorded");
        else
            out.date(born);
        if (!born.empty() && !is_dead) out.markup(", ").text(age_text(born, request.as_of));
        parts.cite(out, *parts.patient);
    });
    if (is_dead)
        write_fact(out, "Deceased", [&] { out.own(deceased == "true" ? "yes" : deceased); });
    write_fact(out, "Sex", [&] {
        const std::string_view sex = patient["gender"].string();
        out.own(sex.empty() ? "not recorded" : sex);
    });
    write_identifiers(out, patient.json());
    if (const JsonView language = first_of(patient["communication"])["language"];
        language.is_object())
        write_fact(out, "Language", [&] { out.own(concept_text(language)); });
    write_fact(out, "Allergies", [&] { write_allergies(out, parts); });
    out.markup("</dl></div>\n</div>\n");
}

void write_first_screen(HtmlWriter& out, PageParts& parts) {
    write_question(out, parts);
    out.markup("<div class=\"two\" id=\"sum\">\n");
    write_summary(out, parts);
    write_missing(out, parts);
    out.markup("</div>\n");
    write_receipt(out, parts);
}

}  // namespace consultd
