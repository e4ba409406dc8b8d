// The timeline on the page: one row a name, one axis of time for all, from the first of them to the
// day the packet was made.
#include <algorithm>
#include <chrono>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/timeline.h"

namespace consultd {
namespace {

using Kind = TimelineRow::Kind;

// All lengths are in tenths of the drawing's unit.
constexpr std::int64_t left = 2900, right = 9750, row_height = 220, head_height = 300;
constexpr std::int64_t title_height = 320;
constexpr std::size_t label_letters_max = 38, word_letters_max = 20;
constexpr std::size_t rows_min = 3;
constexpr int year_labels_max = 10;

struct Group {
    StaticText title, more;
    Kind kind;
    std::size_t rows_max;
};
constexpr Group groups[] = {{"Given", "med", Kind::Given, 12},
                            {"Ordered", "med", Kind::Ordered, 14},
                            {"Stated", "med", Kind::Stated, 8},
                            {"Procedures", "proc", Kind::Procedure, 10},
                            {"Reports", "src", Kind::Report, 10}};

std::int64_t last_day(const TimelineRow& row) {
    std::int64_t last = row.days.empty() ? row.spans.front().first : row.days.back();
    for (const TimelineSpan& span : row.spans)
        last = std::max(last, span.last.value_or(span.first));
    return last;
}

std::int64_t first_day(const TimelineRow& row) {
    std::int64_t first = row.days.empty() ? row.spans.front().first : row.days.front();
    for (const TimelineSpan& span : row.spans) first = std::min(first, span.first);
    return first;
}

// Of a long group the rows that reach nearest to today, in the order they had.
std::vector<const TimelineRow*> rows_of(const std::vector<TimelineRow>& all, const Group& group) {
    std::vector<const TimelineRow*> rows;
    for (const TimelineRow& row : all)
        if (row.kind == group.kind) rows.push_back(&row);
    if (rows.size() <= group.rows_max) return rows;
    std::vector<const TimelineRow*> newest(rows);
    std::stable_sort(newest.begin(), newest.end(),
                     [](const auto* a, const auto* b) { return last_day(*a) > last_day(*b); });
    newest.resize(group.rows_max);
    std::erase_if(rows, [&](const TimelineRow* row) {
        return std::find(newest.begin(), newest.end(), row) == newest.end();
    });
    return rows;
}

// The start of a text, cut at a letter's end.
std::string start_of(std::string_view text, std::size_t letters_max) {
    std::size_t letters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80) continue;
        if (letters++ == letters_max) return std::string(text.substr(0, i)) + "…";
    }
    return std::string(text);
}

// The name with the word for where it stands; whole in the lists below.
std::string label_of(const TimelineRow& row) {
    if (row.words.empty()) return start_of(row.name, label_letters_max);
    const std::string word =
        " (" + start_of(row.words.substr(0, row.words.find(',')), word_letters_max) + ")";
    return start_of(row.name, label_letters_max - std::min(word.size(), word_letters_max)) + word;
}

class Drawing {
public:
    Drawing(HtmlWriter& out, const std::vector<TimelineRow>& rows, std::int64_t today)
        : out_(out), today_(today) {
        first_ = today;
        for (const Group& group : groups) {
            chosen_.push_back(rows_of(rows, group));
            for (const TimelineRow* row : chosen_.back())
                first_ = std::min(first_, first_day(*row));
        }
    }

