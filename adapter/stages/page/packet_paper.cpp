// Paper: which texts are printed whole. A record of 2,000 resources, however long its letters are,
// stays at most 20 pages; so where not every text fits, the newest do, those of pathology, imaging
// and genetics before the others, and each of the rest begins on paper. On a screen all is there.
#include <algorithm>
#include <set>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/attachment_text.h"

namespace consultd {
namespace {

using fhir::JsonView;

// In letters, as wide as a printed page holds them; 9,000 to a page.
constexpr std::size_t of_all_pages = 110000;  // 12 beside the summary, the timeline, the charts
constexpr std::size_t of_a_record = 30;       // its date and its value among others of its name
constexpr std::size_t of_a_row = 360;         // what has a name of its own: in a list, in a drawing
constexpr std::size_t of_an_opening = 150;    // the heading of a text, and a line of it
constexpr std::size_t of_a_line_end = 40;     // what stays white behind it
constexpr std::size_t cells_in_a_line = 5;    // a text in a table has a part of the width
constexpr std::size_t short_text_max = 200;   // takes no more than the row in which it stands

std::size_t width_of(std::string_view text) {
    return text.size() + of_a_line_end * static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

// Whether it stands over the whole width, and not in a cell of a table.
bool is_article(const Statement& one) {
    const std::string_view type = one.resource().type();
    return type == "DiagnosticReport" || type == "DocumentReference" || type == "Composition";
}

struct Text {
    const Statement* of;
    std::size_t letters;
};

// The texts that a page shows; one that stands twice in the record is shown once.
std::vector<Text> texts_of(const Reading& reading) {
    std::vector<Text> out;
    std::set<std::string_view> known;
    for (const Statement& one : reading.all()) {
        if (!one.places().shown) continue;
        std::size_t letters = width_of(one.notes) + width_of(one.value);
        for (const JsonView& form : attachments_of(one.resource()))
            if (const FileText* const file = attachment_file(form, reading.index());
                file && known.insert(file->shown).second)
                letters += width_of(file->shown);
        if (!is_article(one)) letters *= cells_in_a_line;
        if (letters > short_text_max) out.push_back({&one, letters});
    }
    return out;
}

}  // namespace

Records texts_begun_on_paper(const Reading& reading, std::size_t rows) {
    std::vector<Text> texts = texts_of(reading);
    std::size_t room = of_all_pages;
    const auto take = [&](std::size_t letters) { room -= std::min(room, letters); };
    take(reading.all().size() * of_a_record + (rows - std::min(rows, texts.size())) * of_a_row);
    take(texts.size() * of_an_opening);
    std::map<const Statement*, std::size_t> letters;
    Records in_order, begun;
    for (const Text& text : texts) {
        letters.emplace(text.of, text.letters);
        in_order.push_back(text.of);
    }
    sort_newest_first(in_order);
    std::stable_partition(in_order.begin(), in_order.end(), [](const Statement* one) {
        return is_specialists_report(one->resource());
    });
    for (const Statement* one : in_order)
        if (const std::size_t needed = letters.at(one); needed > room)
            begun.push_back(one);
        else
            take(needed);
    return begun;
}

void open_long_text(HtmlWriter& out, const PageParts& parts, const Statement& one) {
    if (parts.begins_on_paper(one))
        out.markup("<div class=\"long\"><span class=\"onpaper\">whole text on the screen</span>");
}

void close_long_text(HtmlWriter& out, const PageParts& parts, const Statement& one) {
    if (parts.begins_on_paper(one)) out.markup("</div>");
}

}  // namespace consultd
