// Durations and sizes, as the configuration writes them.
#include <charconv>

#include "config/config.h"

namespace consultd::config {
namespace {

// A number, then one of the units; absent when it does not fit in 62 bits.
std::optional<std::uint64_t> parse_scaled(
    std::string_view text,
    std::initializer_list<std::pair<std::string_view, std::uint64_t>> units) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, scale] : units)
        if (unit == name && number <= (std::uint64_t{1} << 62) / scale) return number * scale;
    return std::nullopt;
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
    const auto value = parse_scaled(
        text, {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}});
    if (!value) return std::nullopt;
    return Milliseconds(static_cast<std::int64_t>(*value));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse_scaled(text, {{"B", 1}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}});
}

}  // namespace consultd::config
