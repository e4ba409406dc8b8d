#include "adapter/portal/proxy.h"

#include <algorithm>

#include "adapter/portal/person.h"
#include "fhir/resource.h"

namespace consultd::portal {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::string_view related = "RelatedPerson/";
constexpr std::size_t answer_bytes_max = std::size_t{1} << 20;

// One token, to its origin alone; a new one is not to be had here.
class SignInToken final : public fhir::Credentials {
public:
    SignInToken(const Secret& token, const fhir::Url& base) : token_(token), base_(base) {}
    Result<std::optional<std::string>> authorization(const fhir::Url& url, Deadline,
                                                     std::stop_token) override {
        using Answer = std::optional<std::string>;
        if (!url.same_origin(base_)) return Answer();
        if (is_refused_) return Error(ErrorKind::Unauthorized, "the sign-in is over");
        return Answer("Bearer " + std::string(token_.reveal()));
    }
    void refused(std::string_view) override { is_refused_ = true; }

private:
    const Secret& token_;
    const fhir::Url& base_;
    bool is_refused_ = false;
};

Result<Json> read(const std::string& name, const fhir::PatientTokens& tokens, Peer& source,
                  const fhir::Call& call) {
    TRY_ASSIGN(fhir::FhirClient* const client, source.client());
    SignInToken token(tokens.access, source.base());
    fhir::Call bounded = call;
    bounded.bytes_max = answer_bytes_max;
    bounded.is_fresh = true;
    TRY_ASSIGN(fhir::FhirResponse answer,
               client->as(token).get(source.base().below(name), bounded));
    if (answer.body["resourceType"].string() != name.substr(0, name.find('/')))
        return Error(ErrorKind::Malformed, "the answer is of another type");
    return std::move(answer.body);
}

// "Type/id", which is somebody at the source itself.
bool is_local(std::string_view user) {
    const std::size_t slash = user.find('/');
    return slash != std::string_view::npos && fhir::is_resource_type(user.substr(0, slash)) &&
           fhir::is_id(user.substr(slash + 1));
}

}  // namespace

std::optional<std::string> proxy_user(std::string_view fhir_user, std::string_view patient_id,
                                      const fhir::Url& base) {
    std::string_view user = fhir_user.substr(0, fhir_user.find("/_history/"));
    if (user.empty()) return std::nullopt;
    // A server may call itself by another name than we do: its own id says who it is.
    const std::string self = "Patient/" + std::string(patient_id);
    if (user == self || user.ends_with("/" + self)) return std::nullopt;
    const std::string here = base.below("").text();
    if (user.starts_with(here)) user.remove_prefix(here.size());
    return std::string(user);
}

Proxy read_proxy(std::string user, const fhir::PatientTokens& tokens, Peer& source,
                 const fhir::Call& call) {
    Proxy proxy{.user = std::move(user)};
    const std::string patient = "Patient/" + tokens.patient;
    if (const auto found = read(patient, tokens, source, call))
        proxy.patient_name = name_of_person(*found);
    if (!is_local(proxy.user)) return proxy;
    const auto found = read(proxy.user, tokens, source, call);
    if (!found) return proxy;
    proxy.name = name_of_person(*found);
    const std::string_view of = found->at("patient", "reference").string();
    if (proxy.user.starts_with(related) && (of == patient || of.ends_with("/" + patient)))
        proxy.relationship = found->get("relationship");
    return proxy;
}

Status still_opens(const fhir::PatientTokens& tokens, Peer& source, const fhir::Call& call) {
    TRY_ASSIGN(const Json patient, read("Patient/" + tokens.patient, tokens, source, call));
    return patient["id"].string() == tokens.patient
               ? Status()
               : Error(ErrorKind::Forbidden, "it is another patient's");
}

Json agreed_for(const Json& consent, const Proxy& proxy, const fhir::Url& base) {
    const std::string address = is_local(proxy.user) ? base.below(proxy.user).text() : proxy.user;
    // Another patient's own name there is nobody else's business.
    const bool is_patient = proxy.user.find("Patient/") != std::string::npos;
    const Json identifier =
        is_patient ? Json() : Json::object({{"system", "urn:ietf:rfc:3986"}, {"value", address}});
    const Json display = proxy.name.empty() ? Json() : Json(proxy.name);
    if (proxy.user.find("Practitioner") != std::string::npos)
        return consent.with(
            "performer",
            Json::array({Json::object({{"type", proxy.user.substr(0, proxy.user.find('/'))},
                                       {"identifier", identifier},
                                       {"display", display}})}));
    const Json person = Json::object(
        {{"resourceType", "RelatedPerson"},
         {"id", "who-agreed"},
         {"identifier", identifier.is_null() ? Json() : Json::array({identifier})},
         {"patient", consent.get("patient")},
         {"relationship", proxy.relationship},
         {"name",
          proxy.name.empty() ? Json() : Json::array({Json::object({{"text", proxy.name}})})}});
    return consent.with("contained", Json::array({person}))
        .with(
            "performer",
            Json::array({Json::object(
                {{"reference", "#who-agreed"}, {"type", "RelatedPerson"}, {"display", display}})}));
}

std::string relationship_code(const Proxy& proxy) {
    for (const JsonView one : proxy.relationship.items())
        for (const JsonView coding : one["coding"].items()) {
            const std::string_view code = coding["code"].string();
            const bool is_word =
                !code.empty() && code.size() <= 12 &&
                std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
            if (is_word &&
                coding["system"].string() == "http://terminology.hl7.org/CodeSystem/v3-RoleCode")
                return std::string(code);
        }
    return {};
}

}  // namespace consultd::portal