    void write() {
        std::int64_t height = head_height;
        for (const auto& rows : chosen_)
            if (!rows.empty())
                height += title_height + row_height * static_cast<std::int64_t>(rows.size());
        out_.markup("<svg viewBox=\"0 0 1000 ").tenths(height + 170);
        out_.markup(
            "\" role=\"img\" aria-label=\"What was given, ordered, done and reported, on one axis "
            "of time. The same stands in the lists below.\">");
        axis(height);
        std::int64_t y = head_height;
        for (std::size_t i = 0; i < chosen_.size(); ++i) {
            if (chosen_[i].empty()) continue;
            label(0, y + 160, "b", groups[i].title.view());
            y += title_height;
            for (const TimelineRow* row : chosen_[i]) {
                label(100, y + 40, "rowl", label_of(*row));
                marks(*row, y);
                y += row_height;
            }
        }
        out_.markup("</svg>");
    }

private:
    std::int64_t x(std::int64_t day) const {
        if (first_ >= today_) return right;
        return left + (std::min(day, today_) - first_) * (right - left) / (today_ - first_);
    }

    void label(std::int64_t at_x, std::int64_t at_y, StaticText kind, std::string_view text) {
        out_.markup("<text class=\"").text(kind.view()).markup("\" x=\"").tenths(at_x);
        out_.markup("\" y=\"").tenths(at_y).markup("\">").text(text).markup("</text>");
    }

    void axis(std::int64_t height) {
        using namespace std::chrono;
        const auto year_of = [](std::int64_t day) {
            return static_cast<int>(year_month_day(sys_days(days(day))).year());
        };
        const int step = (year_of(today_) - year_of(first_)) / year_labels_max + 1;
        for (int one = year_of(first_) + 1; one <= year_of(today_); one += step) {
            const std::int64_t day = sys_days(year(one) / 1 / 1).time_since_epoch().count();
            out_.markup("<path class=\"grid\" d=\"M").tenths(x(day)).markup(" 18V");
            out_.tenths(height).markup("\"/>");
            label(x(day) - 120, 130, "b", std::to_string(one));
        }
        out_.markup("<path class=\"now\" d=\"M").tenths(right).markup(" 18V").tenths(height);
        out_.markup("\"/><text class=\"sm\" x=\"997\" y=\"").tenths(height + 130);
        out_.markup("\" text-anchor=\"end\">packet made</text>");
    }

    void marks(const TimelineRow& row, std::int64_t y) {
        for (const TimelineSpan& span : row.spans)
            span.is_one_day ? vague(span, y) : bar(span, row.is_current, y);
        // An order that stands runs to the day of the packet; of others the end is not recorded.
        if (row.kind == Kind::Ordered && row.is_current && !row.days.empty())
            bar({row.days.back(), std::nullopt}, true, y);
        for (const std::int64_t day : row.days) {
            if (day > today_) continue;  // planned: it has not happened, and the axis ends today
            switch (row.kind) {
                case Kind::Given:
                    tick(x(day), y);
                    break;
                case Kind::Ordered:
                case Kind::Stated:
                    square(x(day), y);
                    break;
                case Kind::Procedure:
                    diamond(x(day), y);
                    break;
                case Kind::Report:
                    circle(x(day), y);
                    break;
            }
        }
    }

    void bar(const TimelineSpan& span, bool is_current, std::int64_t y) {
        const std::int64_t from = x(span.first);
        const bool goes_on = !span.last && is_current;
        const std::int64_t to = goes_on ? right - 40 : x(span.last.value_or(span.first));
        if (to <= from) return;
        out_.markup("<path class=\"act\" d=\"M").tenths(from).markup(" ").tenths(y - 30);
        out_.markup("H").tenths(to);
        if (goes_on)
            out_.markup("l5 3l-5 3");
        else
            out_.markup("v6");
        out_.markup("H").tenths(from).markup("z\"/>");
    }

    // A month or a year: some day between two marks.
    void vague(const TimelineSpan& span, std::int64_t y) {
        const std::int64_t from = x(span.first);
        const std::int64_t to = std::max(x(span.last.value_or(span.first)), from + 30);
        out_.markup("<path class=\"vague\" d=\"M").tenths(from).markup(" ").tenths(y - 40);
        out_.markup("v8M").tenths(from).markup(" ").tenths(y).markup("H").tenths(to);
        out_.markup("M").tenths(to).markup(" ").tenths(y - 40).markup("v8\"/>");
    }

