#include "fhir/decimal.h"

namespace consultd::fhir {
namespace {

constexpr std::size_t digits_max = 64;
constexpr long exponent_max = 999;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits at the front of `text`, taken away from it.
std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

// What follows the mantissa: nothing, or e and a number of at most `exponent_max`.
std::optional<long> parse_exponent(std::string_view text) {
    if (text.empty()) return 0;
    if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
    text.remove_prefix(1);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    long exponent = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        exponent = exponent * 10 + (c - '0');
        if (exponent > exponent_max) return std::nullopt;
    }
    return negative ? -exponent : exponent;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
    Decimal decimal;
    decimal.text_ = text;
    decimal.negative_ = text.starts_with('-');
    if (decimal.negative_) text.remove_prefix(1);
    const std::string_view whole = take_digits(text);
    if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = take_digits(text);
        if (fraction.empty()) return std::nullopt;
    }
    if (whole.size() + fraction.size() > digits_max) return std::nullopt;
    const std::optional<long> exponent = parse_exponent(text);
    if (!exponent) return std::nullopt;

    decimal.digits_ = std::string(whole) + std::string(fraction);
    decimal.exponent_ = static_cast<long>(whole.size()) + *exponent;
    const std::size_t first = decimal.digits_.find_first_not_of('0');
    if (first == std::string::npos) {
        decimal.digits_.clear();
        decimal.exponent_ = 0;
        return decimal;
    }
    decimal.digits_.erase(decimal.digits_.find_last_not_of('0') + 1);
    decimal.digits_.erase(0, first);
    decimal.exponent_ -= static_cast<long>(first);
    return decimal;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
    const auto sign = [](const Decimal& one) {
        return one.is_zero() ? 0 : one.is_negative() ? -1 : 1;
    };
    if (sign(*this) != sign(other)) return sign(*this) <=> sign(other);
    // Same sign. 0.digits have no leading zeros, so the exponent decides, then the digits do.
    auto order = exponent_ <=> other.exponent_;
    if (order == 0) order = digits_.compare(other.digits_) <=> 0;
    return sign(*this) < 0 ? 0 <=> order : order;
}

}  // namespace consultd::fhir
