// assemble: pure. Makes the packet: an IPS-conformant document Bundle
// (http://hl7.org/fhir/uv/ips/, 1.1.0 and 2.0.0 rules both), the same as one HTML page, and what is
// missing.
#pragma once

#include <string>
#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/record.h"

namespace consultd {

struct Packet {
    fhir::Json bundle;            // the document Bundle
    std::string bundle_text;      // its bytes: what is hashed, stored, delivered
    std::string html;             // packet.html: one file, no scripts, no outside loads
    fhir::Json completeness;      // what is there, old, missing: completeness.json
    std::vector<Change> changes;  // data-absent-reasons put where a profile demands an element …
};

struct PacketInput {
    Request request;
    std::string patient;  // full_url of the Patient
    std::vector<PacketResource> resources;
    std::vector<Gap> gaps;
    LedgerCounts counts;
    std::size_t changes_before = 0;
    // What normalize changed, for "as reported ⇄ as normalized" in the page. Only a change whose
    // new value still stands in the packet is shown: what the consent took out afterwards leaves no
    // trace here.
    std::vector<Change> normalized = {};
};

Result<Packet> assemble(const PacketInput& input);

}  // namespace consultd
