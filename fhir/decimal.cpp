#include "fhir/decimal.h"

#include <charconv>

namespace consultd::fhir {
namespace {

constexpr std::size_t digits_max = 64;
constexpr long exponent_max = 999;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

// [eE][+-]?[0-9]+ to the end of the text; 0 for no exponent at all.
std::optional<long> parse_exponent(std::string_view text) {
    if (text.empty()) return 0;
    if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
    text.remove_prefix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || (!is_digit(text[0]) && text[0] != '-')) return std::nullopt;
    long exponent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (exponent > exponent_max || exponent < -exponent_max) return std::nullopt;
    return exponent;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
    Decimal decimal;
    decimal.text_ = text;
    if (text.starts_with('-')) {
        decimal.negative_ = true;
        text.remove_prefix(1);
    }
    const std::string_view whole = take_digits(text);
    if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return std::nullopt;
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = take_digits(text);
        if (fraction.empty()) return std::nullopt;
    }
    const auto exponent = parse_exponent(text);
    if (!exponent || whole.size() + fraction.size() > digits_max) return std::nullopt;

    decimal.digits_ = std::string(whole) + std::string(fraction);
    decimal.exponent_ = static_cast<long>(whole.size()) + *exponent;
    const std::size_t first = decimal.digits_.find_first_not_of('0');
    if (first == std::string::npos) {
        decimal.digits_.clear();
        decimal.exponent_ = 0;
        return decimal;
    }
    decimal.digits_.erase(0, first);
    decimal.exponent_ -= static_cast<long>(first);
    decimal.digits_.erase(decimal.digits_.find_last_not_of('0') + 1);
    return decimal;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
    const int sign = is_zero() ? 0 : negative_ ? -1 : 1;
    const int other_sign = other.is_zero() ? 0 : other.negative_ ? -1 : 1;
    if (sign != other_sign || sign == 0) return sign <=> other_sign;
    auto size = exponent_ <=> other.exponent_;
    // Digits without trailing zeros compare as text: 0.12 < 0.123.
    if (size == 0) size = digits_.compare(other.digits_) <=> 0;
    return sign > 0 ? size : 0 <=> size;
}

}  // namespace consultd::fhir
