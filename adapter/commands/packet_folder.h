// packet_folder: the files that `prepare` and a dry run write: bundle.json, packet.html,
// ledger.ndjson, completeness.json, manifest.json; and those that are brought out of the sealed
// state, with receipt.json and withdrawal.json where there are such.
#pragma once

#include <string>

#include "adapter/prepare.h"
#include "adapter/sealed_parts.h"
#include "config/config.h"

namespace consultd::commands {

// Makes the folder if need be; every file with mode 0600. A file that is there is kept aside.
Status write_packet_folder(const std::string& folder, const Prepared& prepared);
// What is wrong with a folder that somebody named for it, in words; empty: nothing. It is new or
// empty, so that nothing is overwritten, and outside the state.
std::string wrong_folder(const std::string& folder, const config::Config& config);
bool is_in_state(const std::string& folder, const config::Config& config);

struct PacketFile {
    std::string name, bytes;
};
// What is kept of a transfer's packet, in plain; empty: its record was wiped, or never was.
// Corrupt: a part does not open.
Result<std::vector<PacketFile>> packet_files(const PartReader& parts);
// Of those the paths of packet.html and of what proves: {"packet":…,"receipt":…,"withdrawal":…}.
Result<fhir::Json> write_files(const std::string& folder, const std::vector<PacketFile>& files);

// One line for people: the balance of the ledger.
std::string balance_line(const LedgerCounts& counts);
// The lines for people about what is missing; empty when nothing is.
std::string missing_lines(fhir::JsonView gaps, fhir::JsonView completeness);

}  // namespace consultd::commands