    void tick(std::int64_t at_x, std::int64_t y) {
        out_.markup("<path class=\"dose\" d=\"M").tenths(at_x).markup(" ").tenths(y - 60);
        out_.markup("v12\"/>");
    }
    void square(std::int64_t at_x, std::int64_t y) {
        out_.markup("<path class=\"s-ink\" d=\"M").tenths(at_x - 40).markup(" ").tenths(y - 40);
        out_.markup("h8v8h-8z\"/>");
    }
    void diamond(std::int64_t at_x, std::int64_t y) {
        out_.markup("<path class=\"s-ink\" d=\"M").tenths(at_x).markup(" ").tenths(y - 50);
        out_.markup("l5 5l-5 5l-5-5z\"/>");
    }
    void circle(std::int64_t at_x, std::int64_t y) {
        out_.markup("<circle class=\"s-ink\" cx=\"").tenths(at_x).markup("\" cy=\"").tenths(y);
        out_.markup("\" r=\"4.5\"/>");
    }

    HtmlWriter& out_;
    std::int64_t first_ = 0, today_ = 0;
    std::vector<std::vector<const TimelineRow*>> chosen_;
};

void write_key(HtmlWriter& out) {
    out.markup(
        "<p class=\"key\"><span><svg width=\"10\" height=\"12\" aria-hidden=\"true\"><path "
        "class=\"dose\" d=\"M5 0v12\"/></svg>a dose given</span><span><svg width=\"12\" "
        "height=\"12\" aria-hidden=\"true\"><path class=\"s-ink\" d=\"M2 "
        "2h8v8h-8z\"/></svg>ordered "
        "or stated</span><span><svg width=\"30\" height=\"12\" aria-hidden=\"true\"><path "
        "class=\"act\" d=\"M0 3H24l5 3l-5 3H0z\"/></svg>from a day on; the record says it is "
        "active</span><span><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><path "
        "class=\"s-ink\" d=\"M6 1l5 5l-5 5l-5-5z\"/></svg>procedure</span><span><svg width=\"24\" "
        "height=\"12\" "
        "aria-hidden=\"true\"><path class=\"vague\" d=\"M1 2v8M1 6H22M22 2v8\"/></svg>some day of "
        "a month or year</span><span><svg width=\"12\" "
        "height=\"12\" aria-hidden=\"true\"><circle class=\"s-ink\" cx=\"6\" cy=\"6\" "
        "r=\"4.5\"/></svg>report</span></p>");
}

}  // namespace

void write_timeline(HtmlWriter& out, PageParts& parts) {
    const std::vector<TimelineRow> rows = timeline_of(parts.reading);
    if (rows.size() < rows_min) return;
    const std::int64_t today = std::chrono::floor<std::chrono::days>(parts.page.input.request.as_of)
                                   .time_since_epoch()
                                   .count();
    write_section(
        out, parts, {"tl", "Timeline", "Timeline", SectionShape::Wide},
        "What was given, ordered, done and reported, by the name the record has. Where no end is "
        "recorded, none is drawn. The whole stands in the lists below.",
        [&] {
            write_key(out);
            out.markup(
                "<p class=\"note wide\">Wider than this screen: it scrolls sideways.</p>"
                "<div class=\"scroll tl\" tabindex=\"0\" role=\"group\" aria-label=\"Timeline, "
                "scrolls sideways\">");
            Drawing(out, rows, today).write();
            out.markup("</div>");
            for (const Group& group : groups) {
                const auto count = std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
                    return row.kind == group.kind;
                });
                if (static_cast<std::size_t>(count) <= group.rows_max) continue;
                out.markup("<p class=\"note\">").text(group.title.view()).markup(": ");
                out.number(static_cast<std::size_t>(count) - group.rows_max);
                out.markup(" with older dates are not drawn; <a href=\"#");
                out.text(group.more.view()).markup("\">all of them</a>.</p>");
            }
        });
}

}  // namespace consultd
