// Where each item came from: a numbered row for every resource of the packet, with what normalize
// changed in it, as reported ⇄ as normalized; and by which knowledge the packet was made.
#include <algorithm>
#include <tuple>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/type_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t rows_open_max = 60;
constexpr std::size_t rows_folded = 250;

// The value at a path of the table's names: "Observation.component[1].code". Null where nothing is.
JsonView value_at(JsonView value, std::string_view path) {
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        path.remove_prefix(dot + 1);
        std::string_view step = path.substr(0, path.find('.'));
        std::size_t position = 0;
        const std::size_t bracket = step.find('[');
        if (bracket != std::string_view::npos) {
            for (const char digit : step.substr(bracket + 1))
                if (digit >= '0' && digit <= '9' && position < 1'000'000)
                    position = position * 10 + static_cast<std::size_t>(digit - '0');
            step = step.substr(0, bracket);
        }
        value = value.has(step) ? value[step] : choice_of(value, step).value;
        if (value.is_array())
            value = position < value.size() ? value.items()[position] : JsonView();
    }
    return value;
}

// A change is shown only where its new value still stands: what the consent took out afterwards
// must leave no trace, and that includes how the source had written it. The source's id stands in a
// column of its own.
bool still_stands(const Change& change, const PacketResource& resource) {
    return (change.before.is_string() || change.before.is_number()) &&
           (change.after.is_string() || change.after.is_number()) &&
           change.rule.view() != "reference.urn" && change.rule.view() != "id.uuid" &&
           same_value(value_at(resource.resource.json(), change.path), change.after);
}

using Changes = std::map<std::string_view, std::vector<const Change*>>;

Changes shown_changes(const PageParts& parts) {
    Changes out;
    for (const Change& change : parts.page.input.normalized)
        if (const PacketResource* resource = parts.index.find(change.resource);
            resource && still_stands(change, *resource))
            out[change.resource].push_back(&change);
    return out;
}

// The changes of a row's records, each said once: what was written, what stands, how often.
struct Said {
    const Change* change;
    std::size_t times;
};
// A number is not the same as a string of its digits.
using Written = std::pair<bool, std::string_view>;
Written written(JsonView value) {
    return {value.is_number(), value.is_number() ? value.number() : value.string()};
}

std::vector<Said> said_changes(const Records& records, const Changes& changes) {
    std::vector<Said> said;
    std::map<std::tuple<std::string_view, std::string_view, Written, Written>, std::size_t> known;
    for (const Statement* one : records) {
        const auto found = changes.find(one->record->full_url);
        if (found == changes.end()) continue;
        for (const Change* change : found->second) {
            const auto [same, is_new] =
                known.try_emplace({change->path, change->rule.view(), written(change->before),
                                   written(change->after)},
                                  said.size());
            if (is_new)
                said.push_back({change, 1});
            else
                ++said[same->second].times;
        }
    }
    return said;
}

void write_changes(HtmlWriter& out, const std::vector<Said>& changes, std::size_t number) {
    const auto text = [](JsonView value) {
        return std::string(value.is_number() ? value.number() : value.string());
    };
    out.markup("<details class=\"p\"><summary>")
        .text(count_note(changes.size(), "change", "changes"));
    out.markup("<span class=\"vh\"> to source ").number(number).markup("</span></summary><ul>");
    for (const Said& one : changes) {
        out.markup("<li><b>").text(one.change->path.substr(one.change->path.rfind('.') + 1));
        out.markup("</b> <span class=\"was\">").own(text(one.change->before));
        out.markup("</span> ⇄ <span class=\"was\">").own(text(one.change->after));
        out.markup("</span> <span class=\"dim\">").text(one.change->rule.view());
        if (one.times > 1) out.markup(" ×").number(one.times);
        out.markup("</span></li>");
    }
    out.markup("</ul></details>");
}

