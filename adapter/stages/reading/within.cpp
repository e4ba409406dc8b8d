#include "adapter/stages/reading/within.h"

#include <algorithm>
#include <set>

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

JsonView contained_of(const fhir::Resource& owner, std::string_view id) {
    for (const JsonView& one : owner["contained"].items())
        if (one["id"].string() == id) return one;
    return {};
}

// Of those that the owner's results lead to, each once, those of panels within it too.
std::vector<JsonView> results_of(const fhir::Resource& owner) {
    std::vector<JsonView> out,
        open{owner.type() == "Observation" ? owner["hasMember"] : owner["result"]};
    std::set<std::string_view> seen;
    while (!open.empty()) {
        const JsonView references = open.back();
        open.pop_back();
        for (const JsonView& reference : references.items()) {
            const std::string_view url = reference["reference"].string();
            if (url.size() < 2 || url.front() != '#' || !seen.insert(url).second) continue;
            const JsonView found = contained_of(owner, url.substr(1));
            if (found["resourceType"].string() != "Observation") continue;
            out.push_back(found);
            open.push_back(found["hasMember"]);
        }
    }
    return out;
}

bool says_when(JsonView one) {
    return std::ranges::any_of(one.members(), [](const fhir::JsonMember& member) {
        return member.name().starts_with("effective");
    });
}

Json brought_out(const fhir::Resource& owner, JsonView result) {
    const Json& json = owner.json();
    Json out = json.share(result).without("meta").with("contained", json.share(owner["contained"]));
    if (!says_when(result))
        for (const fhir::JsonMember& member : json.members())
            if (member.name().starts_with("effective"))
                out = out.with(member.name(), json.share(member.value));
    if (!result.has("specimen") && owner.type() == "DiagnosticReport" &&
        owner["specimen"].size() == 1)
        out = out.with("specimen", json.share(owner["specimen"].items()[0]));
    return out;
}

}  // namespace

std::vector<PacketResource> results_within(const std::vector<PacketResource>& resources) {
    std::vector<PacketResource> out;
    for (const PacketResource& owner : resources) {
        if (!owner.resource.json().has("contained")) continue;
        if (owner.resource.type() != "DiagnosticReport" && owner.resource.type() != "Observation")
            continue;
        for (const JsonView& result : results_of(owner.resource)) {
            const std::string id = "#" + std::string(result["id"].string());
            if (Result<fhir::Resource> read =
                    fhir::Resource::from(brought_out(owner.resource, result)))
                out.push_back({owner.source + id, owner.full_url + id, *std::move(read)});
        }
    }
    return out;
}

std::string_view url_of_owner(std::string_view full_url) {
    return full_url.substr(0, full_url.find('#'));
}

}  // namespace consultd
