// HtmlWriter: the one way to write a page. Markup is text fixed at compile time; whatever
// comes from a record can only come in as text, which is escaped. So no record can write markup.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/result.h"

namespace consultd {

class HtmlWriter {
public:
    HtmlWriter& markup(StaticText html);
    HtmlWriter& text(std::string_view text);  // in content or in a double-quoted attribute
    HtmlWriter& number(std::size_t number);
    HtmlWriter& tenths(std::int64_t tenths);  // a length of a drawing: 123 is "12.3"
    HtmlWriter& append(const HtmlWriter& part);
    HtmlWriter& append(HtmlWriter&& part);  // not copied, however long it is
    // Text of the record, which keeps its own direction within a line of ours.
    HtmlWriter& own(std::string_view text);
    // <time datetime="2019-04">Apr 2019</time>; the text as it is when it is no date.
    HtmlWriter& date(std::string_view fhir_date, bool with_clock = false);
    // Text in paragraphs, as its blank lines and line ends have it.
    HtmlWriter& prose(std::string_view text);
    // As the content of a CSS string in our style sheet.
    HtmlWriter& css_string(std::string_view text);

    bool is_empty() const { return full_.empty() && out_.empty(); }
    bool same_as(const HtmlWriter& other) const;
    std::string take() &&;

private:
    std::vector<std::string> full_;  // a page never grows by a copy of itself: it is in pieces
    std::string out_;                // the last piece
};

}  // namespace consultd
