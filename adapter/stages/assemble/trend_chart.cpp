#include "adapter/stages/assemble/trend_chart.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace consultd {
namespace {

// All lengths are in tenths of the drawing's unit.
constexpr std::int64_t left = 60, right = 2220, top = 110, bottom = 940, margin_label = 2280;
constexpr std::int64_t pad = 50;         // between the outermost value and the edge
constexpr std::int64_t label_gap = 110;  // between two labels of the margin
constexpr std::size_t breaks_joined_max = 4;
constexpr std::int64_t year_labels_max = 5;

struct Scale {
    std::int64_t low, high;
    std::int64_t y(std::int64_t value) const {
        if (high == low) return (top + bottom) / 2;
        return bottom - pad - (value - low) * (bottom - top - 2 * pad) / (high - low);
    }
};

class Drawing {
public:
    Drawing(HtmlWriter& out, const Trend& trend, const TimeAxis& axis)
        : out_(out), trend_(trend), axis_(axis) {}

    void write(std::string_view sentence) {
        out_.markup("<svg viewBox=\"0 0 272 112\" role=\"img\" aria-label=\"").text(sentence);
        out_.markup("\">");
        years();
        const bool is_joined = trend_.runs.size() <= breaks_joined_max + 1;
        for (std::size_t i = 0; i < trend_.runs.size(); ++i) {
            const Scale scale = scale_of(i);
            bands(i, scale);
            if (is_joined) line(trend_.runs[i], scale);
            points(trend_.runs[i], scale);
            if (is_joined && i > 0) break_before(i);
        }
        newest();
        out_.markup("</svg>");
    }

private:
    std::int64_t x(std::int64_t day) const {
        if (axis_.last == axis_.first) return (left + right) / 2;
        return left + (day - axis_.first) * (right - left) / (axis_.last - axis_.first);
    }

    // Runs of one unit and method share a scale, so that their heights may be compared.
    Scale scale_of(std::size_t at) const {
        const TrendRun& own = trend_.runs[at];
        std::int64_t low = own.points.front().value, high = low;
        std::optional<std::int64_t> band_low, band_high;
        for (const TrendRun& run : trend_.runs) {
            if (run.unit != own.unit || run.method != own.method) continue;
            for (const TrendPoint& point : run.points) {
                low = std::min(low, point.value);
                high = std::max(high, point.value);
                if (point.low) band_low = std::min(band_low.value_or(*point.low), *point.low);
                if (point.high) band_high = std::max(band_high.value_or(*point.high), *point.high);
            }
        }
        // A bound of the range farther away than half of what the data span is named, not drawn.
        const std::int64_t reach = (high - low) / 2;
        const Scale data{low, high};
        Scale scale = data;
        if (band_low && (data.low == data.high || *band_low >= data.low - reach))
            scale.low = std::min(scale.low, *band_low);
        if (band_high && (data.low == data.high || *band_high <= data.high + reach))
            scale.high = std::max(scale.high, *band_high);
        return scale;
    }

    void at(std::int64_t tenths_x, std::int64_t tenths_y) {
        out_.tenths(tenths_x).markup(" ").tenths(tenths_y);
    }

    void years() {
        using namespace std::chrono;
        const auto year_of = [](std::int64_t day) {
            return static_cast<int>(year_month_day(sys_days(days(day))).year());
        };
        const int first = year_of(axis_.first), last = year_of(axis_.last);
        const int step = static_cast<int>((last - first) / year_labels_max + 1);
        std::int64_t label_from = left - 200;
        for (int one = first + 1; one <= last; ++one) {
            const std::int64_t day = sys_days(year(one) / 1 / 1).time_since_epoch().count();
            if ((one - first - 1) % step != 0) continue;
            out_.markup("<path class=\"tick\" d=\"M");
            at(x(day), bottom);
            out_.markup("v4\"/>");
            if (x(day) < label_from + 260 || x(day) > right - 60) continue;
            label_from = x(day);
            out_.markup("<text class=\"ax\" x=\"")
                .tenths(x(day))
                .markup(
                    "\" y=\"109\" "
                    "text-anchor=\"middle\">")
                .number(static_cast<std::size_t>(one));
            out_.markup("</text>");
        }
    }

    // The band stands under the results for which the laboratory gave it, from the first of them.
    void bands(std::size_t run_at, const Scale& scale) {
        const std::vector<TrendPoint>& points = trend_.runs[run_at].points;
        const std::int64_t end =
            run_at + 1 < trend_.runs.size() ? break_x(run_at + 1) - 20 : right + 40;
        for (std::size_t i = 0; i < points.size();) {
            std::size_t next = i + 1;
            while (next < points.size() && points[next].low == points[i].low &&
                   points[next].high == points[i].high)
                ++next;
            if (points[i].low || points[i].high)
                band(points[i], scale, x(points[i].day) - 20,
                     next < points.size() ? x(points[next].day) : end);
            i = next;
        }
    }

