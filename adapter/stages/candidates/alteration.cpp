#include "adapter/stages/candidates/alteration.h"

#include <algorithm>

namespace consultd {
namespace {

// As a tag or as a security label: servers were seen to do both.
bool has_label(fhir::JsonView resource, std::string_view code) {
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{"tag", "security"}, [&](std::string_view list) {
            return std::ranges::any_of(resource.at("meta", list).items(), [&](fhir::JsonView one) {
                return one["code"].string() == code;
            });
        });
}

}  // namespace

bool is_subsetted(fhir::JsonView resource) { return has_label(resource, "SUBSETTED"); }

bool is_redacted(fhir::JsonView resource) {
    return has_label(resource, "REDACTED") || has_label(resource, "MASKED");
}

void add_gaps_of_redacted(Record& record) {
    for (const PulledResource& kept : record.resources)
        if (is_redacted(kept.resource.json())) record.gaps.push_back({kept.source, "redacted"});
}

}  // namespace consultd
