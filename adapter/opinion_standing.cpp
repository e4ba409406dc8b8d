#include "adapter/opinion_standing.h"

#include <algorithm>
#include <array>

namespace consultd {
namespace {

using enum OpinionStanding;

struct Row {
    std::string_view status;
    OpinionStanding standing;
};
// Of all the types that an output may lead to: no code of one means something else of another. A
// word that is in no row says nothing against it.
constexpr std::array rows = std::to_array<Row>({
    {"cancelled", Void},
    {"draft", Preliminary},
    {"entered-in-error", Void},
    {"in-progress", Preliminary},
    {"not-done", Void},
    {"partial", Preliminary},
    {"preliminary", Preliminary},
    {"preparation", NotWritten},
    {"registered", NotWritten},
    {"revoked", Void},
    {"stopped", Void},
    {"superseded", Void},
});

const Row* row_of(std::string_view status) {
    const auto row = std::ranges::find(rows, status, &Row::status);
    return row == rows.end() ? nullptr : &*row;
}

// The worst that any of its statuses says.
const Row* worst_of(fhir::JsonView resource) {
    const Row* worst = nullptr;
    const auto look = [&](std::string_view status) {
        const Row* row = row_of(status);
        if (row != nullptr && (worst == nullptr || row->standing > worst->standing)) worst = row;
    };
    // A Task's own status is what is followed, and no word on what came of it.
    if (resource["resourceType"].string() != "Task") look(resource["status"].string());
    look(resource["docStatus"].string());
    for (const fhir::JsonView coding : resource.at("verificationStatus", "coding").items())
        look(coding["code"].string());
    return worst;
}

}  // namespace

OpinionStanding standing_of_opinion(fhir::JsonView resource) {
    const Row* worst = worst_of(resource);
    return worst == nullptr ? Valid : worst->standing;
}

std::string_view standing_word(fhir::JsonView resource) {
    const Row* worst = worst_of(resource);
    return worst == nullptr ? std::string_view() : worst->status;
}

}  // namespace consultd
