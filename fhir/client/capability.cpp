#include "fhir/client/capability.h"

namespace consultd::fhir {
namespace {

using Names = std::set<std::string, std::less<>>;

// The `member` of each element of an array: name of searchParam, code of interaction.
Names names_in(JsonView array, std::string_view member) {
    Names names;
    for (const JsonView element : array.items())
        if (const auto name = element[member].string(); !name.empty()) names.emplace(name);
    return names;
}

Names strings_in(JsonView array) {
    Names names;
    for (const JsonView element : array.items())
        if (!element.string().empty()) names.emplace(element.string());
    return names;
}

// Servers write "everything" and "$everything".
Names operations_in(JsonView array) {
    Names names;
    for (std::string name : names_in(array, "name"))
        names.insert(name.front() == '$' ? name.substr(1) : name);
    return names;
}

ResourceCapability resource_from(JsonView element) {
    ResourceCapability resource;
    resource.interactions = names_in(element["interaction"], "code");
    resource.search_params = names_in(element["searchParam"], "name");
    resource.includes = strings_in(element["searchInclude"]);
    resource.revincludes = strings_in(element["searchRevInclude"]);
    resource.operations = operations_in(element["operation"]);
    resource.update_create = element["updateCreate"].is_true();
    resource.conditional_create = element["conditionalCreate"].is_true();
    resource.refuses_conditions =
        element["conditionalCreate"].is_bool() && !resource.conditional_create;
    return resource;
}

}  // namespace

Result<Capability> Capability::from(JsonView statement) {
    // DSTU2's name of the same thing: https://hl7.org/fhir/DSTU2/conformance.html
    if (statement["resourceType"].string() == "Conformance")
        return Error(ErrorKind::Unsupported, "server speaks an older FHIR than R4");
    if (statement["resourceType"].string() != "CapabilityStatement")
        return Error(ErrorKind::Malformed, "server's metadata is no CapabilityStatement");
    if (!statement["fhirVersion"].string().starts_with("4.0."))
        return Error(ErrorKind::Unsupported, "server speaks another FHIR version than 4.0");
    for (const JsonView rest : statement["rest"].items()) {
        if (rest["mode"].string() != "server") continue;
        Capability capability;
        capability.system_interactions_ = names_in(rest["interaction"], "code");
        capability.common_params_ = names_in(rest["searchParam"], "name");
        capability.system_operations_ = operations_in(rest["operation"]);
        for (const JsonView element : rest["resource"].items())
            if (const auto type = element["type"].string(); !type.empty())
                capability.types_.emplace(type, resource_from(element));
        return capability;
    }
    return Error(ErrorKind::Unsupported, "server's CapabilityStatement describes no server");
}

Result<Capability> Capability::read(FhirClient& client, const Call& call) {
    const auto response = client.get(client.base().below("metadata"), call);
    if (!response && response.error().kind() == ErrorKind::NotFound)
        return Error(ErrorKind::Unsupported, "no FHIR server at this base URL");
    if (!response) return response.error();
    return from(response->body);
}

const ResourceCapability* Capability::find(std::string_view type) const {
    const auto found = types_.find(type);
    return found == types_.end() ? nullptr : &found->second;
}

bool Capability::can(std::string_view type, std::string_view interaction) const {
    const ResourceCapability* resource = find(type);
    return resource != nullptr && resource->interactions.contains(interaction);
}

bool Capability::can_search(std::string_view type, std::string_view parameter) const {
    const ResourceCapability* resource = find(type);
    return resource != nullptr &&
           (resource->search_params.contains(parameter) || common_params_.contains(parameter));
}

bool Capability::has_operation(std::string_view type, std::string_view name) const {
    const ResourceCapability* resource = find(type);
    return resource != nullptr && resource->operations.contains(name);
}

bool Capability::has_system_operation(std::string_view name) const {
    return system_operations_.contains(name);
}

bool Capability::can_system(std::string_view interaction) const {
    return system_interactions_.contains(interaction);
}

}  // namespace consultd::fhir
