#include "adapter/stages/deliver/order_resources.h"

#include "adapter/stages/deliver/entries.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

using fhir::Json;

// https://loinc.org/60591-5: what an IPS is. https://hl7.org/fhir/uv/ips/
const char* const loinc = "http://loinc.org";
Json summary_type() { return make_concept(loinc, "60591-5", "Patient summary Document"); }

// An organization by what is known of it; null when nothing is.
Json organization(std::string_view name, std::string_view system = "",
                  std::string_view value = "") {
    if (name.empty() && value.empty()) return {};
    return Json::object({{"type", "Organization"},
                         {"identifier", value.empty() ? Json() : make_identifier(system, value)},
                         {"display", name.empty() ? Json() : Json(name)}});
}

Json destination_of(const Request& request) {
    return organization(request.destination_name, request.destination_system,
                        request.destination_value);
}

Json references(const std::vector<std::string>& names) {
    std::vector<Json> items;
    for (const std::string& name : names) items.push_back(make_reference(name));
    return Json::array(std::move(items));
}

Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }
Json list_or_null(std::vector<Json> items) {
    return items.empty() ? Json() : Json::array(std::move(items));
}

}  // namespace

Json make_binary(std::string_view content_type, std::string_view bytes) {
    return Json::object({{"resourceType", "Binary"},
                         {"contentType", content_type},
                         {"data", crypto::base64(bytes)}});
}

// https://hl7.org/fhir/R4/documentreference.html; hash and size as MHD asks of a Binary: of the raw
// bytes. As confidential as what it holds, for whoever asks the resource and for whoever reads its
// metadata (http://hl7.org/fhir/uv/security-label-ds4p/).
Json make_document_reference(const DocumentFacts& facts, const Request& request) {
    const Json attachment =
        Json::object({{"contentType", facts.content_type},
                      {"url", facts.binary},
                      {"size", Json(static_cast<std::int64_t>(facts.bytes.size()))},
                      {"hash", crypto::base64(crypto::sha1(facts.bytes))},
                      {"title", facts.title},
                      {"creation", format_date_time(request.as_of)}});
    std::vector<Json> concepts;
    for (const fhir::JsonView label : facts.labels.items())
        concepts.push_back(Json::object({{"coding", Json::array({facts.labels.share(label)})}}));
    const bool is_labelled = !concepts.empty();
    return Json::object(
        {{"resourceType", "DocumentReference"},
         {"meta", is_labelled ? Json::object({{"security", facts.labels}}) : Json()},
         {"status", "current"},
         {"docStatus", "final"},
         {"type", summary_type()},
         {"subject", make_reference(facts.patient)},
         {"date", format_instant(request.as_of)},
         {"custodian", organization(request.source_name)},
         {"securityLabel", is_labelled ? Json::array(std::move(concepts)) : Json()},
         {"content", Json::array({Json::object({{"attachment", attachment}})})}});
}

// https://hl7.org/fhir/R4/servicerequest.html; 77406008: confirmatory medical consultation; v2-0336
// "S": second opinion (http://terminology.hl7.org/CodeSystem/v2-0336).
Json make_service_request(const Request& request, const std::string& patient,
                          const std::vector<std::string>& documents, const std::string& consent) {
    Json reason =
        make_concept("http://terminology.hl7.org/CodeSystem/v2-0336", "S", "Second Opinion");
    if (!request.question.empty()) reason = reason.with("text", request.question);
    const Json placer =
        Json::object({{"type", make_concept("http://terminology.hl7.org/CodeSystem/v2-0203", "PLAC",
                                            "Placer Identifier")},
                      {"system", transfer_system},
                      {"value", request.transfer_id}});
    const Json performer = destination_of(request);
    std::vector<std::string> supporting = documents;
    if (!consent.empty()) supporting.push_back(consent);
    return Json::object(
        {{"resourceType", "ServiceRequest"},
         {"identifier", Json::array({placer})},
         {"status", "active"},
         {"intent", "order"},
         {"code",
          make_concept("http://snomed.info/sct", "77406008", "Confirmatory medical consultation")},
         {"subject", make_reference(patient)},
         {"authoredOn", format_date_time(request.as_of)},
         {"requester", organization(request.source_name)},
         {"performerType",
          request.specialty.empty() ? Json() : Json::object({{"text", request.specialty}})},
         {"performer", performer.is_null() ? Json() : Json::array({performer})},
         {"reasonCode", Json::array({reason})},
         {"supportingInfo", references(supporting)}});
}

// https://hl7.org/fhir/R4/task.html. Its identifier is what a read-back asks for.
Json make_task(const Request& request, const std::string& patient,
               const std::string& service_request, const std::vector<std::string>& documents) {
    std::vector<Json> inputs;
    for (const std::string& document : documents)
        inputs.push_back(
            Json::object({{"type", summary_type()}, {"valueReference", make_reference(document)}}));
    return Json::object(
        {{"resourceType", "Task"},
         {"identifier", Json::array({make_identifier(transfer_system, request.transfer_id)})},
         {"status", "requested"},
         {"intent", "order"},
         {"code", make_concept("http://hl7.org/fhir/CodeSystem/task-code", "fulfill",
                               "Fulfill the focal request")},
         {"focus", make_reference(service_request)},
         {"for", make_reference(patient)},
         {"authoredOn", format_date_time(request.as_of)},
         {"lastModified", format_date_time(request.as_of)},
         {"requester", organization(request.source_name)},
         {"owner", destination_of(request)},
         {"input", Json::array(std::move(inputs))}});
}

