// Parts: what is stored of a transfer beside its row, sealed: a name in the store and how long it
// is kept, as one table (parts.cpp). Knows neither the store nor a key.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace consultd {

enum class Part : std::uint8_t {
    Request,       // what was asked for: the patient, the question
    Consent,       // the Consent as it was given
    Bundle,        // the document Bundle: bundle.json
    Packet,        // packet.html
    Ledger,        // ledger.ndjson
    Completeness,  // completeness.json
    Manifest,      // manifest.json: the pull
    Gaps,          // what could not be pulled
    Transaction,   // the bytes that go to the destination
    Account,       // what is known of each entry of it: where it lies, what was said to it
    Refusals,      // entries of it that the destination did not take, by type and issue code
    Receipt,       // receipt.json
    Opinion,       // what came back, each version of it
    OpinionRead,   // when it was last read
    Chart,         // what a person decided: whose chart at the destination is the patient's
    Withdrawal,    // withdrawal.json: the receipt of what became of a wish at the destination
    Delivery,      // which way it went, and where it lies a second time; or in whose chart it lies
    SentBefore,    // which other transfer the audit log has as the same
    Deletions,     // deletions.ndjson: what it answered for each thing that was to be deleted there
    Access,        // the patient's own sign-in at the source; empty once it was ended
    Choice,        // that the patient said what may be shared: when, and to which words
    Approval,      // that the patient saw this packet and lets it go
    FirstOpinion,  // a whole second packet, until the opinion is filed; empty once it is placed
    Offer,         // what there is to choose from, by name: for the patient alone
    ConsentToRead,  // once there is a choice: by what the record is read to choose from it
    Chosen,         // what was ticked, for the pages that show it again
};

enum class Retention : std::uint8_t {
    Record,  // holds a record or says what is in it: wiped `state.keepRecords` after the end
    Read,    // came back: wiped `state.keepRecords` after it was read, and never before
    Proof,   // proves what was done, and says nothing of what is in the record: stays
};

std::string_view name_of(Part part);  // "request"
Retention retention_of(Part part);
std::vector<Part> parts_kept_as(Retention retention);

}  // namespace consultd
