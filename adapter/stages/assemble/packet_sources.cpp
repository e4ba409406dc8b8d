// Where each item came from: a numbered row for every resource of the packet, with what normalize
// changed in it, as reported ⇄ as normalized.
#include <algorithm>

#include "adapter/stages/assemble/packet_page.h"

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
// must leave no trace, and that includes how the source had written it.
bool still_stands(const Change& change, const PacketResource& resource) {
    return (change.before.is_string() || change.before.is_number()) &&
           (change.after.is_string() || change.after.is_number()) &&
           change.rule.view() != "reference.urn" &&
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

void write_changes(HtmlWriter& out, const std::vector<const Change*>& changes, std::size_t number) {
    const auto text = [](JsonView value) {
        return std::string(value.is_number() ? value.number() : value.string());
    };
    out.markup("<details class=\"p\"><summary>")
        .text(count_note(changes.size(), "change", "changes"));
    out.markup("<span class=\"vh\"> to source ").number(number).markup("</span></summary><ul>");
    for (const Change* change : changes) {
        out.markup("<li><b>").text(change->path.substr(change->path.rfind('.') + 1));
        out.markup("</b> <span class=\"was\">").own(text(change->before));
        out.markup("</span> ⇄ <span class=\"was\">").own(text(change->after));
        out.markup("</span> <span class=\"dim\">").text(change->rule.view()).markup("</span></li>");
    }
    out.markup("</ul></details>");
}

void write_row(HtmlWriter& out, PageParts& parts, std::size_t number, const Changes& changes) {
    const PacketResource* one = parts.sources()[number - 1];
    out.markup("<tr id=\"s").number(number).markup("\"><th scope=\"row\">").number(number);
    out.markup("</th>");
    if (one == nullptr) {
        write_cell(out, "What", "Question, written by the patient");
        write_date_cell(out, "Date", "");
        write_cell(out, "Source’s id", "the transfer");
        out.markup("<td><span class=\"dim\">unchanged</span></td></tr>\n");
        return;
    }
    out.markup("<td data-l=\"What\">").text(one->resource.type());
    if (const std::string item = item_text(one->resource, parts.index); !item.empty())
        out.markup(": ").own(item);
    out.markup("</td>");
    write_date_cell(out, "Date", date_of(one->resource));
    out.markup("<td data-l=\"Source’s id\" class=\"was\">").own(one->source).markup("</td><td>");
    const auto found = changes.find(one->full_url);
    if (found == changes.end())
        out.markup("<span class=\"dim\">unchanged</span>");
    else
        write_changes(out, found->second, number);
    out.markup("</td></tr>\n");
}

void write_rows(HtmlWriter& out, PageParts& parts, std::size_t from, std::size_t to,
                const Changes& changes) {
    out.markup(
        "<table class=\"stack srcs\"><colgroup><col style=\"inline-size:3rem\"><col>"
        "<col style=\"inline-size:7.5rem\"><col style=\"inline-size:26%\">"
        "<col style=\"inline-size:26%\"></colgroup><thead><tr><th scope=\"col\">№</th>"
        "<th scope=\"col\">What</th><th scope=\"col\">Date</th><th scope=\"col\">Source’s id</th>"
        "<th scope=\"col\">As reported ⇄ as normalized</th></tr></thead><tbody>\n");
    for (std::size_t number = from; number <= to; ++number) write_row(out, parts, number, changes);
    out.markup("</tbody></table>");
}

}  // namespace

void write_sources(HtmlWriter& out, PageParts& parts) {
    // What no section shows has its row here too: every resource of the packet is named once.
    for (const PacketResource& one : parts.page.resources) parts.number_of(one);
    const Changes changes = shown_changes(parts);
    const std::size_t count = parts.sources().size();
    parts.nav.push_back({"src", "Sources"});
    out.markup(
        "<section id=\"src\"><header><h2>Where each item came from</h2><p class=\"note\">Every "
        "number "
        "in this packet leads here. “⇄” shows what the source wrote and what stands in the packet; "
        "each change can be undone.</p></header>");
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
    out.markup("</section>\n");
}

}  // namespace consultd
