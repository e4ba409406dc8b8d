#include "adapter/stages/document/corrections.h"

#include <algorithm>
#include <optional>

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

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

bool has_coding(JsonView codings, const CodeCorrection& row) {
    return std::ranges::any_of(codings.items(), [&](JsonView coding) {
        return coding["system"].string() == row.target_system &&
               coding["code"].string() == row.target_code;
    });
}

Json target_of(const CodeCorrection& row) {
    return Json::object(
        {{"system", row.target_system},
         {"code", row.target_code},
         {"display", row.target_display.empty() ? Json() : Json(row.target_display)}});
}

// Puts the codes of one element of an Observation right: a misspelled one in its place, another
// one beside.
class CodeRepair {
public:
    CodeRepair(const std::string& url, CodeCorrection::Element element, const CodeMaps& maps,
               ChangeList& changes)
        : url_(url), element_(element), maps_(maps), changes_(changes) {}

    // The concept as it should be; absent: as it is.
    std::optional<Json> repair(const std::string& path, const Json& concept_value) const {
        const std::size_t changes_before = changes_.size();
        Json codings;
        const auto given = concept_value["coding"].items();
        for (std::size_t k = 0; k < given.size(); ++k) {
            const CodeCorrection* row =
                maps_.find(element_, given[k]["system"].string(), given[k]["code"].string());
            if (row == nullptr) continue;
            if (codings.is_null()) codings = concept_value.get("coding");
            codings = row->in_place ? written(*row, path, codings, k) : beside(*row, path, codings);
        }
        if (changes_.size() == changes_before) return std::nullopt;
        return concept_value.with("coding", codings);
    }

private:
    Json written(const CodeCorrection& row, const std::string& path, const Json& codings,
                 std::size_t k) const {
        const Json coding = item(codings, k);
        const Json right(row.target_code);
        changes_.add(url_, path + '.' + at("coding", k) + ".code", "code.spelling",
                     coding.get("code"), right);
        return replaced(codings, k, coding.with("code", right));
    }
    Json beside(const CodeCorrection& row, const std::string& path, const Json& codings) const {
        if (has_coding(codings, row)) return codings;
        const Json more = codings.appended(target_of(row));
        changes_.add(url_, path + ".coding", "code.replaced", codings, more);
        return more;
    }

    const std::string& url_;
    const CodeCorrection::Element element_;
    const CodeMaps& maps_;
    ChangeList& changes_;
};

Json with_right_observation(const std::string& url, Json json, const CodeMaps& maps,
                            ChangeList& changes) {
    using Element = CodeCorrection::Element;
    const CodeRepair codes(url, Element::ObservationCode, maps, changes);
    if (const auto code = codes.repair("Observation.code", json.get("code")))
        json = json.with("code", *code);
    const CodeRepair categories(url, Element::ObservationCategory, maps, changes);
    const Json given = json.get("category");
    for (std::size_t i = 0; i < given.items().size(); ++i)
        if (const auto category =
                categories.repair("Observation." + at("category", i), item(given, i)))
            json = json.with("category", replaced(json.get("category"), i, *category));
    return json;
}

bool is_outside(const BoundExtension& row, const NamedSystems& named, JsonView part) {
    const JsonView coding = part["valueCoding"];
    return part["url"].string() == row.part &&
           !row.codes.may_hold(coding["system"].string(), coding["code"].string(), named);
}

Json with_bound_extensions(const std::string& url, std::string_view type, Json json,
                           const Quirks& quirks, ChangeList& changes) {
    Json extensions = json.get("extension");
    for (std::size_t i = 0; i < extensions.items().size(); ++i)
        for (const BoundExtension& row : quirks.bound_extensions) {
            if (row.type != type || extensions.items()[i]["url"].string() != row.url) continue;
            const Json parts = item(extensions, i).get("extension");
            // From the last to the first, so that the positions still to come stay right.
            Json kept = parts;
            for (std::size_t k = parts.items().size(); k-- > 0;) {
                // The last part stays, wrong as it is: an extension is never empty.
                if (!is_outside(row, quirks.named, parts.items()[k]) || kept.size() == 1) continue;
                kept = replaced(kept, k, {});
            }
            if (kept.size() == parts.size()) continue;
            changes.add(url, std::string(type) + "." + at("extension", i) + ".extension",
                        "extension.code", parts, kept);
            extensions = replaced(extensions, i, item(extensions, i).with("extension", kept));
            json = json.with("extension", extensions);
        }
    return json;
}

}  // namespace

Result<std::vector<PacketResource>> correct_codes(std::vector<PacketResource> resources,
                                                  const CodeMaps& maps, const Quirks& quirks,
                                                  ChangeList& changes) {
    for (PacketResource& one : resources) {
        Json json = one.resource.json();
        const std::size_t changes_before = changes.size();
        if (one.resource.type() == "Observation")
            json = with_right_observation(one.full_url, std::move(json), maps, changes);
        json = with_bound_extensions(one.full_url, one.resource.type(), std::move(json), quirks,
                                     changes);
        if (changes.size() == changes_before) continue;
        TRY_ASSIGN(one.resource, fhir::Resource::from(std::move(json)));
    }
    return resources;
}

}  // namespace consultd
