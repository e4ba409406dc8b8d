#include "adapter/stages/reading/units.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace consultd {
namespace {

// https://ucum.org/ucum: what laboratories measure in, and the prefixes it takes.
constexpr std::array<std::string_view, 8> atoms = {"g", "mol", "L", "U", "eq", "m", "kat", "osm"};
constexpr std::array<std::string_view, 10> prefixes = {"",  "k", "d", "c", "m",
                                                       "u", "n", "p", "f", "h"};

std::string spelled(std::string_view unit) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> spellings = {
        {{"µ", "u"},  // U+00B5
         {"μ", "u"},  // U+03BC
         {"mcg", "ug"},
         {"[IU]", "U"},
         {"[iU]", "U"},
         {"IU", "U"},
         {"Eq", "eq"},
         {"Osm", "osm"},
         {"mols", "mol"},
         {" ", ""}}};
    std::string out(unit);
    for (const auto& [from, to] : spellings)
        for (std::size_t at = out.find(from); at != out.npos; at = out.find(from, at + to.size()))
            out.replace(at, from.size(), to);
    if (out.ends_with('l') && !out.ends_with("mol")) out.back() = 'L';
    return out;
}

bool is_simple(std::string_view part) {
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) {
        return part.starts_with(prefix) &&
               std::ranges::find(atoms, part.substr(prefix.size())) != atoms.end();
    });
}

// A unit, or one by another; as it is spelled here.
std::optional<std::string> read(std::string_view unit) {
    std::string out = spelled(unit);
    const std::string_view whole(out);
    const std::size_t slash = whole.find('/');
    if (!is_simple(whole.substr(0, slash))) return std::nullopt;
    if (slash != whole.npos && !is_simple(whole.substr(slash + 1))) return std::nullopt;
    return out;
}

}  // namespace

bool are_two_units(std::string_view unit, std::string_view code) {
    if (unit.empty() || code.empty() || unit == code) return false;
    const auto said = read(unit), computed = read(code);
    return said && computed && *said != *computed;
}

}  // namespace consultd
