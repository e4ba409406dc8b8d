#include "config/sign_in_rules.h"

#include <algorithm>

#include "config/schema_check.h"

namespace consultd::config {

bool has_portal(const Config& config) {
    return !config.directories.empty() ||
           std::ranges::any_of(config.sources, [](const auto& named) {
               return named.second.auth.type == Auth::Type::SmartPatient;
           });
}

namespace {

void check_client(const Auth& auth, const std::string& where, std::vector<Problem>& problems) {
    if (auth.registers) {
        if (!auth.client_id.empty() || !auth.client_secret_file.empty())
            problems.push_back({where, "has a client of its own, and is to register another"});
        return;
    }
    if (auth.client_id.empty())
        problems.push_back({where + "/clientId", "is missing; \"smart-patient\" needs it"});
    if (!auth.key_file.empty() && !auth.client_secret_file.empty())
        problems.push_back({where, "has both keyFile and clientSecretFile; a client has one"});
}

}  // namespace

void check_sign_in(const Config& config, std::vector<Problem>& problems) {
    for (const auto& [key, source] : config.sources)
        if (source.auth.type == Auth::Type::SmartPatient)
            check_client(source.auth, "/sources" + pointer_step(key) + "/auth", problems);
    for (const auto& [key, directory] : config.directories) {
        const std::string where = "/directories" + pointer_step(key) + "/auth";
        if (directory.auth.type == Auth::Type::SmartPatient)
            check_client(directory.auth, where, problems);
        else
            problems.push_back(
                {where + "/type", "must be \"smart-patient\": its patients sign in themselves"});
    }
    for (const auto& [key, destination] : config.destinations)
        if (destination.auth.type == Auth::Type::SmartPatient)
            problems.push_back({"/destinations" + pointer_step(key) + "/auth/type",
                                "must not be \"smart-patient\": nobody signs in there"});
    const auto& terminology = config.knowledge.terminology;
    if (terminology && terminology->auth.type == Auth::Type::SmartPatient)
        problems.push_back({"/knowledge/terminology/auth/type",
                            "must not be \"smart-patient\": nobody signs in there"});
    if (!has_portal(config)) return;
    // The address that the hospital sends the patient back to, letter by letter.
    const auto url = fhir::Url::parse(config.listen.public_url);
    const bool is_safe = url && (url->is_https() || url->is_loopback());
    if (!is_safe || config.listen.public_url.ends_with('/'))
        problems.push_back({"/listen/publicUrl",
                            "must be where patients reach us: https, without \"/\" at its end; "
                            "\"smart-patient\" needs it"});
    // What a patient agrees to names its recipient.
    for (const auto& [key, destination] : config.destinations)
        if (!destination.organization)
            problems.push_back({"/destinations" + pointer_step(key) + "/organization",
                                "is missing; a patient's Consent names its recipient by it"});
}

}  // namespace consultd::config
