// What was measured that decides first: the stage, what the specialty asks for by name, the newest
// of the key values.
#include <algorithm>
#include <map>
#include <set>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/stage_text.h"

namespace consultd {
namespace {

constexpr std::size_t markers_max = 30;
constexpr std::size_t quote_letters_max = 240;
constexpr std::size_t value_bytes_unbroken_max = 24;
constexpr StaticText observation[] = {"Observation"};

enum class Notes { Leave, Show };
struct ValuesRow {
    StaticText label;
    std::size_t max = std::string_view::npos;
    Notes notes = Notes::Leave;
};

void write_result(HtmlWriter& out, PageParts& parts, const Statement& one, Notes notes) {
    out.markup("<li>");
    write_value_name(out, parts, one);
    const bool is_short = one.value.size() <= value_bytes_unbroken_max && one.is_plain();
    out.markup(is_short ? StaticText(" <b class=\"val nw\">") : StaticText(" <b class=\"val\">"));
    write_value(out, one);
    out.markup("</b>");
    if (notes == Notes::Show && !one.notes.empty()) {
        out.markup(": <span class=\"serif\">“");
        write_own(out, one.resource(), opening_words(one.notes));
        out.markup("”</span>");
    }
    write_comma_when(out, one);
    parts.cite(out, one);
    out.markup("</li>");
}

void write_values(HtmlWriter& out, PageParts& parts, const ValuesRow& row, const Records& found) {
    if (found.empty()) return;
    write_fact(out, row.label, [&] {
        out.markup("<ul>");
        for (std::size_t i = 0; i < found.size() && i < row.max; ++i)
            write_result(out, parts, *found[i], row.notes);
        if (found.size() > row.max)
            out.markup("<li><a href=\"#src\">")
                .number(found.size() - row.max)
                .markup(" more</a></li>");
        out.markup("</ul>");
    });
}

bool is_number(const Statement& one) {
    return one.resource().json().has("valueQuantity") || one.resource().json().has("valueInteger");
}

// Of each key value the newest that counts, of each thing that it is of; those that the record
// gives the same moment, since nothing says which of them is the later; where the newest is a word,
// such as "pending", the last number too; and what is newer and is not final or has no value, with
// its word.
Records newest_key_values(const PageParts& parts, const Records& newest_first) {
    struct Found {
        Records counts, asides;
    };
    std::map<std::pair<std::size_t, std::string>, Found> found;
    for (const Statement* one : newest_first) {
        const std::size_t row = parts.analytes.key_value_of(*one);
        if (row == parts.specialty.key_values.size()) continue;
        auto& [counts, asides] = found[{row, parts.analytes.key_of(*one)}];
        if (one->places().newest && (one->is_dated() || one->when.is_empty())) {
            const bool is_newest =
                counts.empty() || counts.front()->when.order() == one->when.order();
            // The same of the same moment, as two visits have it, is said once.
            const bool is_said = std::ranges::any_of(counts, [&](auto* other) {
                return other->what == one->what && other->value == one->value &&
                       other->when.order() == one->when.order();
            });
            if (is_said) continue;
            if (is_newest || (is_number(*one) && std::ranges::none_of(counts, [](auto* newer) {
                                  return is_number(*newer);
                              })))
                counts.push_back(one);
        } else if (one->is_dated() && counts.empty() && asides.empty() &&
                   (one->standing == Standing::Preliminary || one->standing == Standing::NoValue)) {
            asides.push_back(one);
        }
    }
    Records out;
    for (const auto& [key, of_one] : found) {
        out.insert(out.end(), of_one.counts.begin(), of_one.counts.end());
        out.insert(out.end(), of_one.asides.begin(), of_one.asides.end());
    }
    return out;
}

// The newest of each name and of each thing that it is of; those that the record gives the same
// moment, since nothing says which of them is the later, where they do not say the same.
Records newest_of_each(const PageParts& parts, const Records& records) {
    std::map<std::string, std::size_t> places;
    std::vector<Records> groups;
    for (const Statement* one : records) {
        const auto [place, is_new] = places.try_emplace(
            one->what + '\n' + one->words + '\n' + parts.analytes.apart(*one), groups.size());
        if (is_new) groups.emplace_back();
        groups[place->second].push_back(one);
    }
    Records out;
    for (const Records& group : groups) {
        std::set<std::string> said;
        for (const Statement* one : group)
            if (one->when.order() == group.front()->when.order() && said.insert(one->value).second)
                out.push_back(one);
    }
    return out;
}

// What the checklist found of the rows that hold.
std::set<const Statement*> found_in(const PageParts& parts, bool (*holds)(const ChecklistRow&)) {
    std::set<const Statement*> found;
    for (const ChecklistItem& item : parts.page.checklist)
        if (holds(*item.row) && item.state != ItemState::NamedInText)
            found.insert(item.found.begin(), item.found.end());
    return found;
}

// By code, or by the names that the checklist knows.
Records newest_stages(const PageParts& parts, const Records& observations) {
    const auto found = found_in(parts, [](const ChecklistRow& row) { return row.is_stage; });
    Records stages;
    for (const Statement* one : observations)
        if (one->places().newest &&
            (parts.specialties.stages.is_in(one->resource()["code"]) || found.contains(one)))
            stages.push_back(one);
    return newest_of_each(parts, stages);
}

// Results that decide in the specialty and are no key values: receptors, genes, scores; in the
// order of the checklist.
Records newest_markers(const PageParts& parts, const Records& stages) {
    Records all;
    for (const ChecklistItem& item : parts.page.checklist)
        if (item.row->on_first_screen && item.state != ItemState::NamedInText)
            std::copy_if(item.found.begin(), item.found.end(), std::back_inserter(all),
                         [&](const Statement* one) {
                             return one->resource().type() == observation[0].view() &&
                                    one->places().newest &&
                                    parts.analytes.key_value_of(*one) ==
                                        parts.specialty.key_values.size() &&
                                    std::ranges::find(stages, one) == stages.end() &&
                                    std::ranges::find(all, one) == all.end();
                         });
    return newest_of_each(parts, all);
}

// The stages that the problems of now carry themselves.
Records problems_with_stage(const PageParts& parts) {
    Records out = problems(parts);
    std::erase_if(out, [](const Statement* one) {
        return !one->places().now || stages_text(one->resource().json()).empty();
    });
    return out;
}

void write_stages(HtmlWriter& out, PageParts& parts, const Records& results) {
    const Records with_stage = problems_with_stage(parts);
    if (results.empty() && with_stage.empty()) return;
    write_fact(out, "Stage", [&] {
        out.markup("<ul>");
        for (const Statement* one : results) write_result(out, parts, *one, Notes::Leave);
        for (const Statement* one : with_stage) {
            out.markup("<li>");
            write_own(out, one->resource(), one->what);
            out.markup(" <b class=\"val\">");
            write_own(out, one->resource(), stages_text(one->resource().json()));
            out.markup("</b>");
            parts.cite(out, *one);
            out.markup("</li>");
        }
        out.markup("</ul>");
    });
}

}  // namespace

// The opening words of a text, cut at a word's end; all of it where it is short.
std::string opening_words(std::string said) {
    std::replace(said.begin(), said.end(), '\n', ' ');
    if (said.size() <= quote_letters_max) return said;
    const std::size_t end = said.rfind(' ', quote_letters_max);
    std::size_t cut = end == said.npos ? quote_letters_max : end;
    while (cut > 0 && (static_cast<unsigned char>(said[cut]) & 0xC0U) == 0x80) --cut;
    return said.substr(0, cut) + "…";
}

void write_value_name(HtmlWriter& out, const PageParts& parts, const Statement& one) {
    write_own(out, one.resource(), one.what);
    if (const std::string& beside = parts.analytes.beside(one); !beside.empty())
        out.markup(", ").own(beside);
}

void write_comma_when(HtmlWriter& out, const Statement& one) {
    if (one.when.is_empty()) return;
    out.markup(", ");
    write_when(out, one.when);
}

void write_stage_and_markers(HtmlWriter& out, PageParts& parts) {
    const Records observations = parts.of_types(observation);
    const Records stages = newest_stages(parts, observations);
    write_stages(out, parts, stages);
    write_values(out, parts, {"Markers", markers_max, Notes::Show}, newest_markers(parts, stages));
}

void write_newest_values(HtmlWriter& out, PageParts& parts) {
    write_values(out, parts, {"Newest values"},
                 newest_key_values(parts, parts.of_types(observation)));
}

}  // namespace consultd
