// What is missing: what a consultant of the specialty asks for, and what of it is not here or is
// old; what the source did not hand over.
#include <algorithm>
#include <map>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/authors.h"
#include "adapter/stages/reading/gap_words.h"

namespace consultd {
namespace {

constexpr std::size_t gaps_shown_max = 12;
constexpr std::size_t authors_shown_max = 8;
constexpr std::ptrdiff_t not_found_rows_max = 6;

StaticText icon_of(ItemState state) {
    switch (state) {
        case ItemState::Found:
        case ItemState::NoneKnown:
            return "i-ok";
        case ItemState::Old:
        case ItemState::Undated:
            return "i-old";
        case ItemState::Preliminary:
        case ItemState::ReportOnly:
        case ItemState::DoneOnly:
        case ItemState::NamedInText:
            return "i-part";
        case ItemState::NotHandedOver:
        case ItemState::NotFound:
            return "i-none";
    }
    return "i-none";
}

// Days while they can be taken in, then months, then years; rounded down.
std::string age_words(int days) {
    if (days < 0) return "dated after this packet";
    if (days < 2 * 365)
        return days < 120 ? count_note(static_cast<std::size_t>(days), "day", "days") + " ago"
                          : std::to_string(days * 12 / 365) + " months ago";
    return std::to_string(days * 100 / 36525) + " years ago";
}

void write_item(HtmlWriter& out, ItemState state, std::string_view title, std::string_view word,
                const std::function<void(HtmlWriter&)>& detail) {
    out.markup("<li><svg class=\"i amber\" aria-hidden=\"true\"><use href=\"#");
    out.text(icon_of(state).view()).markup("\"/></svg><div><b>").text(title);
    out.markup("</b> <span class=\"amber st\">").text(word).markup("</span>");
    HtmlWriter said;
    detail(said);
    if (!said.is_empty()) out.markup("<div class=\"dim st\">").append(said).markup("</div>");
    out.markup("</div></li>\n");
}

// Some of a type are not here, and not all of it: whether they are what the row looks for is not
// known.
bool is_perhaps(const ChecklistItem& item) {
    return is_unnamed(*item.gap) ||
           (item.row->has_bounds() && item.gap->what.find(" (") != std::string::npos);
}

void write_state(HtmlWriter& out, const ChecklistItem& item, const std::string& title) {
    write_item(out, item.state, title, state_word(item.state).view(), [&](HtmlWriter& detail) {
        if (item.gap)
            detail.own(gap_title(item.gap->what))
                .markup(": ")
                .text(gap_words(item.gap->reason.view()).view())
                .markup(is_perhaps(item) ? StaticText("; it may be this") : "");
        if (item.state == ItemState::NamedInText)
            detail.markup("in ")
                .text(item.found.front()->what)
                .markup(", ")
                .date(item.found.front()->when.date);
        if (item.state == ItemState::NoneKnown) detail.markup("the record says that there is none");
        const bool is_named = item.state == ItemState::NotHandedOver && !item.found.empty() &&
                              !item.gap && item.row->images_of.empty();
        if (is_named)
            detail.text(item.found.front()->what)
                .markup(": listed in the record, its words or file are not here; ");
        if (item.newest.empty() || item.state == ItemState::NoneKnown) return;
        detail
            .markup(item.state == ItemState::DoneOnly ? StaticText("latest ")
                                                      : StaticText("newest "))
            .date(item.newest);
        if (item.state == ItemState::Old && item.age_days)
            detail.markup(", ").text(age_words(*item.age_days));
        if (item.state == ItemState::Old || item.state == ItemState::Undated)
            detail.markup("; the list asks for ")
                .number(static_cast<std::size_t>(item.row->old_after_days))
                .markup(" days");
        if (!item.row->images_of.empty())
            detail.markup("; listed at the source, not in this packet");
    });
}

void write_found(HtmlWriter& out, const std::vector<ChecklistItem>& items) {
    bool first = true;
    for (const ChecklistItem& item : items) {
        if (item.state != ItemState::Found) continue;
        out.markup(
            first ? StaticText("<p class=\"found\"><svg class=\"i green\" aria-hidden=\"true\">"
                               "<use href=\"#i-ok\"/></svg> Found: ")
                  : StaticText("; "));
        out.text(item.row->title);
        if (item.row->old_after_days > 0 && item.age_days && *item.age_days >= 0)
            out.markup(", ").text(age_words(*item.age_days));
        first = false;
    }
    if (!first) out.markup(".</p>\n");
}

// Those of a state, a row each; what one gap took stands in one row.
void write_states(HtmlWriter& out, const std::vector<ChecklistItem>& items, ItemState state) {
    std::map<const Gap*, std::string> titles;
    for (const ChecklistItem& item : items)
        if (item.gap) join(titles[item.gap], "; ", item.row->title);
    for (const ChecklistItem& item : items) {
        if (item.state != state) continue;
        if (!item.gap) write_state(out, item, item.row->title);
        if (const auto title = titles.find(item.gap); title != titles.end()) {
            write_state(out, item, title->second);
            titles.erase(title);
        }
    }
}

// A long list of what was not found stands in one row, or nobody reads the rows above it.
void write_not_found_together(HtmlWriter& out, const std::vector<ChecklistItem>& items) {
    out.markup(
        "<li><svg class=\"i amber\" aria-hidden=\"true\"><use href=\"#i-none\"/></svg><div>"
        "<b class=\"amber\">Not found</b><ul>");
    for (const ChecklistItem& item : items)
        if (item.state == ItemState::NotFound)
            out.markup("<li>").text(item.row->title).markup("</li>");
    out.markup("</ul></div></li>\n");
}

// Gaps of one kind and one reason, in one row.
struct GapsOfAKind {
    std::string title;
    const Gap* first;
    std::size_t count = 1;
};
std::vector<GapsOfAKind> by_kind(const std::vector<Gap>& gaps) {
    std::vector<GapsOfAKind> kinds;
    for (const Gap& gap : gaps) {
        std::string title = gap_title(gap.what);
        const auto same = std::ranges::find_if(kinds, [&](const GapsOfAKind& one) {
            return one.title == title && one.first->reason.view() == gap.reason.view();
        });
        if (same == kinds.end())
            kinds.push_back({std::move(title), &gap});
        else
            ++same->count;
    }
    // What was held back on purpose is told before what may be cut.
    std::stable_partition(kinds.begin(), kinds.end(), [](const GapsOfAKind& one) {
        return one.first->reason.view() == "first-opinion-sealed";
    });
    return kinds;
}

void write_gaps(HtmlWriter& out, const std::vector<Gap>& gaps) {
    const std::vector<GapsOfAKind> kinds = by_kind(gaps);
    for (std::size_t i = 0; i < kinds.size() && i < gaps_shown_max; ++i) {
        const GapsOfAKind& kind = kinds[i];
        const Gap& gap = *kind.first;
        write_item(out, ItemState::NotHandedOver, kind.title,
                   state_word(ItemState::NotHandedOver).view(), [&](HtmlWriter& detail) {
                       detail.text(gap_words(gap.reason.view()).view());
                       if (kind.count > 1)
                           detail.markup(" · ").number(kind.count).markup(" of them");
                       else if (kind.title != gap.what)
                           detail.markup(" · <span class=\"was\">").own(gap.what).markup("</span>");
                   });
    }
    if (kinds.size() < gaps.size() || kinds.size() > gaps_shown_max)
        out.markup(
            "<li><span></span><div class=\"dim st\">Each is named in completeness.json.</div>"
            "</li>\n");
}

// Whose notes are here, and who is named in the record without one.
void write_authors(HtmlWriter& out, const PageParts& parts) {
    std::vector<NotesOf> all = notes_by_author(parts.reading);
    std::stable_sort(all.begin(), all.end(), [](const NotesOf& left, const NotesOf& right) {
        return left.notes > right.notes;
    });
    const auto write = [&](StaticText start, bool with_notes) {
        std::size_t count = 0;
        bool has_dot = false;  // a name that ends with one needs no second
        for (const NotesOf& one : all) {
            if ((one.notes > 0) != with_notes) continue;
            if (++count > authors_shown_max) continue;
            out.markup(count == 1 ? start : StaticText(", ")).own(one.who);
            has_dot = !with_notes && one.who.ends_with('.');
            if (with_notes) out.markup(" (").number(one.notes).markup(")");
        }
        const bool is_cut = count > authors_shown_max;
        if (is_cut) out.markup(", ").number(count - authors_shown_max).markup(" more");
        if (count > 0) out.markup(has_dot && !is_cut ? StaticText("</p>\n") : ".</p>\n");
    };
    write("<p class=\"note\">Notes and reports are here of ", true);
    write("<p class=\"note\">Named in the record, and no note of theirs is here: ", false);
}

}  // namespace

void write_letter(HtmlWriter& out, PageParts& parts) {
    if (parts.page.letter.empty()) return;
    write_section(out, parts, {"ask", "Letter to ask for what is missing", "Letter"},
                  "Ready to be copied; the same stands in completeness.json.", [&] {
                      out.markup("<div class=\"body\">").prose(parts.page.letter).markup("</div>");
                  });
}

void write_missing(HtmlWriter& out, const PageParts& parts) {
    const std::vector<ChecklistItem>& items = parts.page.checklist;
    const std::vector<Gap>& gaps = parts.page.input.gaps;
    const auto count = [&](ItemState state) {
        return std::count_if(items.begin(), items.end(),
                             [&](const ChecklistItem& item) { return item.state == state; });
    };
    out.markup("<div><h2>What is missing</h2><p class=\"note\">Checked against the ");
    out.text(checklist_name(parts.specialties, parts.page.input.request.specialty))
        .markup(" list: ");
    out.number(static_cast<std::size_t>(count(ItemState::Found))).markup(" of ");
    out.number(items.size()).markup(" found and recent enough.</p>\n<ul class=\"miss\">\n");
    const bool fold = count(ItemState::NotFound) > not_found_rows_max;
    for (const ItemState state :
         {ItemState::NotHandedOver, ItemState::Preliminary, ItemState::ReportOnly,
          ItemState::DoneOnly, ItemState::NamedInText, ItemState::Old, ItemState::Undated,
          ItemState::NoneKnown, ItemState::NotFound}) {
        if (state == ItemState::NotFound && fold) break;
        write_states(out, items, state);
        if (state == ItemState::NotHandedOver) write_gaps(out, gaps);
    }
    if (fold) write_not_found_together(out, items);
    out.markup("</ul>\n");
    write_found(out, items);
    write_authors(out, parts);
    if (!parts.page.letter.empty())
        out.markup("<p class=\"note\"><a href=\"#ask\">A letter that asks for all of it</a></p>\n");
    // In every packet, so that it tells nothing of this one.
    out.markup(
        "<div class=\"box\"><h3><svg class=\"i\" aria-hidden=\"true\"><use "
        "href=\"#i-held\"/></svg> What this packet may not hold</h3><p>Other records may have been "
        "left out. That something is not here does not mean that it did not happen.</p></div></div>"
        "\n");
}

}  // namespace consultd
