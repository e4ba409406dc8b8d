#include "adapter/stages/pull/granted.h"

#include <algorithm>

#include "fhir/client/granted_scope.h"
#include "fhir/r4/facts.h"

namespace consultd {
namespace {

using fhir::Json;

// Never sent: the name by which the grants are kept beside the answers that came under them.
fhir::HttpRequest grants_of(const fhir::FhirClient& client) {
    fhir::HttpRequest request;
    request.method = "GRANTS";
    request.url = client.base();
    return request;
}

Result<std::set<std::string>> kept_grants(fhir::FhirClient& client) {
    std::set<std::string> scopes;
    if (client.kept() == nullptr) return scopes;
    TRY_ASSIGN(const auto kept, client.kept()->find(grants_of(client)));
    if (!kept) return scopes;
    TRY_ASSIGN(const Json json, Json::parse(kept->body));
    for (const fhir::JsonView scope : json.items()) scopes.emplace(scope.string());
    return scopes;
}

Status keep_grants(fhir::FhirClient& client, const std::set<std::string>& scopes) {
    if (client.kept() == nullptr) return {};
    std::vector<Json> list(scopes.begin(), scopes.end());
    // If we die before this: the next run is told what is granted then.
    return client.kept()->keep(grants_of(client), {200, {}, Json::array(std::move(list)).print()});
}

// What is of nobody in particular is read where something refers to it, and not searched for.
bool is_searched_for(const TypeProof& proof) {
    if (proof.type == "Patient" || proof.how.view() == "reference") return false;
    const fhir::r4::Facts* const facts = fhir::r4::find_facts(proof.type);
    return facts == nullptr || (facts->sharing != fhir::r4::Sharing::Shared &&
                                facts->sharing != fhir::r4::Sharing::None);
}

}  // namespace

Status Granted::note(fhir::FhirClient& client, const fhir::Call& call) {
    if (!is_read_back_) {
        TRY_ASSIGN(scopes_, kept_grants(client));
        is_read_back_ = true;
    }
    const auto granted = client.granted_scope(call);
    // What is still to be asked for will say so by itself.
    if (!granted && !scopes_.empty()) return {};
    if (!granted) return granted.error();
    if (!*granted || !scopes_.insert(**granted).second) return {};
    return keep_grants(client, scopes_);
}

bool Granted::covers(std::string_view type) const {
    return std::ranges::all_of(scopes_, [&](const std::string& scope) {
        return fhir::may_search(scope, type, fhir::Level::Any);
    });
}

void Granted::mark(Record& record) const {
    for (TypeProof& proof : record.types) {
        if (proof.end != TypeEnd::Complete || !is_searched_for(proof) || covers(proof.type))
            continue;
        proof.end = TypeEnd::Refused;
        record.gaps.push_back({proof.type, "not-granted"});
    }
}

}  // namespace consultd
