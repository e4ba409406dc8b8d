#include "adapter/html/html_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapter/html/date_text.h"
#include "fhir/base/crypto.h"
#include "fhir/datetime.h"
#include "fhir/narrative.h"

namespace consultd {

HtmlWriter& HtmlWriter::markup(StaticText html) {
    constexpr std::size_t piece_bytes = 1 << 16;
    out_ += html.view();
    if (out_.size() >= piece_bytes) full_.push_back(std::exchange(out_, {}));
    return *this;
}

HtmlWriter& HtmlWriter::text(std::string_view text) {
    out_ += fhir::escape_xml(text);
    return *this;
}

HtmlWriter& HtmlWriter::number(std::size_t number) {
    out_ += std::to_string(number);
    return *this;
}

HtmlWriter& HtmlWriter::tenths(std::int64_t tenths) {
    if (tenths < 0) out_ += '-';
    const std::int64_t size = tenths < 0 ? -tenths : tenths;
    out_ += std::to_string(size / 10);
    if (size % 10 != 0) out_.append(".").append(std::to_string(size % 10));
    return *this;
}

HtmlWriter& HtmlWriter::append(const HtmlWriter& part) {
    for (const std::string& piece : part.full_) out_ += piece;
    out_ += part.out_;
    return *this;
}

HtmlWriter& HtmlWriter::append(HtmlWriter&& part) {
    if (part.full_.empty()) return append(std::as_const(part));
    full_.push_back(std::exchange(out_, std::move(part.out_)));
    std::ranges::move(part.full_, std::back_inserter(full_));
    return *this;
}

bool HtmlWriter::same_as(const HtmlWriter& other) const {
    if (full_.empty() && other.full_.empty()) return out_ == other.out_;
    return HtmlWriter(*this).take() == HtmlWriter(other).take();
}

std::string HtmlWriter::take() && {
    if (full_.empty()) return std::move(out_);
    std::size_t size = out_.size();
    for (const std::string& piece : full_) size += piece.size();
    std::string whole;
    whole.reserve(size);
    for (std::string& piece : full_) whole += std::exchange(piece, {});
    return whole += out_;
}

HtmlWriter& HtmlWriter::own(std::string_view text) {
    return markup("<bdi>").text(text).markup("</bdi>");
}

HtmlWriter& HtmlWriter::date(std::string_view fhir_date, bool with_clock) {
    if (!fhir::Datetime::parse(fhir_date)) return own(fhir_date);
    return markup("<time datetime=\"")
        .text(fhir_date)
        .markup("\">")
        .text(date_text(fhir_date, with_clock ? ClockTime::Show : ClockTime::Omit))
        .markup("</time>");
}

HtmlWriter& HtmlWriter::prose(std::string_view text) {
    bool open = false;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.empty()) {
            if (open) markup("</p>");
            open = false;
            continue;
        }
        markup(open ? StaticText("<br>") : StaticText("<p dir=\"auto\">")).text(line);
        open = true;
    }
    return open ? markup("</p>") : *this;
}

HtmlWriter& HtmlWriter::css_string(std::string_view text) {
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        const bool is_plain = (letter >= 'a' && letter <= 'z') ||
                              (letter >= 'A' && letter <= 'Z') ||
                              (letter >= '0' && letter <= '9') || letter == ' ' || byte >= 0x80;
        if (is_plain)
            out_ += letter;
        else
            // The space ends the escape; without it the next space of the text would.
            out_.append("\\0000").append(crypto::hex({&letter, 1})).append(" ");
    }
    return *this;
}

}  // namespace consultd
