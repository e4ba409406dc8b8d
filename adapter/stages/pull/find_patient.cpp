#include "adapter/stages/pull/find_patient.h"

#include <algorithm>
#include <set>

#include "fhir/client/search.h"

namespace consultd {
namespace {

// A server that does not know the parameter answers with everybody.
bool has_identifier(fhir::JsonView patient, const std::string& system, const std::string& value) {
    const auto identifiers = patient["identifier"].items();
    return std::any_of(identifiers.begin(), identifiers.end(), [&](fhir::JsonView identifier) {
        return identifier["system"].string() == system && identifier["value"].string() == value;
    });
}

}  // namespace

Result<std::string> find_patient(fhir::FhirClient& client, const std::string& system,
                                 const std::string& value, const fhir::Call& call) {
    fhir::Query query;
    query.add_token("identifier", system, value);
    // By POST: no identifier of a patient stands in a URL.
    fhir::Search search =
        fhir::Search::by_post(client, client.base().below("Patient/_search"), query.text(),
                              {.pages_max = 3, .resources_max = 100});
    TRY_ASSIGN(const fhir::SearchResult result, search.run(call));
    std::set<std::string> ids;
    for (const fhir::BundleEntry& entry : result.matches) {
        const Result<fhir::Resource> found = fhir::Resource::from(entry.resource);
        if (found && found->type() == "Patient" && !found->id().empty() &&
            has_identifier(found->json(), system, value))
            ids.emplace(found->id());
    }
    if (ids.empty())
        return Error(ErrorKind::NotFound, "the source has no patient with this identifier");
    if (ids.size() > 1)
        return Error(ErrorKind::Conflict, "several patients at the source have this identifier");
    return *ids.begin();
}

}  // namespace consultd
