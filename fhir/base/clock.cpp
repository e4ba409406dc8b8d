#include "fhir/base/clock.h"

namespace consultd {
namespace {

void append_digits(std::string& out, long long value, int width) {
    const std::string digits = std::to_string(value);
    for (int have = static_cast<int>(digits.size()); have < width; ++have) out += '0';
    out += digits;
}

std::string format(Instant instant, bool with_milliseconds) {
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date(day);
    const long long in_day = (instant - day).count();
    std::string out;
    append_digits(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_digits(out, in_day / 3'600'000, 2);
    out += ':';
    append_digits(out, in_day / 60'000 % 60, 2);
    out += ':';
    append_digits(out, in_day / 1000 % 60, 2);
    if (with_milliseconds) {
        out += '.';
        append_digits(out, in_day % 1000, 3);
    }
    out += 'Z';
    return out;
}

// Takes fixed-width pieces from the front of a text; once one is missing, all that follow are.
class Reader {
public:
    explicit Reader(std::string_view text) : left_(text) {}

    int number(std::size_t width) {
        int value = 0;
        if (left_.size() < width) return fail();
        for (const char digit : left_.substr(0, width)) {
            if (digit < '0' || digit > '9') return fail();
            value = value * 10 + (digit - '0');
        }
        left_.remove_prefix(width);
        return value;
    }
    bool take(char expected) {
        if (left_.empty() || left_.front() != expected) return false;
        left_.remove_prefix(1);
        return true;
    }
    void expect(char expected) {
        if (!take(expected)) fail();
    }
    // The digits after the dot, to the millisecond; further ones are read and dropped.
    int fraction_ms() {
        int value = 0;
        std::size_t count = 0;
        while (!left_.empty() && left_.front() >= '0' && left_.front() <= '9') {
            if (count++ < 3) value = value * 10 + (left_.front() - '0');
            left_.remove_prefix(1);
        }
        if (count == 0) return fail();
        for (; count < 3; ++count) value *= 10;
        return value;
    }
    bool done() const { return ok_ && left_.empty(); }

private:
    int fail() {
        ok_ = false;
        left_ = {};
        return 0;
    }
    std::string_view left_;
    bool ok_ = true;
};

}  // namespace

Instant SystemClock::now() const {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

MonotonicTime SystemClock::monotonic_now() const { return std::chrono::steady_clock::now(); }

bool SystemClock::wait_until(MonotonicTime until, std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait_until(lock, stop, until, [] { return false; });
    return !stop.stop_requested();
}

Milliseconds Deadline::left(const Clock& clock) const {
    const auto left = at_ - clock.monotonic_now();
    if (left <= left.zero()) return Milliseconds::zero();
    return std::chrono::ceil<Milliseconds>(left);
}

std::string format_instant(Instant instant) { return format(instant, true); }

std::string format_date_time(Instant instant) { return format(instant, false); }

std::optional<Instant> parse_instant(std::string_view text) {
    Reader reader(text);
    const int year = reader.number(4);
    reader.expect('-');
    const int month = reader.number(2);
    reader.expect('-');
    const int day = reader.number(2);
    reader.expect('T');
    const int hour = reader.number(2);
    reader.expect(':');
    const int minute = reader.number(2);
    reader.expect(':');
    const int second = reader.number(2);
    const int fraction = reader.take('.') ? reader.fraction_ms() : 0;
    int zone_minutes = 0;
    if (!reader.take('Z')) {
        const int sign = reader.take('-') ? -1 : 1;
        if (sign == 1) reader.expect('+');
        const int zone_hour = reader.number(2);
        reader.expect(':');
        const int zone_minute = reader.number(2);
        if (zone_hour > 23 || zone_minute > 59) return std::nullopt;
        zone_minutes = sign * (zone_hour * 60 + zone_minute);
    }
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    // A leap second (:60) is the first second of the next minute, as POSIX time has it.
    if (!reader.done() || !date.ok() || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) +
           std::chrono::minutes(minute - zone_minutes) + std::chrono::seconds(second) +
           Milliseconds(fraction);
}

}  // namespace consultd
