#include "adapter/stages/reading/analytes.h"

#include <algorithm>
#include <array>
#include <map>

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::string_view loinc = "http://loinc.org";

struct KeyValue {
    std::array<StaticText, 3> codes;
    std::array<StaticText, 3> names;  // lower case
};
constexpr KeyValue key_values[] = {
    {{"89247-1", "89243-0", ""}, {"ecog", "performance status", "karnofsky"}},
    {{"14804-9", "2532-0", ""}, {"ldh", "lactate dehydrogenase", ""}},
    {{"718-7", "", ""}, {"hemoglobin", "hgb", "hb"}},
    {{"6690-2", "26464-8", ""}, {"wbc", "leukocytes", "white blood cells"}},
    {{"751-8", "26499-4", ""}, {"neutrophils", "anc", "neut"}},
    {{"777-3", "26515-7", "32623-1"}, {"platelets", "plt", "platelet count"}},
    {{"787-2", "", ""}, {"mcv", "", ""}},
    {{"2160-0", "38483-4", ""}, {"creatinine", "creat", ""}},
    {{"33914-3", "62238-1", "98979-8"}, {"egfr", "", ""}},
    {{"2890-2", "13705-9", ""}, {"protein/creatinine ratio", "upcr", ""}},
    {{"1742-6", "", ""}, {"alt", "", ""}},
    {{"1920-8", "", ""}, {"ast", "", ""}},
    {{"6768-6", "", ""}, {"alp", "alkaline phosphatase", ""}},
    {{"1975-2", "", ""}, {"bilirubin", "total bilirubin", ""}},
    {{"1988-5", "30522-7", ""}, {"crp", "c-reactive protein", ""}},
    {{"5130-0", "", ""}, {"anti-dsdna", "", ""}},
    {{"4485-9", "", ""}, {"c3", "", ""}},
    {{"4498-2", "", ""}, {"c4", "", ""}},
    {{"4548-4", "", ""}, {"hba1c", "", ""}},
    {{"29463-7", "", ""}, {"body weight", "weight", ""}},
    {{"85354-9", "55284-4", ""}, {"blood pressure", "", ""}},
};

// https://hl7.org/fhir/R4/observation-vitalsigns.html, and the codes it lets stand beside them.
constexpr StaticText vital_signs[] = {
    "85353-1", "9279-1",  "8867-4", "2708-6", "8310-5", "8302-2",  "9843-4",  "29463-7",
    "39156-5", "85354-9", "8480-6", "8462-4", "8478-0", "55284-4", "59408-5", "8331-1"};
constexpr StaticText stages[] = {"21908-9", "21902-2",   "21914-7",  "21905-5",
                                 "21906-3", "21907-1",   "21899-0",  "21900-6",
                                 "21901-4", "399537006", "399588009"};

std::string lower(std::string text) {
    for (char& letter : text)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return text;
}

bool has_name(const KeyValue& key, std::string_view name) {
    return !name.empty() &&
           std::any_of(key.names.begin(), key.names.end(),
                       [&](const StaticText& known) { return known.view() == name; });
}

// Where an analyte stands on a flowsheet; a name such as "HGB (Main Street)" is known by its start.
std::size_t reading_order(const Analyte& analyte, const PacketIndex& index) {
    const fhir::Resource& one = analyte.values.front()->resource;
    const std::string name = lower(analyte.name);
    for (std::size_t key = 0; key < std::size(key_values); ++key)
        if (is_key_value(key, one, index) ||
            has_name(key_values[key], name.substr(0, name.find(' '))))
            return key;
    return std::size(key_values);
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

std::vector<Analyte> analytes_of(const std::vector<const PacketResource*>& values,
                                 const PacketIndex& index) {
    std::map<std::string, Analyte> by_key;
    for (const PacketResource* one : values) {
        Analyte& analyte = by_key[analyte_key(one->resource)];
        if (analyte.values.empty()) {
            analyte.name = item_text(one->resource, index);
            const JsonView coding = first_of(one->resource["code"]["coding"]);
            analyte.code = coding["system"].string() == loinc ? "LOINC " : "code ";
            analyte.code += coding.is_object() ? coding["code"].string() : "not recorded";
        }
        analyte.values.push_back(one);
    }
    std::vector<std::pair<std::pair<std::size_t, std::string>, Analyte>> ordered;
    for (auto& [key, analyte] : by_key) {
        std::pair<std::size_t, std::string> place{reading_order(analyte, index),
                                                  lower(analyte.name)};
        ordered.emplace_back(std::move(place), std::move(analyte));
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& left, const auto& right) { return left.first < right.first; });
    std::vector<Analyte> out;
    for (auto& [place, analyte] : ordered) out.push_back(std::move(analyte));
    return out;
}

std::size_t key_value_count() { return std::size(key_values); }

bool is_key_value(std::size_t key, const fhir::Resource& one, const PacketIndex& index) {
    const KeyValue& wanted = key_values[key];
    return std::any_of(wanted.codes.begin(), wanted.codes.end(),
                       [&](const StaticText& code) {
                           return !code.view().empty() && has_code(one["code"], loinc, code.view());
                       }) ||
           has_name(wanted, lower(item_text(one, index)));
}

bool is_vital_sign(const fhir::Resource& one) {
    return std::any_of(std::begin(vital_signs), std::end(vital_signs), [&](const StaticText& code) {
        return has_code(one["code"], loinc, code.view());
    });
}

bool is_stage(const fhir::Resource& one) {
    return std::any_of(std::begin(stages), std::end(stages), [&](const StaticText& code) {
        return has_code(one["code"], loinc, code.view()) ||
               has_code(one["code"], "http://snomed.info/sct", code.view());
    });
}

}  // namespace consultd
