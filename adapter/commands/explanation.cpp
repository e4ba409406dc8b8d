#include "adapter/commands/explanation.h"

#include <algorithm>
#include <array>
#include <map>

#include "adapter/commands/explanation_style.h"
#include "adapter/commands/reason_words.h"
#include "adapter/html/html_writer.h"
#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/type_words.h"
#include "adapter/stages/reading/when.h"

namespace consultd::commands {
namespace {

using Level = Sensitivity::Level;

struct Category {
    std::string_view label;
    StaticText name;
};
// In the words of people; https://terminology.hl7.org/CodeSystem-v3-ActCode.html has the labels.
constexpr std::array categories = std::to_array<Category>({
    {"SUD", "Alcohol, drugs, tobacco"},
    {"MH", "Mental health"},
    {"PSYTHPN", "Notes of a psychotherapy"},
    {"HIV", "HIV"},
    {"STD", "Sexually transmitted diseases"},
    {"SEX", "Sexuality and reproduction"},
    {"SDV", "Violence and abuse"},
    {"GDIS", "What is heritable"},
    {"SICKLE", "Sickle cells"},
    {"COGN", "Memory and development"},
});

StaticText name_of_category(std::string_view label) {
    const auto* const row = std::ranges::find(categories, label, &Category::label);
    return row == categories.end() ? StaticText("Other labels") : row->name;
}

// One of the record, as the page has it.
struct Entry {
    std::string source, name, date;
    std::string type, reason, why;
    const Sensitivity::Signs* betrays = nullptr;
    bool stays = false;

    bool is_possible_only() const {
        return !betrays->empty() && std::ranges::all_of(*betrays, [](const auto& sign) {
            return sign.level == Level::Possible;
        });
    }
    // What a person should look at: nobody could tell, or it is no more than possible.
    bool is_unsure() const { return reason == "undecidable" || is_possible_only(); }
};

Entry entry_of(const fhir::Resource& resource, const PacketIndex& index, Instant as_of) {
    Entry entry;
    entry.name = item_text(resource, index);
    entry.type = type_word(resource.type());
    entry.date = when_text(when_of(resource, as_of));
    return entry;
}

StaticText meaning_of(std::string_view reason) {
    for (const ReasonRow& row : reason_rows())
        if (row.of == ReasonOf::Resource &&
            (row.reason.view() == reason || reason.starts_with(row.reason.view())))
            return row.means;
    return "It is withheld.";
}

// "provision.provision[0]" of "provision.provision[0]; HIV certain (words: own list)".
std::string_view rule_of(std::string_view why) { return why.substr(0, why.find(';')); }

StaticText level_word(Level level) {
    switch (level) {
        case Level::Certain:
            return "certain";
        case Level::Likely:
            return "likely";
        case Level::Possible:
            return "possible";
    }
    return "";
}

void add_signs(const Sensitivity::Signs& signs, HtmlWriter& out) {
    if (signs.empty()) return;
    out.markup("<ul>");
    for (const Sensitivity::Sign& sign : signs) {
        out.markup("<li>").markup(name_of_category(sign.row->label));
        if (!sign.row->topic.empty()) out.markup(", ").text(sign.row->topic);
        out.markup(" (").text(sign.row->label).markup("): <b>").markup(level_word(sign.level));
        out.markup("</b><br><small>known from ").text(sign.row->file).markup(": ");
        out.text(sign.row->source).markup("</small></li>");
    }
    out.markup("</ul>");
}

// Those of one name that are decided alike for one reason stand as one.
struct Alike {
    std::vector<const Entry*> entries;

