// The one-page summary: what the record has of what a consultant asks first, each once, the newest
// of it, with its source. A report is quoted whole or not at all.
#include <algorithm>
#include <set>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/attachment_text.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

constexpr std::size_t items_max = 8;
constexpr std::size_t few_max = 6;

constexpr StaticText condition[] = {"Condition"};
constexpr StaticText medicines[] = {"MedicationRequest", "MedicationStatement"};
constexpr StaticText administrations[] = {"MedicationAdministration"};
constexpr StaticText dispenses[] = {"MedicationDispense"};
constexpr StaticText procedure[] = {"Procedure"};
constexpr StaticText to_come[] = {"MedicationRequest", "MedicationStatement", "Procedure",
                                  "ServiceRequest", "Appointment"};
constexpr StaticText did_not[] = {"Procedure", "MedicationStatement", "MedicationAdministration",
                                  "Immunization"};
constexpr StaticText report[] = {"DiagnosticReport"};
constexpr StaticText document[] = {"DocumentReference", "Composition"};
constexpr StaticText device[] = {"Device", "DeviceUseStatement"};
constexpr StaticText care[] = {"Encounter", "EpisodeOfCare"};

using Says = Statement::Says;
using Detail = std::function<void(const NamedRecords&)>;

struct ItemRow {
    StaticText label, more_link;
    std::size_t max;
};

// A list of records in one row of the summary; each name with its standing once.
void write_items(HtmlWriter& out, PageParts& parts, const ItemRow& row, const Records& records,
                 const Detail& detail) {
    std::vector<NamedRecords> named = by_name(records);
    // A medicine without a name is taken all the same.
    std::erase_if(named, [](const NamedRecords& one) {
        return one.name.empty() &&
               !one.records.front()->resource().type().starts_with("Medication");
    });
    if (named.empty()) return;
    write_fact(out, row.label, [&] {
        out.markup("<ul>");
        for (std::size_t i = 0; i < named.size() && i < row.max; ++i) {
            out.markup("<li><b>");
            write_name(out, *named[i].records.front());
            out.markup("</b>");
            detail(named[i]);
            parts.cite(out, *named[i].records.front());
            out.markup("</li>");
        }
        if (named.size() > row.max)
            out.markup("<li><a href=\"#")
                .text(row.more_link.view())
                .markup("\">")
                .number(named.size() - row.max)
                .markup(" more</a></li>");
        out.markup("</ul>");
    });
}

// What it says, beside its name.
void write_beside(HtmlWriter& out, const Statement& one, StaticText between) {
    if (one.value.empty()) return;
    out.markup(between);
    write_own(out, one.resource(), one.value);
}

// "5 times, 4 Feb 2025 to 27 May 2025".
void write_times(HtmlWriter& out, const NamedRecords& named) {
    const Records& all = named.records;
    if (all.size() == 1) return write_comma_when(out, *all.front());
    out.markup(", ").text(count_note(all.size(), "time", "times"));
    const auto oldest = std::find_if(all.rbegin(), all.rend(),
                                     [](const Statement* one) { return one->is_dated(); });
    if (oldest == all.rend()) return;
    const std::string_view first = (*oldest)->when.date, last = all.front()->when.date;
    out.markup(", ").date(first);
    if (date_text(first) != date_text(last)) out.markup(" to ").date(last);
}

// What the specialty asks for comes first: by its name, by its reason, or on the checklist.
void put_asked_for_first(const PageParts& parts, Records& records) {
    std::set<const Statement*> listed;
    for (const ChecklistItem& item : parts.page.checklist)
        if (item.row->has_bounds()) listed.insert(item.found.begin(), item.found.end());
    std::stable_partition(records.begin(), records.end(), [&](const Statement* one) {
        const std::string said = one->what + ' ' + one->why;
        return listed.contains(one) || parts.specialty.treatments.hold({}, said) ||
               parts.specialty.problems.hold(one->resource()["code"], said);
    });
}

// Those of a type of which `keeps` holds, newest first.
template <typename Keeps>
Records only(Records records, Keeps keeps) {
    std::erase_if(records, [&](const Statement* one) { return !keeps(*one); });
    return records;
}

