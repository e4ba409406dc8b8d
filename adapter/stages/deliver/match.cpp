#include <algorithm>
#include <set>

#include "adapter/stages/deliver/deliver.h"
#include "fhir/client/capability.h"
#include "fhir/client/search.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Identifier = std::pair<std::string, std::string>;

constexpr std::size_t identifiers_max = 20;
constexpr std::uint32_t match_pages_max = 3;
constexpr std::uint64_t match_resources_max = 100;

// With system and value, and in use.
std::vector<Identifier> identifiers_of(JsonView patient) {
    std::vector<Identifier> found;
    for (const JsonView identifier : patient["identifier"].items()) {
        const std::string_view use = identifier["use"].string();
        const std::string_view system = identifier["system"].string();
        const std::string_view value = identifier["value"].string();
        if (system.empty() || value.empty() || use == "old" || use == "temp") continue;
        found.emplace_back(system, value);
    }
    return found;
}

// Family names for comparing: ASCII letters in lower case, without blanks, hyphens and apostrophes.
std::set<std::string> family_names(JsonView patient) {
    std::set<std::string> names;
    for (const JsonView name : patient["name"].items()) {
        std::string folded;
        for (const char c : name["family"].string()) {
            if (c == ' ' || c == '-' || c == '\'') continue;
            folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        if (!folded.empty()) names.insert(std::move(folded));
    }
    return names;
}

bool demographics_agree(JsonView ours, JsonView theirs) {
    const std::string_view our_birth = ours["birthDate"].string();
    const std::string_view their_birth = theirs["birthDate"].string();
    // A partial date agrees with a full one that begins with it; an absent one with any.
    if (!our_birth.starts_with(their_birth) && !their_birth.starts_with(our_birth)) return false;
    const std::set<std::string> our_names = family_names(ours), their_names = family_names(theirs);
    if (our_names.empty() || their_names.empty()) return true;
    return std::any_of(our_names.begin(), our_names.end(),
                       [&](const std::string& name) { return their_names.contains(name); });
}

bool is_out_of_use(JsonView patient) {
    if (patient["active"].is_bool() && !patient["active"].is_true()) return true;
    for (const JsonView link : patient["link"].items())
        if (link["type"].string() == "replaced-by") return true;
    return false;
}

}  // namespace

Result<DestinationCapability> read_capability(fhir::FhirClient& client, const fhir::Call& call) {
    TRY_ASSIGN(const fhir::Capability capability, fhir::Capability::read(client, call));
    DestinationCapability there;
    // For every type that can be created at all; a server that names none promises nothing.
    bool any = false, all = true;
    for (const auto& [type, declared] : capability.types())
        if (capability.can_search(type, "_tag")) there.found_by_tag.insert(type);
    for (const auto& [type, declared] : capability.types()) {
        if (!declared.interactions.contains("create")) continue;
        any = true;
        all = all && declared.update_create;
    }
    there.update_create = any && all;
    return there;
}

Result<std::optional<std::string>> match_patient(fhir::FhirClient& client,
                                                 const fhir::Resource& patient,
                                                 const fhir::Call& call) {
    std::vector<Identifier> identifiers = identifiers_of(patient.json());
    if (identifiers.size() > identifiers_max) identifiers.resize(identifiers_max);
    std::map<std::string, fhir::Json> candidates;
    for (const Identifier& identifier : identifiers) {
        fhir::Query query;
        const auto escaped = [](const std::string& text) {
            std::string out;
            for (const char c : text) {
                if (c == '\\' || c == ',' || c == '|' || c == '$') out += '\\';
                out += c;
            }
            return out;
        };
        query.add("identifier", escaped(identifier.first) + "|" + escaped(identifier.second));
        fhir::Search search(client, client.base().below("Patient").with_query(query.text()),
                            {.pages_max = match_pages_max, .resources_max = match_resources_max});
        TRY_ASSIGN(const fhir::SearchResult result, search.run(call));
        for (const fhir::BundleEntry& entry : result.matches) {
            const Result<fhir::Resource> found = fhir::Resource::from(entry.resource);
            if (!found || found->type() != "Patient" || found->id().empty()) continue;
            // A server that does not know the parameter answers with everybody.
            const std::vector<Identifier> theirs = identifiers_of(found->json());
            if (std::find(theirs.begin(), theirs.end(), identifier) == theirs.end()) continue;
            candidates.emplace(found->key(), found->json());
        }
    }
    if (candidates.empty()) return std::optional<std::string>();
    if (candidates.size() > 1)
        return Error(ErrorKind::Conflict,
                     "the destination has several patients with our identifiers")
            .with("patients", static_cast<std::int64_t>(candidates.size()));
    const auto& [key, found] = *candidates.begin();
    if (is_out_of_use(found))
        return Error(ErrorKind::Conflict, "the destination's patient is no longer in use");
    if (!demographics_agree(patient.json(), found))
        return Error(ErrorKind::Conflict, "name or birth date of the destination's patient differ");
    return std::optional<std::string>(key);
}

}  // namespace consultd
