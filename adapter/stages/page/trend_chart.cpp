#include "adapter/stages/page/trend_chart.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace consultd {
namespace {

// All lengths are in tenths of the drawing's unit.
constexpr std::int64_t left = 480, right = 2220, top = 160, bottom = 940, margin_label = 2280;
constexpr std::int64_t pad = 50;         // between the outermost value and the edge
constexpr std::int64_t label_gap = 110;  // between two labels of the margin
constexpr std::size_t unit_bytes_max = 40;
constexpr std::size_t label_letters_max = 7, cut_label_letters = 5;
constexpr std::int64_t year_labels_max = 5;

struct Scale {
    std::int64_t low, high;
    std::int64_t y(std::int64_t value) const {
        if (high == low) return (top + bottom) / 2;
        return bottom - pad - (value - low) * (bottom - top - 2 * pad) / (high - low);
    }
};

// As many of the digits as the margin has room for; nothing is rounded, and no digit that tells the
// size is left off.
std::string fitting(std::string_view number) {
    if (number.size() <= label_letters_max) return std::string(number);
    if (number.find('.') >= cut_label_letters) return "…";
    return std::string(number.substr(0, cut_label_letters)) + "…";
}

class Drawing {
public:
    Drawing(HtmlWriter& out, const Trend& trend, const TimeAxis& axis)
        : out_(out), trend_(trend), axis_(axis), scale_(scale_of()) {}

    void write(std::string_view sentence) {
        out_.markup("<svg viewBox=\"0 0 272 112\" role=\"img\" aria-label=\"").text(sentence);
        out_.markup("\">");
        years();
        for (std::size_t i = 0; i < trend_.runs.size(); ++i) bands(i);
        axis_labels();
        for (std::size_t i = 0; i < trend_.runs.size(); ++i) {
            if (trend_.is_joined()) line(trend_.runs[i]);
            points(trend_.runs[i]);
            if (trend_.is_joined() && i > 0) break_before(i);
        }
        newest();
        out_.markup("</svg>");
    }

private:
    std::int64_t x(std::int64_t day) const {
        if (axis_.last == axis_.first) return (left + right) / 2;
        return left + (day - axis_.first) * (right - left) / (axis_.last - axis_.first);
    }

    // One scale for the whole drawing, whose values have one unit. A bound of the range farther
    // away than half of what the data span is named, not drawn.
    Scale scale_of() {
        std::optional<std::int64_t> band_low, band_high;
        lowest_ = highest_ = &trend_.runs.front().points.front();
        for (const TrendRun& run : trend_.runs) {
            for (const TrendPoint& point : run.points) {
                if (point.value < lowest_->value) lowest_ = &point;
                if (point.value > highest_->value) highest_ = &point;
                if (point.low) band_low = std::min(band_low.value_or(*point.low), *point.low);
                if (point.high) band_high = std::max(band_high.value_or(*point.high), *point.high);
            }
        }
        const std::int64_t low = lowest_->value, high = highest_->value, reach = (high - low) / 2;
        Scale scale{low, high};
        if (band_low && (low == high || *band_low >= low - reach))
            scale.low = std::min(low, *band_low);
        if (band_high && (low == high || *band_high <= high + reach))
            scale.high = std::max(high, *band_high);
        return scale;
    }

    // The unit over the axis, and beside it the highest and the lowest value, digits as reported.
    void axis_labels() {
        out_.markup("<text class=\"ax\" x=\"0\" y=\"9\">").text(short_unit()).markup("</text>");
        out_.markup("<path class=\"tick\" d=\"M");
        at(left - 40, top);
        out_.markup("V").tenths(bottom).markup("\"/>");
        value_label(*highest_);
        if (scale_.y(lowest_->value) - scale_.y(highest_->value) >= label_gap)
            value_label(*lowest_);
    }

    std::string short_unit() const {
        const std::string unit = unit_text(trend_.unit);
        return unit.size() <= unit_bytes_max ? unit : std::string("unit: see above");
    }