// An order of something that is to be done on a day to come, or of an operation that is not done.
// https://hl7.org/fhir/R4/valueset-servicerequest-category.html: 387713003 surgical procedure
bool is_ordered_ahead(const Statement& one) {
    const fhir::Resource& order = one.resource();
    if (order.type() != "ServiceRequest" || !one.is_plain() || order["status"].string() != "active")
        return false;
    const bool is_ahead = one.when.about.view().empty() && one.when.doubt == When::Doubt::Future;
    return is_ahead || has_code(order["category"], "387713003");
}

// What is to be; what waits, too, where no row of its own has it.
bool is_planned(const Statement& one) {
    const std::string_view type = one.resource().type();
    const bool waits =
        one.standing == Standing::OnHold && (type == "Procedure" || type == "ServiceRequest");
    return one.standing == Standing::Planned || one.standing == Standing::Proposed || waits ||
           is_ordered_ahead(one);
}
bool is_ended(const Statement& one) {
    return (one.standing == Standing::Stopped || one.standing == Standing::Over) &&
           one.places().found;
}
bool is_latest(const Statement& one) {
    return one.places().newest && one.when.doubt == When::Doubt::None;
}

// In a hospital's bed, or under the care of a programme; not what is walked into and out of.
bool is_under_care(const Statement& one) {
    constexpr std::string_view outside[] = {"AMB", "VR", "PRENC"};
    const std::string_view kind = one.resource()["class"]["code"].string();
    if (one.resource().type() == "EpisodeOfCare")
        return one.places().now && one.resource()["status"].string() == "active";
    return one.standing == Standing::Running &&
           std::ranges::find(outside, kind) == std::end(outside);
}

// That there are none is no device.
Records devices(const PageParts& parts) {
    return only(parts.of_types(device),
                [](const Statement& one) { return one.says == Says::Something; });
}

// Begun and not finished: an infusion that runs.
bool is_running(const Statement* one) { return one->standing == Standing::Running; }

// What was broken off for a reason comes before what was merely finished.
void put_reasons_first(Records& records) {
    std::stable_partition(records.begin(), records.end(), [](const Statement* one) {
        return !one->reason.empty() && one->standing == Standing::Stopped;
    });
}

// What is asked and measured of everybody comes after what was done.
bool is_screening(const Statement& one) {
    constexpr std::string_view words[] = {"screening",   "questionnaire", "survey",
                                          "assessment",  "education",     "counseling",
                                          "counselling", "reconciliation"};
    const std::string said = lower(one.what);
    return std::ranges::any_of(words, [&](std::string_view word) { return has_word(said, word); });
}
void put_screenings_last(Records& records) {
    std::stable_partition(records.begin(), records.end(),
                          [](const Statement* one) { return !is_screening(*one); });
}

std::string opening_of(const PageParts& parts, const Statement& one) {
    return opening_words(opening_text(one.resource(), parts.index));
}

void write_quote(HtmlWriter& out, const PageParts& parts, const Statement& one) {
    const std::string said = opening_of(parts, one);
    if (said.empty()) return;
    out.markup(": <span class=\"serif\">“");
    write_own(out, one.resource(), said);
    out.markup("”</span>");
}

// Of what a consultant asks first, why nothing stands there: three different facts.
void write_none_now(HtmlWriter& out, PageParts& parts, StaticText label, StaticText type,
                    std::string_view item, StaticText link,
                    StaticText none = "none that stands now") {
    for (const ChecklistItem& one : parts.page.checklist) {
        if (one.row->id != item) continue;
        write_fact(out, label, [&] {
            const bool has_one = std::ranges::any_of(one.found, [](const Statement* found) {
                return found->resource().type() != "List";
            });
            if (!has_one && write_empty_list(out, parts, type)) return;
            if (one.found.empty())
                out.markup("<span class=\"amber\">")
                    .text(state_word(one.state).view())
                    .markup("</span>");
            else
                out.markup("<a href=\"#")
                    .text(link.view())
                    .markup("\">")
                    .text(none.view())
                    .markup("</a>");
        });
    }
}

