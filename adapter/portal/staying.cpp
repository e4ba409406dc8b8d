#include "adapter/portal/staying.h"

#include <algorithm>

namespace consultd::portal {
namespace {

using std::string_view;
using enum Offered::Standing;

struct Row {
    Word why, what;
};

// `offered`: as it was to choose from; null: it was not.
Row row_of(string_view source, string_view reason, const Offered* offered, const Choice& choice) {
    const auto group = group_of_type(source.substr(0, source.find('/')));
    const Word title = group ? groups()[*group].title : Word::StayNames;
    const bool is_ticked = group && choice.groups.contains(groups()[*group].name);
    const auto matter = matter_of_reason(reason);
    const bool is_matter = matter && !choice.matters.contains(private_matters()[*matter].name);
    if (offered != nullptr && offered->standing == Possible) return {Word::StayMaybe, title};
    if (offered != nullptr && offered->standing == Unread) return {Word::StayUnread, title};
    if (reason == "instance-denied") return {Word::StayOne, title};
    if (reason == "period") return {Word::StayDays, title};
    if (reason.starts_with("sensitivity:") && is_matter)
        return {Word::StayPrivate, private_matters()[*matter].title};
    if (reason == "only-with-withheld" || reason == "names-withheld")
        return {Word::StayWith, title};
    if (group && !is_ticked) return {Word::StayNotTicked, title};
    return {Word::StayRule, title};
}

}  // namespace

Staying staying_of(string_view ledger_ndjson, const Offers& offer, const Choice& choice) {
    Staying staying;
    std::map<string_view, const Offered*> by_source;
    std::set<string_view> bytes;
    for (const Offered& one : offer) {
        by_source[one.source] = &one;
        bytes.insert(one.bytes.begin(), one.bytes.end());
    }
    const auto lines = fhir::Json::parse_lines(std::string(ledger_ndjson),
                                               {.bytes_max = ledger_ndjson.size() + 1});
    if (!lines) return staying;
    for (const fhir::JsonLine& line : *lines) {
        const string_view source = line.json["source"].string();
        if (line.json["outcome"].string() != "withheld" || bytes.contains(source)) continue;
        const auto found = by_source.find(source);
        const Row row = row_of(source, line.json["reason"].string(),
                               found == by_source.end() ? nullptr : found->second, choice);
        ++staying[row.why][row.what];
    }
    return staying;
}

void write_staying(HtmlWriter& out, const Reader& reader, const Staying& staying) {
    std::uint64_t count = 0;
    for (const auto& [why, rows] : staying)
        for (const auto& [what, n] : rows) count += n;
    out.markup("<p>")
        .text(count == 0 ? std::string(say(reader.language, Word::PreviewStaysNothing))
                         : say(reader.language, Counted::LeftOut, count))
        .markup("</p>\n");
    for (const auto& [why, rows] : staying) {
        put(out.markup("<h3>"), reader, why).markup("</h3>\n<ul class=\"items\">\n");
        for (const auto& [what, n] : rows)
            put(out.markup("<li><b>"), reader, what)
                .markup("</b><span>")
                .text(say(reader.language, Counted::Items, n))
                .markup("</span></li>\n");
        out.markup("</ul>\n");
    }
}

}  // namespace consultd::portal
