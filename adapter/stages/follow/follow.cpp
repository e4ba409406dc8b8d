#include "adapter/stages/follow/follow.h"

#include <algorithm>

#include "adapter/stages/follow/opinion_parts.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::string_view transfer_system = "urn:consultd:transfer";

bool is_ours(JsonView task, const std::string& transfer_id) {
    for (const JsonView identifier : task["identifier"].items())
        if (identifier["system"].string() == transfer_system &&
            identifier["value"].string() == transfer_id)
            return true;
    return false;
}

std::string business_status_of(JsonView task) {
    const JsonView business = task["businessStatus"];
    for (const JsonView coding : business["coding"].items())
        if (!coding["code"].string().empty()) return std::string(coding["code"].string());
    return std::string(business["text"].string());
}

}  // namespace

Result<Followed> follow(fhir::FhirClient& client, const std::string& task, const OurOrder& order,
                        const fhir::Call& call) {
    TRY_ASSIGN(const fhir::FhirResponse answer, client.get(client.base().below(task), call));
    TRY_ASSIGN(const fhir::Resource resource, fhir::Resource::from(answer.body));
    if (resource.key() != task || !is_ours(resource.json(), order.transfer_id))
        return Error(ErrorKind::Malformed, "the destination answers with a Task that is not ours");
    Followed followed{.status = std::string(resource["status"].string()),
                      .business_status = business_status_of(resource.json())};
    if (followed.status != "completed") return followed;
    TRY_ASSIGN(const Ownership ownership, Ownership::read(client, order, resource.json(), call));
    if (const auto why = ownership.refusal_of_task()) {
        // Whatever it leads to is not looked at.
        followed.task = resource.json().without("output").without("contained");
        followed.problems.push_back(*why);
        return followed;
    }
    OpinionParts parts(client, resource.json(), ownership, call);
    std::vector<Json> taken;
    for (const JsonView output : resource["output"].items()) {
        TRY_ASSIGN(const bool is_taken, parts.take_output(output));
        if (is_taken) taken.push_back(resource.json().share(output));
    }
    followed.task = resource.json().with("output", Json::array(std::move(taken)));
    if (const auto why = ownership.refusal_of_contained()) {
        followed.task = followed.task.without("contained");
        followed.problems.push_back(*why);
    }
    followed.resources = std::move(parts.resources);
    followed.is_preliminary = parts.is_preliminary;
    std::ranges::copy(parts.problems, std::back_inserter(followed.problems));
    return followed;
}

}  // namespace consultd