// Who the record says wrote or did it; the source where it does not say.
std::string who_text(const Statement& one, const PageParts& parts) {
    for (const std::string_view name :
         {"performer", "author", "recorder", "asserter", "requester", "serviceProvider",
          "informationSource", "organization", "custodian", "provider", "source"}) {
        const JsonView first = first_of(one.resource()[name]);
        const JsonView reference = first.has("actor") ? first["actor"] : first;
        if (std::string who = reference_text(reference, one.resource().json(), parts.index);
            !who.empty())
            return who;
    }
    return parts.page.input.request.source_name;
}

void write_id(HtmlWriter& out, const Statement& one) {
    out.markup("<span class=\"was\">").own(one.record->source).markup("</span>");
}

void write_ids(HtmlWriter& out, const Records& records, std::size_t number) {
    if (records.size() == 1) return;
    out.markup("<details class=\"p hist\"><summary>")
        .number(records.size())
        .markup(" records by date");
    out.markup("<span class=\"vh\"> of source ").number(number).markup("</span></summary><ul>");
    for (const Statement* one : records) {
        out.markup("<li>");
        if (!one->when.is_empty()) {
            write_when(out, one->when, ClockTime::Show);
            out.markup(" ");
        }
        write_id(out, *one);
        if (!one->is_plain())
            out.markup(" <span class=\"amber\">").own(one->words).markup("</span>");
        out.markup("</li>");
    }
    out.markup("</ul></details>");
}

void write_dates(HtmlWriter& out, const Records& records) {
    if (records.size() == 1 || !records.front()->is_dated()) {
        write_date_cell(out, "Date", records.front()->when);
        return;
    }
    const std::string_view newest = records.front()->when.date;
    std::string_view oldest = newest;
    for (const Statement* one : records)
        if (one->is_dated()) oldest = one->when.date;
    out.markup("<td data-l=\"Date\">");
    if (date_text(oldest) != date_text(newest)) out.date(oldest).markup(" to ");
    out.date(newest).markup("</td>");
}

// A name that several records share stands with the word of each among them.
void write_what(HtmlWriter& out, const Records& records) {
    const Statement& newest = *records.front();
    out.markup("<td data-l=\"What\">").text(type_word(newest.resource().type()));
    if (!newest.what.empty()) {
        out.markup(": ");
        write_own(out, newest.resource(), newest.what);
    }
    std::vector<std::string_view> said;
    for (const Statement* one : records)
        if (!one->is_plain() && std::find(said.begin(), said.end(), one->words) == said.end())
            said.push_back(one->words);
    for (const std::string_view words : said)
        out.markup(records.size() > 1 ? StaticText(" <span class=\"amber\">some ")
                                      : StaticText(" <span class=\"amber\">"))
            .own(words)
            .markup("</span>");
    out.markup("</td>");
}

void write_row(HtmlWriter& out, PageParts& parts, std::size_t number, const Changes& changes) {
    const Records& records = parts.sources()[number - 1];
    const bool is_on_paper = records.size() != 1 || !parts.begins_on_paper(*records.front());
    out.markup("<tr id=\"s").number(number);
    out.markup(is_on_paper ? StaticText("\"><th scope=\"row\">")
                           : StaticText("\" class=\"offpaper\"><th scope=\"row\">"));
    out.number(number).markup("</th>");
    if (records.empty()) {
        out.markup(
            "<td data-l=\"What\">Question</td><td></td><td data-l=\"By\">the patient</td>"
            "<td data-l=\"Source’s id\">the transfer</td>");
        out.markup("<td data-l=\"Changes\"><span class=\"dim\">unchanged</span></td></tr>\n");
        return;
    }
    const Statement& newest = *records.front();
    write_what(out, records);
    write_dates(out, records);
    const std::string who = who_text(newest, parts);
    out.markup(who.empty() ? StaticText("<td>") : StaticText("<td data-l=\"By\">")).own(who);
    out.markup("</td><td data-l=\"Source’s id\">");
    if (records.size() == 1)
        write_id(out, newest);
    else
        out.markup("<span class=\"dim\">").number(records.size()).markup(" records</span>");
    out.markup("</td><td data-l=\"Changes\">");
    if (const std::vector<Said> said = said_changes(records, changes); said.empty())
        out.markup("<span class=\"dim\">unchanged</span>");
    else
        write_changes(out, said, number);
    out.markup("</td></tr>\n");
    HtmlWriter ids;
    write_ids(ids, records, number);
    write_row_beneath(out, 6, ids);
}

