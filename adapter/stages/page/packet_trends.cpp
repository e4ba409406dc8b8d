// Trends: a panel for each analyte that has enough numbers, all on one time axis, and a list of
// what could not be drawn. All numbers stand in the table of results too.
#include <algorithm>
#include <limits>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/page/trend_chart.h"

namespace consultd {
namespace {

constexpr std::size_t panels_open = 12;  // of more than panels_max the rest fold away
constexpr std::size_t panels_max = 16;

struct Panel {
    Analyte analyte;
    Trend trend;
    std::size_t listed = 0;  // results of the same analyte that are not drawn
    bool has_twin = false;
};
struct Panels {
    std::vector<Panel> drawn;
    struct Listed {
        std::string name;
        Trends::Listed one;
    };
    std::vector<Listed> listed;
};

std::string place_words(const Statement& newest) {
    const std::string range = range_text(newest.resource().json());
    if (range.empty()) return "no range given";
    const ValueFlag flag = value_flag(newest.resource().json());
    switch (flag.place) {
        case ValuePlace::Within:
            return "within " + range;
        case ValuePlace::Above:
        case ValuePlace::Below:
        case ValuePlace::Abnormal:
            return flag.words + "; range " + range;
        case ValuePlace::NotSaid:
            return "range " + range;
    }
    return range;
}

// What changes at a double line, in the record's own words.
std::string break_words(const TrendRun& before, const TrendRun& after) {
    const auto said = [](const std::string& text) {
        return text.empty() ? std::string("not recorded") : text;
    };
    std::string words;
    const auto add = [&](StaticText what, const std::string& left, const std::string& right) {
        if (left == right) return;
        words.append(words.empty() ? "" : "; ").append(what.view()).append(" ");
        words.append(said(left)).append(" → ").append(said(right));
    };
    add("method", before.method, after.method);
    add("laboratory", before.laboratory, after.laboratory);
    if (words.empty())
        add("name", before.points.front().statement->what, after.points.front().statement->what);
    return words;
}

std::string sentence_of(const Panel& panel) {
    const Statement& first = *panel.trend.runs.front().points.front().statement;
    const Statement& last = *panel.trend.newest().statement;
    return panel.analyte.name + ": " + count_note(panel.trend.points(), "result", "results") +
           ", " + date_text(first.when.date) + " to " + date_text(last.when.date) + "; newest " +
           observation_value(last.resource().json()) + ", " + place_words(last);
}

// The name as the record has it; what LOINC puts in brackets steps back.
void write_name(HtmlWriter& out, const std::string& name) {
    const std::size_t bracket = name.find(" [");
    out.markup("<bdi><b>").text(name.substr(0, bracket)).markup("</b>");
    if (bracket != std::string::npos && bracket > 0)
        out.markup("<span class=\"m\">").text(name.substr(bracket)).markup("</span>");
    out.markup("</bdi>");
}

void write_changes(HtmlWriter& out, const Trend& trend) {
    const std::size_t changes = trend.runs.size() - 1;
    if (!trend.is_joined()) {
        out.markup("<p class=\"note\">Laboratory or method changes ").number(changes);
        out.markup(" times: no line is drawn.</p>");
        return;
    }
    for (std::size_t i = 1; i <= changes; ++i) {
        const TrendRun& run = trend.runs[i];
        out.markup("<p class=\"note\">Double line before ");
        out.date(run.points.front().statement->when.date).markup(": ");
        out.own(break_words(trend.runs[i - 1], run)).markup("</p>");
    }
}

void write_panel(HtmlWriter& out, PageParts& parts, const Panel& panel, const TimeAxis& axis) {
    const Statement& newest = *panel.trend.newest().statement;
    const ValuePlace place = panel.trend.newest().place;
    const bool is_red = place != ValuePlace::Within && place != ValuePlace::NotSaid;
    const fhir::JsonView quantity = newest.resource()["valueQuantity"];
    out.markup("<figure><figcaption>");
    write_name(out, panel.analyte.name);
    out.markup(is_red ? StaticText("<span class=\"v red\">") : StaticText("<span class=\"v\">"));
    out.text(quantity.is_null() ? newest.resource()["valueInteger"].number()
                                : quantity["value"].number());
    out.markup("</span><span class=\"m\">");
    if (!panel.analyte.beside.empty()) out.own(panel.analyte.beside).markup(" · ");
    if (panel.has_twin) out.own(panel.analyte.apart).markup(" · ");
    if (const std::string unit = unit_text(panel.trend.unit); !unit.empty())
        out.own(unit).markup(" · ");
    out.date(newest.when.date);
    parts.cite(out, newest);
    out.markup(is_red ? StaticText("</span><span class=\"m red\">")
                      : StaticText("</span><span class=\"m\">"));
    out.own(place_words(newest)).markup("</span></figcaption>");
    write_trend_chart(out, panel.trend, axis, sentence_of(panel));
    write_changes(out, panel.trend);
    // What is newer than all that is drawn must not be missed for its unit.
    if (const Statement& newest_of_all = newest_value(panel.analyte.values);
        newest_of_all.places().newest && &newest_of_all != &newest) {
        out.markup("<p class=\"note\">Newest of all, not in this drawing: ");
        write_value(out, newest_of_all);
        out.markup(", ");
        write_when(out, newest_of_all.when);
        parts.cite(out, newest_of_all);
        out.markup("</p>");
    }
    if (panel.listed > 0)
        out.markup("<p class=\"note\">")
            .text(count_note(panel.listed, "result", "results"))
            .markup(" of it not in this drawing: see “Listed, not drawn”.</p>");
    out.markup("</figure>\n");
}

Panels panels_of(const Records& values, const PageParts& parts) {
    Panels panels;
    std::map<std::string, std::size_t> names;
    for (const Analyte& analyte : parts.analytes.of(values)) {
        Trends trends = trends_of(analyte.values, parts.index);
        if (trends.drawn.empty() || analyte.name.empty()) continue;
        ++names[analyte.name];
        for (Trend& trend : trends.drawn)
            panels.drawn.push_back({analyte, std::move(trend), trends.listed.size()});
        for (const Trends::Listed& one : trends.listed)
            panels.listed.push_back({analyte.name, one});
    }
    for (Panel& panel : panels.drawn) panel.has_twin = names[panel.analyte.name] > 1;
    return panels;
}

TimeAxis axis_of(const std::vector<Panel>& panels) {
    TimeAxis axis{std::numeric_limits<std::int64_t>::max(),
                  std::numeric_limits<std::int64_t>::min()};
    for (const Panel& panel : panels) {
        axis.first = std::min(axis.first, panel.trend.runs.front().points.front().day);
        for (const TrendRun& run : panel.trend.runs)
            for (const TrendPoint& point : run.points)
                axis.last = std::max(axis.last, point.last_day);
    }
    return axis;
}

void write_panels(HtmlWriter& out, PageParts& parts, std::span<const Panel> panels,
                  const TimeAxis& axis) {
    out.markup("<div class=\"multi\">");
    for (const Panel& panel : panels) write_panel(out, parts, panel, axis);
    out.markup("</div>");
}

void write_listed(HtmlWriter& out, PageParts& parts, StaticText label,
                  const std::vector<Panels::Listed>& listed) {
    if (listed.empty()) return;
    out.markup("<h3 class=\"gap\">Listed, not drawn</h3>");
    open_table(out, label);
    out.markup(
        "<thead><tr><th scope=\"col\">What</th><th scope=\"col\">As reported</th>"
        "<th scope=\"col\">Date</th><th scope=\"col\">Why not drawn</th></tr></thead><tbody>\n");
    for (const auto& [name, one] : listed) {
        out.markup("<tr><th scope=\"row\">").own(name).markup("</th><td data-l=\"As reported\">");
        write_value(out, *one.statement);
        parts.cite(out, *one.statement);
        out.markup("</td>");
        write_date_cell(out, "Date", one.statement->when);
        write_cell(out, "Why not drawn", one.reason.view());
        out.markup("</tr>\n");
    }
    out.markup("</tbody>");
    close_table(out);
}

// What a sign of the drawings means, of those that stand in them.
void write_key(HtmlWriter& out, const std::vector<Panel>& panels) {
    bool has_band = false, has_out = false, has_abnormal = false, has_vague = false,
         has_break = false;
    for (const Panel& panel : panels) {
        has_break = has_break || (panel.trend.runs.size() > 1 && panel.trend.is_joined());
        for (const TrendRun& run : panel.trend.runs)
            for (const TrendPoint& point : run.points) {
                has_band = has_band || point.low || point.high;
                has_out =
                    has_out || point.place == ValuePlace::Above || point.place == ValuePlace::Below;
                has_abnormal = has_abnormal || point.place == ValuePlace::Abnormal;
                has_vague = has_vague || point.day != point.last_day;
            }
    }
    const auto sign = [&](StaticText drawing, StaticText words) {
        out.markup("<span><svg width=\"20\" height=\"12\" aria-hidden=\"true\">");
        out.markup(drawing).markup("</svg>").markup(words).markup("</span>");
    };
    out.markup("<p class=\"key\">");
    if (has_band)
        sign(
            "<rect class=\"band\" y=\"1\" width=\"20\" height=\"10\"/><path class=\"be\" "
            "d=\"M0 1h20M0 11h20\"/>",
            "range that the laboratory gave for those results");
    if (has_out)
        sign("<path class=\"out\" d=\"M5 2l3.3 5.6h-6.6zM15 10l3.3-5.6h-6.6z\"/>",
             "above, below that range");
    if (has_abnormal) sign("<path class=\"out\" d=\"M8 3h5.2v5.2h-5.2z\"/>", "called abnormal");
    sign("<circle class=\"last\" cx=\"10\" cy=\"6\" r=\"5\"/>", "newest");
    if (has_vague) sign("<path class=\"vague\" d=\"M1 6h18\"/>", "date without a day");
    if (has_break)
        sign("<path class=\"brk\" d=\"M8.5 0v12M11.5 0v12\"/>",
             "laboratory or method changes, as said beneath");
    out.markup(
        "</p><p class=\"note\">Each drawing has a scale of its own, from its lowest to its highest "
        "value; all have one time axis.</p>");
}

}  // namespace

void write_trends(HtmlWriter& out, PageParts& parts, StaticText listed_label,
                  const Records& values) {
    const Panels panels = panels_of(values, parts);
    if (panels.drawn.empty()) return;
    const TimeAxis axis = axis_of(panels.drawn);
    write_key(out, panels.drawn);
    const std::span<const Panel> all(panels.drawn);
    const std::size_t open = all.size() > panels_max ? panels_open : all.size();
    write_panels(out, parts, all.first(open), axis);
    if (all.size() > open) {
        out.markup("<details class=\"more\"><summary>")
            .number(all.size() - open)
            .markup(" more drawings</summary>");
        write_panels(out, parts, all.subspan(open), axis);
        out.markup("</details>");
    }
    write_listed(out, parts, listed_label, panels.listed);
    out.markup("<h3 class=\"gap\">All values, newest of each</h3>");
}

}  // namespace consultd
