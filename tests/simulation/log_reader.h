// LogReader: the audit log as somebody outside reads it: its files and our public key, nothing
// else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "adapter/audit/event_reader.h"
#include "tests/simulation/daemon.h"

namespace consultd::simulation {

struct LoggedDisclosure {
    struct Intent {
        std::uint64_t index;
        std::string document_hash;
    };
    struct Outcome {
        std::uint64_t index;
        audit::DisclosureOutcome said;
    };
    std::vector<Intent> intents;
    std::vector<Outcome> outcomes;
    bool is_open() const {
        return !intents.empty() &&
               (outcomes.empty() || outcomes.back().index < intents.back().index);
    }
};

// By transfer. An error: the log does not verify.
inline Result<std::map<std::string, LoggedDisclosure>> read_disclosures(
    std::unique_ptr<audit::FileOperations> files) {
    static const crypto::Key public_key =
        crypto::Key::from_ed25519_public(audit_key().ed25519_public()).value();
    std::map<std::string, LoggedDisclosure> found;
    const auto visit = [&](std::uint64_t index, std::string_view entry) {
        const fhir::Json event = fhir::Json::parse(std::string(entry)).value();
        LoggedDisclosure& disclosure = found[std::string(audit::transfer_of(event))];
        if (audit::has_own_subtype(event, "disclosure-intent"))
            disclosure.intents.push_back({index, std::string(audit::packet_hash_of(event))});
        if (audit::has_own_subtype(event, "disclosure-outcome"))
            disclosure.outcomes.push_back({index, audit::outcome_in(event).value()});
        return true;
    };
    TRY(audit::read_log(audit::DurableFolder(std::move(files)), audit_origin, public_key, visit));
    return found;
}

}  // namespace consultd::simulation