void write_treatment(HtmlWriter& out, PageParts& parts) {
    const auto date = [&](const NamedRecords& one) { write_comma_when(out, *one.records.front()); };
    const auto times = [&](const NamedRecords& one) { write_times(out, one); };
    const auto dose = [&](const NamedRecords& one) {
        write_beside(out, *one.records.front(), " ");
        write_comma_when(out, *one.records.front());
    };
    const Records all = parts.of_types(medicines);
    Records now = standing_now(all);
    Records given = parts.of_types(administrations);
    const Records handed_out = only(parts.of_types(dispenses), is_latest);
    std::ranges::copy_if(given, std::back_inserter(now), is_running);
    put_asked_for_first(parts, now);
    // Nobody recorded that what was given or handed out has ended.
    const bool is_open = !handed_out.empty() || std::ranges::any_of(given, [](const auto* one) {
        return is_latest(*one);
    });
    if (now.empty())
        write_none_now(out, parts, "Medicines now", medicines[1], "medicines", "med",
                       is_open ? StaticText("no order or statement that is active")
                               : StaticText("none that stands now"));
    write_items(out, parts, {"Medicines now", "med", items_max}, now, dose);
    write_items(out, parts, {"Planned", "med", few_max}, only(parts.of_types(to_come), is_planned),
                date);
    Records ended = only(all, is_ended);
    put_asked_for_first(parts, ended);
    put_reasons_first(ended);
    write_items(out, parts, {"Ended", "med", few_max}, ended, date);
    std::erase_if(given, is_running);
    write_items(out, parts, {"Given", "med", items_max}, only(given, is_latest), times);
    write_items(out, parts, {"Handed out", "med", items_max}, handed_out, dose);
    Records done = only(parts.of_types(procedure), is_latest);
    std::erase_if(done, [](const Statement* one) { return one->says != Says::Something; });
    put_screenings_last(done);
    put_asked_for_first(parts, done);
    write_items(out, parts, {"Procedures, latest", "proc", few_max}, done, times);
    write_items(out, parts, {"Devices", "dev", few_max}, standing_now(devices(parts)),
                [&](const NamedRecords& one) {
                    write_beside(out, *one.records.front(), ", ");
                    write_comma_when(out, *one.records.front());
                });
    write_items(out, parts, {"Did not happen", "proc", few_max},
                only(parts.of_types(did_not),
                     [](const Statement& one) { return one.standing == Standing::DidNotHappen; }),
                date);
}

// The newest with their opening words, whatever form they have; a letter that a report above
// quotes already is not told twice.
void write_reports_and_letters(HtmlWriter& out, PageParts& parts) {
    const auto quote = [&](const NamedRecords& one) {
        write_comma_when(out, *one.records.front());
        write_quote(out, parts, *one.records.front());
    };
    const Records reports = only(parts.of_types(report), [&](const Statement& one) {
        return is_latest(one) && is_report(one.resource());
    });
    write_items(out, parts, {"Reports, latest", "src", few_max}, reports, quote);
    std::set<std::string> told;
    for (const Statement* one : reports) told.insert(opening_of(parts, *one));
    told.erase("");
    Records letters = only(parts.of_types(document), [&](const Statement& one) {
        return is_latest(one) && !told.contains(opening_of(parts, one));
    });
    std::stable_partition(letters.begin(), letters.end(),
                          [&](const Statement* one) { return !opening_of(parts, *one).empty(); });
    write_items(out, parts, {"Letters and documents, latest", "docs", few_max}, letters, quote);
}

}  // namespace

void write_summary(HtmlWriter& out, PageParts& parts) {
    out.markup(
        "<div><h2>One-page summary</h2><p class=\"note\">Values as the record gives them. The "
        "small numbers lead to the source of each.</p>\n<dl class=\"facts\">\n");
    const auto date = [&](const NamedRecords& one) { write_comma_when(out, *one.records.front()); };
    write_items(out, parts, {"Under care now", "vis", few_max},
                only(parts.of_types(care), is_under_care), [&](const NamedRecords& one) {
                    write_beside(out, *one.records.front(), ", ");
                    write_comma_when(out, *one.records.front());
                });
    const Records now = standing_now(problems(parts));
    if (now.empty()) write_none_now(out, parts, "Problems", condition[0], "problems", "prob");
    write_items(out, parts, {"Problems", "prob", items_max}, now, date);
    write_items(out, parts, {"Suspected", "prob", few_max},
                only(parts.of_types(condition),
                     [](const Statement& one) { return one.standing == Standing::Suspected; }),
                date);
    write_stage_and_markers(out, parts);
    write_treatment(out, parts);
    write_reports_and_letters(out, parts);
    write_newest_values(out, parts);
    out.markup("</dl></div>\n");
}

void write_fact(HtmlWriter& out, StaticText label, const std::function<void()>& value) {
    out.markup("<div><dt>").text(label.view()).markup("</dt><dd>");
    value();
    out.markup("</dd></div>\n");
}

}  // namespace consultd
