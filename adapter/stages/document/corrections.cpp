#include "adapter/stages/document/corrections.h"

#include <algorithm>
#include <span>

#include "adapter/stages/reading/display.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::string_view loinc = "http://loinc.org";

// A vital sign carries the code that https://hl7.org/fhir/R4/observation-vitalsigns.html fixes for
// it; codes that say more (where it was measured) may stand beside it.
struct FixedCode {
    StaticText found, fixed, display;
};
constexpr FixedCode fixed_codes[] = {
    {"55284-4", "85354-9", "Blood pressure panel with all children optional"},
    {"8331-1", "8310-5", "Body temperature"},
    {"59408-5", "2708-6", "Oxygen saturation in Arterial blood"},
};

// https://terminology.hl7.org/CodeSystem-observation-category.html; seen in records of Synthea of
// 2019.
struct Misspelling {
    StaticText system, found, meant;
};
constexpr Misspelling misspellings[] = {
    {"http://terminology.hl7.org/CodeSystem/observation-category", "vital-sign", "vital-signs"},
};

// http://hl7.org/fhir/us/core/StructureDefinition/us-core-race and us-core-ethnicity: `ombCategory`
// is bound to these codes as required. Synthea of 2019 writes an ethnicity's code for the race
// "Other".
struct BoundExtension {
    StaticText url, part;
    std::span<const StaticText> codes;
};
constexpr StaticText races[] = {"1002-5", "2028-9", "2054-5", "2076-8", "2106-3", "UNK", "ASKU"};
constexpr StaticText ethnicities[] = {"2135-2", "2186-5", "UNK", "ASKU"};
constexpr BoundExtension bound_extensions[] = {
    {"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "ombCategory", races},
    {"http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity", "ombCategory",
     ethnicities},
};

std::string at(std::string_view name, std::size_t position) {
    return std::string(name) + '[' + std::to_string(position) + ']';
}

Json item(const Json& array, std::size_t position) { return array.share(array.items()[position]); }

Json replaced(const Json& array, std::size_t position, const Json& value) {
    std::vector<Json> items;
    for (std::size_t i = 0; i < array.items().size(); ++i)
        if (i != position)
            items.push_back(item(array, i));
        else if (!value.is_null())
            items.push_back(value);
    return Json::array(std::move(items));
}

Json with_fixed_codes(const std::string& url, Json json, std::vector<Change>& changes) {
    for (const FixedCode& row : fixed_codes) {
        const Json code = json.get("code");
        if (!has_code(code, loinc, row.found.view()) || has_code(code, loinc, row.fixed.view()))
            continue;
        const Json coding = Json::object(
            {{"system", loinc}, {"code", row.fixed.view()}, {"display", row.display.view()}});
        const Json codings = code.get("coding").appended(coding);
        changes.push_back(
            {url, "Observation.code.coding", "code.replaced", code.get("coding"), codings});
        json = json.with("code", code.with("coding", codings));
    }
    return json;
}

Json with_spelled_categories(const std::string& url, Json json, std::vector<Change>& changes) {
    const Json categories = json.get("category");
    for (std::size_t i = 0; i < categories.items().size(); ++i) {
        const Json codings = item(categories, i).get("coding");
        for (std::size_t k = 0; k < codings.items().size(); ++k)
            for (const Misspelling& row : misspellings) {
                const Json coding = item(codings, k);
                if (coding["system"].string() != row.system.view() ||
                    coding["code"].string() != row.found.view())
                    continue;
                changes.push_back(
                    {url, "Observation." + at("category", i) + '.' + at("coding", k) + ".code",
                     "code.spelling", coding.get("code"), Json(row.meant.view())});
                const Json spelled =
                    replaced(codings, k, coding.with("code", Json(row.meant.view())));
                return json.with("category", replaced(categories, i,
                                                      item(categories, i).with("coding", spelled)));
            }
    }
    return json;
}

bool is_outside(const BoundExtension& row, JsonView part) {
    return part["url"].string() == row.part.view() &&
           std::none_of(row.codes.begin(), row.codes.end(), [&](const StaticText& code) {
               return part["valueCoding"]["code"].string() == code.view();
           });
}

Json with_bound_extensions(const std::string& url, Json json, std::vector<Change>& changes) {
    Json extensions = json.get("extension");
    for (std::size_t i = 0; i < extensions.items().size(); ++i)
        for (const BoundExtension& row : bound_extensions) {
            const Json parts = item(extensions, i).get("extension");
            if (extensions.items()[i]["url"].string() != row.url.view()) continue;
            // From the last to the first, so that the positions still to come stay right.
            Json kept = parts;
            for (std::size_t k = parts.items().size(); k-- > 0;) {
                // The last part stays, wrong as it is: an extension is never empty.
                if (!is_outside(row, parts.items()[k]) || kept.size() == 1) continue;
                kept = replaced(kept, k, {});
            }
            if (kept.size() == parts.size()) continue;
            changes.push_back({url, "Patient." + at("extension", i) + ".extension",
                               "extension.code", parts, kept});
            extensions = replaced(extensions, i, item(extensions, i).with("extension", kept));
            json = json.with("extension", extensions);
        }
    return json;
}

}  // namespace

Result<std::vector<PacketResource>> correct_codes(const std::vector<PacketResource>& resources,
                                                  std::vector<Change>& changes) {
    std::vector<PacketResource> out;
    out.reserve(resources.size());
    for (const PacketResource& one : resources) {
        Json json = one.resource.json();
        const std::size_t changes_before = changes.size();
        if (one.resource.type() == "Observation") {
            json = with_fixed_codes(one.full_url, std::move(json), changes);
            json = with_spelled_categories(one.full_url, std::move(json), changes);
        } else if (one.resource.type() == "Patient") {
            json = with_bound_extensions(one.full_url, std::move(json), changes);
        }
        if (changes.size() == changes_before) {
            out.push_back(one);
            continue;
        }
        TRY_ASSIGN(fhir::Resource resource, fhir::Resource::from(std::move(json)));
        out.push_back({one.source, one.full_url, std::move(resource)});
    }
    return out;
}

}  // namespace consultd
