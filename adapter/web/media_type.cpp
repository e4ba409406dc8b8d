#include "adapter/web/media_type.h"

#include <algorithm>
#include <array>

#include "adapter/web/query.h"
#include "adapter/web/server/http_message.h"

namespace consultd::web {
namespace {

constexpr std::array<std::string_view, 3> json_types{"application/fhir+json", "application/json",
                                                     "text/json"};
constexpr std::array<std::string_view, 2> any_types{"*/*", "application/*"};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// What stands before the next `separator`; it is taken off `rest` with it.
std::string_view take(std::string_view& rest, char separator) {
    const std::string_view first = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(rest.size(), first.size() + 1));
    return trimmed(first);
}

bool is_among(std::string_view type, const auto& types) {
    return std::ranges::any_of(types, [&](std::string_view one) { return same_name(type, one); });
}

// "0", "0.", "0.000": not acceptable (RFC 9110 §12.4.2).
bool is_zero(std::string_view weight) {
    return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

// Parameters that do not change what FHIR's JSON is; fhirVersion does.
bool fits_us(std::string_view parameters) {
    while (!parameters.empty()) {
        std::string_view value = take(parameters, ';');
        const std::string_view name = take(value, '=');
        if (same_name(name, "fhirVersion") && value != "4.0" && value != "\"4.0\"") return false;
        if (same_name(name, "q") && is_zero(value)) return false;
    }
    return true;
}

std::optional<std::string> format_of(std::string_view query) {
    for (auto& [name, value] : read_query(query).value_or(Query()))
        if (name == "_format") {
            // A "+" that was not escaped came as a space, and no media type has one.
            std::ranges::replace(value, ' ', '+');
            return std::move(value);
        }
    return std::nullopt;
}

bool accepts_ours(std::string_view list) {
    while (!list.empty()) {
        std::string_view rest = take(list, ',');
        const std::string_view type = take(rest, ';');
        if ((is_among(type, json_types) || is_among(type, any_types)) && fits_us(rest)) return true;
    }
    return false;
}

}  // namespace

bool takes_fhir_json(const ServerRequest& request) {
    if (const auto format = format_of(request.query)) {
        std::string_view rest = *format;
        const std::string_view type = take(rest, ';');
        return (type == "json" || is_among(type, json_types)) && fits_us(rest);
    }
    bool asks = false;
    // Several lines are one list (RFC 9110 §5.3).
    for (const auto& [name, value] : request.headers) {
        if (!same_name(name, "Accept") || trimmed(value).empty()) continue;
        asks = true;
        if (accepts_ours(value)) return true;
    }
    return !asks;
}

bool is_fhir_json(const ServerRequest& request) {
    std::string_view rest = request.header("Content-Type").value_or("");
    const std::string_view type = take(rest, ';');
    return is_among(type, json_types) && fits_us(rest);
}

}  // namespace consultd::web
