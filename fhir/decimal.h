// Decimal: a FHIR decimal by its digits (https://hl7.org/fhir/R4/datatypes.html#decimal). No double.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace consultd::fhir {

class Decimal {
public:
    // -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? with at most 64 digits and |exponent| ≤ 999.
    static std::optional<Decimal> parse(std::string_view text);
    const std::string& text() const { return text_; }  // as it stood: "2.00"
    bool is_negative() const { return negative_; }
    bool is_zero() const { return digits_.empty(); }
    // By value: 2.0 equals 2.00.
    std::strong_ordering operator<=>(const Decimal& other) const;
    bool operator==(const Decimal& other) const { return (*this <=> other) == 0; }

private:
    std::string text_;
    bool negative_ = false;
    std::string digits_;  // no leading and no trailing zeros; empty for zero
    long exponent_ = 0;   // value = 0.digits × 10^exponent
};

}  // namespace consultd::fhir
