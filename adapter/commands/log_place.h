// LogPlace: the audit log as a command finds it: by a configuration, or as a copy of its folder
// with our public key, so that an outsider can look at it.
#pragma once

#include <functional>

#include "adapter/commands/commands.h"
#include "adapter/commands/workplace.h"

namespace consultd::commands {

struct LogPlace {
    std::string folder, origin;
    crypto::Key key;                            // the public one
    std::optional<config::Config> config = {};  // absent: a copy
    // What the state has seen of it: a log that was cut back, or written anew with our key,
    // verifies in itself. Absent: there is no state, or it has seen none.
    std::optional<audit::Checkpoint> seen = {};
};

Result<audit::Verifier> read_verifier(const std::string& file);
// Or the exit code, after its problem was told on stderr.
struct FoundLog {
    std::optional<LogPlace> place;
    int exit_code = 0;
};
FoundLog find_log(const AuditOptions& options, std::string_view command);

// Calls `visit` for each entry, in order, of a log that verifies; an exit code, told on stderr
// where it is not 0.
int visit_log(const LogPlace& place, std::string_view command,
              const std::function<void(std::uint64_t, const fhir::Json& event)>& visit);

}  // namespace consultd::commands
