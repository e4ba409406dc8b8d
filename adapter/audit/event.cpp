#include "adapter/audit/event.h"

// An event of a disclosure goes into the receipt as it stands: of the optional members it has those
// that say something, and no display texts for codes, so that the receipt stays small.
namespace consultd::audit {
namespace {

using fhir::Json;

constexpr std::string_view dicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr std::string_view entity_type = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr std::string_view object_role = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr std::string_view act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
constexpr std::string_view own_codes = "urn:consultd:audit";
constexpr std::string_view application = "consultd";
constexpr std::string_view disclosure_profile =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source";

// FHIR has no empty strings: such a member is left out.
Json text(std::string_view value) { return value.empty() ? Json() : Json(value); }

Json coding(std::string_view system, std::string_view code) {
    return Json::object({{"system", system}, {"code", code}});
}

Json concept_of(std::string_view system, std::string_view code) {
    return Json::object({{"coding", Json::array({coding(system, code)})}});
}

Json identifier(std::string_view system, std::string_view value) {
    if (value.empty()) return {};
    return Json::object({{"system", text(system)}, {"value", value}});
}

Json detail(std::string_view type, std::string_view value) {
    return Json::object({{"type", type}, {"valueString", value}});
}

Json detail(std::string_view type, std::uint64_t value) {
    return detail(type, std::to_string(value));
}

// Observer and source agent are one Reference, as BALP's val-audit-source compares them.
Json institution(std::string_view name, std::string_view base_url) {
    return Json::object({{"display", name.empty() ? base_url : name}});
}

Json network(std::string_view url) {
    return Json::object({{"address", text(url)}, {"type", "5"}});  // network-type 5: URI
}

Json observed_by(const Json& observer) { return Json::object({{"observer", observer}}); }

Json agents(const Disclosure& disclosure) {
    const Json recipient = Json::object(
        {{"identifier", identifier(disclosure.destination_system, disclosure.destination_value)},
         {"display", disclosure.destination_name.empty() ? disclosure.destination_base_url
                                                         : disclosure.destination_name}});
    return Json::array(
        {Json::object({{"type", concept_of(dicom, "110153")},  // Source Role ID
                       {"who", institution(disclosure.source_name, disclosure.source_base_url)},
                       {"requestor", Json(true)},
                       {"network", network(disclosure.source_base_url)}}),
         Json::object({{"type", concept_of(dicom, "110152")},  // Destination Role ID
                       {"who", recipient},
                       {"requestor", Json(false)},
                       {"network", network(disclosure.destination_base_url)}})});
}

Json patient_entity(const Disclosure& disclosure) {
    return Json::object(
        {{"what", Json::object({{"type", "Patient"},
                                {"identifier", identifier("urn:consultd:patient-pseudonym",
                                                          disclosure.patient_pseudonym)}})},
         {"type", coding(entity_type, "1")},    // Person
         {"role", coding(object_role, "1")}});  // Patient
}

// What was sent: "Condition=4 Observation=96", so that a receipt stays small.
std::string counts_text(const std::map<std::string, std::uint64_t>& counts) {
    std::string words;
    for (const auto& [type, count] : counts)
        words += (words.empty() ? "" : " ") + type + "=" + std::to_string(count);
    return words;
}

Json packet_entity(const Disclosure& disclosure) {
    std::vector<Json> details;
    if (!disclosure.bundle_hash.empty())
        details.push_back(detail("sha-256", disclosure.bundle_hash));
    if (!disclosure.consent_hash.empty())
        details.push_back(detail("consent-sha-256", disclosure.consent_hash));
    if (!disclosure.knowledge_hash.empty())
        details.push_back(detail("knowledge-sha-256", disclosure.knowledge_hash));
    if (!disclosure.resource_counts.empty())
        details.push_back(detail("resources", counts_text(disclosure.resource_counts)));
    details.push_back(detail("withheld", disclosure.withheld));
    details.push_back(detail("rejected", disclosure.rejected));
    if (!disclosure.part2_notice.empty()) {
        details.push_back(detail("notice", disclosure.part2_notice));
        details.push_back(detail("notice-covers", disclosure.under_part2));
    }
    const Json labels =
        disclosure.part2_notice.empty()
            ? Json()
            : Json::array({coding(act_code, "42CFRPart2"), coding(act_code, "NORDSCLCD")});
    return Json::object(
        {{"what", Json::object({{"identifier",
                                 identifier("urn:ietf:rfc:3986", disclosure.bundle_identifier)}})},
         {"type", coding(entity_type, "2")},  // System Object
         {"securityLabel", labels},
         {"detail", Json::array(std::move(details))}});
}

Json transfer_entity(std::string_view transfer_id, std::vector<Json> details) {
    return Json::object(
        {{"what", Json::object({{"type", "Task"},
                                {"identifier", identifier("urn:consultd:transfer", transfer_id)}})},
         {"detail", details.empty() ? Json() : Json::array(std::move(details))}});
}

// The members in R4's order; `outcome` empty: not known yet.
Json disclosure_event(const Disclosure& disclosure, std::string_view subtype,
                      std::string_view profile, std::string_view outcome,
                      std::string_view outcome_word, std::vector<Json> transfer_details) {
    const Json meta =
        profile.empty() ? Json() : Json::object({{"profile", Json::array({Json(profile)})}});
    return Json::object(
        {{"resourceType", "AuditEvent"},
         {"id", text(disclosure.id)},
         {"meta", meta},
         {"type", coding(dicom, "110106")},  // Export
         {"subtype",
          Json::array(
              {coding("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose"),
               coding(own_codes, subtype)})},
         {"action", "R"},
         {"recorded", format_instant(disclosure.recorded)},
         {"outcome", text(outcome)},
         {"outcomeDesc", text(outcome_word)},
         {"purposeOfEvent",
          Json::array({concept_of("http://terminology.hl7.org/CodeSystem/v3-ActReason",
                                  disclosure.purpose)})},
         {"agent", agents(disclosure)},
         {"source", observed_by(institution(disclosure.source_name, disclosure.source_base_url))},
         {"entity",
          Json::array({patient_entity(disclosure), packet_entity(disclosure),
                       transfer_entity(disclosure.transfer_id, std::move(transfer_details))})}});
}

std::string_view word_of(DisclosureOutcome outcome) {
    switch (outcome) {
        case DisclosureOutcome::Sent:
            return "sent";
        case DisclosureOutcome::NotSent:
            return "not-sent";
        case DisclosureOutcome::Refused:
            return "refused";
        case DisclosureOutcome::NothingThere:
            return "nothing-there";
        case DisclosureOutcome::InPart:
            return "in-part";
        case DisclosureOutcome::InAnotherChart:
            return "in-another-chart";
    }
    return "";
}

Json own_agent() {
    return Json::object({{"type", concept_of(dicom, "110150")},  // Application
                         {"who", Json::object({{"display", application}})},
                         {"requestor", Json(false)}});
}

}  // namespace

// An intent claims no profile: BALP's disclosure asks for an outcome, and there is none yet.
Json disclosure_intent(const Disclosure& disclosure) {
    std::vector<Json> details;
    if (!disclosure.consent_mark.empty())
        details.push_back(detail("consent-mark", disclosure.consent_mark));
    for (const std::string& key : disclosure.order_keys) details.push_back(detail("order", key));
    if (!disclosure.held_back_hash.empty())
        details.push_back(detail("held-back-sha-256", disclosure.held_back_hash));
    if (!disclosure.releases.empty()) details.push_back(detail("releases", disclosure.releases));
    return disclosure_event(disclosure, "disclosure-intent", "", "", "", std::move(details));
}

// Only a disclosure that took place claims to be one.
Json disclosure_outcome(const Disclosure& disclosure, const std::string& intent_id,
                        std::uint64_t intent_index, DisclosureOutcome outcome,
                        const std::string& destination_task, const Details& evidence) {
    std::vector<Json> details{detail("intent", intent_id), detail("intent-index", intent_index)};
    if (!destination_task.empty()) details.push_back(detail("destination-task", destination_task));
    for (const auto& [what, value] : evidence) details.push_back(detail(what, value));
    const bool sent = outcome == DisclosureOutcome::Sent;
    // The intent says by which knowledge, and so does the document: a receipt stays small.
    Disclosure said = disclosure;
    said.knowledge_hash.clear();
    return disclosure_event(said, "disclosure-outcome", sent ? disclosure_profile : "",
                            sent ? "0" : "8", word_of(outcome), std::move(details));
}

Json application_activity(const std::string& id, Activity activity, Instant recorded) {
    return Json::object(
        {{"resourceType", "AuditEvent"},
         {"id", text(id)},
         {"type", coding(dicom, "110100")},  // Application Activity
         {"subtype",
          Json::array({coding(dicom, activity == Activity::Start ? "110120" : "110121")})},
         {"action", "E"},
         {"recorded", format_instant(recorded)},
         {"outcome", "0"},
         {"agent", Json::array({own_agent()})},
         {"source", observed_by(Json::object({{"display", application}}))}});
}

namespace {

Json alert(const std::string& id, std::string_view what, std::string_view role,
           const std::string& institution, Json transfer, Instant recorded) {
    return Json::object(
        {{"resourceType", "AuditEvent"},
         {"id", text(id)},
         {"type", coding(dicom, "110113")},  // Security Alert
         {"subtype", Json::array({coding(own_codes, what)})},
         {"action", "E"},
         {"recorded", format_instant(recorded)},
         {"outcome", "8"},
         {"agent", Json::array({Json::object({{"type", concept_of(dicom, role)},
                                              {"who", Json::object({{"display", institution}})},
                                              {"requestor", Json(false)},
                                              {"network", network(institution)}}),
                                own_agent()})},
         {"source", observed_by(Json::object({{"display", application}}))},
         {"entity", Json::array({std::move(transfer)})}});
}

}  // namespace

Json foreign_patient_alert(const std::string& id, const std::string& transfer_id,
                           const std::string& source_base_url, std::uint64_t count,
                           Instant recorded) {
    return alert(id, "foreign-patient", "110153", source_base_url,  // Source Role ID
                 transfer_entity(transfer_id, {detail("rejected-resources", count)}), recorded);
}

Json another_chart_alert(const std::string& id, const std::string& transfer_id,
                         const std::string& destination_base_url, const Details& places,
                         Instant recorded) {
    std::vector<Json> details;
    for (const auto& [what, value] : places) details.push_back(detail(what, value));
    return alert(id, "another-chart", "110152", destination_base_url,  // Destination Role ID
                 transfer_entity(transfer_id, std::move(details)), recorded);
}

}  // namespace consultd::audit
