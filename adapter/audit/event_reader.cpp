#include "adapter/audit/event_reader.h"

#include <charconv>

namespace consultd::audit {
namespace {

using fhir::JsonView;

constexpr std::string_view packet_system = "urn:ietf:rfc:3986";
constexpr std::string_view transfer_system = "urn:consultd:transfer";

std::string_view detail_of(JsonView entity, std::string_view type) {
    for (const JsonView detail : entity["detail"].items())
        if (detail["type"].string() == type) return detail["valueString"].string();
    return {};
}

std::uint64_t number_in(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// "Condition=4 Observation=96".
std::map<std::string, std::uint64_t> counts_in(std::string_view words) {
    std::map<std::string, std::uint64_t> counts;
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(words.size(), word.size() + 1));
        const std::size_t equals = std::min(word.find('='), word.size());
        if (equals < word.size())
            counts[std::string(word.substr(0, equals))] = number_in(word.substr(equals + 1));
    }
    return counts;
}

}  // namespace

bool has_own_subtype(JsonView event, std::string_view code) {
    for (const JsonView subtype : event["subtype"].items())
        if (subtype["system"].string() == "urn:consultd:audit" && subtype["code"].string() == code)
            return true;
    return false;
}

JsonView entity_of(JsonView event, std::string_view system) {
    for (const JsonView entity : event["entity"].items())
        if (entity.at("what", "identifier", "system").string() == system) return entity;
    return {};
}

std::string_view transfer_of(JsonView event) {
    return entity_of(event, transfer_system).at("what", "identifier", "value").string();
}

std::string_view packet_hash_of(JsonView event) {
    return detail_of(entity_of(event, packet_system), "sha-256");
}

JsonView agent_of(JsonView event, std::string_view role) {
    for (const JsonView agent : event["agent"].items())
        for (const JsonView coding : agent.at("type", "coding").items())
            if (coding["system"].string() == "http://dicom.nema.org/resources/ontology/DCM" &&
                coding["code"].string() == role)
                return agent;
    return {};
}

JsonView requestor_of(JsonView event) {
    for (const JsonView agent : event["agent"].items())
        if (agent["requestor"].is_true() && agent.at("who", "identifier").is_object())
            return agent.at("who", "identifier");
    return {};
}

std::optional<Act::What> act_in(JsonView event) {
    for (int what = 0; what <= static_cast<int>(Act::What::Deletion); ++what)
        if (has_own_subtype(event, name_of(static_cast<Act::What>(what))))
            return static_cast<Act::What>(what);
    return std::nullopt;
}

std::optional<DisclosureOutcome> outcome_in(JsonView event) {
    if (!has_own_subtype(event, "disclosure-outcome")) return std::nullopt;
    const std::string_view word = event["outcomeDesc"].string();
    if (word == "sent") return DisclosureOutcome::Sent;
    if (word == "not-sent") return DisclosureOutcome::NotSent;
    if (word == "refused") return DisclosureOutcome::Refused;
    if (word == "nothing-there") return DisclosureOutcome::NothingThere;
    if (word == "in-part") return DisclosureOutcome::InPart;
    if (word == "in-another-chart") return DisclosureOutcome::InAnotherChart;
    return std::nullopt;
}

std::string_view destination_task_in(JsonView event) {
    return detail_of(entity_of(event, transfer_system), "destination-task");
}

Details evidence_in(JsonView event) {
    Details evidence;
    for (const JsonView detail : entity_of(event, transfer_system)["detail"].items()) {
        const std::string_view what = detail["type"].string();
        if (what != "intent" && what != "intent-index" && what != "destination-task")
            evidence.emplace_back(what, detail["valueString"].string());
    }
    return evidence;
}

Disclosure disclosure_in(JsonView event) {
    const JsonView source = agent_of(event, "110153");
    const JsonView destination = agent_of(event, "110152");
    const JsonView packet = entity_of(event, packet_system);
    Disclosure disclosure;
    disclosure.transfer_id = transfer_of(event);
    disclosure.patient_pseudonym = entity_of(event, "urn:consultd:patient-pseudonym")
                                       .at("what", "identifier", "value")
                                       .string();
    disclosure.source_name = source.at("who", "display").string();
    disclosure.source_base_url = source.at("network", "address").string();
    disclosure.destination_name = destination.at("who", "display").string();
    disclosure.destination_base_url = destination.at("network", "address").string();
    disclosure.destination_system = destination.at("who", "identifier", "system").string();
    disclosure.destination_value = destination.at("who", "identifier", "value").string();
    for (const JsonView purpose : event["purposeOfEvent"].items())
        for (const JsonView coding : purpose["coding"].items())
            disclosure.purpose = coding["code"].string();
    disclosure.consent_hash = detail_of(packet, "consent-sha-256");
    disclosure.knowledge_hash = detail_of(packet, "knowledge-sha-256");
    const JsonView transfer = entity_of(event, transfer_system);
    disclosure.consent_mark = detail_of(transfer, "consent-mark");
    for (const JsonView detail : transfer["detail"].items())
        if (detail["type"].string() == "order")
            disclosure.order_keys.emplace_back(detail["valueString"].string());
    disclosure.bundle_identifier = packet.at("what", "identifier", "value").string();
    disclosure.bundle_hash = packet_hash_of(event);
    disclosure.resource_counts = counts_in(detail_of(packet, "resources"));
    disclosure.part2_notice = detail_of(packet, "notice");
    disclosure.under_part2 = number_in(detail_of(packet, "notice-covers"));
    disclosure.withheld = number_in(detail_of(packet, "withheld"));
    disclosure.rejected = number_in(detail_of(packet, "rejected"));
    return disclosure;
}

}  // namespace consultd::audit
