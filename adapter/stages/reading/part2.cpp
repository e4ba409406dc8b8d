#include "adapter/stages/reading/part2.h"

#include <algorithm>

namespace consultd {
namespace {

// https://terminology.hl7.org/CodeSystem-v3-ActReason.html
std::string_view purpose_words(std::string_view purpose) {
    if (purpose == "TREAT") return "treatment";
    if (purpose == "PATRQT") return "what the patient asked for";
    return purpose;
}

}  // namespace

bool is_under_part2(fhir::JsonView resource) {
    return std::ranges::any_of(resource.at("meta", "security").items(), [](fhir::JsonView label) {
        return label["code"].string() == "42CFRPart2";
    });
}

std::vector<const Statement*> under_part2(const Reading& reading) {
    std::vector<const Statement*> found;
    for (const Statement& one : reading.all())
        if (is_under_part2(one.resource().json())) found.push_back(&one);
    sort_newest_first(found);
    return found;
}

std::string consent_scope_words(const PacketInput& input) {
    const auto or_else = [](const std::string& name, const char* words) {
        return name.empty() ? std::string(words) : name;
    };
    std::string words = "They go with the patient’s written consent";
    if (!input.consent.given.empty()) words += " of " + date_text(input.consent.given);
    words += ": from " + or_else(input.request.source_name, "the institution that keeps them") +
             " to " +
             or_else(input.request.destination_name, "the institution that the consent names") +
             ", for " + std::string(purpose_words(input.request.purpose)) +
             ", as far as this packet holds them. The consent ";
    words += input.consent.until.empty() ? std::string("names no end")
                                         : "ends on " + date_text(input.consent.until);
    return words + "; the patient may withdraw it at any time.";
}

}  // namespace consultd
