#include "adapter/stages/pull/find_patient.h"

#include <algorithm>
#include <set>

#include "adapter/stages/patient_answer.h"
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
    const Result<fhir::SearchResult> result = search.run(call);
    // Of the address, and not of the patient.
    if (!result && result.error().kind() == ErrorKind::NotFound)
        return Error(ErrorKind::Unsupported, "the source has no search for patients by POST");
    if (!result) return result.error();
    const PatientAnswer answer = patient_answer(*result, query);
    std::set<std::string> ids;
    for (const fhir::Resource& found : answer.patients)
        if (has_identifier(found.json(), system, value)) ids.emplace(found.id());
    if (ids.size() < 2 && !answer.is_whole)
        return Error(ErrorKind::Conflict,
                     "the source does not show all the patients that have this identifier");
    if (ids.empty())
        return Error(ErrorKind::NotFound, "the source has no patient with this identifier");
    if (ids.size() > 1)
        return Error(ErrorKind::Conflict, "several patients at the source have this identifier");
    return *ids.begin();
}

}  // namespace consultd
