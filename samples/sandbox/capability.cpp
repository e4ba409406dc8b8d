// What the sandbox says of itself: only what it does.
// https://hl7.org/fhir/R4/capabilitystatement.html and
// https://hl7.org/fhir/smart-app-launch/conformance.html
#include <set>

#include "samples/sandbox/sandbox.h"
#include "samples/sandbox/search_parameters.h"

namespace consultd::sandbox {

using fhir::Json;

namespace {

Json code_list(std::initializer_list<std::string_view> codes) {
    std::vector<Json> items;
    for (const std::string_view code : codes) items.push_back(Json::object({{"code", code}}));
    return Json::array(std::move(items));
}

std::string_view kind_name(SearchKind kind) {
    switch (kind) {
        case SearchKind::Token:
            return "token";
        case SearchKind::Reference:
            return "reference";
        case SearchKind::Date:
            return "date";
        case SearchKind::String:
            return "string";
        case SearchKind::Uri:
            return "uri";
    }
    return "special";
}

Json resource_of(const std::string& type, const SandboxOptions& options) {
    std::vector<Json> parameters, includes;
    for (const SearchParameter& row : search_parameters()) {
        if (row.type != "*" && row.type != type) continue;
        parameters.push_back(Json::object({{"name", row.name}, {"type", kind_name(row.kind)}}));
        if (row.kind == SearchKind::Reference)
            includes.emplace_back(type + ":" + std::string(row.name));
    }
    const bool writes = options.writable;
    Json resource = Json::object(
        {{"type", type},
         {"interaction", writes ? code_list({"read", "search-type", "create", "update", "delete"})
                                : code_list({"read", "search-type"})},
         {"versioning", "versioned"},
         {"updateCreate", Json(options.write.update_create)},
         {"conditionalCreate", Json(writes && options.habits.declares_conditions)},
         {"searchInclude", includes.empty() ? Json() : Json::array(std::move(includes))},
         {"searchRevInclude", Json::array({"Provenance:target"})},
         {"searchParam", Json::array(std::move(parameters))}});
    if (type == "Patient" && options.everything)
        resource = resource.with(
            "operation",
            Json::array({Json::object(
                {{"name", "everything"},
                 {"definition", "http://hl7.org/fhir/OperationDefinition/Patient-everything"}})}));
    if (type == "Patient" && options.habits.bulk.offered)
        resource = resource.with(
            "operation",
            Json::array({Json::object(
                {{"name", "export"},
                 {"definition",
                  "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export"}})}));
    return resource;
}

}  // namespace

Json Sandbox::capability_statement() const {
    std::set<std::string> types{"Binary", "Bundle"};
    for (const SearchParameter& row : search_parameters())
        if (row.type != "*") types.emplace(row.type);
    for (const auto& [type, by_id] : store_.all()) types.insert(type);
    std::vector<Json> resources;
    for (const std::string& type : types) resources.push_back(resource_of(type, options_));
    const Json service = Json::object(
        {{"coding",
          Json::array({Json::object(
              {{"system", "http://terminology.hl7.org/CodeSystem/restful-security-service"},
               {"code", "SMART-on-FHIR"}})})}});
    const Json rest = Json::object(
        {{"mode", "server"},
         {"security",
          options_.needs_token ? Json::object({{"service", Json::array({service})}}) : Json()},
         {"resource", Json::array(std::move(resources))},
         {"interaction", options_.writable && options_.habits.transactions
                             ? code_list({"transaction", "batch"})
                             : Json()}});
    return Json::object(
        {{"resourceType", "CapabilityStatement"},
         {"status", "active"},
         {"date", format_date_time(clock_.now())},
         {"kind", "instance"},
         {"software", Json::object({{"name", "consultd-sandbox"}})},
         {"implementation",
          Json::object({{"description", "A sandbox without real patients"}, {"url", base_}})},
         {"fhirVersion", "4.0.1"},
         {"format", Json::array({"json"})},
         {"rest", Json::array({rest})}});
}

Json Sandbox::smart_configuration() const {
    const Json backend = Json::object(
        {{"token_endpoint", origin_ + "/token"},
         {"grant_types_supported", Json::array({"client_credentials"})},
         {"token_endpoint_auth_methods_supported", Json::array({"private_key_jwt"})},
         {"token_endpoint_auth_signing_alg_values_supported", Json::array({"RS384", "ES384"})},
         {"scopes_supported", options_.writable ? Json::array({"system/*.rs", "system/*.cruds"})
                                                : Json::array({"system/*.rs"})},
         {"code_challenge_methods_supported", Json::array({"S256"})},
         {"capabilities",
          Json::array({"client-confidential-asymmetric", "permission-v1", "permission-v2"})}});
    if (!sign_in_.has_clients()) return backend;
    const Json methods = Json::array({"private_key_jwt", "client_secret_basic", "none"});
    const Json known = sign_in_.lets_register()
                           ? backend.with("registration_endpoint", Json(origin_ + "/register"))
                                 .with("token_endpoint_auth_methods_supported", methods)
                           : backend;
    return known.with("issuer", Json(origin_))
        .with("authorization_endpoint", Json(origin_ + "/authorize"))
        .with("revocation_endpoint", Json(origin_ + "/revoke"))
        .with("jwks_uri", Json(origin_ + "/jwks"))
        .with("authorization_response_iss_parameter_supported", Json(true))
        .with("grant_types_supported",
              Json::array({"client_credentials", "authorization_code", "refresh_token"}))
        .with("capabilities",
              Json::array({"launch-standalone", "authorize-post", "client-public",
                           "client-confidential-symmetric", "client-confidential-asymmetric",
                           "context-standalone-patient", "sso-openid-connect", "permission-offline",
                           "permission-patient", "permission-v1", "permission-v2"}));
}

}  // namespace consultd::sandbox
