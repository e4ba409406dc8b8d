// reason_words: what the reasons mean that transfers, ledgers and gaps are told with, and what a
// person does about each: one table, for `explain`. Knows nothing of how a reason comes about.
#pragma once

#include <span>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::commands {

// Where a reason is met.
enum class ReasonOf : std::uint8_t {
    Transfer,  // why one stands or ended: `status`, Task.statusReason
    Gap,       // what the source did not hand over: `gaps`, ledger.ndjson, the packet
    Resource,  // why one was not delivered: ledger.ndjson
};

struct ReasonRow {
    ReasonOf of;
    StaticText reason;
    StaticText means;
    StaticText what_to_do;
};

std::span<const ReasonRow> reason_rows();

}  // namespace consultd::commands