void write_rows(HtmlWriter& out, PageParts& parts, std::size_t from, std::size_t to,
                const Changes& changes) {
    out.markup("<table class=\"stack srcs\"><caption class=\"vh\">Sources ")
        .number(from)
        .markup(" to ");
    out.number(to).markup(
        "</caption><colgroup><col style=\"inline-size:2.6rem\"><col style=\"inline-size:28%\">"
        "<col style=\"inline-size:12%\"><col style=\"inline-size:16%\">"
        "<col style=\"inline-size:24%\"><col></colgroup><thead><tr><th scope=\"col\">№</th>"
        "<th scope=\"col\">What</th><th scope=\"col\">Date</th><th scope=\"col\">By</th>"
        "<th scope=\"col\">Source’s id</th>"
        "<th scope=\"col\">As reported ⇄ as normalized</th></tr></thead><tbody>\n");
    for (std::size_t number = from; number <= to; ++number) write_row(out, parts, number, changes);
    out.markup("</tbody></table>");
}

// The same record, consent, question, time and knowledge give the same packet.
void write_knowledge(HtmlWriter& out, const Knowledge& knowledge) {
    out.markup("<p class=\"note\">Searches, checklists and corrections by knowledge of ");
    out.text(knowledge.version).markup(", SHA-256 <span class=\"was\">");
    out.text(knowledge.digest).markup("</span>.</p>\n");
}

}  // namespace

void write_sources(HtmlWriter& out, PageParts& parts) {
    // What no section shows has its row here too: every resource of the packet is named once.
    for (const Statement& one : parts.reading.all())
        if (one.places().shown) parts.number_of(one);
    const Changes changes = shown_changes(parts);
    const std::size_t count = parts.sources().size();
    parts.nav.push_back({"src", "Sources"});
    out.markup(
        "<section id=\"src\"><header><h2>Where each item came from</h2><p class=\"note\">Every "
        "number in this packet leads here. The results of one analyte, or the doses of one "
        "medicine, share a number; each is named in its row. “⇄” shows what the source wrote and "
        "what stands in the packet; each change can be undone.</p><p class=\"note "
        "onpaper\">On paper a row of several records has their number and their dates; the "
        "source’s id of each stands in the file.</p>");
    if (parts.begun_on_paper() > 0)
        out.markup("<p class=\"note onpaper\">")
            .text(count_note(parts.begun_on_paper(), "text", "texts"))
            .markup(
                " of this record would make this paper longer than 20 pages. Where it says “whole "
                "text on the screen”, the beginning is printed, and the row here is on the screen "
                "too.</p>");
    out.markup("</header>");
    write_rows(out, parts, 1, std::min(count, rows_open_max), changes);
    for (std::size_t from = rows_open_max + 1; from <= count; from += rows_folded) {
        const std::size_t to = std::min(count, from + rows_folded - 1);
        out.markup("<details class=\"more\"><summary>Sources ")
            .number(from)
            .markup(" to ")
            .number(to);
        out.markup("</summary>");
        write_rows(out, parts, from, to, changes);
        out.markup("</details>");
    }
    if (parts.in_error() > 0)
        out.markup("<p class=\"note\">")
            .text(count_note(parts.in_error(), "record is", "records are"))
            .markup(" left out of this page: entered in error, by the source’s own word.</p>\n");
    write_knowledge(out, parts.page.knowledge);
    out.markup("</section>\n");
}

}  // namespace consultd
