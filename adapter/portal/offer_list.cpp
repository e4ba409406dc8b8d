#include "adapter/portal/offer_list.h"

#include <algorithm>

namespace consultd::portal {
namespace {

constexpr std::size_t shown_max = 100;

void write_one(HtmlWriter& out, const Reader& reader, StaticText field, const Offered& one) {
    out.markup("<label class=\"opt\"><input type=\"checkbox\" name=\"")
        .text(field.view())
        .markup("\" value=\"")
        .text(one.source)
        .markup("\"><span>")
        .own(one.name)
        .markup("<span class=\"hint\">");
    if (one.date.empty())
        put(out, reader, Word::ChooseNoDate);
    else
        out.text(date_words(reader.language, std::string_view(one.date).substr(0, 10)));
    out.markup("</span></span></label>\n");
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
                    std::span<const Offered* const> items) {
    if (items.size() < 2) return;  // the group is the one
    put(out.markup("<details class=\"single\"><summary>"), reader, Word::ChooseSingle);
    put(out.markup("<span class=\"vh\">: "), reader, group).markup("</span></summary>\n");
    if (items.size() > shown_max)
        paragraph(out, reader, Word::ChooseSingleMore, {{"n", std::to_string(shown_max)}});
    for (const Offered* one : items.first(std::min(items.size(), shown_max)))
        write_one(out, reader, "without", *one);
    out.markup("</details>\n");
}

void write_unsure(HtmlWriter& out, const Reader& reader, Word title, Word hint,
                  std::span<const Offered* const> items) {
    if (items.empty()) return;
    put(out.markup("<fieldset><legend>"), reader, title);
    put(out.markup("</legend><p class=\"hint\">"), reader, hint).markup("</p>\n");
    for (const Offered* one : items.first(std::min(items.size(), shown_max)))
        write_one(out, reader, "also", *one);
    out.markup("</fieldset>\n");
}

void read_single(const Offers& offer, const std::set<std::string, std::less<>>& without,
                 const std::set<std::string, std::less<>>& also, Choice& choice) {
    for (const Offered& one : offer) {
        if (without.contains(one.source)) choice.without.push_back(one.source);
        const bool may = one.standing == Offered::Standing::Possible ||
                         one.standing == Offered::Standing::Unread;
        if (!may || !also.contains(one.source)) continue;
        choice.also.push_back(one.source);
        std::ranges::copy(one.bytes, std::back_inserter(choice.also));
    }
}

}  // namespace consultd::portal
