#include "adapter/audit/act.h"

#include <array>

namespace consultd::audit {
namespace {

using fhir::Json;
using What = Act::What;

constexpr std::string_view dicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr std::string_view entity_type = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr std::string_view object_role = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr std::string_view application = "consultd";

// In the order of the enum. The type is DICOM's: https://dicom.nema.org/resources/ontology/DCM
struct Row {
    What what;
    std::string_view name;
    std::string_view type;    // 110112 Query, 110110 Patient Record, 110106 Export, 110107 Import,
                              // 110109 Order Record
    std::string_view action;  // https://hl7.org/fhir/R4/valueset-audit-event-action.html
};
constexpr std::array<Row, 12> table{{
    {What::Query, "patient-query", "110112", "E"},
    {What::Decision, "identity-decision", "110110", "U"},
    {What::ReadPacket, "packet-read", "110106", "R"},
    {What::ReadOpinion, "opinion-read", "110106", "R"},
    {What::Opinion, "opinion-received", "110107", "C"},
    {What::Withdrawal, "withdrawal", "110110", "U"},
    {What::Order, "order-create", "110109", "C"},
    {What::Cancel, "order-cancel", "110109", "U"},
    {What::Retry, "order-retry", "110109", "U"},
    {What::Choice, "patient-choice", "110109", "U"},
    {What::Approval, "patient-approval", "110109", "U"},
    {What::Deletion, "patient-deletion", "110110", "D"},
}};

const Row& row_of(What what) { return table[static_cast<std::size_t>(what)]; }

Json coding(std::string_view system, std::string_view code) {
    return Json::object({{"system", system}, {"code", code}});
}

Json concept_of(std::string_view system, std::string_view code) {
    return Json::object({{"coding", Json::array({coding(system, code)})}});
}

Json named(std::string_view display) { return Json::object({{"display", display}}); }

Json person(const Act& act) {
    if (act.who_system.empty()) return named(act.who);
    return Json::object(
        {{"identifier", Json::object({{"system", act.who_system}, {"value", act.who}})},
         {"display", act.who}});
}

Json agents(const Act& act) {
    std::vector<Json> agents;
    if (!act.who.empty())
        agents.push_back(Json::object(
            {{"type", concept_of("http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                                 row_of(act.what).action == "R" ? "IRCP" : "AUT")},
             {"who", person(act)},
             {"requestor", Json(true)}}));
    agents.push_back(Json::object({{"type", concept_of(dicom, "110150")},  // Application
                                   {"who", named(application)},
                                   {"requestor", Json(act.who.empty())}}));
    if (!act.destination_base_url.empty())
        agents.push_back(Json::object(
            {{"type", concept_of(dicom, "110152")},  // Destination Role ID
             {"who", named(act.destination_name.empty() ? act.destination_base_url
                                                        : act.destination_name)},
             {"requestor", Json(false)},
             {"network", Json::object({{"address", act.destination_base_url}, {"type", "5"}})}}));
    return Json::array(std::move(agents));
}

Json identified(std::string_view type, std::string_view system, std::string_view value) {
    return Json::object(
        {{"type", type}, {"identifier", Json::object({{"system", system}, {"value", value}})}});
}

Json entities(const Act& act) {
    std::vector<Json> details;
    for (const auto& [type, value] : act.details)
        details.push_back(Json::object({{"type", type}, {"valueString", value}}));
    std::vector<Json> entities{
        Json::object({{"what", identified("Task", "urn:consultd:transfer", act.transfer_id)},
                      {"detail", details.empty() ? Json() : Json::array(std::move(details))}})};
    if (!act.patient_pseudonym.empty())
        entities.push_back(
            Json::object({{"what", identified("Patient", "urn:consultd:patient-pseudonym",
                                              act.patient_pseudonym)},
                          {"type", coding(entity_type, "1")},
                          {"role", coding(object_role, "1")}}));
    return Json::array(std::move(entities));
}

}  // namespace

std::string_view name_of(What what) { return row_of(what).name; }

Json act_event(const Act& act, const std::string& id) {
    const Row& row = row_of(act.what);
    return Json::object({{"resourceType", "AuditEvent"},
                         {"id", id},
                         {"type", coding(dicom, row.type)},
                         {"subtype", Json::array({coding("urn:consultd:audit", row.name)})},
                         {"action", row.action},
                         {"recorded", format_instant(act.recorded)},
                         {"outcome", "0"},
                         {"outcomeDesc", act.outcome.empty() ? Json() : Json(act.outcome)},
                         {"agent", agents(act)},
                         {"source", Json::object({{"observer", named(application)}})},
                         {"entity", entities(act)}});
}

}  // namespace consultd::audit
