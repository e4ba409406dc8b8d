// consent new: a Consent for one patient and one destination, to be read, agreed to and kept.
#include <sysexits.h>

#include <algorithm>

#include "adapter/commands/commands.h"
#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"
#include "fhir/datetime.h"

namespace consultd::commands {
namespace {

using fhir::Json;

constexpr std::string_view act_codes = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

Json coding(std::string_view system, std::string_view code) {
    return Json::object({{"system", system}, {"code", code}});
}
Json concept_of(std::string_view system, std::string_view code) {
    return Json::object({{"coding", Json::array({coding(system, code)})}});
}

// Who may have it: https://terminology.hl7.org/CodeSystem-v3-ParticipationType.html#IRCP
Json recipient(const config::Destination& destination) {
    const Json identifier = Json::object(
        {{"system", destination.organization->system}, {"value", destination.organization->value}});
    return Json::object(
        {{"role", concept_of("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP")},
         {"reference", Json::object({{"identifier", identifier}, {"display", destination.name}})}});
}

Json denied_labels(const std::vector<std::string>& labels) {
    std::vector<Json> codings;
    for (const std::string& label : labels) codings.push_back(coding(act_codes, label));
    return Json::object({{"type", "deny"}, {"securityLabel", Json::array(std::move(codings))}});
}

// https://hl7.org/fhir/R4/consent.html
Json make_consent(const ConsentOptions& options, const config::Destination& destination,
                  Instant now) {
    const std::string id =
        options.patient.starts_with("Patient/") ? options.patient : "Patient/" + options.patient;
    const Json patient = Json::object({{"reference", id}});
    Json provision = Json::object(
        {{"type", "permit"},
         {"period",
          Json::object({{"start", format_instant(now).substr(0, 10)}, {"end", options.until}})},
         {"actor", Json::array({recipient(destination)})},
         {"action", Json::array({concept_of("http://terminology.hl7.org/CodeSystem/consentaction",
                                            "disclose")})},
         {"purpose", Json::array({coding("http://terminology.hl7.org/CodeSystem/v3-ActReason",
                                         options.for_patient ? "PATRQT" : "TREAT")})}});
    if (!options.withhold.empty())
        provision = provision.with("provision", Json::array({denied_labels(options.withhold)}));
    return Json::object({{"resourceType", "Consent"},
                         {"status", "active"},
                         {"scope", concept_of("http://terminology.hl7.org/CodeSystem/consentscope",
                                              "patient-privacy")},
                         {"category", Json::array({concept_of("http://loinc.org", "59284-0")})},
                         {"patient", patient},
                         {"dateTime", format_instant(now)},
                         {"performer", Json::array({patient})},
                         {"policyRule", concept_of(act_codes, "OPTIN")},
                         {"provision", provision}});
}

// What cannot be put into a Consent as it was given; empty: nothing.
std::string wrong_in(const ConsentOptions& options, const config::Config& config, Instant now) {
    const auto destination = config.destinations.find(options.destination);
    if (destination == config.destinations.end())
        return "the configuration has no destination \"" + options.destination + "\"";
    if (!destination->second.organization)
        return "/destinations/" + options.destination +
               "/organization is missing: a Consent names its recipient by it";
    const std::optional<fhir::Datetime> until = fhir::Datetime::parse(options.until);
    if (!until || options.until.size() != 10) return "--until takes a day, as 2027-03-31";
    if (options.until < format_instant(now).substr(0, 10)) return "--until is over already";
    for (const std::string& label : options.withhold)
        if (!is_sensitivity_label(label))
            return "\"" + label + "\" is no label of sensitivity (v3-ActCode): SUD, HIV, MH, SEX …";
    return {};
}

}  // namespace

int consent_new(const ConsentOptions& options) {
    const LoadedConfig loaded = load_config(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    const Instant now = SystemClock().now();
    if (const std::string wrong = wrong_in(options, *loaded.config, now); !wrong.empty())
        return fail("consent new", wrong, EX_USAGE);
    const config::Destination& destination = loaded.config->destinations.at(options.destination);
    print_result(make_consent(options, destination, now).print_pretty() + "\n");
    return EX_OK;
}

}  // namespace consultd::commands
