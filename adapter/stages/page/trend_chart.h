// Trend chart: one analyte as a small drawing, in whole numbers, so that the same record gives the
// same bytes everywhere. The band is the range that the laboratory gave for those results; the data
// set the scale. A double line parts runs that cannot be compared, and no line crosses it.
#pragma once

#include "adapter/html/html_writer.h"
#include "adapter/stages/reading/trend.h"

namespace consultd {

// The days that all drawings of a page span.
struct TimeAxis {
    std::int64_t first = 0, last = 0;
};

// `sentence` says what is drawn to whoever does not see it.
void write_trend_chart(HtmlWriter& out, const Trend& trend, const TimeAxis& axis,
                       std::string_view sentence);

}  // namespace consultd
