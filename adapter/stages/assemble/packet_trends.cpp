// Trends: a panel for each analyte that has enough numbers, all on one time axis, and a list of
// what could not be drawn. All numbers stand in the table of results too.
#include <algorithm>
#include <limits>

#include "adapter/stages/assemble/analytes.h"
#include "adapter/stages/assemble/packet_page.h"
#include "adapter/stages/assemble/trend_chart.h"

namespace consultd {
namespace {

constexpr std::size_t points_min = 3;    // two make a line and no trend
constexpr std::size_t panels_open = 12;  // of more than panels_max the rest fold away
constexpr std::size_t panels_max = 16;

struct Panel {
    Analyte analyte;
    Trend trend;
    bool has_twin = false;
};

std::string place_words(const PacketResource& newest) {
    const std::string range = range_text(newest.resource.json());
    if (range.empty()) return "no range given";
    const ValueFlag flag = value_flag(newest.resource.json());
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
    add("unit", before.unit, after.unit);
    add("method", before.method, after.method);
    add("laboratory", before.laboratory, after.laboratory);
    return words.empty() ? "unit code differs" : words;
}

std::string sentence_of(const Panel& panel) {
    const PacketResource& first = *panel.trend.runs.front().points.front().resource;
    const PacketResource& last = *panel.trend.runs.back().points.back().resource;
    return panel.analyte.name + ": " + count_note(panel.trend.points(), "result", "results") +
           ", " + date_text(date_of(first.resource)) + " to " + date_text(date_of(last.resource)) +
           "; newest " + observation_value(last.resource.json()) + ", " + place_words(last);
}

void write_panel(HtmlWriter& out, PageParts& parts, const Panel& panel, const TimeAxis& axis) {
    const PacketResource& newest = *panel.trend.runs.back().points.back().resource;
    const ValuePlace place = panel.trend.runs.back().points.back().place;
    const bool is_red = place != ValuePlace::Within && place != ValuePlace::NotSaid;
    const fhir::JsonView quantity = newest.resource["valueQuantity"];
    out.markup("<figure><figcaption><b>").own(panel.analyte.name).markup("</b>");
    out.markup(is_red ? StaticText("<span class=\"v red\">") : StaticText("<span class=\"v\">"));
    out.text(quantity.is_null() ? newest.resource["valueInteger"].number()
                                : quantity["value"].number());
    out.markup("</span><span class=\"m\">");
    if (panel.has_twin) out.own(panel.analyte.code).markup(" · ");
    if (!panel.trend.runs.back().unit.empty())
        out.own(unit_text(panel.trend.runs.back().unit)).markup(" · ");
    out.date(date_of(newest.resource));
    parts.cite(out, newest);
    out.markup(is_red ? StaticText("</span><span class=\"m red\">")
                      : StaticText("</span><span class=\"m\">"));
    out.own(place_words(newest)).markup("</span></figcaption>");
    write_trend_chart(out, panel.trend, axis, sentence_of(panel));
    for (std::size_t i = 1; i < panel.trend.runs.size() && i < 3; ++i) {
        const TrendRun& run = panel.trend.runs[i];
        out.markup("<p class=\"note\">Double line before ");
        out.date(date_of(run.points.front().resource->resource)).markup(": ");
        out.own(break_words(panel.trend.runs[i - 1], run)).markup("</p>");
    }
    if (panel.trend.runs.size() > 3)
        out.markup("<p class=\"note\">and ")
            .number(panel.trend.runs.size() - 3)
            .markup(" more changes of laboratory, method or unit</p>");
    out.markup("</figure>\n");
}

std::vector<Panel> panels_of(const Records& values, const PacketIndex& index) {
    std::vector<Panel> panels;
    std::map<std::string, std::size_t> names;
    for (Analyte& analyte : analytes_of(values, index)) {
        Trend trend = trend_of(analyte.values, index);
        if (trend.points() < points_min || analyte.name.empty()) continue;
        ++names[analyte.name];
        panels.push_back({std::move(analyte), std::move(trend)});
    }
    for (Panel& panel : panels) panel.has_twin = names[panel.analyte.name] > 1;
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

void write_listed(HtmlWriter& out, PageParts& parts, const std::vector<Panel>& panels) {
    if (std::all_of(panels.begin(), panels.end(),
                    [](const Panel& panel) { return panel.trend.listed.empty(); }))
        return;
    out.markup("<h3 class=\"gap\">Listed, not drawn</h3>");
    open_table(out, "Results listed, not drawn");
    out.markup(
        "<thead><tr><th scope=\"col\">What</th><th scope=\"col\">As reported</th>"
        "<th scope=\"col\">Date</th><th scope=\"col\">Why not drawn</th></tr></thead><tbody>\n");
    for (const Panel& panel : panels)
        for (const Trend::Listed& one : panel.trend.listed) {
            out.markup("<tr><th scope=\"row\">").own(panel.analyte.name);
            out.markup("</th><td data-l=\"As reported\">");
            write_value(out, one.resource->resource);
            parts.cite(out, *one.resource);
            out.markup("</td>");
            write_date_cell(out, "Date", date_of(one.resource->resource));
            write_cell(out, "Why not drawn", one.reason.view());
            out.markup("</tr>\n");
        }
    out.markup("</tbody>");
    close_table(out);
}

}  // namespace

void write_trends(HtmlWriter& out, PageParts& parts, const Records& values) {
    const std::vector<Panel> panels = panels_of(values, parts.index);
    if (panels.empty()) return;
    const TimeAxis axis = axis_of(panels);
    out.markup(
        "<p class=\"note\">Shaded: the range that the laboratory gave for those results. Red "
        "triangle: outside it. Ring: the newest. Dash: the date has no day. No line crosses a "
        "double "
        "line: what changes there is said beneath. Each drawing has a scale of its own; all have "
        "one "
        "time axis.</p>");
    const std::span<const Panel> all(panels);
    const std::size_t open = all.size() > panels_max ? panels_open : all.size();
    write_panels(out, parts, all.first(open), axis);
    if (all.size() > open) {
        out.markup("<details class=\"more\"><summary>")
            .number(all.size() - open)
            .markup(" more drawings</summary>");
        write_panels(out, parts, all.subspan(open), axis);
        out.markup("</details>");
    }
    write_listed(out, parts, panels);
    out.markup("<h3 class=\"gap\">All values, newest of each</h3>");
}

}  // namespace consultd