Json make_release_task(const Request& request, const std::string& patient,
                       const SecondPacket& release, const std::vector<std::string>& documents) {
    const Json order =
        Json::object({{"reference", release.task.empty() ? Json() : Json(release.task)},
                      {"type", "Task"},
                      {"identifier", make_identifier(transfer_system, release.of)}});
    return make_task(request, patient, documents.front(), documents)
        .without("code")
        .with("status", "completed")
        .with("partOf", Json::array({order}))
        .with("description",
              "What the first team concluded and planned. It was sealed until the opinion that "
              "was asked for was filed.");
}

namespace {

// Of the patient themself, or of who agreed for them, as the Consent's copy has it.
// https://terminology.hl7.org/CodeSystem-v3-ParticipationFunction.html
Json agent_who_agreed(const Json& performer, const Json& patient) {
    const bool is_patient = performer["reference"].string() == patient["reference"].string();
    const char* const code = is_patient ? "SUBCON" : "PRCON";
    return Json::object(
        {{"type",
          make_concept(
              "http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction", code,
              is_patient ? "subject of consent author" : "personal representative consent author")},
         {"who", performer},
         {"onBehalfOf", is_patient ? Json() : patient}});
}

// What says who it is, of who agreed for the patient: nothing else of what a Consent may hold.
Json plain_proxy(const Json& person, const std::string& patient) {
    return Json::object({{"resourceType", "RelatedPerson"},
                         {"id", person.get("id")},
                         {"identifier", person.get("identifier")},
                         {"patient", make_reference(patient)},
                         {"relationship", person.get("relationship")},
                         {"name", person.get("name")}});
}

bool is_patient_of(fhir::JsonView performer, const Json& consent) {
    const std::string_view one = performer["reference"].string();
    const std::string_view whole = consent["patient"]["reference"].string();
    if (one.empty()) return false;
    const bool is_shorter = whole.size() > one.size() && whole.ends_with(one) &&
                            whole[whole.size() - one.size() - 1] == '/';
    return one == whole || is_shorter;
}

struct WhoAgreed {
    std::vector<Json> performers, contained;
};
WhoAgreed who_agreed(const Json& consent, const std::string& patient) {
    WhoAgreed found;
    for (const fhir::JsonView performer : consent["performer"].items()) {
        const std::string_view reference = performer["reference"].string();
        if (is_patient_of(performer, consent)) found.performers.push_back(make_reference(patient));
        if (reference.empty() && performer["identifier"].is_object())
            found.performers.push_back(consent.share(performer));
        if (!reference.starts_with('#')) continue;
        for (const fhir::JsonView one : consent["contained"].items()) {
            const bool is_named = one["id"].string() == reference.substr(1) &&
                                  one["resourceType"].string() == "RelatedPerson";
            if (!is_named) continue;
            found.contained.push_back(plain_proxy(consent.share(one), patient));
            found.performers.push_back(consent.share(performer));
        }
    }
    return found;
}

}  // namespace

// https://hl7.org/fhir/R4/provenance.html
Json make_provenance(const Request& request, const std::vector<std::string>& targets,
                     const Json& consent) {
    std::vector<Json> agents{Json::object(
        {{"type", make_concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                               "assembler", "Assembler")},
         {"who",
          Json::object({{"type", "Device"},
                        {"identifier", make_identifier(transfer_system, request.transfer_id)},
                        {"display", "consultd"}})},
         {"onBehalfOf", organization(request.source_name)}})};
    for (const fhir::JsonView performer : consent["performer"].items())
        agents.push_back(agent_who_agreed(consent.share(performer), consent.get("patient")));
    return Json::object(
        {{"resourceType", "Provenance"},
         {"contained", consent.get("contained")},
         {"target", references(targets)},
         {"recorded", format_instant(request.as_of)},
         {"activity", make_concept("http://terminology.hl7.org/CodeSystem/v3-DataOperation",
                                   "CREATE", "create")},
         {"agent", Json::array(std::move(agents))}});
}

Json make_consent_copy(const Json& consent, const Request& request, const std::string& patient) {
    const bool has_policy = consent["policyRule"].is_object() || consent["policy"].size() > 0;
    if (!consent["scope"].is_object() || consent["category"].size() == 0 || !has_policy ||
        text_or_null(consent["status"].string()).is_null())
        return {};
    Json provision;
    if (const fhir::JsonView root = consent["provision"]; root["type"].string() == "permit") {
        provision = Json::object({{"type", "permit"},
                                  {"period", consent.share(root["period"])},
                                  {"actor", consent.share(root["actor"])},
                                  {"purpose", consent.share(root["purpose"])}});
    }
    WhoAgreed agreed = who_agreed(consent, patient);
    const Json subsetted =
        Json::object({{"system", "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"},
                      {"code", "SUBSETTED"}});
    return Json::object(
        {{"resourceType", "Consent"},
         {"meta", Json::object({{"tag", Json::array({subsetted})}})},
         {"contained", list_or_null(std::move(agreed.contained))},
         {"identifier", Json::array({make_identifier(transfer_system, request.transfer_id)})},
         {"status", consent.get("status")},
         {"scope", consent.get("scope")},
         {"category", consent.get("category")},
         {"patient", make_reference(patient)},
         {"dateTime", consent.get("dateTime")},
         {"performer", list_or_null(std::move(agreed.performers))},
         {"policy", consent.get("policy")},
         {"policyRule", consent.get("policyRule")},
         {"provision", provision}});
}

}  // namespace consultd
