// Packet: what is delivered, and what it is made from: the values that pass between consent, the
// three products made of a record (document, page, completeness) and deliver.
#pragma once

#include <string>
#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/record.h"

namespace consultd {

struct Packet {
    fhir::Json bundle;  // the document Bundle; printed it is what is hashed, stored, delivered
    std::size_t bundle_bytes = 0;  // so long is that
    std::string bundle_text;       // that, in a packet that was stored; in a new one empty
    std::string html;              // packet.html: one file, no scripts, no outside loads
    fhir::Json completeness;       // what is there, old, missing: completeness.json
    ChangeList changes;            // data-absent-reasons put where a profile demands an element …
};

// Of the consent, what whoever receives the packet may know.
struct ConsentScope {
    std::string given, until;  // FHIR dates; `until` may be empty: it names no end
};

struct PacketInput {
    Request request;
    ConsentScope consent = {};
    std::string patient;  // full_url of the Patient
    std::vector<PacketResource> resources;
    std::vector<Gap> gaps;
    bool is_from_files = false;  // nobody was asked: what was left out is not known
    LedgerCounts counts;
    std::size_t changes_before = 0;
    // What normalize changed but for references and ids: "as reported ⇄ as normalized" in the
    // page. Only a change whose new value still stands in the packet is shown: what consent took
    // out afterwards leaves no trace here.
    std::vector<Change> normalized = {};
};

}  // namespace consultd
