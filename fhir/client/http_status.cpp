#include "fhir/client/http_status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace consultd::fhir {
namespace {

struct Row {
    int first, last;
    ErrorKind read, write;
    StaticText text;
};

// The first row that fits. A write that a server answers with 5xx may have been applied before the
// server, or a proxy between us, failed: Uncertain, which costs one read-back. That holds for 503
// too, with or without Retry-After: proxies answer so when the server hangs up on them after it got
// the request. 501 and 505 are said of the method and the protocol, before anything is looked at.
// 408 is sent by gateways for slow servers as well.
constexpr Row rows[] = {
    {300, 399, ErrorKind::Forbidden, ErrorKind::Forbidden, "redirect"},
    {401, 401, ErrorKind::Unauthorized, ErrorKind::Unauthorized, "credential was not taken"},
    {402, 403, ErrorKind::Forbidden, ErrorKind::Forbidden, "request was refused"},
    {404, 404, ErrorKind::NotFound, ErrorKind::NotFound, "not found"},
    {405, 406, ErrorKind::Unsupported, ErrorKind::Unsupported, "server does not offer this"},
    {408, 408, ErrorKind::Unavailable, ErrorKind::Uncertain, "server gave up waiting"},
    {409, 409, ErrorKind::Conflict, ErrorKind::Conflict, "edit conflict"},
    {410, 410, ErrorKind::NotFound, ErrorKind::NotFound, "deleted or expired"},
    {412, 412, ErrorKind::Conflict, ErrorKind::Conflict, "precondition failed"},
    {413, 413, ErrorKind::TooLarge, ErrorKind::TooLarge, "request is too large for the server"},
    {415, 415, ErrorKind::Unsupported, ErrorKind::Unsupported, "server does not read this format"},
    {422, 422, ErrorKind::Malformed, ErrorKind::Malformed, "server finds the content invalid"},
    {423, 423, ErrorKind::Conflict, ErrorKind::Conflict, "locked"},
    {425, 425, ErrorKind::Unavailable, ErrorKind::Unavailable, "too early"},
    {429, 429, ErrorKind::RateLimited, ErrorKind::RateLimited, "too many requests"},
    {451, 451, ErrorKind::Forbidden, ErrorKind::Forbidden, "refused for legal reasons"},
    {400, 499, ErrorKind::Unsupported, ErrorKind::Unsupported,
     "server does not accept the request"},
    {501, 501, ErrorKind::Unsupported, ErrorKind::Unsupported, "server does not offer this"},
    {505, 505, ErrorKind::Unsupported, ErrorKind::Unsupported, "server does not offer this"},
    {500, 599, ErrorKind::Unavailable, ErrorKind::Uncertain, "server failed"},
};
constexpr Row otherwise = {0, 0, ErrorKind::Malformed, ErrorKind::Uncertain, "unexpected status"};

std::optional<int> digits(std::string_view text) {
    int number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool all = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    if (!all || text.empty() || text.front() == '-') return std::nullopt;
    return number;
}

// "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110 §5.6.7; the obsolete forms are not read.
std::optional<Instant> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text[3] != ',' || !text.ends_with(" GMT") || text[19] != ':' ||
        text[22] != ':')
        return std::nullopt;
    const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
    const auto day = digits(text.substr(5, 2)), year = digits(text.substr(12, 4));
    const auto hour = digits(text.substr(17, 2)), minute = digits(text.substr(20, 2)),
               second = digits(text.substr(23, 2));
    if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year(*year),
        std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
        std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return Instant(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
           std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

}  // namespace

std::optional<std::int64_t> parse_retry_after(std::string_view text, Instant now) {
    const bool number = !text.empty() && std::all_of(text.begin(), text.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
    std::int64_t seconds = retry_after_s_max;  // also where the number is too long to be one
    if (number) {
        if (text.size() < 10) seconds = *digits(text);
    } else {
        const auto date = parse_http_date(text);
        if (!date) return std::nullopt;
        seconds = std::chrono::ceil<std::chrono::seconds>(*date - now).count();
    }
    return std::clamp<std::int64_t>(seconds, 1, retry_after_s_max);
}

Error error_of_status(const HttpResponse& response, HttpRequest::Effect effect,
                      const Clock& clock) {
    const int status = response.status;
    const Row* row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& candidate) {
        return status >= candidate.first && status <= candidate.last;
    });
    if (row == std::end(rows)) row = &otherwise;
    ErrorKind kind = effect == HttpRequest::Effect::Write ? row->write : row->read;
    std::optional<std::int64_t> retry_after_s;
    if (status == 429 || status == 503)
        if (const auto header = response.headers.find("Retry-After"))
            retry_after_s = parse_retry_after(*header, clock.now());
    if (retry_after_s && kind != ErrorKind::Uncertain) kind = ErrorKind::RateLimited;
    Error error = Error(kind, row->text).with("status", status);
    if (retry_after_s) return std::move(error).with("retry_after_s", *retry_after_s);
    return error;
}

std::string media_type(const HttpResponse& response) {
    const std::string_view header = response.headers.find("Content-Type").value_or("");
    std::string type(header.substr(0, header.find(';')));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
    for (char& c : type)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return type;
}

}  // namespace consultd::fhir
