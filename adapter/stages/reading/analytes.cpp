#include "adapter/stages/reading/analytes.h"

#include <algorithm>
#include <map>

#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::string_view loinc = "http://loinc.org";

bool has_name(const KeyValue& key, std::string_view name) {
    return std::ranges::find(key.names, name) != key.names.end();
}

// What a LOINC name measures, where it is measured in blood: "hemoglobin" of "Hemoglobin
// [Moles/volume] in Venous blood". Mass and moles are one analyte to a reader; urine is another.
std::string component_in_blood(const std::string& name) {
    const std::size_t property = name.find(" ["), system = name.find("] in ");
    if (property == name.npos || system == name.npos) return {};
    const std::string_view in = std::string_view(name).substr(system + 5);
    const bool is_blood =
        in.find("blood") != in.npos || in.find("serum") != in.npos || in.find("plasma") != in.npos;
    return is_blood ? name.substr(0, property) : std::string();
}

// Where an analyte stands on a flowsheet; a name such as "HGB (Main Street)" is known by its start.
std::size_t reading_order(const Analyte& analyte, std::span<const KeyValue> key_values) {
    const std::string name = lower(analyte.name);
    const std::string first_word = name.substr(0, name.find(' '));
    for (std::size_t key = 0; key < key_values.size(); ++key)
        if (is_key_value(key_values[key], *analyte.values.front()) ||
            has_name(key_values[key], first_word))
            return key;
    return key_values.size();
}

}  // namespace

std::string analyte_key(const fhir::Resource& one) {
    const auto codings = one["code"]["coding"].items();
    for (const JsonView& coding : codings)
        if (coding["system"].string() == loinc)
            return "loinc|" + std::string(coding["code"].string());
    if (!codings.empty())
        return std::string(codings[0]["system"].string()) + '|' +
               std::string(codings[0]["code"].string());
    return "text|" + concept_text(one["code"]);
}

std::vector<Analyte> analytes_of(const std::vector<const Statement*>& values,
                                 std::span<const KeyValue> key_values) {
    std::map<std::string, Analyte> by_key;
    for (const Statement* one : values) {
        Analyte& analyte = by_key[analyte_key(one->resource())];
        if (analyte.values.empty()) {
            analyte.name = one->what;
            const JsonView coding = first_of(one->resource()["code"]["coding"]);
            analyte.code = coding["system"].string() == loinc ? "LOINC " : "code ";
            analyte.code += coding.is_object() ? coding["code"].string() : "not recorded";
        }
        analyte.values.push_back(one);
    }
    std::vector<std::pair<std::pair<std::size_t, std::string>, Analyte>> ordered;
    for (auto& [key, analyte] : by_key) {
        std::pair<std::size_t, std::string> place{reading_order(analyte, key_values),
                                                  lower(analyte.name)};
        ordered.emplace_back(std::move(place), std::move(analyte));
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& left, const auto& right) { return left.first < right.first; });
    std::vector<Analyte> out;
    for (auto& [place, analyte] : ordered) out.push_back(std::move(analyte));
    return out;
}

bool is_key_value(const KeyValue& key, const Statement& one) {
    if (key.codes.is_in(one.resource()["code"])) return true;
    const std::string name = lower(one.what);
    return has_name(key, name) || has_name(key, component_in_blood(name));
}

}  // namespace consultd
