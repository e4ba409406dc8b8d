// packet_folder: the files that `prepare` and a dry run write: bundle.json, packet.html,
// ledger.ndjson, completeness.json, manifest.json.
#pragma once

#include <string>

#include "adapter/prepare.h"

namespace consultd::commands {

// Makes the folder if need be; every file with mode 0600.
Status write_packet_folder(const std::string& folder, const Prepared& prepared);
// One line for people: the balance of the ledger.
std::string balance_line(const LedgerCounts& counts);
// The lines for people about what is missing; empty when nothing is.
std::string missing_lines(fhir::JsonView gaps, fhir::JsonView completeness);

}  // namespace consultd::commands
