#include "adapter/stages/deliver/ask.h"

#include <set>

#include "fhir/client/search.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr fhir::SearchLimits limits{.pages_max = 5, .resources_max = 200};

bool is_named(JsonView named, std::string_view value, const NameThere& name) {
    return named["system"].string() == name.system && named[value].string() == name.value;
}

Result<fhir::SearchResult> search_there(fhir::FhirClient& client, const std::string& type,
                                        const std::string& query, const fhir::Call& call) {
    const fhir::Url url = client.base().below(type);
    const Result<fhir::SearchResult> by_get =
        fhir::Search(client, url.with_query(query), limits).run(call);
    if (by_get || !is_unaskable(by_get.error())) return by_get;
    return fhir::Search::by_post(client, url.below("_search"), query, limits).run(call);
}

}  // namespace

bool carries(const NameThere& name, JsonView resource) {
    if (name.by == "identifier") {
        for (const JsonView item : resource["identifier"].items())
            if (is_named(item, "value", name)) return true;
        return is_named(resource["identifier"], "value", name);
    }
    for (const JsonView tag : resource.at("meta", "tag").items())
        if (is_named(tag, "code", name)) return true;
    return false;
}

Result<std::vector<fhir::Json>> find_there(fhir::FhirClient& client, const std::string& type,
                                           const NameThere& name, const fhir::Call& call) {
    fhir::Query query;
    query.add_token(name.by, name.system, name.value);
    TRY_ASSIGN(const fhir::SearchResult result, search_there(client, type, query.text(), call));
    std::vector<fhir::Json> found;
    std::set<std::string, std::less<>> ids;
    for (const fhir::BundleEntry& match : result.matches) {
        const std::string_view id = match.resource["id"].string();
        if (match.resource["resourceType"].string() == type && !id.empty() &&
            carries(name, match.resource) && ids.emplace(id).second)
            found.push_back(match.resource);
    }
    return found;
}

bool is_unaskable(const Error& error) {
    return error.kind() == ErrorKind::Forbidden || error.kind() == ErrorKind::Unsupported ||
           error.kind() == ErrorKind::NotFound;
}

}  // namespace consultd
