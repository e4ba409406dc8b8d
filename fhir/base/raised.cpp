#include "fhir/base/raised.h"

#include <algorithm>
#include <array>
#include <utility>

namespace consultd {
namespace {

using Letters = std::array<std::pair<std::string_view, std::string_view>, 13>;
constexpr Letters above = {{{"0", "⁰"},
                            {"1", "¹"},
                            {"2", "²"},
                            {"3", "³"},
                            {"4", "⁴"},
                            {"5", "⁵"},
                            {"6", "⁶"},
                            {"7", "⁷"},
                            {"8", "⁸"},
                            {"9", "⁹"},
                            {"+", "⁺"},
                            {"-", "⁻"},
                            {"−", "⁻"}}};
constexpr Letters below = {{{"0", "₀"},
                            {"1", "₁"},
                            {"2", "₂"},
                            {"3", "₃"},
                            {"4", "₄"},
                            {"5", "₅"},
                            {"6", "₆"},
                            {"7", "₇"},
                            {"8", "₈"},
                            {"9", "₉"},
                            {"+", "₊"},
                            {"-", "₋"},
                            {"−", "₋"}}};

// Empty where one of its letters has none.
std::string moved(std::string_view text, const Letters& letters) {
    std::string out;
    while (!text.empty()) {
        const auto* const found = std::ranges::find_if(
            letters, [&](const auto& one) { return text.starts_with(one.first); });
        if (found == letters.end()) return {};
        out += found->second;
        text.remove_prefix(found->first.size());
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool has_digit(std::string_view text) {
    return std::ranges::any_of(text, [](char one) { return one >= '0' && one <= '9'; });
}

}  // namespace

std::string raised(std::string_view text) {
    const std::string_view inner = trimmed(text);
    if (std::string out = moved(inner, above); !out.empty()) return out;
    return has_digit(inner) ? "^(" + std::string(inner) + ")" : std::string(text);
}

std::string lowered(std::string_view text) {
    std::string out = moved(trimmed(text), below);
    return out.empty() ? std::string(text) : out;
}

}  // namespace consultd
