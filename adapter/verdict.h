// Verdict: what an error in a transfer means for it, and for whoever waits at a terminal. One
// table.
#pragma once

#include "adapter/transfer.h"
#include "fhir/base/random.h"

namespace consultd {

struct Verdict {
    ErrorKind kind;
    bool try_again;       // by itself, later; after too many times it becomes `state`
    TransferState state;  // before anything has left us
    StaticText reason;    // what status and the console say
    int exit_code;        // sysexits.h
};

const Verdict& verdict_of(ErrorKind kind);
// The exit code for a transfer that stands still with this reason.
int exit_code_of(std::string_view reason);

// How long to wait before the next attempt: exponential with full jitter, so that many transfers do
// not come back at the same moment, 0.5 s to 10 min; and no shorter than the peer asked for
// (`retry_after_s`, up to 6 h). A peer that says "1" each time, or a moment that is past by our
// clock, is not asked every second.
Milliseconds backoff(std::uint32_t attempts, const Error& error, Random& random);

}  // namespace consultd
