#include "fhir/r4/repair.h"

#include <algorithm>

#include "fhir/r4/repair_parts.h"

namespace consultd::fhir::r4 {
namespace {

// What one round puts right may show what else is wrong: a new element has required parts.
constexpr int rounds_max = 4;

bool points_at_narrative(const Finding& finding) {
    return finding.severity == Finding::Severity::Error && finding.path.ends_with(".text.div");
}

}  // namespace

bool is_r4(const Json& resource, const TypeOf& type_of) {
    return std::ranges::none_of(validate(resource, type_of), [](const Finding& finding) {
        return finding.severity == Finding::Severity::Error;
    });
}

Json repair(const Json& resource, const TypeOf& type_of) {
    Json mended = resource;
    for (int round = 0; round < rounds_max; ++round) {
        const std::vector<Finding> findings = validate(mended, type_of);
        if (std::ranges::none_of(findings, [](const Finding& finding) {
                return finding.severity == Finding::Severity::Error;
            }))
            break;
        Json next = repair_parts(mended, type_of);
        // A narrative that links to nothing says nothing that its resource does not.
        if (same_value(next, mended) && std::ranges::any_of(findings, points_at_narrative))
            next = mended.without("text");
        if (same_value(next, mended)) break;
        mended = std::move(next);
    }
    return mended;
}

}  // namespace consultd::fhir::r4
