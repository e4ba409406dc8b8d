#include "adapter/stages/reading/empty_list.h"

#include <algorithm>
#include <array>

#include "adapter/stages/reading/display_care.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

// LOINC's sections, http://terminology.hl7.org/CodeSystem/list-example-use-codes, and names.
struct Kind {
    std::string_view types;  // parted by blanks
    std::array<std::string_view, 3> codes;
    std::array<std::string_view, 4> names;
};
constexpr std::array<Kind, 3> kinds = {
    {{"AllergyIntolerance",
      {"48765-2", "allergies", "886921000000105"},
      {"allergies", "allergy list", "active allergies", "allergies and adverse reactions"}},
     {"Condition",
      {"11450-4", "problems", ""},
      {"problems", "problem list", "active problems", ""}},
     {"MedicationStatement MedicationRequest MedicationDispense MedicationAdministration",
      {"10160-0", "medications", ""},
      {"medications", "medication list", "medicines", "current medications"}}}};

bool is_of(const Kind& kind, const Statement& one) {
    const fhir::Resource& list = one.resource();
    const std::string called = lower(one.what), title = lower(list["title"].string());
    return std::ranges::any_of(
               kind.codes,
               [&](auto code) { return !code.empty() && has_code(list["code"], code); }) ||
           std::ranges::any_of(kind.names, [&](auto name) {
               return !name.empty() && (called == name || title == name);
           });
}

}  // namespace

std::optional<EmptyList> empty_list_of(const Reading& reading, std::string_view resource_type) {
    const auto* const kind = std::ranges::find_if(
        kinds, [&](const Kind& one) { return has_word(one.types, resource_type); });
    if (kind == kinds.end()) return std::nullopt;
    std::vector<const Statement*> found;
    for (const Statement& one : reading.all())
        if (one.resource().type() == "List" && one.places().now &&
            one.resource()["entry"].size() == 0 && one.resource().json().has("emptyReason") &&
            is_of(*kind, one))
            found.push_back(&one);
    if (found.empty()) return std::nullopt;
    sort_newest_first(found);
    const Statement& newest = *found.front();
    return EmptyList{&newest, has_code(newest.resource()["emptyReason"], "nilknown"),
                     empty_words(newest.resource().json())};
}

}  // namespace consultd