    void value_label(const TrendPoint& point) {
        const fhir::JsonView quantity = point.statement->resource()["valueQuantity"];
        out_.markup("<text class=\"ax\" x=\"").tenths(left - 60).markup("\" y=\"");
        out_.tenths(scale_.y(point.value) + 40).markup("\" text-anchor=\"end\">");
        out_.text(fitting(quantity.is_null() ? point.statement->resource()["valueInteger"].number()
                                             : quantity["value"].number()));
        out_.markup("</text>");
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
        std::int64_t label_from = left - 400;
        for (int one = first + 1; one <= last; ++one) {
            const std::int64_t day = sys_days(year(one) / 1 / 1).time_since_epoch().count();
            if ((one - first - 1) % step != 0) continue;
            out_.markup("<path class=\"tick\" d=\"M");
            at(x(day), bottom);
            out_.markup("v4\"/>");
            if (x(day) < label_from + 300 || x(day) > right - 60) continue;
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
    void bands(std::size_t run_at) {
        const std::vector<TrendPoint>& points = trend_.runs[run_at].points;
        const std::int64_t end =
            run_at + 1 < trend_.runs.size() ? break_x(run_at + 1) - 20 : right + 40;
        for (std::size_t i = 0; i < points.size();) {
            std::size_t next = i + 1;
            while (next < points.size() && points[next].low == points[i].low &&
                   points[next].high == points[i].high)
                ++next;
            if (points[i].low || points[i].high)
                band(points[i], x(points[i].day) - 20,
                     next < points.size() ? x(points[next].day) : end);
            i = next;
        }
    }

    void band(const TrendPoint& point, std::int64_t from, std::int64_t to) {
        const auto clamp = [](std::int64_t y) { return std::clamp(y, top, bottom); };
        const std::int64_t upper = point.high ? clamp(scale_.y(*point.high)) : top;
        const std::int64_t lower = point.low ? clamp(scale_.y(*point.low)) : bottom;
        if (to <= from || lower <= upper) return;
        out_.markup("<rect class=\"band\" x=\"").tenths(from).markup("\" y=\"").tenths(upper);
        out_.markup("\" width=\"").tenths(to - from).markup("\" height=\"").tenths(lower - upper);
        out_.markup("\"/>");
        for (const auto& bound : {point.low, point.high}) {
            if (!bound || scale_.y(*bound) < top || scale_.y(*bound) > bottom) continue;
            out_.markup("<path class=\"be\" d=\"M");
            at(from, scale_.y(*bound));
            out_.markup("h").tenths(to - from).markup("\"/>");
        }
    }

    void line(const TrendRun& run) {
        if (run.points.size() < 2) return;
        out_.markup("<polyline class=\"ln\" points=\"");
        bool first = true;
        for (const TrendPoint& point : run.points) {
            if (point.day != point.last_day) continue;
            if (!first) out_.markup(" ");
            out_.tenths(x(point.day)).markup(",").tenths(scale_.y(point.value));
            first = false;
        }
        out_.markup("\"/>");
    }

    // In range a dot; outside it a triangle that points out; called abnormal, a square. A date
    // without a day is a dash over all the days that it can mean, and no line joins it.
    void points(const TrendRun& run) {
        for (const TrendPoint& point : run.points) {
            const bool is_out =
                point.place != ValuePlace::Within && point.place != ValuePlace::NotSaid;
            const std::int64_t y = scale_.y(point.value), middle = middle_x(point);
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
        const TrendPoint& point = trend_.newest();
        out_.markup("<circle class=\"last\" cx=\"").tenths(middle_x(point));
        out_.markup("\" cy=\"").tenths(scale_.y(point.value)).markup("\" r=\"5\"/>");
        const auto range = point.statement->resource()["referenceRange"].items();
        std::optional<std::int64_t> high_y, low_y;
        if (point.high) high_y = std::clamp(scale_.y(*point.high), top, bottom);
        if (point.low) low_y = std::clamp(scale_.y(*point.low), top, bottom);
        if (high_y && low_y && *low_y - *high_y < label_gap) {
            const std::int64_t middle = (*low_y + *high_y) / 2;
            high_y = middle - label_gap / 2;
            low_y = middle + label_gap / 2;
        }
        if (high_y) bound(*high_y, range[0]["high"], scale_.y(*point.high));
        if (low_y) bound(*low_y, range[0]["low"], scale_.y(*point.low));
    }

    void bound(std::int64_t y, fhir::JsonView quantity, std::int64_t true_y) {
        out_.markup("<text class=\"bl\" x=\"").tenths(margin_label).markup("\" y=\"");
        out_.tenths(y + 40).markup("\">").text(fitting(quantity["value"].number()));
        if (true_y < top) out_.text("↑");
        if (true_y > bottom) out_.text("↓");
        out_.markup("</text>");
    }

    HtmlWriter& out_;
    const Trend& trend_;
    const TimeAxis& axis_;
    const TrendPoint* lowest_ = nullptr;
    const TrendPoint* highest_ = nullptr;
    Scale scale_;
};

}  // namespace

void write_trend_chart(HtmlWriter& out, const Trend& trend, const TimeAxis& axis,
                       std::string_view sentence) {
    Drawing(out, trend, axis).write(sentence);
}

}  // namespace consultd