    const Entry& first() const { return *entries.front(); }
    bool holds(const Entry& other) const {
        const Entry& one = first();
        return one.name == other.name && one.type == other.type && one.stays == other.stays &&
               one.reason == other.reason && rule_of(one.why) == rule_of(other.why) &&
               std::ranges::equal(*one.betrays, *other.betrays, [](const auto& l, const auto& r) {
                   return l.row == r.row && l.level == r.level;
               });
    }
};

std::vector<Alike> alike_of(const std::vector<const Entry*>& entries) {
    std::vector<Alike> groups;
    std::multimap<std::string_view, std::size_t> of_name;
    for (const Entry* entry : entries) {
        const auto [from, to] = of_name.equal_range(entry->name);
        const auto same = std::find_if(
            from, to, [&](const auto& named) { return groups[named.second].holds(*entry); });
        if (same != to) {
            groups[same->second].entries.push_back(entry);
        } else {
            of_name.emplace(entry->name, groups.size());
            groups.push_back({{entry}});
        }
    }
    return groups;
}

void add_place(const Entry& entry, HtmlWriter& out) {
    if (!entry.date.empty()) out.own(entry.date).markup(" · ");
    out.markup("<code>").own(entry.source).markup("</code>");
}

void add_places(const Alike& alike, HtmlWriter& out) {
    out.markup("<br><small>").own(alike.first().type);
    if (alike.entries.size() == 1) {
        out.markup(" · ");
        add_place(alike.first(), out);
        out.markup("</small>");
        return;
    }
    out.markup("</small><details><summary>").number(alike.entries.size());
    out.markup(" entries</summary><ul>");
    for (const Entry* entry : alike.entries) {
        out.markup("<li><small>");
        add_place(*entry, out);
        out.markup("</small></li>");
    }
    out.markup("</ul></details>");
}

void add_row(const Alike& alike, HtmlWriter& out) {
    const Entry& entry = alike.first();
    out.markup("<tr><th scope=\"row\">").own(entry.name);
    add_places(alike, out);
    out.markup("</th><td>");
    if (entry.stays)
        out.markup("<b>stays</b>. ").markup(meaning_of(entry.reason));
    else
        out.markup("goes");
    if (entry.stays) out.markup("<br><small><code>").text(entry.reason).markup("</code></small>");
    out.markup("</td><td data-l=\"Rule of the consent:\">");
    if (const std::string_view rule = rule_of(entry.why); !rule.empty())
        out.markup("<code>").text(rule).markup("</code>");
    out.markup("</td><td>");
    add_signs(*entry.betrays, out);
    out.markup("</td></tr>");
}

void add_table(const std::vector<const Entry*>& entries, HtmlWriter caption, HtmlWriter& out) {
    out.markup("<table class=\"rows\"><caption>")
        .append(std::move(caption))
        .markup(" <span class=\"dim\">");
    out.number(entries.size()).markup("</span></caption><thead><tr><th scope=\"col\">What</th>");
    out.markup(
        "<th scope=\"col\">Goes or stays, and why</th><th scope=\"col\">Rule of the "
        "consent</th><th scope=\"col\">What it betrays</th></tr></thead><tbody>");
    for (const Alike& alike : alike_of(entries)) add_row(alike, out);
    out.markup("</tbody></table>");
}

// Under which heading an entry stands: the label that withholds it, else what it surely betrays.
std::string label_of(const Entry& entry) {
    constexpr std::string_view by_label = "sensitivity:";
    if (entry.reason.starts_with(by_label)) return entry.reason.substr(by_label.size());
    if (entry.stays || entry.betrays->empty()) return {};
    return std::ranges::max(*entry.betrays, {}, &Sensitivity::Sign::level).row->label;
}

void add_section(StaticText id, StaticText title, StaticText lead,
                 const std::vector<const Entry*>& entries, StaticText rest, HtmlWriter& out) {
    out.markup("<section aria-labelledby=\"").markup(id).markup("\"><h2 id=\"").markup(id);
    out.markup("\">").markup(title).markup("</h2><p>").markup(lead).markup("</p>");
    if (entries.empty()) out.markup("<p><b>None.</b></p>");
    std::map<std::string, std::vector<const Entry*>> by_label;
    for (const Entry* entry : entries) by_label[label_of(*entry)].push_back(entry);
    const auto others = by_label.extract(std::string());
    for (const auto& [label, of_label] : by_label) {
        HtmlWriter caption;
        caption.markup(name_of_category(label));
        if (name_of_category(label).view() != label) caption.markup(" (").text(label).markup(")");
        add_table(of_label, std::move(caption), out);
    }
    if (!others.empty()) add_table(others.mapped(), std::move(HtmlWriter().markup(rest)), out);
    out.markup("</section>");
}

void add_head(const Request& request, std::string_view patient, HtmlWriter& out) {
    out.markup(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
        "name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta "
        "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\"><title>What goes and what stays</title><style>");
    out.markup(explanation_style)
        .markup(
            "</style></head><body><main><h1>What goes and what "
            "stays</h1><p class=\"who\">Record of <b>");
    out.own(patient).markup("</b>");
    if (!request.destination_name.empty())
        out.markup(", for <b>").own(request.destination_name).markup("</b>");
    out.markup(", decided as of ").date(format_instant(request.as_of), true).markup("</p>");
    out.markup(
        "<p class=\"warn\"><b>For the patient and the privacy officer only.</b> This page "
        "names what is withheld. It is no part of the packet and is not sent.</p>");
}

void add_sums(const std::vector<Entry>& entries, HtmlWriter& out) {
    const auto count = [&](bool stays, bool unsure) {
        return static_cast<std::size_t>(std::ranges::count_if(entries, [&](const Entry& entry) {
            return entry.stays == stays && (!unsure || entry.is_unsure());
        }));
    };
    const auto one = [&](StaticText name, bool stays) {
        out.markup("<tr><th scope=\"row\">").markup(name).markup("</th><td>");
        out.number(count(stays, false)).markup("</td><td>").number(count(stays, true));
        out.markup("</td></tr>");
    };
    out.markup(
        "<table class=\"sums\"><caption>In numbers</caption><thead><tr><td></td><th "
        "scope=\"col\">entries</th><th scope=\"col\">of these unsure</th></tr></thead>"
        "<tbody>");
    one("goes", false);
    one("stays", true);
    out.markup("</tbody></table>");
}

std::string page_of(const std::vector<Entry>& entries, const Request& request,
                    std::string_view patient) {
    std::vector<const Entry*> staying, going, unsure;
    for (const Entry& entry : entries) {
        (entry.stays ? staying : going).push_back(&entry);
        if (entry.is_unsure()) unsure.push_back(&entry);
    }
    HtmlWriter out;
    add_head(request, patient, out);
    add_sums(entries, out);
    add_section("unsure", "What is unsure",
                "Nobody could tell for certain. A rule of the consent that names it (by code, or "
                "itself) decides it.",
                unsure, "Could not be decided", out);
    add_section("stays", "What stays", "None of this leaves, in no form.", staying,
                "By another rule, or together with what is withheld", out);
    add_section("goes", "What goes", "Who receives the packet can read all of this.", going,
                "Nothing sensitive is known of these", out);
    out.markup("</main></body></html>\n");
    return std::move(out).take();
}

}  // namespace

Result<std::string> explanation_of(const Record& record, const fhir::Json& consent,
                                   const Request& request, const Knowledge& knowledge,
                                   const Budget& budget) {
    TRY_ASSIGN(Normalized normalized, normalize(record, budget));
    TRY_ASSIGN(const Consented consented,
               apply_consent(consent, request, record.patient, std::move(normalized.resources),
                             request.as_of, knowledge.sensitivity, budget));
    const PacketIndex index(consented.resources);
    std::vector<Entry> entries;
    std::string patient;
    for (std::size_t i = 0; i < consented.resources.size(); ++i) {
        const PacketResource& one = consented.resources[i];
        Entry entry = entry_of(one.resource, index, request.as_of);
        if (one.source == record.patient) patient = entry.name;
        entry.source = one.source;
        entry.why = consented.why_kept[i];
        entry.betrays = &consented.kept_betray[i];
        entries.push_back(std::move(entry));
    }
    for (const Consented::Withheld& one : consented.withheld) {
        Entry entry = entry_of(one.resource, index, request.as_of);
        entry.source = one.source;
        entry.reason = one.reason;
        entry.why = one.why;
        entry.betrays = &one.betrays;
        entry.stays = true;
        entries.push_back(std::move(entry));
    }
    return page_of(entries, request, patient);
}

}  // namespace consultd::commands
