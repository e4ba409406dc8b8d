#include "adapter/portal/offer_list.h"

#include <algorithm>

namespace consultd::portal {
namespace {

constexpr std::size_t shown_max = 100;

bool is_in(const std::vector<std::string>& sources, const Offered* one) {
    return std::ranges::find(sources, one->source) != sources.end();
}

void write_one(HtmlWriter& out, const Reader& reader, StaticText field, const Offered& one,
               bool is_ticked) {
    out.markup("<label class=\"opt\"><input type=\"checkbox\" name=\"")
        .text(field.view())
        .markup("\" value=\"")
        .text(one.source)
        .markup(is_ticked ? StaticText("\" checked><span>") : StaticText("\"><span>"))
        .own(one.name)
        .markup("<span class=\"hint\">");
    if (one.date.empty())
        put(out, reader, Word::ChooseNoDate);
    else
        out.text(date_words(reader.language, std::string_view(one.date).substr(0, 10)));
    out.markup("</span></span></label>\n");
}

// The first of them, and what is ticked: a tick that is not shown would be taken back.
void write_some(HtmlWriter& out, const Reader& reader, StaticText field,
                std::span<const Offered* const> items, const std::vector<std::string>& ticked) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool is_ticked = is_in(ticked, items[i]);
        if (i < shown_max || is_ticked) write_one(out, reader, field, *items[i], is_ticked);
    }
}

void sort_newest_first(std::vector<const Offered*>& items) {
    std::ranges::sort(items, [](const Offered* a, const Offered* b) {
        return std::tie(b->date, a->name, a->source) < std::tie(a->date, b->name, b->source);
    });
}

}  // namespace

OfferByGroup::OfferByGroup(const Offers& offer) : open(groups().size()) {
    for (const Offered& one : offer) {
        const auto group =
            group_of_type(std::string_view(one.source).substr(0, one.source.find('/')));
        if (one.standing == Offered::Standing::Possible) possible.push_back(&one);
        if (one.standing == Offered::Standing::Unread) unread.push_back(&one);
        if (one.standing == Offered::Standing::Open && group) open[*group].push_back(&one);
    }
    for (auto& items : open) sort_newest_first(items);
    sort_newest_first(possible);
    sort_newest_first(unread);
}

std::string how_much(const Reader& reader, std::uint64_t count,
                     std::span<const Offered* const> items) {
    const std::string text = say(reader.language, Counted::Items, count);
    std::string first, last;
    for (const Offered* one : items) {
        if (one->date.size() < 4) continue;
        const std::string year = one->date.substr(0, 4);
        if (first.empty() || year < first) first = year;
        if (last.empty() || year > last) last = year;
    }
    if (first.empty()) return text;
    if (first == last)
        return say(reader.language, Word::ChooseYear, {{"items", text}, {"from", first}});
    return say(reader.language, Word::ChooseSpan,
               {{"items", text}, {"from", first}, {"until", last}});
}

void write_left_out(HtmlWriter& out, const Reader& reader, Word group,
                    std::span<const Offered* const> items, const Choice& ticked) {
    const bool has_ticked =
        std::ranges::any_of(items, [&](const Offered* one) { return is_in(ticked.without, one); });
    if (items.size() < 2 && !has_ticked) return;  // the group is the one
    out.markup(has_ticked ? StaticText("<details class=\"single\" open><summary>")
                          : StaticText("<details class=\"single\"><summary>"));
    put(out, reader, Word::ChooseSingle);
    put(out.markup("<span class=\"vh\">: "), reader, group).markup("</span></summary>\n");
    if (items.size() > shown_max)
        paragraph(out, reader, Word::ChooseSingleMore, {{"n", std::to_string(shown_max)}});
    write_some(out, reader, "without", items, ticked.without);
    out.markup("</details>\n");
}

void write_unsure(HtmlWriter& out, const Reader& reader, Word title, Word hint,
                  std::span<const Offered* const> items, const Choice& ticked) {
    if (items.empty()) return;
    put(out.markup("<fieldset><legend>"), reader, title);
    put(out.markup("</legend><p class=\"hint\">"), reader, hint).markup("</p>\n");
    write_some(out, reader, "also", items, ticked.also);
    out.markup("</fieldset>\n");
}

void read_single(const Offers& offer, const std::set<std::string, std::less<>>& without,
                 const std::set<std::string, std::less<>>& also, Choice& choice) {
    for (const Offered& one : offer) {
        if (without.contains(one.source)) choice.without.push_back(one.source);
        const bool may = one.standing == Offered::Standing::Possible ||
                         one.standing == Offered::Standing::Unread;
        if (!may) continue;
        (also.contains(one.source) ? choice.also : choice.stays).push_back(one.source);
        if (!also.contains(one.source)) continue;
        std::ranges::copy(one.bytes, std::back_inserter(choice.also));
    }
}

}  // namespace consultd::portal