    void band(const TrendPoint& point, const Scale& scale, std::int64_t from, std::int64_t to) {
        const auto clamp = [](std::int64_t y) { return std::clamp(y, top, bottom); };
        const std::int64_t upper = point.high ? clamp(scale.y(*point.high)) : top;
        const std::int64_t lower = point.low ? clamp(scale.y(*point.low)) : bottom;
        if (to <= from || lower <= upper) return;
        out_.markup("<rect class=\"band\" x=\"").tenths(from).markup("\" y=\"").tenths(upper);
        out_.markup("\" width=\"").tenths(to - from).markup("\" height=\"").tenths(lower - upper);
        out_.markup("\"/>");
        for (const auto& bound : {point.low, point.high}) {
            if (!bound || scale.y(*bound) < top || scale.y(*bound) > bottom) continue;
            out_.markup("<path class=\"be\" d=\"M");
            at(from, scale.y(*bound));
            out_.markup("h").tenths(to - from).markup("\"/>");
        }
    }

    void line(const TrendRun& run, const Scale& scale) {
        if (run.points.size() < 2) return;
        out_.markup("<polyline class=\"ln\" points=\"");
        bool first = true;
        for (const TrendPoint& point : run.points) {
            if (point.day != point.last_day) continue;
            if (!first) out_.markup(" ");
            out_.tenths(x(point.day)).markup(",").tenths(scale.y(point.value));
            first = false;
        }
        out_.markup("\"/>");
    }

    // In range a dot; outside it a triangle that points out; called abnormal, a square. A date
    // without a day is a dash over all the days that it can mean, and no line joins it.
    void points(const TrendRun& run, const Scale& scale) {
        for (const TrendPoint& point : run.points) {
            const bool is_out =
                point.place != ValuePlace::Within && point.place != ValuePlace::NotSaid;
            const std::int64_t y = scale.y(point.value), middle = middle_x(point);
            if (point.day != point.last_day) {
                out_.markup("<path class=\"vague\" d=\"M");
                at(x(point.day), y);
                out_.markup("H").tenths(std::max(x(point.last_day), x(point.day) + 30));
                out_.markup("\"/>");
                if (!is_out) continue;
            }
            out_.markup(is_out ? StaticText("<path class=\"out\" d=\"M")
                               : StaticText("<path class=\"pt\" d=\"M"));
            if (point.place == ValuePlace::Above) {
                at(middle, y - 34);
                out_.markup("l3.3 5.6h-6.6z\"/>");
            } else if (point.place == ValuePlace::Below) {
                at(middle, y + 34);
                out_.markup("l3.3-5.6h-6.6z\"/>");
            } else if (point.place == ValuePlace::Abnormal) {
                at(middle - 26, y - 26);
                out_.markup("h5.2v5.2h-5.2z\"/>");
            } else {
                at(middle, y);
                out_.markup("h0\"/>");
            }
        }
    }

    std::int64_t middle_x(const TrendPoint& point) const {
        return (x(point.day) + x(point.last_day)) / 2;
    }

    std::int64_t break_x(std::size_t run_at) const {
        return (x(trend_.runs[run_at - 1].points.back().day) +
                x(trend_.runs[run_at].points.front().day)) /
               2;
    }

    void break_before(std::size_t run_at) {
        const std::int64_t middle = break_x(run_at);
        out_.markup("<path class=\"brk\" d=\"M");
        at(middle - 15, top - 40);
        out_.markup("V94M");
        at(middle + 15, top - 40);
        out_.markup("V94\"/>");
    }

    // The ring, and the newest range at the margin, with an arrow where it lies outside.
    void newest() {
        const Scale scale = scale_of(trend_.runs.size() - 1);
        const TrendPoint& point = trend_.runs.back().points.back();
        out_.markup("<circle class=\"last\" cx=\"").tenths(middle_x(point));
        out_.markup("\" cy=\"").tenths(scale.y(point.value)).markup("\" r=\"5\"/>");
        const auto range = point.resource->resource["referenceRange"].items();
        std::optional<std::int64_t> high_y, low_y;
        if (point.high) high_y = std::clamp(scale.y(*point.high), top, bottom);
        if (point.low) low_y = std::clamp(scale.y(*point.low), top, bottom);
        if (high_y && low_y && *low_y - *high_y < label_gap) {
            const std::int64_t middle = (*low_y + *high_y) / 2;
            high_y = middle - label_gap / 2;
            low_y = middle + label_gap / 2;
        }
        if (high_y) bound(*high_y, range[0]["high"], scale.y(*point.high));
        if (low_y) bound(*low_y, range[0]["low"], scale.y(*point.low));
    }

    void bound(std::int64_t y, fhir::JsonView quantity, std::int64_t true_y) {
        out_.markup("<text class=\"bl\" x=\"").tenths(margin_label).markup("\" y=\"");
        out_.tenths(y + 40).markup("\">").text(quantity["value"].number());
        if (true_y < top) out_.text("↑");
        if (true_y > bottom) out_.text("↓");
        out_.markup("</text>");
    }

    HtmlWriter& out_;
    const Trend& trend_;
    const TimeAxis& axis_;
};

}  // namespace

void write_trend_chart(HtmlWriter& out, const Trend& trend, const TimeAxis& axis,
                       std::string_view sentence) {
    Drawing(out, trend, axis).write(sentence);
}

}  // namespace consultd
